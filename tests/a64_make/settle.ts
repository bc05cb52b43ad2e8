/**
 * Passes over what the architecture leaves CONSTRAINED UNPREDICTABLE, what user
 * mode cannot run, and what would not end.
 *
 * @module
 */

import type { Insn, InsnOf, Tag } from "../../core/a64/encoding.ts";
import type { Loose } from "./fields.ts";

/** Bits that must be one in the forms that do not use the field, set so. */
export const settle = (tag: Tag, fields: Loose): void => {
  if (tag === "exclusive" || tag === "ordered") fields["rt2"] = 31;
  const loads = tag === "exclusive" || tag === "exclusivePair";
  if (tag === "ordered" || tag === "loadAcquirePc") fields["rs"] = 31;
  if (loads && fields["l"] === 1) fields["rs"] = 31;
  if (tag === "barrier" && fields["op2"] === 7) fields["crm"] = 0;
  if (tag === "pstate") fields["crm"] = 0;
  if (tag === "systemMove") { // NZCV or TPIDR_EL0
    const flags = fields["op2"]! < 4;
    Object.assign(fields, { o0: 1, op1: 3, crm: flags ? 2 : 0 });
    Object.assign(fields, { crn: flags ? 4 : 13, op2: flags ? 0 : 2 });
  }
  // Conditions come of themselves; only the wait hints would not end.
  if (tag === "hint" && fields["crm"] === 0 && (fields["op2"]! & 6) === 2) {
    fields["crm"] = 5;
  }
};

const pairIsSettled = (insn: InsnOf<"pair">): boolean => {
  const { l, mode, rt, rt2, rn } = insn;
  const writeback = (mode & 1) === 1;
  if (l === 1 && rt === rt2) return false;
  return !(writeback && rn !== 31 && (rt === rn || rt2 === rn));
};

/** False where the architecture leaves a choice, or where user mode cannot go. */
export const isSettled = (insn: Insn): boolean => {
  switch (insn.tag) {
    case "pair":
      return pairIsSettled(insn);
    case "preIndex":
    case "postIndex":
      return insn.rt !== insn.rn || insn.rn === 31;
    case "exclusive":
    case "exclusivePair":
      if (insn.l === 1) {
        return insn.tag !== "exclusivePair" || insn.rt !== insn.rt2;
      }
      return insn.rs !== insn.rt && insn.rs !== insn.rt2 &&
        insn.rs !== insn.rn;
    case "compareSwapPair":
      // The judge takes the register after X30 for SP; it is XZR.
      return insn.sz === 0 || insn.rs !== 30;
    case "registerOffset":
      return insn.rm === 31 || insn.rm !== insn.rn;
    case "branchReg":
      return insn.opc < 3;
    case "pstate": // CFINV
      return insn.op1 === 0 && insn.op2 === 0;
    case "branchCond":
    case "compareBranch": // a branch to itself never ends
      return insn.imm19 !== 0;
    case "testBranch":
      return insn.imm14 !== 0;
    case "branchImm":
      return insn.imm26 !== 0;
    default:
      return true;
  }
};
