/**
 * Data processing that may set flags: add, subtract, logic and the conditional
 * compares, immediate and register forms.
 *
 * Flags are set before the result is written, so that an operand which is also
 * the destination still holds its old value.
 *
 * @module
 */

import { decodeBitMask } from "../bitmask.ts";
import type { InsnOf } from "../encoding.ts";
import type { Micro, Value } from "../micro.ts";
import {
  add,
  and,
  carry,
  constant,
  letTemp,
  not,
  nzcv,
  one,
  or,
  select,
  setNzcv,
  setX,
  setXOrSp,
  shl,
  sub,
  temp,
  type Width,
  widthOf,
  x,
  xor,
  xOrSp,
  zero,
} from "./value.ts";
import { extended, shifted } from "./operand.ts";

/** NZCV of a + b, or of a - b, which is a + NOT(b) + 1. */
const sumFlags = (
  width: Width,
  subtract: boolean,
  a: Value,
  b: Value,
): Value => ({
  op: "nzcvAdd",
  width,
  a,
  b: subtract ? not(b) : b,
  carry: subtract ? one : zero,
});

/** ADD, ADDS, SUB, SUBS of two operands; `rd` 31 is SP unless flags are set. */
const addSub = (
  { sf, op, s, rd }: {
    readonly sf: number;
    readonly op: number;
    readonly s: number;
    readonly rd: number;
  },
  a: Value,
  b: Value,
): readonly Micro[] => {
  const width = widthOf(sf);
  const result = op === 1 ? sub(a, b) : add(a, b);
  return s === 0 ? setXOrSp(rd, width, result) : [
    setNzcv(sumFlags(width, op === 1, a, b)),
    ...setX(rd, width, result),
  ];
};

/** ADD, ADDS, SUB, SUBS (immediate). */
export const addSubImm = (insn: InsnOf<"addSubImm">): readonly Micro[] => {
  const imm = insn.sh === 1 ? insn.imm12 << 12 : insn.imm12;
  return addSub(insn, xOrSp(insn.rn, widthOf(insn.sf)), constant(imm));
};

/** ADD, ADDS, SUB, SUBS (extended register). */
export const addSubExtended = (
  insn: InsnOf<"addSubExtended">,
): readonly Micro[] => {
  const width = widthOf(insn.sf);
  const b = extended(insn.rm, width, insn.option, insn.imm3);
  return addSub(insn, xOrSp(insn.rn, width), b);
};

/** ADD, ADDS, SUB, SUBS (shifted register); register 31 is XZR throughout. */
export const addSubShifted = (
  insn: InsnOf<"addSubShifted">,
): readonly Micro[] => {
  const { sf, op, s, shift, rm, imm6, rn, rd } = insn;
  const width = widthOf(sf);
  const a = x(rn, width);
  const b = shifted(rm, width, shift, imm6);
  if (s === 1) return addSub(insn, a, b);
  return setX(rd, width, op === 1 ? sub(a, b) : add(a, b));
};

/** ADC, ADCS, SBC, SBCS. */
export const addSubCarry = (
  { sf, op, s, rm, rn, rd }: InsnOf<"addSubCarry">,
): readonly Micro[] => {
  const width = widthOf(sf);
  const a = x(rn, width);
  const b = op === 1 ? not(x(rm, width)) : x(rm, width);
  const result = add(add(a, b), carry);
  if (s === 0) return setX(rd, width, result);
  return [
    letTemp(0, result), // before the flags replace the carry
    setNzcv({ op: "nzcvAdd", width, a, b, carry }),
    ...setX(rd, width, temp(0)),
  ];
};

/** AND, ORR, EOR or ANDS by `opc`; ANDS sets the flags. */
const logical = (opc: number, a: Value, b: Value): Value => {
  switch (opc) {
    case 1:
      return or(a, b);
    case 2:
      return xor(a, b);
    default:
      return and(a, b);
  }
};

/** AND, ORR, EOR, ANDS (immediate); `rd` 31 is SP unless flags are set. */
export const logicalImm = (insn: InsnOf<"logicalImm">): readonly Micro[] => {
  const { sf, opc, rn, rd } = insn;
  const width = widthOf(sf);
  // Decoding admits no reserved mask.
  const mask = BigInt.asUintN(width, decodeBitMask(insn) ?? 0n);
  const result = logical(opc, x(rn, width), constant(mask));
  return opc !== 3 ? setXOrSp(rd, width, result) : [
    setNzcv({ op: "nzcvLogic", width, a: result }),
    ...setX(rd, width, result),
  ];
};

/** AND, BIC, ORR, ORN, EOR, EON, ANDS, BICS (shifted register). */
export const logicalShifted = (
  { sf, opc, shift, n, rm, imm6, rn, rd }: InsnOf<"logicalShifted">,
): readonly Micro[] => {
  const width = widthOf(sf);
  const operand = shifted(rm, width, shift, imm6);
  const result = logical(opc, x(rn, width), n === 1 ? not(operand) : operand);
  return opc !== 3 ? setX(rd, width, result) : [
    setNzcv({ op: "nzcvLogic", width, a: result }),
    ...setX(rd, width, result),
  ];
};

const compare = (
  { sf, op, cond, rn, nzcv }: InsnOf<"compareReg"> | InsnOf<"compareImm">,
  operand: Value,
): readonly Micro[] => {
  const width = widthOf(sf);
  const flags = sumFlags(width, op === 1, x(rn, width), operand);
  return [setNzcv(select({ op: "cond", cond }, flags, constant(nzcv)))];
};

/** CCMN, CCMP (register). */
export const compareReg = (insn: InsnOf<"compareReg">): readonly Micro[] =>
  compare(insn, x(insn.rm, widthOf(insn.sf)));

/** CCMN, CCMP (immediate). */
export const compareImm = (insn: InsnOf<"compareImm">): readonly Micro[] =>
  compare(insn, constant(insn.imm5));

/** RMIF: the rotated register's low bits replace the flags that `mask` names. */
export const rotateFlags = (
  { imm6, rn, mask }: InsnOf<"rotateFlags">,
): readonly Micro[] => {
  const rotated: Value = { op: "ror64", a: x(rn), b: constant(imm6) };
  return [setNzcv(
    or(and(rotated, constant(mask)), and(nzcv, constant(mask ^ 15))),
  )];
};

/** SETF8, SETF16: N and Z of the low byte or halfword, V of its top bit against the next; C stays. */
export const setFlags = (
  { sz, rn }: InsnOf<"setFlags">,
): readonly Micro[] => {
  const low: Value = { op: sz === 1 ? "zext16" : "zext8", a: x(rn) };
  const top = sz === 1 ? 15 : 7;
  const bit = (at: number): Value =>
    and({ op: "lshr", a: x(rn), b: constant(at) }, one);
  const n = shl(bit(top), 3);
  const z = shl({ op: "eq", a: low, b: zero }, 2);
  const v = xor(bit(top + 1), bit(top));
  return [setNzcv(or(or(n, z), or(shl(carry, 1), v)))];
};
