/**
 * Counting, reversing and rotating the bits and bytes of a word.
 *
 * @module
 */

const high = (a: bigint): number => Number(a >> 32n);

const low = (a: bigint): number => Number(a & 0xffff_ffffn);

const join = (top: number, bottom: number): bigint =>
  (BigInt(top) << 32n) | BigInt(bottom);

/** Leading zeros of a 64-bit word, 0 to 64. */
export const clz64 = (a: bigint): bigint => {
  const top = Math.clz32(high(a));
  return BigInt(top < 32 ? top : 32 + Math.clz32(low(a)));
};

/** Leading zeros of the low 32 bits, 0 to 32. */
export const clz32 = (a: bigint): bigint => BigInt(Math.clz32(low(a)));

/** Swaps neighbours of 1, 2 and 4 bits, then the bytes. */
const reverseBits = (a: number): number => {
  let b = ((a >>> 1) & 0x5555_5555) | ((a & 0x5555_5555) << 1);
  b = ((b >>> 2) & 0x3333_3333) | ((b & 0x3333_3333) << 2);
  b = ((b >>> 4) & 0x0f0f_0f0f) | ((b & 0x0f0f_0f0f) << 4);
  return reverseBytes(b);
};

const reverseBytes = (a: number): number =>
  ((a << 24) | ((a & 0xff00) << 8) | ((a >>> 8) & 0xff00) | (a >>> 24)) >>> 0;

const swapBytePairs = (a: number): number =>
  (((a & 0x00ff_00ff) << 8) | ((a >>> 8) & 0x00ff_00ff)) >>> 0;

/** The 64 bits in reverse order. */
export const rbit64 = (a: bigint): bigint =>
  join(reverseBits(low(a)), reverseBits(high(a)));

/** The low 32 bits in reverse order. */
export const rbit32 = (a: bigint): bigint => BigInt(reverseBits(low(a)));

/** The bytes of the word in reverse order. */
export const rev64 = (a: bigint): bigint =>
  join(reverseBytes(low(a)), reverseBytes(high(a)));

/** The bytes of each 32-bit half in reverse order. */
export const rev32 = (a: bigint): bigint =>
  join(reverseBytes(high(a)), reverseBytes(low(a)));

/** The bytes of each 16-bit quarter in reverse order. */
export const rev16 = (a: bigint): bigint =>
  join(swapBytePairs(high(a)), swapBytePairs(low(a)));

/** The word rotated right by `by` modulo 64. */
export const ror64 = (a: bigint, by: bigint): bigint => {
  const amount = by & 63n;
  return (a >> amount) | BigInt.asUintN(64, a << (64n - amount));
};

/** The low 32 bits rotated right by `by` modulo 32, zero-extended. */
export const ror32 = (a: bigint, by: bigint): bigint => {
  const amount = Number(by & 31n);
  const half = low(a);
  return BigInt(((half >>> amount) | (half << (32 - amount))) >>> 0);
};
