/**
 * Disassembly of hints, barriers and system instructions.
 *
 * @module
 */

import type { InsnOf } from "../encoding.ts";
import { hex, line, reg, type Writers } from "./operand.ts";
import { systemOperation } from "./operations.ts";
import { registerName } from "./registers.ts";

const hints: Readonly<Record<number, string>> = {
  0: "nop",
  1: "yield",
  2: "wfe",
  3: "wfi",
  4: "sev",
  5: "sevl",
  7: "xpaclri",
  8: "pacia1716",
  10: "pacib1716",
  12: "autia1716",
  14: "autib1716",
  16: "esb",
  17: "psb\tcsync",
  18: "tsb\tcsync",
  20: "csdb",
  22: "clearbhb",
  24: "paciaz",
  25: "paciasp",
  26: "pacibz",
  27: "pacibsp",
  28: "autiaz",
  29: "autiasp",
  30: "autibz",
  31: "autibsp",
  32: "bti",
  34: "bti\tc",
  36: "bti\tj",
  38: "bti\tjc",
};

const hint = ({ crm, op2 }: InsnOf<"hint">): string => {
  const number = crm * 8 + op2;
  return hints[number] ?? line("hint", hex(number));
};

/** What a DMB or DSB orders: shareability and access types, by CRm. */
const barrierOption = (crm: number): string => {
  const types = ["", "ld", "st", ""][crm & 3]!;
  const domain = ["osh", "nsh", "ish", ""][crm >> 2]!;
  if ((crm & 3) === 0) return `#0x0${crm.toString(16)}`;
  return domain + types === "" ? "sy" : domain + types;
};

const dsb = (crm: number): string => {
  if (crm === 0) return line("ssbb");
  if (crm === 4) return line("pssbb");
  return line("dsb", barrierOption(crm));
};

/** A word that carries bits its instruction ignores has no assembly of its own. */
const generic = (code: string): string => line("msr", `s0_${code}`, "xzr");

const barrier = ({ crm, op2 }: InsnOf<"barrier">): string => {
  const unlessFull = crm === 15 ? [] : [hex(crm)];
  switch (op2) {
    case 2:
      return line("clrex", ...unlessFull);
    case 4:
      return dsb(crm);
    case 5:
      return line("dmb", barrierOption(crm));
    case 6:
      return line("isb", ...unlessFull);
    default:
      return crm === 0 ? line("sb") : generic(`3_c3_c${crm}_7`);
  }
};

const pstateNames: Readonly<Record<number, string>> = {
  0o03: "uao",
  0o04: "pan",
  0o05: "spsel",
  0o36: "daifset",
  0o37: "daifclr",
};

const pstate = ({ op1, crm, op2 }: InsnOf<"pstate">): string => {
  const name = pstateNames[op1 * 8 + op2];
  // CFINV ignores CRm, the one-bit fields all of it but bit 0.
  const used = op1 === 3 ? 15 : name === undefined ? 0 : 1;
  if (crm > used) return generic(`0_c4_c${crm}_${op2}`);
  return name === undefined ? line("cfinv") : line("msr", name, hex(crm));
};

const system = (insn: InsnOf<"system">): string => {
  const { l, op1, crn, crm, op2, rt } = insn;
  const code = [`#${op1}`, `C${crn}`, `C${crm}`, `#${op2}`];
  if (l === 1) return line("sysl", reg(1, rt), ...code);
  const known = systemOperation(insn);
  if (known !== null) {
    const [name, operation] = known;
    const takesNone = operation.includes("all");
    return line(name, operation, ...(takesNone ? [] : [reg(1, rt)]));
  }
  return line("sys", ...code, ...(rt === 31 ? [] : [reg(1, rt)]));
};

const systemMove = (insn: InsnOf<"systemMove">): string => {
  const name = registerName(insn);
  return insn.l === 1
    ? line("mrs", reg(1, insn.rt), name)
    : line("msr", name, reg(1, insn.rt));
};

/** The classes of this chapter. */
export const systems: Writers<
  "waitTimeout" | "hint" | "barrier" | "pstate" | "system" | "systemMove"
> = {
  waitTimeout: ({ op2, rt }) => line(op2 ? "wfit" : "wfet", reg(1, rt)),
  hint,
  barrier,
  pstate,
  system,
  systemMove,
};
