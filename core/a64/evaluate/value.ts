/**
 * The value of an expression: pure over registers and temporaries.
 *
 * @module
 */

import type { Cpu } from "../cpu.ts";
import type { Binary, Unary, Value } from "../micro.ts";
import {
  clz32,
  clz64,
  rbit32,
  rbit64,
  rev16,
  rev32,
  rev64,
  ror32,
  ror64,
} from "./bits.ts";
import { crc } from "./crc.ts";
import { conditionHolds, flagsOfLogic, flagsOfSum } from "./flags.ts";

const signed = (a: bigint): bigint => BigInt.asIntN(64, a);

/** Shift and rotate amounts count modulo 64, the word size. */
const shift = (op: "shl" | "lshr" | "ashr", a: bigint, by: bigint): bigint => {
  const amount = by & 63n;
  switch (op) {
    case "shl":
      return BigInt.asUintN(64, a << amount);
    case "lshr":
      return a >> amount;
    case "ashr":
      return BigInt.asUintN(64, signed(a) >> amount);
  }
};

const binary = (op: Binary, a: bigint, b: bigint): bigint => {
  switch (op) {
    case "add":
      return BigInt.asUintN(64, a + b);
    case "sub":
      return BigInt.asUintN(64, a - b);
    case "and":
      return a & b;
    case "or":
      return a | b;
    case "xor":
      return a ^ b;
    case "shl":
    case "lshr":
    case "ashr":
      return shift(op, a, b);
    case "eq":
      return a === b ? 1n : 0n;
    case "mul":
      return BigInt.asUintN(64, a * b);
    case "umulh":
      return (a * b) >> 64n;
    case "smulh":
      return BigInt.asUintN(64, (signed(a) * signed(b)) >> 64n);
    case "udiv":
      return b === 0n ? 0n : a / b;
    case "sdiv":
      return b === 0n ? 0n : BigInt.asUintN(64, signed(a) / signed(b));
    case "ror64":
      return ror64(a, b);
    case "ror32":
      return ror32(a, b);
  }
};

const unary = (op: Unary, a: bigint): bigint => {
  switch (op) {
    case "zext32":
      return BigInt.asUintN(32, a);
    case "zext8":
      return BigInt.asUintN(8, a);
    case "zext16":
      return BigInt.asUintN(16, a);
    case "sext8":
      return BigInt.asUintN(64, BigInt.asIntN(8, a));
    case "sext16":
      return BigInt.asUintN(64, BigInt.asIntN(16, a));
    case "sext32":
      return BigInt.asUintN(64, BigInt.asIntN(32, a));
    case "clz64":
      return clz64(a);
    case "clz32":
      return clz32(a);
    case "rbit64":
      return rbit64(a);
    case "rbit32":
      return rbit32(a);
    case "rev64":
      return rev64(a);
    case "rev32":
      return rev32(a);
    case "rev16":
      return rev16(a);
  }
};

/**
 * The 64-bit word, unsigned, that `value` stands for. Reads `cpu`, changes
 * nothing; `temps` holds the temporaries the instruction has set so far.
 */
export const evaluate = (
  value: Value,
  cpu: Cpu,
  temps: readonly bigint[],
): bigint => {
  switch (value.op) {
    case "x":
      return cpu.x[value.n]!;
    case "const":
      return value.value;
    case "temp":
      return temps[value.n]!;
    case "sp":
      return cpu.sp[cpu.spIndex];
    case "pc":
      return cpu.pc;
    case "select":
      return evaluate(value.when, cpu, temps) !== 0n
        ? evaluate(value.a, cpu, temps)
        : evaluate(value.b, cpu, temps);
    case "cond":
      return conditionHolds(value.cond, cpu.nzcv) ? 1n : 0n;
    case "carry":
      return (cpu.nzcv & 2) !== 0 ? 1n : 0n;
    case "nzcv":
      return BigInt(cpu.nzcv);
    case "nzcvAdd":
      return BigInt(flagsOfSum(
        value.width,
        evaluate(value.a, cpu, temps),
        evaluate(value.b, cpu, temps),
        evaluate(value.carry, cpu, temps),
      ));
    case "nzcvLogic":
      return BigInt(flagsOfLogic(value.width, evaluate(value.a, cpu, temps)));
    case "crc":
      return crc(
        value.poly,
        value.bytes,
        evaluate(value.acc, cpu, temps),
        evaluate(value.data, cpu, temps),
      );
    default:
      return "b" in value
        ? binary(
          value.op,
          evaluate(value.a, cpu, temps),
          evaluate(value.b, cpu, temps),
        )
        : unary(value.op, evaluate(value.a, cpu, temps));
  }
};
