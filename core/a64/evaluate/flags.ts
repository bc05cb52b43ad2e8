/**
 * The condition flags: how a sum sets them and what a condition asks of them.
 * Flags are one number, N at bit 3, Z, C, V at bit 0.
 *
 * Source: Arm ARM shared pseudocode, AddWithCarry and ConditionHolds.
 *
 * @module
 */

const N = 8;
const Z = 4;
const C = 2;
const V = 1;

/** The flags of `a + b + carry` at 64 bits. */
const ofSum64 = (a: bigint, b: bigint, carry: bigint): number => {
  const sum = a + b + carry;
  const result = BigInt.asUintN(64, sum);
  const overflow = (a ^ result) & (b ^ result);
  return (result >> 63n !== 0n ? N : 0) |
    (result === 0n ? Z : 0) |
    (sum !== result ? C : 0) |
    (overflow >> 63n !== 0n ? V : 0);
};

/** The flags of `a + b + carry` at 32 bits; the sum stays below 2^53. */
const ofSum32 = (a: number, b: number, carry: number): number => {
  const sum = a + b + carry;
  const result = sum | 0;
  const overflow = (a ^ result) & (b ^ result);
  return (result < 0 ? N : 0) |
    (result === 0 ? Z : 0) |
    (sum > 0xffff_ffff ? C : 0) |
    (overflow < 0 ? V : 0);
};

/** NZCV of `a + b + carry`, of which only the low `width` bits of `a` and `b` count. */
export const flagsOfSum = (
  width: 32 | 64,
  a: bigint,
  b: bigint,
  carry: bigint,
): number =>
  width === 64 ? ofSum64(a, b, carry) : ofSum32(
    Number(BigInt.asUintN(32, a)),
    Number(BigInt.asUintN(32, b)),
    Number(carry),
  );

/** NZCV of a logical result: N and Z from its low `width` bits, C and V zero. */
export const flagsOfLogic = (width: 32 | 64, a: bigint): number => {
  const result = BigInt.asIntN(width, a);
  return (result < 0n ? N : 0) | (result === 0n ? Z : 0);
};

/** Bits 3:1 of a condition name a test; bit 0 asks for its opposite. */
const holdsTest = (test: number, nzcv: number): boolean => {
  switch (test) {
    case 0: // EQ
      return (nzcv & Z) !== 0;
    case 1: // CS
      return (nzcv & C) !== 0;
    case 2: // MI
      return (nzcv & N) !== 0;
    case 3: // VS
      return (nzcv & V) !== 0;
    case 4: // HI
      return (nzcv & C) !== 0 && (nzcv & Z) === 0;
    case 5: // GE
      return ((nzcv & N) !== 0) === ((nzcv & V) !== 0);
    case 6: // GT
      return holdsTest(5, nzcv) && (nzcv & Z) === 0;
    default: // AL
      return true;
  }
};

/** True when condition `cond`, 0 to 15, holds. Condition 15 holds as 14 does: always. */
export const conditionHolds = (cond: number, nzcv: number): boolean =>
  cond === 15 || holdsTest(cond >> 1, nzcv) === ((cond & 1) === 0);
