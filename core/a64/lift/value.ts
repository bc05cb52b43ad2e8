/**
 * The vocabulary of lifting: registers as the manual's X[n, width] and
 * SP[width], and expressions over them.
 *
 * A 32-bit value is kept zero-extended, so a W register is written by plain
 * assignment of a narrowed expression.
 *
 * @module
 */

import { word } from "../../arch/word.ts";
import type { Binary, Micro, Value } from "../micro.ts";

/** The width of an operation in bits. */
export type Width = 32 | 64;

/** The width `sf` selects. */
export const widthOf = (sf: number): Width => sf === 1 ? 64 : 32;

/** A constant; negative numbers wrap to 64 bits. */
export const constant = (value: bigint | number): Value => ({
  op: "const",
  value: word(BigInt(value)),
});

/** The constant zero. */
export const zero: Value = constant(0);

/** The constant one. */
export const one: Value = constant(1);

/** The address of the instruction. */
export const pc: Value = { op: "pc" };

/** The carry flag, 0 or 1. */
export const carry: Value = { op: "carry" };

/** The four flags, N at bit 3. */
export const nzcv: Value = { op: "nzcv" };

/** Temporary `n` of the instruction. */
export const temp = (n: number): Value => ({ op: "temp", n });

/** `op` of two values. */
export const binary = (op: Binary, a: Value, b: Value): Value => ({ op, a, b });

/** The sum. */
export const add = (a: Value, b: Value): Value => binary("add", a, b);

/** The difference. */
export const sub = (a: Value, b: Value): Value => binary("sub", a, b);

/** The bitwise conjunction. */
export const and = (a: Value, b: Value): Value => binary("and", a, b);

/** The bitwise disjunction. */
export const or = (a: Value, b: Value): Value => binary("or", a, b);

/** The bitwise exclusive disjunction. */
export const xor = (a: Value, b: Value): Value => binary("xor", a, b);

/** `a` moved `by` places to the left. */
export const shl = (a: Value, by: number): Value =>
  by === 0 ? a : binary("shl", a, constant(by));

/** `a` moved `by` places to the right, zeros in. */
export const lshr = (a: Value, by: number): Value =>
  by === 0 ? a : binary("lshr", a, constant(by));

/** All 64 bits inverted. */
export const not = (a: Value): Value => xor(a, constant(-1));

/** 1 where `a` is zero, else 0. */
export const isZero = (a: Value): Value => binary("eq", a, zero);

/** `a` where `when` is not zero, else `b`. */
export const select = (when: Value, a: Value, b: Value): Value => ({
  op: "select",
  when,
  a,
  b,
});

/** True of an expression that never exceeds 32 bits. */
const isNarrow = (value: Value): boolean => {
  switch (value.op) {
    case "const":
      return value.value <= 0xffff_ffffn;
    case "and":
      return isNarrow(value.a) || isNarrow(value.b);
    case "or":
    case "xor":
      return isNarrow(value.a) && isNarrow(value.b);
    case "lshr":
      return isNarrow(value.a);
    case "select":
      return isNarrow(value.a) && isNarrow(value.b);
    case "zext8":
    case "zext16":
    case "zext32":
    case "ror32":
    case "rbit32":
    case "clz32":
    case "clz64":
    case "crc":
    case "carry":
    case "nzcv":
    case "cond":
      return true;
    default:
      return false;
  }
};

/** The low `width` bits of `value`, zero-extended. */
export const narrow = (width: Width, value: Value): Value =>
  width === 64 || isNarrow(value) ? value : { op: "zext32", a: value };

/** The low `width` bits of `value`, sign-extended to 64. */
export const widen = (width: Width, value: Value): Value =>
  width === 64 ? value : { op: "sext32", a: value };

/** X[n, width]: register 31 reads zero. */
export const x = (n: number, width: Width = 64): Value =>
  n === 31 ? zero : narrow(width, { op: "x", n });

/** As {@link x}, where register 31 is the stack pointer. */
export const xOrSp = (n: number, width: Width = 64): Value =>
  n === 31 ? narrow(width, { op: "sp" }) : x(n, width);

/** X[n, width] := value: writes to register 31 are dropped, W writes zero the upper half. */
export const setX = (
  n: number,
  width: Width,
  value: Value,
): readonly Micro[] =>
  n === 31 ? [] : [{ op: "setX", n, value: narrow(width, value) }];

/** As {@link setX}, where register 31 is the stack pointer. */
export const setXOrSp = (
  n: number,
  width: Width,
  value: Value,
): readonly Micro[] =>
  n === 31
    ? [{ op: "setSp", value: narrow(width, value) }]
    : setX(n, width, value);

/** Temporary `n` := value. */
export const letTemp = (n: number, value: Value): Micro => ({
  op: "let",
  temp: n,
  value,
});

/** PSTATE.NZCV := value. */
export const setNzcv = (value: Value): Micro => ({ op: "setNzcv", value });
