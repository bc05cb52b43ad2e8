/**
 * The condition flags in compiled code: kept as the operands of what set them
 * last, and computed only when something asks.
 *
 * Four words stand for NZCV: a kind, two operands, and the flags themselves,
 * which count when the kind is `packed`. Where the kind is known while
 * compiling, a condition becomes one comparison.
 *
 * @module
 */

import type { Value } from "../../a64/micro.ts";
import { SLOT } from "./layout.ts";
import { get, i32, i64, op, scratch, set, type Unit } from "./unit.ts";
import { I64, OP, unsigned } from "./wasm.ts";

/** Kinds of flags; an `unknown` kind is in the kind's word. */
export const KIND = {
  unknown: -1,
  packed: 0,
  add64: 1,
  sub64: 2,
  logic64: 3,
  add32: 4,
  sub32: 5,
  logic32: 6,
} as const;

/** Index of the type of `pack` in every module that calls it. */
export const pack_type = 1;

const ones = 0xffff_ffff_ffff_ffffn;

/** Flags as lifting writes them: an operation of two operands, or anything else. */
export type FlagSource =
  | {
    readonly tag: "Lazy";
    readonly kind: number;
    readonly a: Value;
    readonly b: Value | null;
  }
  | { readonly tag: "Eager"; readonly value: Value };

const isConst = (value: Value, is: bigint): boolean =>
  value.op === "const" && value.value === is;

/** Recognizes a + b, a + NOT(b) + 1 and logical results. */
export const sourceOf = (value: Value): FlagSource => {
  if (value.op === "nzcvLogic") {
    const kind = value.width === 64 ? KIND.logic64 : KIND.logic32;
    return { tag: "Lazy", kind, a: value.a, b: null };
  }
  if (value.op === "nzcvAdd") {
    const { width, a, b, carry } = value;
    if (isConst(carry, 0n)) {
      const kind = width === 64 ? KIND.add64 : KIND.add32;
      return { tag: "Lazy", kind, a, b };
    }
    const inverted = b.op === "xor" && isConst(b.b, ones);
    if (inverted && isConst(carry, 1n)) {
      const kind = width === 64 ? KIND.sub64 : KIND.sub32;
      return { tag: "Lazy", kind, a, b: b.a };
    }
  }
  return { tag: "Eager", value };
};

/** Pushes one operand of flags of 32 bits moved to the top, or of 64 bits as it is. */
const operand = (u: Unit, at: number, narrow: boolean): void => {
  get(u, at);
  if (!narrow) return;
  i64(u, 32n);
  op(u, OP.i64_shl);
};

/** Pushes a bit of the flags made of the condition on top, at place `at`. */
const place = (u: Unit, at: number): void => {
  if (at === 0) return;
  i32(u, at);
  op(u, OP.i32_shl);
};

/** Pushes N and Z of the 64-bit word in local `r`. */
const signAndZero = (u: Unit, r: number): void => {
  get(u, r);
  i64(u, 63n);
  op(u, OP.i64_shr_u);
  op(u, OP.i32_wrap_i64);
  place(u, 3);
  get(u, r);
  op(u, OP.i64_eqz);
  place(u, 2);
  op(u, OP.i32_or);
};

/**
 * Pushes the flags of `a + b + carry` at 64 bits, all in locals; carry null is
 * 0. A sum of 32 bits is one of 64 with all three moved to the top.
 */
export const packSum = (
  u: Unit,
  a: number,
  b: number,
  carry: number | null,
): void => {
  const r = scratch(u, I64);
  get(u, a);
  get(u, b);
  op(u, OP.i64_add);
  if (carry !== null) {
    get(u, carry);
    op(u, OP.i64_add);
  }
  set(u, r);
  signAndZero(u, r);
  // Carry out of a sum is its overflow in unsigned terms: r < a, or r = a with a carry in and b all ones.
  get(u, r);
  get(u, a);
  op(u, OP.i64_lt_u);
  if (carry !== null) {
    get(u, r);
    get(u, a);
    op(u, OP.i64_eq);
    get(u, carry);
    i64(u, 0n);
    op(u, OP.i64_ne);
    op(u, OP.i32_and);
    op(u, OP.i32_or);
  }
  place(u, 1);
  op(u, OP.i32_or);
  get(u, a);
  get(u, r);
  op(u, OP.i64_xor);
  get(u, b);
  get(u, r);
  op(u, OP.i64_xor);
  overflow(u);
};

/** Pops two words whose common sign bit is V, and the flags so far; pushes all four. */
const overflow = (u: Unit): void => {
  op(u, OP.i64_and);
  i64(u, 63n);
  op(u, OP.i64_shr_u);
  op(u, OP.i32_wrap_i64);
  op(u, OP.i32_or);
};

const packDifference = (u: Unit, a: number, b: number): void => {
  const r = scratch(u, I64);
  get(u, a);
  get(u, b);
  op(u, OP.i64_sub);
  set(u, r);
  signAndZero(u, r);
  get(u, a);
  get(u, b);
  op(u, OP.i64_ge_u);
  place(u, 1);
  op(u, OP.i32_or);
  get(u, a);
  get(u, b);
  op(u, OP.i64_xor);
  get(u, a);
  get(u, r);
  op(u, OP.i64_xor);
  overflow(u);
};

/** Pushes the flags of a known kind that is not packed. */
export const packKind = (u: Unit, kind: number): void => {
  const narrow = kind >= KIND.add32;
  const { fa, fb } = u.flags;
  const a = scratch(u, I64);
  operand(u, fa, narrow);
  set(u, a);
  const base = narrow ? kind - 3 : kind;
  if (base === KIND.logic64) {
    signAndZero(u, a);
    return;
  }
  const b = scratch(u, I64);
  operand(u, fb, narrow);
  set(u, b);
  if (base === KIND.add64) packSum(u, a, b, null);
  else packDifference(u, a, b);
};

/** Pushes the flags as one number; how they are kept does not change. */
export const packed = (u: Unit): void => {
  const { fk, fa, fb, nz } = u.flags;
  if (u.kind === KIND.packed) return get(u, nz);
  if (u.kind !== KIND.unknown) return packKind(u, u.kind);
  get(u, fk);
  get(u, fa);
  get(u, fb);
  get(u, nz);
  i32(u, SLOT.pack);
  op(u, OP.call_indirect);
  unsigned(u.code, pack_type);
  unsigned(u.code, 0);
};

/** Pops the flags as one number. */
export const setPacked = (u: Unit): void => {
  set(u, u.flags.nz);
  u.kind = KIND.packed;
};
