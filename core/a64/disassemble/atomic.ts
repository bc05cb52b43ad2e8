/**
 * Disassembly of exclusives, ordered accesses and LSE atomics.
 *
 * @module
 */

import type { InsnOf } from "../encoding.ts";
import { line, reg, regSp, type Writers } from "./operand.ts";

const base = (rn: number): string => `[${regSp(1, rn)}]`;

/** The register of an access of 2 to the power `size` bytes. */
const sized = (size: number, n: number): string => reg(size === 3 ? 1 : 0, n);

/** The letter for a byte or a halfword. */
const narrow = (size: number): string => ["b", "h", "", ""][size]!;

/** The letters for acquire and release. */
const ordering = (acquire: number, release: number): string =>
  (acquire ? "a" : "") + (release ? "l" : "");

const exclusive = (insn: InsnOf<"exclusive">): string => {
  const { size, l, rs, o0, rn, rt } = insn;
  const end = [sized(size, rt), base(rn)];
  return l === 1
    ? line(`ld${o0 ? "a" : ""}xr${narrow(size)}`, ...end)
    : line(`st${o0 ? "l" : ""}xr${narrow(size)}`, reg(0, rs), ...end);
};

const exclusivePair = (insn: InsnOf<"exclusivePair">): string => {
  const { sz, l, rs, o0, rt2, rn, rt } = insn;
  const end = [reg(sz, rt), reg(sz, rt2), base(rn)];
  return l === 1
    ? line(`ld${o0 ? "a" : ""}xp`, ...end)
    : line(`st${o0 ? "l" : ""}xp`, reg(0, rs), ...end);
};

const compareSwapPair = (insn: InsnOf<"compareSwapPair">): string => {
  const { sz, l, rs, o0, rn, rt } = insn;
  const registers = [rs, rs + 1, rt, rt + 1].map((n) => reg(sz, n));
  return line(`casp${ordering(l, o0)}`, ...registers, base(rn));
};

const ordered = ({ size, l, o0, rn, rt }: InsnOf<"ordered">): string => {
  const name = o0 === 1 ? (l ? "ldar" : "stlr") : (l ? "ldlar" : "stllr");
  return line(name + narrow(size), sized(size, rt), base(rn));
};

const compareSwap = (insn: InsnOf<"compareSwap">): string => {
  const { size, l, rs, o0, rn, rt } = insn;
  const name = `cas${ordering(l, o0)}${narrow(size)}`;
  return line(name, sized(size, rs), sized(size, rt), base(rn));
};

const operations = [
  ...["add", "clr", "eor", "set"],
  ...["smax", "smin", "umax", "umin"],
];

const atomic = (insn: InsnOf<"atomic">): string => {
  const { size, a, r, rs, opc, rn, rt } = insn;
  const tail = operations[opc]! + ordering(a, r) + narrow(size);
  const operand = sized(size, rs);
  // Nothing is loaded: the alias that names a store, which cannot acquire.
  if (rt === 31 && a === 0) return line(`st${tail}`, operand, base(rn));
  return line(`ld${tail}`, operand, sized(size, rt), base(rn));
};

/** The classes of this chapter. */
export const atomics: Writers<
  | "exclusive"
  | "exclusivePair"
  | "compareSwapPair"
  | "ordered"
  | "compareSwap"
  | "atomic"
  | "swap"
  | "loadAcquirePc"
> = {
  exclusive,
  exclusivePair,
  compareSwapPair,
  ordered,
  compareSwap,
  atomic,
  swap: ({ size, a, r, rs, rn, rt }) =>
    line(
      `swp${ordering(a, r)}${narrow(size)}`,
      sized(size, rs),
      sized(size, rt),
      base(rn),
    ),
  loadAcquirePc: ({ size, rn, rt }) =>
    line(`ldapr${narrow(size)}`, sized(size, rt), base(rn)),
};
