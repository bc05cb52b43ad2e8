/**
 * What a word of code is to tier 1: a slot of the table and operands.
 *
 * @module
 */

import { prepare } from "../../realm/prepared.ts";
import { abstract } from "./abstract.ts";
import { handler } from "./handler.ts";
import { CELL, cells, operands_max, SLOT } from "./layout.ts";
import {
  directOffset,
  type Reach,
  type Runnable,
  runnable,
  shapeOf,
} from "./shape.ts";
import { type Engine, install, takeSlot } from "./state.ts";
import { syndromeOf } from "./syndrome.ts";
import type { Func } from "./wasm.ts";

/** A word ready to be put into a record. */
export interface Encoded {
  /** What compiled code runs, or null for the slow way. */
  readonly micros: readonly Runnable[] | null;
  readonly spBase: boolean;
  /** Distance in bytes of a direct jump, or null. */
  readonly offset: number | null;
  /** True where execution never goes on to the next word. */
  readonly ends: boolean;
  /** What its access reports where stage 2 maps nothing, see `syndromeOf`. */
  readonly syndrome: number;
  /** Slot and operands, by the reach of its jump; made when first needed. */
  near: Handled | null;
  far: Handled | null;
}

/** A slot and the operands to put beside it. */
export interface Handled {
  readonly slot: number;
  readonly operands: readonly number[];
}

/** Handlers to be compiled together. */
export interface Batch {
  readonly functions: Func[];
  readonly slots: number[];
}

/** No handlers. */
export const batch = (): Batch => ({ functions: [], slots: [] });

const slow: Handled = { slot: SLOT.slow, operands: [] };

const describe = (word: number): Encoded => {
  const prepared = prepare(word);
  const micros = runnable(prepared);
  const last = prepared.micros.at(-1);
  const jumps = last?.op === "jump" || last?.op === "branch";
  return {
    micros,
    spBase: prepared.spBase,
    offset: jumps ? directOffset(last.to) : null,
    ends: last?.op === "jump" || last?.op === "eret" ||
      last?.op === "undefined" || last?.op === "exception",
    syndrome: syndromeOf(micros),
    near: null,
    far: null,
  };
};

/** Words kept; beyond, all are forgotten. */
const words_max = 1 << 16;

/** What a word is, from the table of words seen. */
export const encoded = (e: Engine, word: number): Encoded => {
  const key = word | 0; // as a small integer
  const found = e.words.get(key);
  if (found !== undefined) return found;
  if (!(e.words.size < words_max)) e.words.clear();
  const fresh = describe(word);
  e.words.set(key, fresh);
  return fresh;
};

/** True while constants can be given cells. */
const hasCells = (e: Engine): boolean =>
  CELL.constants + e.shapes.constants.size + operands_max < cells;

const slotOf = (
  e: Engine,
  at: Encoded,
  micros: readonly Runnable[],
  reach: Reach,
  into: Batch,
): Handled => {
  if (!hasCells(e)) return slow;
  const { node, operands } = shapeOf(e.shapes, micros, at.spBase, reach);
  if (operands.length > operands_max) return slow;
  let slot = e.handlers.get(node);
  if (slot === undefined) {
    slot = takeSlot(e);
    e.handlers.set(node, slot);
    into.functions.push(handler(abstract(micros, reach), at.spBase, reach));
    into.slots.push(slot);
  }
  return { slot, operands };
};

/** Slot and operands of a word; a handler that is missing joins the batch. */
export const handled = (
  e: Engine,
  at: Encoded,
  reach: Reach,
  into: Batch,
): Handled => {
  if (at.micros === null) return slow;
  return at[reach] ??= slotOf(e, at, at.micros, reach, into);
};

/** Compiles the batch. */
export const compile = (e: Engine, { functions, slots }: Batch): void => {
  if (functions.length > 0) install(e, functions, slots);
};
