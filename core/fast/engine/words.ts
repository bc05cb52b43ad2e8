/**
 * The words of code an engine has seen: for each an entry, found by the word,
 * and the records of the instruction it encodes.
 *
 * Code has few different words and each is met cold, so what is kept of a
 * word is numbers in arrays: nothing for a garbage collector to follow.
 *
 * @module
 */

import { build, type Prepared } from "../../realm/prepared.ts";
import { page_words, record_bytes } from "./layout.ts";
import { directOffset, lastJump } from "./shape.ts";

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
  /** `ENDS`, `DIRECT`, `NEAR` and `FAR`. */
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
export const DIRECT = 2;
/** The record with the jump near is there. */
export const NEAR = 4;
/** The record with the jump far is there. */
export const FAR = 8;

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
export const preparedOf = (
  { last, word: words }: Words,
  entry: number,
): Prepared => {
  const word = words[entry]! >>> 0;
  return last !== null && last.word === word ? last : build(word);
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

/** First word of the record of an entry. */
export const recordAt = (entry: number, far: boolean): number =>
  (entry * 2 + Number(far)) * record_words;
