/**
 * Makes the rows a judge runs, and vectors of its answers.
 *
 *     generate.ts rows ROWS
 *     generate.ts pack ANSWERS VECTORS.jsonl.gz
 *
 * Both choose the same instructions, by the same seeds. Nothing of lift or the
 * evaluator is used here.
 *
 * @module
 */

import { type Delta, seeded, type State, type Vector } from "../a64/vector.ts";
import { type Case, cases } from "./cases.ts";

const stateWords = (state: State): readonly bigint[] => [
  ...state.x,
  state.sp,
  state.pc,
  BigInt(state.nzcv),
  state.tpidr_el0,
  ...state.window,
];

const names: readonly string[] = [
  ...Array.from({ length: 31 }, (_, n) => `x${n}`),
  "sp",
  "pc",
  "nzcv",
  "tpidr_el0",
  ...Array.from({ length: 32 }, (_, n) => `m${8 * n}`),
];

const difference = (
  from: readonly bigint[],
  to: readonly bigint[],
): Delta | undefined => {
  const changed = names.flatMap((name, k) =>
    from[k] === to[k] ? [] : [[name, to[k]!.toString(16)] as const]
  );
  return changed.length === 0 ? undefined : Object.fromEntries(changed);
};

const rowOf = ({ words, state }: Case): readonly bigint[] => [
  BigInt(words.length),
  ...[0, 1, 2].map((k) => BigInt(words[k] ?? 0)),
  ...stateWords(state),
];

/** Signal numbers of Linux. */
const sigill = 4n;

const vectorOf = (made: Case, answer: readonly bigint[]): Vector => {
  const { words, seed, state } = made;
  const before = stateWords(state);
  const after = answer.slice(1);
  const pc = names.indexOf("pc");
  const past = state.pc + BigInt(4 * words.length);
  const last = past - 4n;
  const refused = after[pc] === last;
  const expected = before.with(pc, refused ? last : past);
  const i = difference(stateWords(seeded(seed)), before);
  const o = difference(expected, after);
  return {
    w: words.map((word) => word.toString(16).padStart(8, "0")).join(" "),
    s: seed,
    ...(i === undefined ? {} : { i }),
    ...(o === undefined ? {} : { o }),
    ...(!refused
      ? {}
      : { f: answer[0] === sigill ? "undefined" as const : "access" as const }),
  };
};

const pack = async (answers: string, vectors: string): Promise<void> => {
  const bytes = await Deno.readFile(answers);
  const words = new BigUint64Array(bytes.buffer);
  const size = names.length + 1;
  const lines = cases().map((made, k) =>
    JSON.stringify(
      vectorOf(made, [...words.subarray(k * size, (k + 1) * size)]),
    ) + "\n"
  );
  const text = new Blob(lines).stream()
    .pipeThrough(new CompressionStream("gzip"));
  await Deno.writeFile(vectors, text);
};

const [command, input, output] = Deno.args;
if (command === "rows") {
  const rows = cases().flatMap(rowOf);
  await Deno.writeFile(
    input!,
    new Uint8Array(BigUint64Array.from(rows).buffer),
  );
} else if (command === "pack") await pack(input!, output!);
else throw new Error(`Expected rows or pack but found ${command}`);
