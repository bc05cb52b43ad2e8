/**
 * What a word of code is to tier 1: the record of an instruction, ready to be
 * put into place.
 *
 * Code has few different words and each is met cold, so what is kept of a
 * word is numbers in arrays: nothing for a garbage collector to follow.
 *
 * @module
 */

import { build, prepare, type Prepared } from "../../realm/prepared.ts";
import { abstract } from "./abstract.ts";
import { handler } from "./handler.ts";
import {
  CELL,
  cells,
  operands_max,
  page_words,
  RECORD,
  record_bytes,
  SLOT,
} from "./layout.ts";
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

/** Words kept; beyond, all are forgotten. */
const words_max = 1 << 16;

/** Places of the index; a power of two, at least twice the words. */
const places_bits = 17;
const places = 1 << places_bits;

/** 32-bit words of a record. */
export const record_words = record_bytes / 4;

/** The words seen, by entry; the index finds an entry by its word. */
export interface Words {
  /** Number of the entry and one; 0 where there is none. */
  readonly index: Int32Array;
  readonly word: Int32Array;
  /** Distance in bytes of a direct jump. */
  readonly offset: Int32Array;
  /** `ENDS`, `DIRECT` and which of the records are there. */
  readonly known: Uint8Array;
  /** Two records an entry: the jump near, and far. */
  readonly records: Uint32Array;
  count: number;
  /** The word described last, which is filled next. */
  last: Prepared | null;
}

/** True where a direct jump from word `at` over `offset` bytes stays in the page. */
export const staysInPage = (at: number, offset: number): boolean => {
  const to = at * 4 + offset;
  return 0 <= to && to < page_words * 4;
};

/** Execution never goes on to the next word. */
const ENDS = 1;
/** A jump to a distance the word tells. */
const DIRECT = 2;
const NEAR = 4;
const FAR = 8;

/** No words. */
export const noWords = (): Words => ({
  index: new Int32Array(places),
  word: new Int32Array(words_max),
  offset: new Int32Array(words_max),
  known: new Uint8Array(words_max),
  records: new Uint32Array(words_max * 2 * record_words),
  count: 0,
  last: null,
});

/** What an instruction is to a region. */
export const encoded = (word: number): Encoded => {
  const prepared = prepare(word);
  const last = prepared.micros.at(-1);
  const jumps = last?.op === "jump" || last?.op === "branch";
  return {
    micros: runnable(prepared),
    spBase: prepared.spBase,
    offset: jumps ? directOffset(last.to) : null,
  };
};

/** True while constants can be given cells. */
const hasCells = (e: Engine): boolean =>
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

/** First word of the record of an entry. */
const recordAt = (entry: number, far: boolean): number =>
  (entry * 2 + Number(far)) * record_words;

const lastJump = (micros: Prepared["micros"]) => {
  const last = micros.at(-1);
  return last?.op === "jump" || last?.op === "branch" ? last : null;
};

/** What is the same for a word wherever it stands. */
const describe = (
  { word: words, offset, known }: Words,
  entry: number,
  { word, micros }: Prepared,
): void => {
  const jump = lastJump(micros);
  const distance = jump === null ? null : directOffset(jump.to);
  const op = micros.at(-1)?.op;
  const ends = op === "jump" || op === "eret" || op === "undefined" ||
    op === "exception";
  words[entry] = word;
  offset[entry] = distance ?? 0;
  known[entry] = (ends ? ENDS : 0) | (distance === null ? 0 : DIRECT);
};

/** The word of an entry, prepared; nothing is kept of it but the last. */
const preparedOf = ({ last }: Words, word: number): Prepared =>
  last !== null && last.word === word ? last : build(word);

/** Makes the record of an entry for one reach, but for its heat. */
const fill = (
  e: Engine,
  entry: number,
  far: boolean,
  into: Batch,
): void => {
  const { records, known, offset, word } = e.words;
  const prepared = preparedOf(e.words, word[entry]! >>> 0);
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

/** Where the index has, or would have, a word. */
const placeOf = ({ index, word: words }: Words, word: number): number => {
  let place = Math.imul(word, 0x9e37_79b1) >>> (32 - places_bits);
  for (;;) {
    const entry = index[place]! - 1;
    if (entry < 0 || words[entry] === word) return place;
    place = (place + 1) & (places - 1);
  }
};

/** Forgets all words. */
const clearWords = (words: Words): void => {
  words.index.fill(0);
  words.count = 0;
};

/** The entry of a word, from the words seen. */
export const entryOf = (words: Words, word: number): number => {
  const key = word | 0;
  const place = placeOf(words, key);
  const found = words.index[place]! - 1;
  if (0 <= found) return found;
  const full = !(words.count < words_max);
  if (full) clearWords(words);
  const entry = words.count++;
  words.index[full ? placeOf(words, key) : place] = entry + 1;
  words.last = build(word);
  describe(words, entry, words.last);
  return entry;
};

/** True where execution never goes on to the word after an entry's. */
export const endsAfter = ({ known }: Words, entry: number): boolean =>
  (known[entry]! & ENDS) !== 0;

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
