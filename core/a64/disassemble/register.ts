/**
 * Disassembly of data processing with registers.
 *
 * @module
 */

import type { InsnOf } from "../encoding.ts";
import {
  condition,
  dec,
  extension,
  hex,
  line,
  reg,
  regSp,
  shiftOf,
  type Writers,
} from "./operand.ts";

const dataTwo = ({ sf, rm, opcode, rn, rd }: InsnOf<"dataTwo">): string => {
  if (opcode >= 16) {
    const name = `crc32${opcode & 4 ? "c" : ""}${"bhwx"[opcode & 3]}`;
    return line(name, reg(0, rd), reg(0, rn), reg(sf, rm));
  }
  const name = opcode < 8
    ? (opcode === 2 ? "udiv" : "sdiv")
    : ["lsl", "lsr", "asr", "ror"][opcode & 3]!;
  return line(name, reg(sf, rd), reg(sf, rn), reg(sf, rm));
};

const dataOne = ({ sf, opcode, rn, rd }: InsnOf<"dataOne">): string => {
  const name = [
    ...["rbit", "rev16", sf === 1 ? "rev32" : "rev"],
    ...["rev", "clz", "cls"],
  ][opcode]!;
  return line(name, reg(sf, rd), reg(sf, rn));
};

const logicalNames = [
  ...["and", "bic", "orr", "orn"],
  ...["eor", "eon", "ands", "bics"],
];

const logicalShifted = (insn: InsnOf<"logicalShifted">): string => {
  const { sf, opc, shift, n, rm, imm6, rn, rd } = insn;
  const name = logicalNames[opc * 2 + n]!;
  const end = [reg(sf, rm), ...shiftOf(shift, imm6)];
  if (name === "ands" && rd === 31) return line("tst", reg(sf, rn), ...end);
  if (name === "orn" && rn === 31) return line("mvn", reg(sf, rd), ...end);
  if (name === "orr" && rn === 31 && end.length === 1) {
    return line("mov", reg(sf, rd), ...end);
  }
  return line(name, reg(sf, rd), reg(sf, rn), ...end);
};

const sum = (op: number, s: number): string =>
  (op ? "sub" : "add") + (s ? "s" : "");

const addSubShifted = (insn: InsnOf<"addSubShifted">): string => {
  const { sf, op, s, shift, rm, imm6, rn, rd } = insn;
  const end = [reg(sf, rm), ...shiftOf(shift, imm6)];
  if (s === 1 && rd === 31) {
    return line(op ? "cmp" : "cmn", reg(sf, rn), ...end);
  }
  if (op === 1 && rn === 31) {
    return line(s ? "negs" : "neg", reg(sf, rd), ...end);
  }
  return line(sum(op, s), reg(sf, rd), reg(sf, rn), ...end);
};

/** The extension, which is `lsl` where it changes nothing and the stack pointer is named. */
const extended = (insn: InsnOf<"addSubExtended">): readonly string[] => {
  const { sf, s, option, imm3, rn, rd } = insn;
  const namesSp = rn === 31 || (rd === 31 && s === 0);
  if (namesSp && option === (sf === 1 ? 3 : 2)) return shiftOf(0, imm3);
  return [extension(option) + (imm3 === 0 ? "" : ` ${dec(imm3)}`)];
};

const addSubExtended = (insn: InsnOf<"addSubExtended">): string => {
  const { sf, op, s, rm, option, rn, rd } = insn;
  const wide = sf === 1 && (option & 3) === 3 ? 1 : 0;
  const end = [regSp(sf, rn), reg(wide, rm), ...extended(insn)];
  if (s === 1 && rd === 31) return line(op ? "cmp" : "cmn", ...end);
  return line(sum(op, s), s ? reg(sf, rd) : regSp(sf, rd), ...end);
};

const addSubCarry = (insn: InsnOf<"addSubCarry">): string => {
  const { sf, op, s, rm, rn, rd } = insn;
  const flags = s ? "s" : "";
  return op === 1 && rn === 31
    ? line(`ngc${flags}`, reg(sf, rd), reg(sf, rm))
    : line(
      (op ? "sbc" : "adc") + flags,
      ...[reg(sf, rd), reg(sf, rn), reg(sf, rm)],
    );
};

const conditionalSelect = (insn: InsnOf<"conditionalSelect">): string => {
  const { sf, op, rm, cond, o2, rn, rd } = insn;
  const kind = op * 2 + o2;
  const inverse = condition(cond ^ 1);
  // AL and NV have no inverse, so no alias.
  const isAlias = kind !== 0 && rn === rm && cond < 14;
  if (isAlias && rn === 31 && kind !== 3) {
    return line(kind === 1 ? "cset" : "csetm", reg(sf, rd), inverse);
  }
  if (isAlias) {
    const name = ["", "cinc", "cinv", "cneg"][kind]!;
    return line(name, reg(sf, rd), reg(sf, rn), inverse);
  }
  const name = ["csel", "csinc", "csinv", "csneg"][kind]!;
  return line(name, reg(sf, rd), reg(sf, rn), reg(sf, rm), condition(cond));
};

const productNames = (op31: number, o0: number): readonly [string, string] => {
  if (op31 === 0) return o0 ? ["msub", "mneg"] : ["madd", "mul"];
  const sign = op31 & 4 ? "u" : "s";
  const names = o0 ? ["msubl", "mnegl"] as const : ["maddl", "mull"] as const;
  return [sign + names[0], sign + names[1]];
};

const dataThree = (insn: InsnOf<"dataThree">): string => {
  const { sf, op31, o0, rm, ra, rn, rd } = insn;
  if ((op31 & 3) === 2) {
    const name = op31 & 4 ? "umulh" : "smulh";
    return line(name, reg(1, rd), reg(1, rn), reg(1, rm));
  }
  const wide = op31 === 0 ? sf : 0;
  const factors = [reg(sf, rd), reg(wide, rn), reg(wide, rm)];
  const [accumulating, bare] = productNames(op31, o0);
  return ra === 31
    ? line(bare, ...factors)
    : line(accumulating, ...factors, reg(sf, ra));
};

/** The classes of this chapter. */
export const register: Writers<
  | "dataTwo"
  | "dataOne"
  | "logicalShifted"
  | "addSubShifted"
  | "addSubExtended"
  | "addSubCarry"
  | "rotateFlags"
  | "setFlags"
  | "compareReg"
  | "compareImm"
  | "conditionalSelect"
  | "dataThree"
> = {
  dataTwo,
  dataOne,
  logicalShifted,
  addSubShifted,
  addSubExtended,
  addSubCarry,
  rotateFlags: ({ imm6, rn, mask }) =>
    line("rmif", reg(1, rn), dec(imm6), dec(mask)),
  setFlags: ({ sz, rn }) => line(sz ? "setf16" : "setf8", reg(0, rn)),
  compareReg: ({ sf, op, rm, cond, rn, nzcv }) =>
    line(
      op ? "ccmp" : "ccmn",
      ...[reg(sf, rn), reg(sf, rm), hex(nzcv), condition(cond)],
    ),
  compareImm: ({ sf, op, imm5, cond, rn, nzcv }) =>
    line(
      op ? "ccmp" : "ccmn",
      ...[reg(sf, rn), hex(imm5), hex(nzcv), condition(cond)],
    ),
  conditionalSelect,
  dataThree,
};
