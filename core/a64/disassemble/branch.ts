/**
 * Disassembly of branches and exception generation.
 *
 * @module
 */

import type { InsnOf } from "../encoding.ts";
import { wordOffset } from "../encoding/offset.ts";
import {
  address,
  condition,
  dec,
  hex,
  line,
  reg,
  type Writers,
} from "./operand.ts";

const branchReg = ({ opc, rn }: InsnOf<"branchReg">): string => {
  const name = ["br", "blr", "ret", "", "eret", "drps"][opc]!;
  const isBare = opc >= 4 || (opc === 2 && rn === 30);
  return isBare ? line(name) : line(name, reg(1, rn));
};

const testBranch = (insn: InsnOf<"testBranch">, pc: bigint): string =>
  line(
    insn.op ? "tbnz" : "tbz",
    reg(insn.b5, insn.rt),
    dec(insn.b5 * 32 + insn.b40),
    address(pc, wordOffset(insn)),
  );

const exception = ({ opc, imm16, ll }: InsnOf<"exception">): string => {
  if (opc === 5) return line(`dcps${ll}`, ...(imm16 === 0 ? [] : [hex(imm16)]));
  const call = ["", "svc", "hvc", "smc"][ll]!;
  return line(opc === 0 ? call : opc === 1 ? "brk" : "hlt", hex(imm16));
};

/** The classes of this chapter. */
export const branch: Writers<
  | "udf"
  | "branchCond"
  | "branchImm"
  | "branchReg"
  | "compareBranch"
  | "testBranch"
  | "exception"
> = {
  udf: ({ imm16 }) => line("udf", dec(imm16)),
  branchCond: (insn, pc) =>
    line(`b.${condition(insn.cond)}`, address(pc, wordOffset(insn))),
  branchImm: (insn, pc) =>
    line(insn.op ? "bl" : "b", address(pc, wordOffset(insn))),
  branchReg,
  compareBranch: (insn, pc) =>
    line(
      insn.op ? "cbnz" : "cbz",
      reg(insn.sf, insn.rt),
      address(pc, wordOffset(insn)),
    ),
  testBranch,
  exception,
};
