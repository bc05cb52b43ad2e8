/**
 * Judges a vector of the RMM side: exceptions of the realm and REC entries,
 * played on a world that holds nothing but what the vector says.
 *
 * @module
 */

import * as Result from "effect/Result";
import * as Schema from "effect/Schema";
import { reword } from "../decode.ts";
import type { Json } from "../codec/plain.ts";
import { firstDifference } from "./compare.ts";
import { playEnter, playException, prepared } from "./rmm_play.ts";
import { FlatVector, SequenceVector } from "./rmm_vector.ts";
import { worldOf } from "./rmm_world.ts";
import type { Verdict } from "./verdict.ts";

const verdict = (
  expected: Readonly<Record<string, unknown>>,
  found: Json,
  path: string,
): Verdict => {
  const difference = firstDifference(expected as Json, found, path);
  return difference === null
    ? { tag: "Passed" }
    : { tag: "Failed", difference };
};

const immediateOf = (out: Readonly<Record<string, unknown>>): unknown => {
  const { enter } = out as { readonly enter?: unknown };
  return typeof enter === "object" && enter !== null &&
      "immediate_exit" in enter
    ? enter.immediate_exit
    : undefined;
};

const judgeFlat = ({ in: input, out }: typeof FlatVector.Type): Verdict => {
  const taken = playException(worldOf(input), input);
  const entered = taken.returned
    ? playEnter(taken.world, input, immediateOf(out)).out
    : null;
  return verdict(out, { ...taken.out, enter: entered }, "out");
};

const judgeSequence = (vector: typeof SequenceVector.Type): Verdict => {
  let world = worldOf(vector.in);
  for (const [at, step] of vector.ops.entries()) {
    const played = step.op === "exception"
      ? playException(prepared(world, step.in), step.in)
      : playEnter(world, step.in, step.out["immediate_exit"]);
    const found = verdict(step.out, played.out, `ops[${at}].out`);
    if (found.tag !== "Passed") return found;
    world = played.world;
  }
  return { tag: "Passed" };
};

const decodeFlat = Schema.decodeUnknownResult(FlatVector);
const decodeSequence = Schema.decodeUnknownResult(SequenceVector);

const isSequence = (vector: unknown): boolean =>
  typeof vector === "object" && vector !== null && "ops" in vector;

/**
 * Judges one vector of rmm.jsonl, flat or a sequence: decodes it, plays it
 * with the reducers of `core/rmm` and compares every field of its outputs.
 */
export const judgeRmm = (vector: unknown): Verdict => {
  if (isSequence(vector)) {
    const decoded = decodeSequence(vector);
    return Result.isSuccess(decoded) ? judgeSequence(decoded.success) : {
      tag: "Malformed",
      what: reword(decoded.failure.message, vector),
    };
  }
  const decoded = decodeFlat(vector);
  return Result.isSuccess(decoded) ? judgeFlat(decoded.success) : {
    tag: "Malformed",
    what: reword(decoded.failure.message, vector),
  };
};
