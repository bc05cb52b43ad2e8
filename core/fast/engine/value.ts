/**
 * Expressions as WebAssembly: each leaves one 64-bit word, or a condition, on
 * the stack.
 *
 * @module
 */

import type { Binary, Unary, Value } from "../../a64/micro.ts";
import { crc, highProduct, quotient, reversed } from "./arithmetic.ts";
import { carry, holds } from "./condition.ts";
import { packed, packSum, setPacked, sourceOf } from "./flags.ts";
import { get, i32, i64, op, scratch, set, type Unit } from "./unit.ts";
import { I64, OP } from "./wasm.ts";

/** Operators that are one opcode; amounts of shifts count modulo 64 in both. */
const plain: Readonly<Partial<Record<Binary, number>>> = {
  add: OP.i64_add,
  sub: OP.i64_sub,
  mul: OP.i64_mul,
  and: OP.i64_and,
  or: OP.i64_or,
  xor: OP.i64_xor,
  shl: OP.i64_shl,
  lshr: OP.i64_shr_u,
  ashr: OP.i64_shr_s,
  ror64: OP.i64_rotr,
};

const binary = (u: Unit, name: Binary, a: Value, b: Value): void => {
  const code = plain[name];
  if (code !== undefined) {
    value(u, a);
    value(u, b);
    return op(u, code);
  }
  if (name === "ror32") {
    value(u, a);
    op(u, OP.i32_wrap_i64);
    value(u, b);
    op(u, OP.i32_wrap_i64);
    op(u, OP.i32_rotr);
    return op(u, OP.i64_extend_i32_u);
  }
  const left = scratch(u, I64);
  const right = scratch(u, I64);
  value(u, a);
  value(u, b);
  set(u, right);
  set(u, left);
  if (name === "udiv" || name === "sdiv") {
    return quotient(u, name === "sdiv", left, right);
  }
  highProduct(u, name === "smulh", left, right);
};

const unary = (u: Unit, name: Unary, a: Value): void => {
  value(u, a);
  switch (name) {
    case "zext8":
      i64(u, 0xffn);
      return op(u, OP.i64_and);
    case "zext16":
      i64(u, 0xffffn);
      return op(u, OP.i64_and);
    case "zext32":
      op(u, OP.i32_wrap_i64);
      return op(u, OP.i64_extend_i32_u);
    case "sext8":
      return op(u, OP.i64_extend8_s);
    case "sext16":
      return op(u, OP.i64_extend16_s);
    case "sext32":
      return op(u, OP.i64_extend32_s);
    case "clz64":
      return op(u, OP.i64_clz);
    case "clz32":
      op(u, OP.i32_wrap_i64);
      op(u, OP.i32_clz);
      return op(u, OP.i64_extend_i32_u);
    default:
      return reversed(u, name);
  }
};

const isBoolean = (v: Value): boolean => v.op === "eq" || v.op === "cond";

const isZero = (v: Value): boolean => v.op === "const" && v.value === 0n;

/** Pushes a 32-bit word that is not zero where `v` is not zero. */
export const condition = (u: Unit, v: Value): void => {
  if (v.op === "cond") return holds(u, v.cond);
  if (v.op === "eq" && isZero(v.b)) {
    if (isBoolean(v.a)) {
      condition(u, v.a);
      return op(u, OP.i32_eqz);
    }
    value(u, v.a);
    return op(u, OP.i64_eqz);
  }
  if (v.op === "eq") {
    value(u, v.a);
    value(u, v.b);
    return op(u, OP.i64_eq);
  }
  value(u, v);
  i64(u, 0n);
  op(u, OP.i64_ne);
};

/** Pushes the flags of a sum as a 64-bit word. */
const sum = (u: Unit, v: Extract<Value, { readonly op: "nzcvAdd" }>): void => {
  const a = scratch(u, I64);
  const b = scratch(u, I64);
  const c = scratch(u, I64);
  const widened = (from: Value): void => {
    value(u, from);
    if (v.width === 64) return;
    i64(u, 32n);
    op(u, OP.i64_shl);
  };
  widened(v.a);
  widened(v.b);
  widened(v.carry);
  set(u, c);
  set(u, b);
  set(u, a);
  packSum(u, a, b, c);
  op(u, OP.i64_extend_i32_u);
};

/** Pushes the value of an expression. */
export const value = (u: Unit, v: Value): void => {
  switch (v.op) {
    case "x":
      return u.home.x(u, v.n);
    case "const":
      return i64(u, v.value);
    case "sp":
      return u.home.sp(u);
    case "pc":
      return u.home.pc(u);
    case "temp":
      return get(u, u.temps[v.n]!);
    case "select":
      value(u, v.a);
      value(u, v.b);
      condition(u, v.when);
      return op(u, OP.select);
    case "carry":
      return carry(u);
    case "nzcv":
      packed(u);
      return op(u, OP.i64_extend_i32_u);
    case "nzcvAdd":
      return sum(u, v);
    case "nzcvLogic":
      return logic(u, v);
    case "crc":
      value(u, v.acc);
      value(u, v.data);
      return crc(u, v.poly, v.bytes);
    case "cond":
    case "eq":
      condition(u, v);
      i32(u, 0);
      op(u, OP.i32_ne);
      return op(u, OP.i64_extend_i32_u);
    default:
      return "b" in v ? binary(u, v.op, v.a, v.b) : unary(u, v.op, v.a);
  }
};

/** Pushes N and Z of a logical result as a 64-bit word. */
const logic = (
  u: Unit,
  v: Extract<Value, { readonly op: "nzcvLogic" }>,
): void => {
  const r = scratch(u, I64);
  value(u, v.a);
  if (v.width === 32) op(u, OP.i64_extend32_s);
  set(u, r);
  get(u, r);
  i64(u, 60n);
  op(u, OP.i64_shr_u);
  i64(u, 8n);
  op(u, OP.i64_and);
  get(u, r);
  op(u, OP.i64_eqz);
  i32(u, 2);
  op(u, OP.i32_shl);
  op(u, OP.i64_extend_i32_u);
  op(u, OP.i64_or);
};

/** PSTATE.NZCV := value, computed later where that can be. */
export const setNzcv = (u: Unit, v: Value): void => {
  const source = sourceOf(v);
  if (source.tag === "Eager") {
    value(u, source.value);
    op(u, OP.i32_wrap_i64);
    return setPacked(u);
  }
  value(u, source.a);
  if (source.b !== null) {
    value(u, source.b);
    set(u, u.flags.fb);
  }
  set(u, u.flags.fa);
  u.kind = source.kind;
};
