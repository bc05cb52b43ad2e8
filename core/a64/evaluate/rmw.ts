/**
 * What an LSE atomic leaves in memory. Ports use it; the evaluator does not.
 *
 * Source: Arm ARM shared pseudocode, MemAtomic.
 *
 * @module
 */

import type { Rmw, Size } from "../micro.ts";

/**
 * The word an atomic stores: `old`, zero-extended from memory, modified by the
 * low `bytes` bytes of `operand`. The result is truncated to `bytes`.
 */
export const modify = (
  rmw: Rmw,
  bytes: Size,
  old: bigint,
  operand: bigint,
): bigint => {
  const bits = bytes * 8;
  const value = BigInt.asUintN(bits, operand);
  const below = BigInt.asIntN(bits, old) < BigInt.asIntN(bits, value);
  switch (rmw) {
    case "swp":
      return value;
    case "add":
      return BigInt.asUintN(bits, old + value);
    case "clr":
      return old & ~value;
    case "eor":
      return old ^ value;
    case "set":
      return old | value;
    case "smax":
      return below ? value : old;
    case "smin":
      return below ? old : value;
    case "umax":
      return old < value ? value : old;
    case "umin":
      return old < value ? old : value;
  }
};
