/**
 * Every reference vector of the RMM side, and vectors spoilt on purpose.
 *
 * @module
 */

import { assertEquals } from "@std/assert";
import { judgeRmm } from "../shell/conform/rmm.ts";

const path = new URL("./vectors/rmm.jsonl.gz", import.meta.url);

const vectors = async (): Promise<readonly Record<string, unknown>[]> => {
  const file = await Deno.open(path);
  const text = await new Response(
    file.readable.pipeThrough(new DecompressionStream("gzip")),
  ).text();
  return text.trim().split("\n").map((line) => JSON.parse(line));
};

const all = await vectors();

Deno.test("judgeRmm() passes every reference vector", () => {
  const verdicts = all.map((vector) => ({
    id: vector["id"],
    ...judgeRmm(vector),
  }));
  assertEquals(verdicts.filter(({ tag }) => tag !== "Passed"), []);
  assertEquals(verdicts.length, 1274);
});

/** The vector with the value at a path replaced, or removed when undefined. */
const spoilt = (
  vector: Record<string, unknown>,
  keys: readonly string[],
  value: unknown,
): unknown => {
  const copy = structuredClone(vector);
  let at = copy;
  for (const key of keys.slice(0, -1)) {
    at = at[key] as Record<string, unknown>;
  }
  const last = keys.at(-1) ?? "";
  if (value === undefined) delete at[last];
  else at[last] = value;
  return copy;
};

/** Every path to a leaf or an empty object of a JSON value. */
const leaves = (value: unknown): readonly (readonly string[])[] => {
  if (typeof value !== "object" || value === null) return [[]];
  const entries = Object.entries(value);
  if (entries.length === 0) return [[]];
  return entries.flatMap(([key, inner]) =>
    leaves(inner).map((path) => [key, ...path])
  );
};

Deno.test("judgeRmm() fails a vector when any one field of its outputs is another", () => {
  const seen = new Set<string>();
  for (const vector of all) {
    if (vector["out"] === undefined) continue;
    for (const path of leaves(vector["out"])) {
      const name = path.join(".");
      if (seen.has(name)) continue;
      seen.add(name);
      for (const wrong of ["0xbad", undefined]) {
        const verdict = judgeRmm(spoilt(vector, ["out", ...path], wrong));
        assertEquals(verdict.tag, "Failed", `${vector["id"]} out.${name}`);
      }
    }
  }
  assertEquals(seen.has("enter.vserror_pending"), true);
});

const flat = all.find((vector) => vector["cat"] === "dabt_grid") ?? {};
const sequence = all.find((vector) => vector["cat"] === "edge_seq") ?? {};

Deno.test("judgeRmm() names the first field that differs", () => {
  assertEquals(judgeRmm(spoilt(flat, ["out", "exit", "esr"], "0x1")), {
    tag: "Failed",
    difference: 'out.exit.esr: expected "0x1" but found "0x91000007"',
  });
  const ops = structuredClone(sequence["ops"]) as { out: unknown }[];
  ops[1] = { ...ops[1], out: { status: "RMI_ERROR_REC" } };
  assertEquals(judgeRmm({ ...sequence, ops }), {
    tag: "Failed",
    difference:
      'ops[1].out.status: expected "RMI_ERROR_REC" but found "RMI_SUCCESS"',
  });
});

Deno.test("judgeRmm() says in one line why a vector is malformed", () => {
  const cases: readonly (readonly [unknown, string])[] = [
    [
      spoilt(flat, ["in", "esr"], undefined),
      '["in"]["esr"]: expected a value but found nothing',
    ],
    [
      spoilt(flat, ["in", "far"], "12"),
      '["in"]["far"]: expected a hex word such as "0x93830007" but found "12"',
    ],
    [
      spoilt(flat, ["in", "regs"], []),
      '["in"]["regs"]: expected',
    ],
    [
      spoilt(sequence, ["ops", "0", "in", "set_regs"], { "31": "0x0" }),
      '["ops"][0]["in"]["set_regs"]',
    ],
    [null, "expected"],
  ];
  for (const [vector, start] of cases) {
    const verdict = judgeRmm(vector);
    assertEquals(verdict.tag, "Malformed");
    const what = verdict.tag === "Malformed" ? verdict.what : "";
    assertEquals(what.slice(0, start.length), start);
    assertEquals(what.includes("\n"), false);
  }
});

Deno.test("judgeRmm() overlooks fields of the input it does not know", () => {
  const verdict = judgeRmm(spoilt(flat, ["in", "colour"], "red"));
  assertEquals(verdict, { tag: "Passed" });
});
