/**
 * The digest of a world: 64 bits that two worlds share exactly when, but for
 * chance, they hold the same data.
 *
 * It is canonical: the order of an object's keys does not count, and a page of
 * zeros counts as one that was never written. Worlds share what did not
 * change, so the digest of each part is remembered by identity; nothing
 * outside can tell whether it was.
 *
 * @module
 */

import type { Chunk, Memory, Page } from "../realm/memory.ts";
import type { World } from "../world.ts";

/** 64 bits as two 32-bit lanes. */
type Lanes = readonly [high: number, low: number];

/** The finalizer of MurmurHash3: every input bit reaches every output bit. */
const avalanche = (value: number): number => {
  const first = Math.imul(value ^ (value >>> 16), 0x85eb_ca6b);
  const second = Math.imul(first ^ (first >>> 13), 0xc2b2_ae35);
  return second ^ (second >>> 16);
};

/** Where each kind of value starts, so that `0`, `0n` and `null` differ. */
const seed = {
  null: 11,
  false: 12,
  true: 13,
  number: 14,
  bigint: 15,
  string: 16,
  array: 17,
  object: 18,
  page: 19,
  memory: 20,
} as const;

// The digest being worked out. It is overwritten by every `of...` below and
// read at once by its caller; a pair per value would cost more than the rest.
let high = 0;
let low = 0;

const begin = (kind: number): void => {
  high = kind;
  low = Math.imul(kind, 0x9e37_79b1);
};

/** Adds a 32-bit word to both lanes, which stir it differently. */
const mix = (word: number): void => {
  high = Math.imul(high ^ avalanche(word + low | 0), 0x01b3_0001) | 0;
  low = Math.imul(low ^ word, 0x0100_0193) + 0x9e37_79b9 | 0;
};

const word64 = new BigUint64Array(1);
const halves = new Uint32Array(word64.buffer);

const ofBigint = (value: bigint): void => {
  word64[0] = value;
  begin(seed.bigint);
  mix(halves[0]!);
  mix(halves[1]!);
};

const ofNumber = (value: number): void => {
  begin(seed.number);
  mix(value | 0);
  mix(Math.floor(value / 2 ** 32) | 0);
};

const strings = new Map<string, Lanes>();

/** Entries after which the table of strings starts over. */
const strings_max = 4096;

const lanesOf = (text: string): Lanes => {
  const known = strings.get(text);
  if (known !== undefined) return known;
  begin(seed.string);
  for (let at = 0; at < text.length; at++) mix(text.charCodeAt(at));
  const lanes: Lanes = [high, low];
  if (strings.size >= strings_max) strings.clear();
  strings.set(text, lanes);
  return lanes;
};

const parts = new WeakMap<object, Lanes>();

/** True when the part's digest was remembered; it is then the one worked out last. */
const recall = (part: object): boolean => {
  const known = parts.get(part);
  if (known === undefined) return false;
  [high, low] = known;
  return true;
};

const remember = (part: object): void => {
  parts.set(part, [high, low]);
};

/** The lanes of a page or a chunk that holds nothing but zeros. */
const isZero = (): boolean => high === 0 && low === 0;

const ofPage = (page: Page): void => {
  if (recall(page)) return;
  const view = new DataView(page.buffer, page.byteOffset, page.byteLength);
  begin(seed.page);
  let any = 0;
  for (let at = 0; at < page.byteLength; at += 4) {
    const word = view.getUint32(at, true);
    any |= word;
    low = Math.imul(low ^ word, 0x0100_0193) + 0x9e37_79b9 | 0;
    high = Math.imul(high ^ (word >>> 15 | word << 17), 0x01b3_0001) ^ low;
  }
  if (any === 0) high = low = 0;
  remember(page);
};

const ofChunk = (chunk: Chunk): void => {
  if (recall(chunk)) return;
  let [sum, sum_low] = [0, 0];
  chunk.forEach((page, at) => {
    if (page === undefined) return;
    ofPage(page);
    if (isZero()) return;
    mix(at);
    sum = sum + avalanche(high) | 0;
    sum_low = sum_low + avalanche(low ^ high) | 0;
  });
  [high, low] = [sum, sum_low];
  remember(chunk);
};

const ofMemory = ({ base, bytes, chunks }: Memory): void => {
  begin(seed.memory);
  mix(base);
  mix(bytes);
  let [sum, sum_low] = [high, low];
  chunks.forEach((chunk, at) => {
    if (chunk === undefined) return;
    ofChunk(chunk);
    if (isZero()) return;
    mix(at);
    sum = sum + avalanche(high) | 0;
    sum_low = sum_low + avalanche(low ^ high) | 0;
  });
  [high, low] = [sum, sum_low];
};

const isMemory = (value: object): value is Memory => "chunks" in value;

/** Items or fields from which on remembering a part costs less than reading it again. */
const large = 12;

const ofArray = (value: readonly unknown[]): void => {
  if (large <= value.length && recall(value)) return;
  let [at, at_low] = [seed.array as number, value.length];
  for (const item of value) {
    ofValue(item);
    const [part, part_low] = [high, low];
    [high, low] = [at, at_low];
    mix(part);
    mix(part_low);
    [at, at_low] = [high, low];
  }
  [high, low] = [at, at_low];
  if (large <= value.length) remember(value);
};

const ofObject = (value: Readonly<Record<string, unknown>>): void => {
  if (recall(value)) return;
  // A sum, so that the order of the keys does not count.
  let [sum, sum_low, fields] = [seed.object as number, 0, 0];
  for (const key in value) {
    const field = value[key];
    if (field === undefined) continue; // as if it were absent
    const name = lanesOf(key);
    ofValue(field);
    mix(name[0]);
    mix(name[1]);
    sum = sum + avalanche(high) | 0;
    sum_low = sum_low + avalanche(low ^ high) | 0;
    fields += 1;
  }
  [high, low] = [sum, sum_low];
  if (large <= fields) remember(value);
};

const ofValue = (value: unknown): void => {
  switch (typeof value) {
    case "bigint":
      return ofBigint(value);
    case "number":
      return ofNumber(value);
    case "string":
      [high, low] = lanesOf(value);
      return;
    case "boolean":
      return begin(value ? seed.true : seed.false);
    case "object":
      if (value === null) return begin(seed.null);
      if (Array.isArray(value)) return ofArray(value);
      return isMemory(value)
        ? ofMemory(value)
        : ofObject(value as Readonly<Record<string, unknown>>);
    default:
      return begin(seed.null);
  }
};

const unsigned = (lane: number): bigint => BigInt(avalanche(lane) >>> 0);

/**
 * The 64-bit digest of plain data: `null`, booleans, integers, words, text,
 * arrays, objects and memories.
 */
export const digestOf = (value: unknown): bigint => {
  ofValue(value);
  return unsigned(high ^ low) << 32n | unsigned(low);
};

/** The 64-bit digest of a whole world, secrets and all. */
export const digest = (world: World): bigint => digestOf(world);

/** A digest as text: `0x` and 16 hex digits. */
export const digestText = (value: bigint): string =>
  `0x${value.toString(16).padStart(16, "0")}`;
