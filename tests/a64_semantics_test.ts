import { assertEquals } from "@std/assert";
import type { Outcome } from "../core/a64/cpu.ts";
import { decode } from "../core/a64/decode.ts";
import { encodings, type Tag } from "../core/a64/encoding.ts";
import { execute } from "../core/a64/evaluate.ts";
import { lift } from "../core/a64/lift.ts";
import { flat, stateOf } from "./a64/flat.ts";
import {
  change,
  readVectors,
  seeded,
  type State,
  type Vector,
  wordsOf,
} from "./a64/vector.ts";

const vectors = await readVectors();

const stateBefore = ({ s, i }: Vector): State => {
  const state = seeded(s);
  if (i !== undefined) change(state, i);
  return state;
};

const stateAfter = (vector: Vector): State => {
  const state = stateBefore(vector);
  const count = wordsOf(vector).length;
  state.pc += BigInt(4 * (vector.f === undefined ? count : count - 1));
  if (vector.o !== undefined) change(state, vector.o);
  return state;
};

const tagOf = { access: "Fault", undefined: "Undefined" } as const;

const sameWords = (a: readonly bigint[], b: readonly bigint[]): boolean =>
  a.every((word, k) => word === b[k]);

const same = (a: State, b: State): boolean =>
  sameWords(a.x, b.x) && a.sp === b.sp && a.pc === b.pc &&
  a.nzcv === b.nzcv && a.tpidr_el0 === b.tpidr_el0 &&
  sameWords(a.window, b.window);

/** What this model makes of a vector: the outcome of the last word, and the state. */
const replay = (vector: Vector): readonly [Outcome["tag"], State | null] => {
  const machine = flat(stateBefore(vector));
  let outcome: Outcome["tag"] = "Next";
  for (const word of wordsOf(vector)) {
    outcome = execute(lift(decode(word)), machine.cpu, machine.port).tag;
  }
  return [outcome, stateOf(machine)];
};

Deno.test("execute() leaves the state a reference machine leaves, instruction by instruction", () => {
  for (const vector of vectors) {
    const expected = stateAfter(vector);
    const [outcome, found] = replay(vector);
    const expectedTag = vector.f === undefined ? "Next" : tagOf[vector.f];
    if (outcome === expectedTag && found !== null && same(found, expected)) {
      continue;
    }
    const of = { words: vector.w, seed: vector.s };
    assertEquals(
      { ...of, outcome, state: found },
      { ...of, outcome: expectedTag, state: expected },
    );
  }
});

/** Classes no user-mode judge can run, with where else they are tested. */
const unjudged: readonly Tag[] = [
  "exception", // a64_evaluate_test.ts, a64_lift_test.ts
  "system", // the port's meaning
  "waitTimeout", // newer than the judge
  "simd", // outside this model
  "sve",
];

Deno.test("readVectors() holds every class a user-mode machine can run", () => {
  const seen = new Set(
    vectors.flatMap((vector) => wordsOf(vector).map((w) => decode(w)?.tag)),
  );
  const missing = (Object.keys(encodings) as Tag[]).filter((tag) =>
    !seen.has(tag)
  );
  assertEquals(missing.toSorted(), unjudged.toSorted());
});
