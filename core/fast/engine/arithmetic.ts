/**
 * Arithmetic that WebAssembly has no opcode for: division without traps, high
 * products, reversals and checksums.
 *
 * @module
 */

import type { Unary } from "../../a64/micro.ts";
import {
  close,
  get,
  i32,
  i64,
  op,
  open,
  scratch,
  set,
  tee,
  type Unit,
} from "./unit.ts";
import { I32, I64, OP } from "./wasm.ts";

/** Pushes left / right; zero for a division by zero, INT64_MIN for INT64_MIN / -1. */
export const quotient = (
  u: Unit,
  isSigned: boolean,
  left: number,
  right: number,
): void => {
  const result = scratch(u, I64);
  i64(u, 0n);
  set(u, result);
  get(u, right);
  op(u, OP.i64_eqz);
  op(u, OP.i32_eqz);
  open(u, OP.if);
  if (isSigned) {
    // x / -1 = -x, which the opcode refuses for INT64_MIN.
    get(u, right);
    i64(u, -1n);
    op(u, OP.i64_eq);
    open(u, OP.if);
    i64(u, 0n);
    get(u, left);
    op(u, OP.i64_sub);
    set(u, result);
    op(u, OP.else);
  }
  get(u, left);
  get(u, right);
  op(u, isSigned ? OP.i64_div_s : OP.i64_div_u);
  set(u, result);
  if (isSigned) close(u);
  close(u);
  get(u, result);
};

const half = (u: Unit, at: number, high: boolean, code: number): void => {
  get(u, at);
  if (high) {
    i64(u, 32n);
    op(u, code);
    return;
  }
  i64(u, 0xffff_ffffn);
  op(u, OP.i64_and);
};

/**
 * Pushes bits 127:64 of left * right: with halves al, ah, bl, bh the sum of
 * ah * bh, the upper half of t = ah * bl + (al * bl >> 32), and the upper half
 * of al * bh + low half of t. The high halves carry the sign.
 */
export const highProduct = (
  u: Unit,
  isSigned: boolean,
  left: number,
  right: number,
): void => {
  const shift = isSigned ? OP.i64_shr_s : OP.i64_shr_u;
  const middle = scratch(u, I64);
  half(u, left, true, shift);
  half(u, right, false, shift);
  op(u, OP.i64_mul);
  half(u, left, false, shift);
  half(u, right, false, shift);
  op(u, OP.i64_mul);
  i64(u, 32n);
  op(u, OP.i64_shr_u);
  op(u, OP.i64_add);
  set(u, middle);
  half(u, left, true, shift);
  half(u, right, true, shift);
  op(u, OP.i64_mul);
  half(u, middle, true, shift);
  op(u, OP.i64_add);
  half(u, left, false, shift);
  half(u, right, true, shift);
  op(u, OP.i64_mul);
  half(u, middle, false, shift);
  op(u, OP.i64_add);
  i64(u, 32n);
  op(u, shift);
  op(u, OP.i64_add);
};

/** Swaps neighbouring groups of `by` bits of the word on top; `mask` selects the lower of each pair. */
const swap = (u: Unit, by: number, mask: bigint): void => {
  const a = scratch(u, I64);
  tee(u, a);
  i64(u, BigInt(by));
  op(u, OP.i64_shr_u);
  i64(u, mask);
  op(u, OP.i64_and);
  get(u, a);
  i64(u, mask);
  op(u, OP.i64_and);
  i64(u, BigInt(by));
  op(u, OP.i64_shl);
  op(u, OP.i64_or);
};

const bits = (u: Unit): void => {
  swap(u, 1, 0x5555_5555_5555_5555n);
  swap(u, 2, 0x3333_3333_3333_3333n);
  swap(u, 4, 0x0f0f_0f0f_0f0f_0f0fn);
};

const bytes = (u: Unit): void => swap(u, 8, 0x00ff_00ff_00ff_00ffn);

const halfwords = (u: Unit): void => swap(u, 16, 0x0000_ffff_0000_ffffn);

const words = (u: Unit): void => {
  i64(u, 32n);
  op(u, OP.i64_rotr);
};

/** Replaces the word on top by its bits or bytes in reverse order. */
export const reversed = (u: Unit, name: Unary): void => {
  if (name === "rbit64" || name === "rbit32") bits(u);
  bytes(u);
  if (name === "rev16") return;
  halfwords(u);
  if (name === "rev32") return;
  if (name === "rbit32") {
    i64(u, 0xffff_ffffn);
    op(u, OP.i64_and);
    return;
  }
  words(u);
};

/** The polynomials 0x04C11DB7 and 0x1EDC6F41 with their bits reversed. */
const polynomials = { crc32: 0xedb8_8320n, crc32c: 0x82f6_3b78n } as const;

/** Pops accumulator and data, pushes the remainder: 8 * `size` steps of one bit. */
export const crc = (
  u: Unit,
  poly: keyof typeof polynomials,
  size: number,
): void => {
  const r = scratch(u, I64);
  const left = scratch(u, I32);
  if (size < 8) {
    i64(u, (1n << BigInt(8 * size)) - 1n);
    op(u, OP.i64_and);
  }
  set(u, r);
  i64(u, 0xffff_ffffn);
  op(u, OP.i64_and);
  get(u, r);
  op(u, OP.i64_xor);
  set(u, r);
  i32(u, 8 * size);
  set(u, left);
  open(u, OP.loop);
  get(u, r);
  i64(u, 1n);
  op(u, OP.i64_shr_u);
  i64(u, 0n);
  get(u, r);
  i64(u, 1n);
  op(u, OP.i64_and);
  op(u, OP.i64_sub);
  i64(u, polynomials[poly]);
  op(u, OP.i64_and);
  op(u, OP.i64_xor);
  set(u, r);
  get(u, left);
  i32(u, -1);
  op(u, OP.i32_add);
  tee(u, left);
  u.code.push(OP.br_if, 0);
  close(u);
  get(u, r);
};
