/**
 * PL031 as words.
 *
 * Source: Arm PrimeCell Real Time Clock (PL031) TRM, DDI 0224, chapter 3.
 *
 * @module
 */

import { type Plain, plainOf } from "./plain.ts";

/** Words of the clock's state. */
export const RTC = { COUNTER: 0, MR: 1, LR: 2, IMSC: 3, RIS: 4 } as const;

const get = (d: Int32Array, at: number): number => d[at] as number;

/** PeriphID0..3 and PCellID0..3. */
const identity = Int32Array.of(0x31, 0x10, 0x14, 0, 0x0d, 0xf0, 0x05, 0xb1);

/** Registers that are a word. */
export const plain: Plain = plainOf([
  [0x00, RTC.COUNTER, null],
  [0x04, RTC.MR, null],
  [0x08, RTC.LR, null],
  [0x10, RTC.IMSC, 1],
  [0x14, RTC.RIS, null],
]);

/** Reads a register. */
export const read = (d: Int32Array, at: number, offset: number): number => {
  const word = plain.reads[offset >> 2] as number;
  if (word >= 0) return get(d, at + word);
  switch (offset) {
    case 0x0c:
      return 1;
    case 0x18:
      return get(d, at + RTC.RIS) & get(d, at + RTC.IMSC);
    default:
      return offset < 0xfe0 ? 0 : identity[(offset - 0xfe0) >> 2] ?? 0;
  }
};

/** The alarm goes off when match and counter are equal. */
const match = (d: Int32Array, at: number): void => {
  if (d[at + RTC.MR] === d[at + RTC.COUNTER]) d[at + RTC.RIS] = 1;
};

/** Writes a register. */
export const write = (
  d: Int32Array,
  at: number,
  offset: number,
  value: number,
): void => {
  switch (offset) {
    case 0x04:
      d[at + RTC.MR] = value;
      match(d, at);
      break;
    case 0x08:
      d[at + RTC.LR] = value;
      d[at + RTC.COUNTER] = value;
      match(d, at);
      break;
    case 0x10:
      d[at + RTC.IMSC] = value & 1;
      break;
    case 0x1c:
      if ((value & 1) !== 0) d[at + RTC.RIS] = 0;
  }
};

/** Lets seconds pass; true when there were any. */
export const tick = (d: Int32Array, at: number, seconds: number): boolean => {
  if (!(0 < seconds)) return false;
  const counter = get(d, at + RTC.COUNTER) >>> 0;
  const distance = (get(d, at + RTC.MR) - counter) >>> 0;
  if ((distance === 0 ? 0x1_0000_0000 : distance) <= seconds) {
    d[at + RTC.RIS] = 1;
  }
  d[at + RTC.COUNTER] = (counter + seconds % 0x1_0000_0000) % 0x1_0000_0000;
  return true;
};
