/**
 * 64-bit values as two words, low half first.
 *
 * @module
 */

/** The low half of a value, signed. */
export const low = (value: bigint): number => Number(BigInt.asIntN(32, value));

/** The high half of a value, signed. */
export const high = (value: bigint): number => low(value >> 32n);

/** Writes a value at word `at`. */
export const put = (words: Int32Array, at: number, value: bigint): void => {
  words[at] = low(value);
  words[at + 1] = high(value);
};

/** The value at word `at`, unsigned. */
export const get = (words: Int32Array, at: number): bigint =>
  (BigInt((words[at + 1] as number) >>> 0) << 32n) |
  BigInt((words[at] as number) >>> 0);
