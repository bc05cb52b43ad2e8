/**
 * Bitmask immediates: N, immr and imms to a 64-bit mask and back.
 *
 * Source: Arm ARM shared pseudocode, aarch64/instrs/integer/bitmasks.
 *
 * @module
 */

import { mask } from "../arch/word.ts";

/** The three fields that encode a bitmask immediate. */
export interface Bitmask {
  /** Set for 64-bit elements. */
  readonly n: number;
  /** Rotation to the right, within an element. */
  readonly immr: number;
  /** Element size and number of ones less one. */
  readonly imms: number;
}

/**
 * The element size in bits (2, 4, 8, 16, 32, 64) that `n` and `imms` select,
 * or null where they are reserved: no size bit, or an element of all ones.
 */
export const bitmaskElement = (n: number, imms: number): number | null => {
  const length = 31 - Math.clz32((n << 6) | (~imms & 0x3f));
  if (length < 1) return null;
  const levels = (1 << length) - 1;
  return (imms & levels) === levels ? null : levels + 1;
};

const replicate = (element: bigint, size: number): bigint => {
  let value = element;
  for (let width = size; width < 64; width *= 2) {
    value |= value << BigInt(width);
  }
  return value;
};

/** The 64-bit mask of a bitmask immediate, or null where it is reserved; a 32-bit user takes the low half. */
export const decodeBitMask = (
  { n, immr, imms }: Bitmask,
): bigint | null => {
  const size = bitmaskElement(n, imms);
  if (size === null) return null;
  const ones = mask((imms & (size - 1)) + 1);
  const by = BigInt(immr & (size - 1));
  const rotated = (ones >> by) | (ones << (BigInt(size) - by));
  return replicate(rotated & mask(size), size);
};

/** The element of `size` bits that `value` repeats, or null. */
const elementOf = (value: bigint, size: number): bigint | null => {
  const element = value & mask(size);
  return replicate(element, size) === value ? element : null;
};

const onesIn = (value: bigint): number => {
  let count = 0;
  for (let rest = value; rest !== 0n; rest &= rest - 1n) count++;
  return count;
};

/**
 * The fields of a 64-bit mask, with the smallest element and the rotation
 * below the element size, or null if it is no bitmask. For a 32-bit operation
 * pass the mask repeated in both halves: the result then has `n` zero.
 */
export const encodeBitMask = (value: bigint): Bitmask | null => {
  for (let size = 2; size <= 64; size *= 2) {
    const element = elementOf(value, size);
    if (element === null) continue;
    const ones = onesIn(element);
    if (ones === 0 || ones === size) return null;
    const n = size === 64 ? 1 : 0;
    const imms = (~(2 * size - 1) & 0x3f) | (ones - 1);
    for (let immr = 0; immr < size; immr++) {
      const candidate = { n, immr, imms };
      if (decodeBitMask(candidate) === value) return candidate;
    }
    return null;
  }
  return null;
};
