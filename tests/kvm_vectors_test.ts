import { assertEquals } from "@std/assert";
import { judgeKvm } from "../shell/conform/kvm.ts";
import { judgeRoundtrip } from "../shell/conform/roundtrip.ts";
import type { Verdict } from "../shell/conform/verdict.ts";
import { readVectors } from "./vector_lines.ts";

type Vector = Readonly<Record<string, unknown>>;

const failures = (
  vectors: readonly Vector[],
  judge: (vector: unknown) => Verdict,
): readonly unknown[] =>
  vectors.flatMap((vector) => {
    const verdict = judge(vector);
    return verdict.tag === "Passed" ? [] : [{ id: vector["id"], verdict }];
  });

/** The vector with the leaf at `path` replaced. */
const changed = (
  value: unknown,
  [key, ...rest]: readonly string[],
  leaf: unknown,
): unknown =>
  key === undefined ? leaf : {
    ...(value as Vector),
    [key]: changed((value as Vector)[key], rest, leaf),
  };

/** The paths of every leaf under a vector's `out`. */
const leaves = (value: unknown, path: readonly string[]): string[][] =>
  typeof value === "object" && value !== null && !Array.isArray(value)
    ? Object.entries(value).flatMap(([key, inner]) =>
      leaves(inner, [...path, key])
    )
    : [[...path]];

Deno.test("judgeKvm() passes every reference vector of the three variants", async () => {
  const vectors = await readVectors("kvm");
  assertEquals(vectors.length, 620);
  assertEquals(failures(vectors, judgeKvm), []);
});

Deno.test("judgeRoundtrip() passes every reference vector", async () => {
  const vectors = await readVectors("roundtrip");
  assertEquals(vectors.length, 300);
  assertEquals(failures(vectors, judgeRoundtrip), []);
});

Deno.test("judgeKvm() and judgeRoundtrip() look at every field of out", async () => {
  for (
    const [name, judge] of [
      ["kvm", judgeKvm],
      ["roundtrip", judgeRoundtrip],
    ] as const
  ) {
    const [vector] = await readVectors(name);
    for (const path of leaves(vector?.["out"], ["out"])) {
      const verdict = judge(changed(vector, path, "something else"));
      if (verdict.tag !== "Failed") throw new Error(path.join("."));
      const [where] = verdict.difference.split(":");
      assertEquals(where, path.join("."));
    }
  }
});

Deno.test("judgeKvm() says where a vector is not one, what it expected and found", async () => {
  const [vector] = await readVectors("kvm");
  const what = (path: readonly string[], leaf: unknown): string => {
    const verdict = judgeKvm(changed(vector, path, leaf));
    return verdict.tag === "Malformed" ? verdict.what : verdict.tag;
  };
  assertEquals(
    what(["in", "esr"], "12"),
    '["in"]["esr"]: expected a hex word such as "0x93830007" but found "12"',
  );
  assertEquals(
    what(["in", "dev_data"], "81"),
    '["in"]["dev_data"]: expected 8 bytes in memory order as 16 hex digits but found "81"',
  );
  assertEquals(
    what(["variant"], "v99"),
    '["variant"]: expected a KVM revision but found "v99"',
  );
});

Deno.test("judgeRoundtrip() says where a vector is not one", async () => {
  const [vector] = await readVectors("roundtrip");
  assertEquals(judgeRoundtrip(changed(vector, ["in", "ipa_bits"], 31)), {
    tag: "Malformed",
    what: '["in"]["ipa_bits"]: expected a value between 32 and 52 but found 31',
  });
});
