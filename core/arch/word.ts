/**
 * 64-bit words as `bigint`: masks, bit fields and sign extension.
 *
 * @module
 */

/** The word with its low `bits` bits set (0 to 64). */
export const mask = (bits: number): bigint => (1n << BigInt(bits)) - 1n;

/** Truncates an integer of any size or sign to a 64-bit word. */
export const word = (value: bigint): bigint => BigInt.asUintN(64, value);

/** Sign-extends the low `bits` bits of `value` to 64 bits. */
export const signExtend = (value: bigint, bits: number): bigint =>
  BigInt.asUintN(64, BigInt.asIntN(bits, value));

/** Reads bit `index` of `value` as a truth. */
export const bit = (value: bigint, index: number): boolean =>
  ((value >> BigInt(index)) & 1n) === 1n;

/** A bit field: `get` reads it unshifted to bit 0, `put` replaces it. */
export interface Field {
  /** Highest bit of the field. */
  readonly high: number;
  /** Lowest bit of the field. */
  readonly low: number;
}

/** The field made of bits `high` down to `low`. */
export const field = (high: number, low: number = high): Field => ({
  high,
  low,
});

/** Reads field `at` of `value` as a small number (the field is at most 32 bits wide). */
export const get = (value: bigint, at: Field): number =>
  Number((value >> BigInt(at.low)) & mask(at.high - at.low + 1));

/** Returns `value` with field `at` replaced by the low bits of `part`. */
export const put = (
  value: bigint,
  at: Field,
  part: number | bigint,
): bigint => {
  const width = mask(at.high - at.low + 1);
  const shift = BigInt(at.low);
  return (value & ~(width << shift)) | ((BigInt(part) & width) << shift);
};

/** Writes a word as the tool prints it: `0x` and lower-case digits. */
export const hex = (value: bigint | number): string =>
  `0x${value.toString(16)}`;
