/**
 * Which field combinations of a class are allocated: the holes of the encoding
 * table, one rule per class. A class without a rule has no holes.
 *
 * Source: Arm ARM (DDI 0487) C4.1 decode tables, and the `UNDEFINED` lines of
 * the decode pseudocode in C6.2.
 *
 * @module
 */

import { bitmaskElement } from "../bitmask.ts";
import type { InsnOf, Tag } from "../encoding.ts";

type Rules = {
  readonly [T in Tag]?: (insn: InsnOf<T>) => boolean;
};

/** Position of a bit inside a 32-bit register needs bit 5 clear. */
const fits = (sf: number, position: number): boolean =>
  sf === 1 || position < 32;

/** Loads and stores of one register: no sign extension to or past the register's width. */
const transfers = ({ size, opc }: { size: number; opc: number }): boolean =>
  opc < 2 || size + (opc & 1) < 3;

/** As {@link transfers}, where size 3 with opc 2 is a prefetch. */
const transfersOrPrefetches = (
  insn: { size: number; opc: number },
): boolean => transfers(insn) || (insn.size === 3 && insn.opc === 2);

const exception = ({ opc, ll }: InsnOf<"exception">): boolean => {
  switch (opc) {
    case 0: // SVC, HVC, SMC
    case 5: // DCPS1, DCPS2, DCPS3
      return ll !== 0;
    case 1: // BRK
    case 2: // HLT
      return ll === 0;
    default:
      return false;
  }
};

const barrier = ({ op2 }: InsnOf<"barrier">): boolean => {
  switch (op2) {
    case 2: // CLREX
    case 4: // DSB
    case 5: // DMB
    case 6: // ISB
    case 7: // SB
      return true;
    default:
      return false;
  }
};

const pstate = ({ op1, op2 }: InsnOf<"pstate">): boolean => {
  switch ((op1 << 3) | op2) {
    case 0o00: // CFINV
    case 0o03: // UAO
    case 0o04: // PAN
    case 0o05: // SPSel
    case 0o36: // DAIFSet
    case 0o37: // DAIFClr
      return true;
    default:
      return false;
  }
};

const branchReg = ({ opc, rn }: InsnOf<"branchReg">): boolean => {
  switch (opc) {
    case 0: // BR
    case 1: // BLR
    case 2: // RET
      return true;
    case 4: // ERET
    case 5: // DRPS
      return rn === 31;
    default:
      return false;
  }
};

const dataTwo = ({ sf, opcode }: InsnOf<"dataTwo">): boolean => {
  switch (opcode >> 2) {
    case 0: // UDIV, SDIV
      return opcode >= 2;
    case 2: // LSLV, LSRV, ASRV, RORV
      return true;
    case 4: // CRC32B, CRC32H, CRC32W, CRC32X
    case 5: // CRC32CB, CRC32CH, CRC32CW, CRC32CX
      return (opcode & 3) === 3 ? sf === 1 : sf === 0;
    default:
      return false;
  }
};

const dataOne = ({ sf, opcode }: InsnOf<"dataOne">): boolean => {
  switch (opcode) {
    case 0: // RBIT
    case 1: // REV16
    case 2: // REV of 32-bit words
    case 4: // CLZ
    case 5: // CLS
      return true;
    case 3: // REV of 64-bit words
      return sf === 1;
    default:
      return false;
  }
};

const dataThree = ({ sf, op31, o0 }: InsnOf<"dataThree">): boolean => {
  switch (op31) {
    case 0: // MADD, MSUB
      return true;
    case 1: // SMADDL, SMSUBL
    case 5: // UMADDL, UMSUBL
      return sf === 1;
    case 2: // SMULH
    case 6: // UMULH
      return sf === 1 && o0 === 0;
    default:
      return false;
  }
};

const pair = ({ opc, mode, l }: InsnOf<"pair">): boolean =>
  // LDPSW has no store and no no-allocate form.
  opc === 1 ? l === 1 && mode !== 0 : opc !== 3;

/** The rules by class: true where the fields are allocated. */
export const allocated: Rules = {
  logicalImm: ({ sf, n, imms }) => n <= sf && bitmaskElement(n, imms) !== null,
  moveWide: ({ sf, opc, hw }) => opc !== 1 && fits(sf, hw * 16),
  bitfield: ({ sf, opc, n, immr, imms }) =>
    opc !== 3 && n === sf && fits(sf, immr) && fits(sf, imms),
  extract: ({ sf, n, imms }) => n === sf && fits(sf, imms),
  exception,
  waitTimeout: ({ op2 }) => op2 < 2,
  barrier,
  pstate,
  branchReg,
  compareSwapPair: ({ rs, rt }) => ((rs | rt) & 1) === 0,
  orderedUnscaled: transfers,
  pair,
  unscaled: transfersOrPrefetches,
  postIndex: transfers,
  unprivileged: transfers,
  preIndex: transfers,
  registerOffset: (insn) =>
    transfersOrPrefetches(insn) && (insn.option & 2) !== 0,
  unsignedOffset: transfersOrPrefetches,
  dataTwo,
  dataOne,
  logicalShifted: ({ sf, imm6 }) => fits(sf, imm6),
  addSubShifted: ({ sf, shift, imm6 }) => shift !== 3 && fits(sf, imm6),
  addSubExtended: ({ imm3 }) => imm3 <= 4,
  dataThree,
};
