/**
 * Register operands on their way in: shifted and extended.
 *
 * Source: Arm ARM shared pseudocode, ShiftReg and ExtendReg.
 *
 * @module
 */

import type { Binary, Unary, Value } from "../micro.ts";
import {
  binary,
  constant,
  narrow,
  shl,
  widen,
  type Width,
  x,
} from "./value.ts";

/**
 * LSL, LSR, ASR or ROR (0 to 3) of `a`, zero-extended from `width` bits, by
 * `by`, which is less than `width`.
 */
export const shiftBy = (
  width: Width,
  shift: number,
  a: Value,
  by: Value,
): Value => {
  const ops: readonly Binary[] = [
    "shl",
    "lshr",
    "ashr",
    width === 64 ? "ror64" : "ror32",
  ];
  const from = shift === 2 ? widen(width, a) : a;
  return narrow(width, binary(ops[shift]!, from, by));
};

/** ShiftReg: register `rm` shifted by `amount`. */
export const shifted = (
  rm: number,
  width: Width,
  shift: number,
  amount: number,
): Value =>
  amount === 0
    ? x(rm, width)
    : shiftBy(width, shift, x(rm, width), constant(amount));

/** What `option` keeps of the register; UXTX and SXTX keep it whole. */
const extensions: readonly (Unary | null)[] = [
  "zext8",
  "zext16",
  "zext32",
  null,
  "sext8",
  "sext16",
  "sext32",
  null,
];

/** ExtendReg: register `rm` extended as `option` says, then shifted left by `amount`. */
export const extended = (
  rm: number,
  width: Width,
  option: number,
  amount: number,
): Value => {
  const op = extensions[option] ?? null;
  const value: Value = op === null ? x(rm) : { op, a: x(rm) };
  return narrow(width, shl(value, amount));
};
