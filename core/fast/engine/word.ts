/**
 * What a word of code is to tier 1: the record of an instruction, ready to be
 * put into place.
 *
 * @module
 */

import { prepare } from "../../realm/prepared.ts";
import { abstract } from "./abstract.ts";
import { handler } from "./handler.ts";
import { CELL, cells, operands_max, RECORD, SLOT } from "./layout.ts";
import {
  directOffset,
  lastJump,
  type Reach,
  type Runnable,
  runnable,
  shapeOf,
} from "./shape.ts";
import type { Engine } from "./state.ts";
import { install, takeSlot } from "./table.ts";
import { syndromeOf } from "./syndrome.ts";
import type { Func } from "./wasm.ts";
import {
  DIRECT,
  FAR,
  NEAR,
  preparedOf,
  recordAt,
  staysInPage,
} from "./words.ts";

/** An instruction as regions are compiled from it. */
export interface Encoded {
  /** What compiled code runs, or null for the slow way. */
  readonly micros: readonly Runnable[] | null;
  readonly spBase: boolean;
  /** Distance in bytes of a direct jump, or null. */
  readonly offset: number | null;
}

/** Handlers to be compiled together. */
export interface Batch {
  readonly functions: Func[];
  readonly slots: number[];
}

/** No handlers. */
export const batch = (): Batch => ({ functions: [], slots: [] });

/** What an instruction is to a region. */
export const encoded = (word: number): Encoded => {
  const prepared = prepare(word);
  const jump = lastJump(prepared.micros);
  return {
    micros: runnable(prepared),
    spBase: prepared.spBase,
    offset: jump === null ? null : directOffset(jump.to),
  };
};

/** True while constants can be given cells. */
export const hasCells = (e: Engine): boolean =>
  CELL.constants + e.shapes.constants.size + operands_max < cells;

const slow = { slot: SLOT.slow, operands: [] } as const;

/** Slot and operands of an instruction; a handler that is missing joins the batch. */
const handled = (
  e: Engine,
  micros: readonly Runnable[] | null,
  spBase: boolean,
  reach: Reach,
  into: Batch,
): { readonly slot: number; readonly operands: readonly number[] } => {
  if (micros === null || !hasCells(e)) return slow;
  const { node, operands } = shapeOf(e.shapes, micros, spBase, reach);
  if (operands.length > operands_max) return slow;
  let slot = e.handlers.get(node);
  if (slot === undefined) {
    slot = takeSlot(e);
    e.handlers.set(node, slot);
    into.functions.push(handler(abstract(micros, reach), spBase, reach));
    into.slots.push(slot);
  }
  return { slot, operands };
};

/** Makes the record of an entry for one reach, but for its heat. */
const fill = (
  e: Engine,
  entry: number,
  far: boolean,
  into: Batch,
): void => {
  const { records, known, offset } = e.words;
  const prepared = preparedOf(e.words, entry);
  const micros = runnable(prepared);
  const reach = far ? "far" : "near";
  const { slot, operands } = handled(e, micros, prepared.spBase, reach, into);
  const first = recordAt(entry, far);
  const distance = offset[entry]!;
  records[first + RECORD.handler / 4] = slot;
  records[first + RECORD.base / 4] = slot;
  records[first + RECORD.delta / 4] = (known[entry]! & DIRECT) === 0
    ? syndromeOf(micros)
    // Eight bytes of record for one of code; jumps back are counted.
    : distance * 8 + (distance <= 0 ? 1 : 0);
  const at = first + RECORD.operands / 4;
  for (let n = 0; n < operands.length; n += 2) {
    records[at + n / 2] = operands[n]! | (operands[n + 1] ?? 0) << 16;
  }
  known[entry]! |= far ? FAR : NEAR;
};

/**
 * First word in `words.records` of the record of an entry that stands at word
 * `at` of a page; a handler that is missing joins the batch.
 */
export const recordFor = (
  e: Engine,
  entry: number,
  at: number,
  into: Batch,
): number => {
  const { known, offset } = e.words;
  const have = known[entry]!;
  const far = (have & DIRECT) !== 0 && !staysInPage(at, offset[entry]!);
  if ((have & (far ? FAR : NEAR)) === 0) fill(e, entry, far, into);
  return recordAt(entry, far);
};

/** Compiles the batch. */
export const compile = (e: Engine, { functions, slots }: Batch): void => {
  if (functions.length > 0) install(e, functions, slots);
};
