/**
 * Instruction to micro-ops: the meaning of A64, one function per encoding
 * class.
 *
 * The result is position independent and depends on the instruction alone. In
 * it, whatever can be refused (memory, system registers) comes before the
 * first write to a register or flag, and a jump or branch comes last.
 *
 * Source: Arm ARM (DDI 0487) C6.2.
 *
 * @module
 */

import type { Insn, InsnOf, Tag } from "./encoding.ts";
import * as arithmetic from "./lift/arithmetic.ts";
import * as atomic from "./lift/atomic.ts";
import * as branch from "./lift/branch.ts";
import * as data from "./lift/data.ts";
import * as memory from "./lift/memory.ts";
import { pair } from "./lift/pair.ts";
import * as system from "./lift/system.ts";
import type { Micro } from "./micro.ts";

type Rules = {
  readonly [T in Tag]: (insn: InsnOf<T>) => readonly Micro[];
};

/** The rule of each class, in the order of the encoding table. */
const rules: Rules = {
  udf: system.udf,

  pcRel: data.pcRel,
  addSubImm: arithmetic.addSubImm,
  logicalImm: arithmetic.logicalImm,
  moveWide: data.moveWide,
  bitfield: data.bitfield,
  extract: data.extract,

  branchCond: branch.branchCond,
  exception: system.exception,
  waitTimeout: system.waitTimeout,
  hint: system.hint,
  barrier: system.barrier,
  pstate: system.pstate,
  system: system.system,
  systemMove: system.systemMove,
  branchReg: branch.branchReg,
  branchImm: branch.branchImm,
  compareBranch: branch.compareBranch,
  testBranch: branch.testBranch,

  exclusive: atomic.exclusive,
  exclusivePair: atomic.exclusivePair,
  compareSwapPair: atomic.compareSwapPair,
  ordered: memory.ordered,
  compareSwap: atomic.compareSwap,
  orderedUnscaled: memory.orderedUnscaled,
  loadLiteral: memory.loadLiteral,
  pair,
  unscaled: memory.unscaled,
  postIndex: memory.postIndex,
  unprivileged: memory.unprivileged,
  preIndex: memory.preIndex,
  atomic: atomic.atomic,
  swap: atomic.swap,
  loadAcquirePc: memory.loadAcquirePc,
  registerOffset: memory.registerOffset,
  unsignedOffset: memory.unsignedOffset,

  dataTwo: data.dataTwo,
  dataOne: data.dataOne,
  logicalShifted: arithmetic.logicalShifted,
  addSubShifted: arithmetic.addSubShifted,
  addSubExtended: arithmetic.addSubExtended,
  addSubCarry: arithmetic.addSubCarry,
  rotateFlags: arithmetic.rotateFlags,
  setFlags: arithmetic.setFlags,
  compareReg: arithmetic.compareReg,
  compareImm: arithmetic.compareImm,
  conditionalSelect: data.conditionalSelect,
  dataThree: data.dataThree,

  simd: system.vector,
  sve: system.vector,
};

/**
 * The micro-ops of an instruction; none for one that does nothing. Null, the
 * decoding of an unallocated word, is undefined.
 */
export const lift = (insn: Insn | null): readonly Micro[] => {
  if (insn === null) return system.udf();
  const rule = rules[insn.tag] as (insn: Insn) => readonly Micro[];
  return rule(insn);
};
