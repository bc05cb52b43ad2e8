/**
 * Disassembly of loads and stores of one register or a pair.
 *
 * @module
 */

import type { InsnOf } from "../encoding.ts";
import { imm9Offset, pairOffset, wordOffset } from "../encoding/offset.ts";
import {
  address,
  dec,
  extension,
  line,
  reg,
  regSp,
  type Writers,
} from "./operand.ts";

/** The fields every transfer of one register has. */
interface Transfer {
  readonly size: number;
  readonly opc: number;
  readonly rt: number;
}

/** `[base]` or `[base, #offset]`. */
const at = (rn: number, offset: number): string =>
  offset === 0 ? `[${regSp(1, rn)}]` : `[${regSp(1, rn)}, ${dec(offset)}]`;

/** `[base, #offset]!`, zero written out. */
const atPre = (rn: number, offset: number): string =>
  `[${regSp(1, rn)}, ${dec(offset)}]!`;

/** `[base], #offset`, zero written out, as two operands. */
const atPost = (rn: number, offset: number): readonly string[] => [
  `[${regSp(1, rn)}]`,
  dec(offset),
];

/** The letters that name how much is moved and whether its sign is extended. */
const suffix = ({ size, opc }: Transfer): string =>
  (opc >= 2 ? "s" : "") + ["b", "h", opc >= 2 ? "w" : "", ""][size]!;

/** The register moved, at the width the form writes. */
const target = ({ size, opc, rt }: Transfer): string =>
  reg(opc === 2 || (opc < 2 && size === 3) ? 1 : 0, rt);

/** A transfer named `load` or `store` plus its suffix. */
const transfer = (
  insn: Transfer,
  [store, load]: readonly [string, string],
  ...where: readonly string[]
): string =>
  line(
    (insn.opc === 0 ? store : load) + suffix(insn),
    target(insn),
    ...where,
  );

const plain = ["str", "ldr"] as const;
const unscaledNames = ["stur", "ldur"] as const;

/** The operation of a prefetch: its name, or its number where it has none. */
const prefetch = (rt: number): string => {
  const kind = ["pld", "pli", "pst"][rt >> 3];
  const level = (rt >> 1) & 3;
  if (kind === undefined || level === 3) {
    return `#0x${rt.toString(16).padStart(2, "0")}`;
  }
  return `${kind}l${level + 1}${rt & 1 ? "strm" : "keep"}`;
};

const isPrefetch = ({ size, opc }: Transfer): boolean =>
  size === 3 && opc === 2;

const loadLiteral = (insn: InsnOf<"loadLiteral">, pc: bigint): string => {
  const { opc, rt } = insn;
  const where = address(pc, wordOffset(insn));
  if (opc === 3) return line("prfm", prefetch(rt), where);
  return line(opc === 2 ? "ldrsw" : "ldr", reg(opc === 0 ? 0 : 1, rt), where);
};

const pair = (insn: InsnOf<"pair">): string => {
  const { opc, mode, l, rt2, rn, rt } = insn;
  const wide = opc === 0 ? 0 : 1;
  const name = (l ? "ld" : "st") + (mode === 0 ? "np" : "p") +
    (opc === 1 ? "sw" : "");
  const offset = pairOffset(insn);
  const where = mode === 1
    ? atPost(rn, offset)
    : [mode === 3 ? atPre(rn, offset) : at(rn, offset)];
  return line(name, reg(wide, rt), reg(wide, rt2), ...where);
};

/** The offset register of `[base, offset]`: `lsl` stands for no extension, and an unshifted one is left out. */
const offsetRegister = (insn: InsnOf<"registerOffset">): string => {
  const { size, rm, option, s } = insn;
  const index = reg(option & 1, rm);
  const amount = s === 1 ? ` ${dec(size)}` : "";
  if (option !== 3) return `${index}, ${extension(option)}${amount}`;
  return s === 1 ? `${index}, lsl${amount}` : index;
};

const registerOffset = (insn: InsnOf<"registerOffset">): string => {
  const where = `[${regSp(1, insn.rn)}, ${offsetRegister(insn)}]`;
  return isPrefetch(insn)
    ? line("prfm", prefetch(insn.rt), where)
    : transfer(insn, plain, where);
};

const unsignedOffset = (insn: InsnOf<"unsignedOffset">): string => {
  const where = at(insn.rn, insn.imm12 * 2 ** insn.size);
  return isPrefetch(insn)
    ? line("prfm", prefetch(insn.rt), where)
    : transfer(insn, plain, where);
};

const unscaled = (insn: InsnOf<"unscaled">): string => {
  const where = at(insn.rn, imm9Offset(insn));
  return isPrefetch(insn)
    ? line("prfum", prefetch(insn.rt), where)
    : transfer(insn, unscaledNames, where);
};

/** The classes of this chapter. */
export const memory: Writers<
  | "orderedUnscaled"
  | "loadLiteral"
  | "pair"
  | "unscaled"
  | "postIndex"
  | "unprivileged"
  | "preIndex"
  | "registerOffset"
  | "unsignedOffset"
> = {
  orderedUnscaled: (insn) =>
    transfer(insn, ["stlur", "ldapur"], at(insn.rn, imm9Offset(insn))),
  loadLiteral,
  pair,
  unscaled,
  postIndex: (insn) =>
    transfer(insn, plain, ...atPost(insn.rn, imm9Offset(insn))),
  unprivileged: (insn) =>
    transfer(insn, ["sttr", "ldtr"], at(insn.rn, imm9Offset(insn))),
  preIndex: (insn) => transfer(insn, plain, atPre(insn.rn, imm9Offset(insn))),
  registerOffset,
  unsignedOffset,
};
