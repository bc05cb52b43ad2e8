/**
 * Conditions of branches and selects: a comparison where the flags' operands
 * are known, else a test of the flags.
 *
 * @module
 */

import { KIND, packed } from "./flags.ts";
import { get, i32, i64, op, scratch, set, type Unit } from "./unit.ts";
import { I32, OP } from "./wasm.ts";

/** Comparisons of the two operands of a difference, by condition; 32-bit ones come 11 opcodes earlier. */
const differences: Readonly<Record<number, number>> = {
  0: OP.i64_eq,
  1: OP.i64_ne,
  2: OP.i64_ge_u, // CS
  3: OP.i64_lt_u,
  8: OP.i64_gt_u, // HI
  9: OP.i64_le_u,
  10: OP.i64_ge_s, // GE
  11: OP.i64_lt_s,
  12: OP.i64_gt_s, // GT
  13: OP.i64_le_s,
};

/** Comparisons of a logical result with zero, where C and V are zero. */
const results: Readonly<Record<number, number>> = {
  0: OP.i64_eq,
  1: OP.i64_ne,
  4: OP.i64_lt_s, // MI
  5: OP.i64_ge_s,
  10: OP.i64_ge_s, // GE: N = 0
  11: OP.i64_lt_s,
  12: OP.i64_gt_s, // GT
  13: OP.i64_le_s,
};

const to32 = OP.i64_eq - OP.i32_eq;

/** Pushes an operand at the width of the comparison. */
const narrowed = (u: Unit, at: number, narrow: boolean): void => {
  get(u, at);
  if (narrow) op(u, OP.i32_wrap_i64);
};

const compareOperands = (u: Unit, code: number, narrow: boolean): void => {
  narrowed(u, u.flags.fa, narrow);
  narrowed(u, u.flags.fb, narrow);
  op(u, narrow ? code - to32 : code);
};

const compareZero = (u: Unit, code: number, narrow: boolean): void => {
  narrowed(u, u.flags.fa, narrow);
  if (narrow) i32(u, 0);
  else i64(u, 0n);
  op(u, narrow ? code - to32 : code);
};

const bitOf = (u: Unit, flags: number, at: number): void => {
  get(u, flags);
  i32(u, 1 << at);
  op(u, OP.i32_and);
};

/** Pushes not zero where the even condition holds for the flags in a local. */
const test = (u: Unit, cond: number, flags: number): void => {
  switch (cond >> 1) {
    case 0: // EQ
      return bitOf(u, flags, 2);
    case 1: // CS
      return bitOf(u, flags, 1);
    case 2: // MI
      return bitOf(u, flags, 3);
    case 3: // VS
      return bitOf(u, flags, 0);
    case 4: // HI: C and not Z
      get(u, flags);
      i32(u, 6);
      op(u, OP.i32_and);
      i32(u, 2);
      op(u, OP.i32_eq);
      return;
    case 5: // GE: N = V
      signsDiffer(u, flags);
      op(u, OP.i32_eqz);
      return;
    default: // GT: N = V and not Z
      signsDiffer(u, flags);
      bitOf(u, flags, 2);
      op(u, OP.i32_or);
      op(u, OP.i32_eqz);
  }
};

const signsDiffer = (u: Unit, flags: number): void => {
  get(u, flags);
  i32(u, 3);
  op(u, OP.i32_shr_u);
  get(u, flags);
  op(u, OP.i32_xor);
  i32(u, 1);
  op(u, OP.i32_and);
};

/** Pushes a 32-bit word that is not zero where condition `cond` holds. */
export const holds = (u: Unit, cond: number): void => {
  if (cond >= 14) return i32(u, 1);
  const { kind } = u;
  const difference = differences[cond];
  const isDifference = kind === KIND.sub64 || kind === KIND.sub32;
  if (isDifference && difference !== undefined) {
    return compareOperands(u, difference, kind === KIND.sub32);
  }
  const result = results[cond];
  const isLogic = kind === KIND.logic64 || kind === KIND.logic32;
  if (isLogic && result !== undefined) {
    return compareZero(u, result, kind === KIND.logic32);
  }
  const flags = scratch(u, I32);
  packed(u);
  set(u, flags);
  test(u, cond & ~1, flags);
  if ((cond & 1) === 1) op(u, OP.i32_eqz);
};

/** Pushes the carry flag, 0 or 1, as a 64-bit word. */
export const carry = (u: Unit): void => {
  packed(u);
  i32(u, 1);
  op(u, OP.i32_shr_u);
  i32(u, 1);
  op(u, OP.i32_and);
  op(u, OP.i64_extend_i32_u);
};
