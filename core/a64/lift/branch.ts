/**
 * Branches. The jump is the last micro-op; a link register is written before
 * it, from operands read earlier.
 *
 * @module
 */

import { wordOffset } from "../encoding/offset.ts";
import type { InsnOf } from "../encoding.ts";
import type { Micro, Value } from "../micro.ts";
import {
  add,
  and,
  constant,
  isZero,
  letTemp,
  lshr,
  one,
  pc,
  setX,
  temp,
  widthOf,
  x,
} from "./value.ts";

const ahead = (offset: number): Value => add(pc, constant(offset));

const link = setX(30, 64, ahead(4));

/** B.cond: conditions 14 and 15 both always hold. */
export const branchCond = (insn: InsnOf<"branchCond">): readonly Micro[] => [
  {
    op: "branch",
    when: { op: "cond", cond: insn.cond },
    to: ahead(wordOffset(insn)),
  },
];

/** B, BL. */
export const branchImm = (insn: InsnOf<"branchImm">): readonly Micro[] => [
  ...(insn.op === 1 ? link : []),
  { op: "jump", to: ahead(wordOffset(insn)) },
];

/** CBZ, CBNZ. */
export const compareBranch = (
  insn: InsnOf<"compareBranch">,
): readonly Micro[] => {
  const value = x(insn.rt, widthOf(insn.sf));
  const when = insn.op === 1 ? value : isZero(value);
  return [{ op: "branch", when, to: ahead(wordOffset(insn)) }];
};

/** TBZ, TBNZ. */
export const testBranch = (insn: InsnOf<"testBranch">): readonly Micro[] => {
  const bit = and(lshr(x(insn.rt), (insn.b5 << 5) | insn.b40), one);
  const when = insn.op === 1 ? bit : isZero(bit);
  return [{ op: "branch", when, to: ahead(wordOffset(insn)) }];
};

/** BR, BLR, RET, ERET; DRPS is undefined outside Debug state. */
export const branchReg = (
  { opc, rn }: InsnOf<"branchReg">,
): readonly Micro[] => {
  switch (opc) {
    case 1: // BLR: Rn may be the link register
      return [letTemp(0, x(rn)), ...link, { op: "jump", to: temp(0) }];
    case 4:
      return [{ op: "eret" }];
    case 5:
      return [{ op: "undefined", why: null }];
    default: // BR, RET
      return [{ op: "jump", to: x(rn) }];
  }
};
