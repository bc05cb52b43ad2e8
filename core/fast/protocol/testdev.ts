/**
 * Test device as bytes: 4 KiB of memory, and a log as a ring.
 *
 * @module
 */

import type { Fast } from "./arrays.ts";
import { W } from "./layout.ts";

/** Words of the device's state. */
export const TEST = {
  BYTES: 0, // where its bytes begin in `memory`
  ROWS: 1, // rows of 64 bytes written, one bit each, 64 bits
  LOGS: 3, // the log is on
  LOG: 4, // where its entries begin in `log`
  HEAD: 5, // oldest entry
  COUNT: 6, // entries held
} as const;

/** Bytes of the device. */
export const test_bytes = 4096;

/** Entries the log keeps. */
export const log_entries = 256;

/** Words of a log entry: offset, width with bit 7 set for a write, value in halves. */
export const entry_words = 4;

const get = (d: Int32Array, at: number): number => d[at] as number;

/** Appends an entry; the oldest goes when there is no room. */
const note = (
  f: Fast,
  at: number,
  offset: number,
  kind: number,
  low: number,
  high: number,
): void => {
  const d = f.devices;
  const head = get(d, at + TEST.HEAD);
  const count = get(d, at + TEST.COUNT);
  const entry = (head + count) & (log_entries - 1);
  const to = get(d, at + TEST.LOG) + entry * entry_words;
  f.log[to] = offset;
  f.log[to + 1] = kind;
  f.log[to + 2] = low;
  f.log[to + 3] = high;
  if (count < log_entries) d[at + TEST.COUNT] = count + 1;
  else d[at + TEST.HEAD] = (head + 1) & (log_entries - 1);
};

/** Reads `len` bytes at `offset`, aligned or not, into `W.VALUE`; true when the log grew. */
export const read = (
  f: Fast,
  at: number,
  offset: number,
  len: number,
): boolean => {
  const { memory, s } = f;
  const from = get(f.devices, at + TEST.BYTES) + offset;
  let low = 0;
  let high = 0;
  for (let n = 0; n < len; n++) {
    const byte = memory[from + n] as number;
    if (n < 4) low |= byte << (8 * n);
    else high |= byte << (8 * n - 32);
  }
  s[W.VALUE] = low;
  s[W.VALUE + 1] = high;
  if (f.devices[at + TEST.LOGS] === 0) return false;
  note(f, at, offset, len, low, high);
  return true;
};

/** Writes the low `len` bytes of a value at `offset`, aligned or not. */
export const write = (
  f: Fast,
  at: number,
  offset: number,
  len: number,
  low: number,
  high: number,
): void => {
  const d = f.devices;
  const to = get(d, at + TEST.BYTES) + offset;
  for (let n = 0; n < len; n++) {
    f.memory[to + n] = n < 4 ? low >>> (8 * n) : high >>> (8 * n - 32);
  }
  for (let row = offset >> 6; row <= (offset + len - 1) >> 6; row++) {
    const word = at + TEST.ROWS + (row >> 5);
    d[word] = get(d, word) | 1 << (row & 31);
  }
  if (d[at + TEST.LOGS] !== 0) note(f, at, offset, len | 0x80, low, high);
};
