import { assertEquals } from "@std/assert";
import { invoke } from "./invoke.ts";
import { readVectors } from "./vector_lines.ts";

const kinds = ["kvm", "rmm", "roundtrip"] as const;

Deno.test("recrun conform passes every vector of all three kinds, compressed", async () => {
  const paths = kinds.map((kind) => `tests/vectors/${kind}.jsonl.gz`);
  const { code, out, err } = await invoke(["conform", ...paths]);
  assertEquals({ code, out, err }, {
    code: 0,
    out: "2194 passed, 0 failed\n",
    err: "",
  });
});

/** One field of a kind's first vector: where it is, another value, and what is said of it. */
const spoiled = {
  kvm: [["out", "ret"], 7, "out.ret: expected 7 but found 0"],
  rmm: [["out", "pc"], "0x4", 'out.pc: expected "0x4" but found "0x'],
  roundtrip: [["out", "kvm", "ret"], 7, "out.kvm.ret: expected 7 but found 0"],
} as const;

const change = (
  vector: unknown,
  path: readonly string[],
  value: unknown,
): unknown => {
  const [key, ...rest] = path;
  if (key === undefined) return value;
  const here = vector as Record<string, unknown>;
  return { ...here, [key]: change(here[key], rest, value) };
};

for (const kind of kinds) {
  const [path, value, said] = spoiled[kind];

  Deno.test(`recrun conform prints id and first difference of a failing ${kind} vector`, async () => {
    const [vector = {}, second] = await readVectors(kind);
    const wrong = JSON.stringify(change(vector, path, value));
    const { code, out, err } = await invoke(["conform", "v.jsonl"], {
      files: { "v.jsonl": `${wrong}\n${JSON.stringify(second)}\n` },
    });
    const [first = "", last] = out.split("\n");
    const cat = vector["cat"] === undefined ? "" : ` (${vector["cat"]})`;
    const start = `v.jsonl:1: vector ${vector["id"]}${cat}: ${said}`;
    assertEquals(first.slice(0, start.length), start);
    assertEquals(last, "1 passed, 1 failed");
    assertEquals(err, "");
    assertEquals(code, 1);
  });

  Deno.test(`recrun conform refuses a ${kind} vector with a missing field`, async () => {
    const [whole] = await readVectors(kind);
    const vector = change(whole, ["in", "esr"], undefined);
    const { code, out, err } = await invoke(["conform", "v.jsonl"], {
      files: { "v.jsonl": JSON.stringify(vector) },
    });
    assertEquals(out, "");
    assertEquals(
      err,
      'recrun: v.jsonl:1: ["in"]["esr"]: expected a value but found nothing\n',
    );
    assertEquals(code, 2);
  });
}
