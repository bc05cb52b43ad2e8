/**
 * Disassembly of data processing with an immediate.
 *
 * Aliases: Arm ARM C6.2, the "Alias conditions" of each instruction.
 *
 * @module
 */

import { mask } from "../../arch/word.ts";
import { decodeBitMask } from "../bitmask.ts";
import type { InsnOf } from "../encoding.ts";
import { pcRelOffset } from "../encoding/offset.ts";
import {
  address,
  dec,
  hex,
  line,
  reg,
  regSp,
  shiftOf,
  type Writers,
} from "./operand.ts";

const pcRel = (insn: InsnOf<"pcRel">, pc: bigint): string => {
  const rd = reg(1, insn.rd);
  return insn.op === 1
    ? line("adrp", rd, address(pc & ~mask(12), pcRelOffset(insn)))
    : line("adr", rd, address(pc, pcRelOffset(insn)));
};

const addSubImm = (insn: InsnOf<"addSubImm">): string => {
  const { sf, op, s, sh, imm12, rn, rd } = insn;
  const base = regSp(sf, rn);
  const rest = [hex(imm12), ...shiftOf(0, sh * 12)];
  if (s === 1 && rd === 31) return line(op ? "cmp" : "cmn", base, ...rest);
  const isMove = op === 0 && s === 0 && sh === 0 && imm12 === 0;
  if (isMove && (rn === 31 || rd === 31)) {
    return line("mov", regSp(sf, rd), base);
  }
  const name = (op ? "sub" : "add") + (s ? "s" : "");
  return line(name, s ? reg(sf, rd) : regSp(sf, rd), base, ...rest);
};

/** True where MOVZ or MOVN can write the mask, and so takes the name MOV. */
const prefersMoveWide = (value: bigint, sf: number): boolean => {
  const width = sf === 1 ? 64 : 32;
  const fitsOne = (wide: bigint): boolean => {
    for (let low = 0; low < width; low += 16) {
      if ((wide & ~(0xffffn << BigInt(low))) === 0n) return true;
    }
    return false;
  };
  return fitsOne(value) || fitsOne(value ^ mask(width));
};

const logicalImm = (insn: InsnOf<"logicalImm">): string => {
  const { sf, opc, rn, rd } = insn;
  const value = decodeBitMask(insn)! & mask(sf === 1 ? 64 : 32);
  if (opc === 3 && rd === 31) return line("tst", reg(sf, rn), hex(value));
  // MOVZ and MOVN cannot write the stack pointer.
  const isMove = opc === 1 && rn === 31;
  if (isMove && (rd === 31 || !prefersMoveWide(value, sf))) {
    return line("mov", regSp(sf, rd), hex(value));
  }
  const target = opc === 3 ? reg(sf, rd) : regSp(sf, rd);
  const name = ["and", "orr", "eor", "ands"][opc]!;
  return line(name, target, reg(sf, rn), hex(value));
};

const moveWide = (insn: InsnOf<"moveWide">): string => {
  const { sf, opc, hw, imm16, rd } = insn;
  const target = reg(sf, rd);
  const width = sf === 1 ? 64 : 32;
  const value = BigInt(imm16) << BigInt(hw * 16);
  const isMove = opc !== 3 && !(imm16 === 0 && hw !== 0) &&
    !(opc === 0 && sf === 0 && imm16 === 0xffff);
  if (isMove) {
    return line("mov", target, hex(opc === 2 ? value : value ^ mask(width)));
  }
  const name = ["movn", "", "movz", "movk"][opc]!;
  return line(name, target, hex(imm16), ...shiftOf(0, hw * 16));
};

/** SBFM, UBFM and BFM under their insert or extract name. */
const bitfieldRange = (
  insn: InsnOf<"bitfield">,
  insert: string,
  extract: string,
): string => {
  const { sf, immr, imms, rn, rd } = insn;
  const operands = [reg(sf, rd), reg(sf, rn)];
  if (imms < immr) {
    const low = (sf === 1 ? 64 : 32) - immr;
    return line(insert, ...operands, dec(low), dec(imms + 1));
  }
  return line(extract, ...operands, dec(immr), dec(imms - immr + 1));
};

const signedBitfield = (insn: InsnOf<"bitfield">): string => {
  const { sf, immr, imms, rn, rd } = insn;
  if (imms === (sf === 1 ? 63 : 31)) {
    return line("asr", reg(sf, rd), reg(sf, rn), dec(immr));
  }
  const name = immr !== 0
    ? undefined
    : ({ 7: "sxtb", 15: "sxth", 31: "sxtw" } as const)[imms];
  if (name !== undefined) return line(name, reg(sf, rd), reg(0, rn));
  return bitfieldRange(insn, "sbfiz", "sbfx");
};

const unsignedBitfield = (insn: InsnOf<"bitfield">): string => {
  const { sf, immr, imms, rn, rd } = insn;
  const top = sf === 1 ? 63 : 31;
  const operands = [reg(sf, rd), reg(sf, rn)];
  if (imms === top) return line("lsr", ...operands, dec(immr));
  if (imms + 1 === immr) return line("lsl", ...operands, dec(top - imms));
  const name = sf === 1 || immr !== 0
    ? undefined
    : ({ 7: "uxtb", 15: "uxth" } as const)[imms];
  if (name !== undefined) return line(name, ...operands);
  return bitfieldRange(insn, "ubfiz", "ubfx");
};

const bitfield = (insn: InsnOf<"bitfield">): string => {
  const { sf, opc, immr, imms, rn, rd } = insn;
  if (opc === 0) return signedBitfield(insn);
  if (opc === 2) return unsignedBitfield(insn);
  if (rn === 31 && imms < immr) {
    const low = (sf === 1 ? 64 : 32) - immr;
    return line("bfc", reg(sf, rd), dec(low), dec(imms + 1));
  }
  return bitfieldRange(insn, "bfi", "bfxil");
};

const extract = ({ sf, rm, imms, rn, rd }: InsnOf<"extract">): string =>
  rn === rm
    ? line("ror", reg(sf, rd), reg(sf, rn), dec(imms))
    : line("extr", reg(sf, rd), reg(sf, rn), reg(sf, rm), dec(imms));

/** The classes of this chapter. */
export const immediate: Writers<
  "pcRel" | "addSubImm" | "logicalImm" | "moveWide" | "bitfield" | "extract"
> = { pcRel, addSubImm, logicalImm, moveWide, bitfield, extract };
