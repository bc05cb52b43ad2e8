/**
 * Loads and stores of one general register.
 *
 * Every access comes before the first register write, and the base register is
 * written last, so that a fault leaves no trace. Where the base is also the
 * transferred register (constrained unpredictable with writeback) a load's
 * base wins and a store stores the old value.
 *
 * @module
 */

import { imm9Offset, wordOffset } from "../encoding/offset.ts";
import type { InsnOf } from "../encoding.ts";
import type { Access, Micro, Size, Transfer, Value } from "../micro.ts";
import { extended } from "./operand.ts";
import {
  add,
  constant,
  letTemp,
  pc,
  setX,
  setXOrSp,
  temp,
  type Width,
  x,
  xOrSp,
} from "./value.ts";

/** What moves between one register and memory. */
interface Move {
  readonly load: boolean;
  readonly bytes: Size;
  /** The loaded value is sign-extended to `width`. */
  readonly signed: boolean;
  /** Width of the register. */
  readonly width: Width;
  readonly rt: number;
}

interface SizeOpc {
  readonly size: number;
  readonly opc: number;
  readonly rt: number;
}

/** `opc` 0 stores, 1 loads, 2 loads and sign-extends to 64 bits, 3 to 32. */
const moveOf = ({ size, opc, rt }: SizeOpc): Move => ({
  load: opc !== 0,
  bytes: (1 << size) as Size,
  signed: opc >= 2,
  width: size === 3 || opc === 2 ? 64 : 32,
  rt,
});

/** PRFM, PRFUM: size 3 with the sign-extending `opc`. */
const isPrefetch = ({ size, opc }: SizeOpc): boolean => size === 3 && opc === 2;

/** The syndrome of a move: ISV=1 forms only. */
const transferOf = (move: Move, ar: boolean): Transfer => ({
  srt: move.rt,
  sse: move.signed,
  sf: move.width === 64,
  ar,
});

const signExtended = (bytes: Size, a: Value): Value => {
  switch (bytes) {
    case 1:
      return { op: "sext8", a };
    case 2:
      return { op: "sext16", a };
    case 4:
      return { op: "sext32", a };
    case 8:
      return a;
  }
};

/** The access of `move` at `at`, then the register write of a load; uses temporary 0. */
const transfer = (move: Move, at: Value, access: Access): readonly Micro[] => {
  const { load, bytes, signed, width, rt } = move;
  if (!load) return [{ op: "store", bytes, at, value: x(rt), access }];
  // A load into less than `width` bits arrives zero-extended.
  const loaded = signed ? signExtended(bytes, temp(0)) : temp(0);
  return [
    { op: "load", temp: 0, bytes, at, access },
    ...setX(rt, signed ? width : 64, loaded),
  ];
};

/** A load or store without writeback: an abort reports the register. */
const plain = (move: Move, at: Value): readonly Micro[] =>
  transfer(move, at, { transfer: transferOf(move, false) });

/** An acquiring load or releasing store: an abort reports that too. */
const inOrder = (move: Move, at: Value): readonly Micro[] =>
  transfer(move, at, { transfer: transferOf(move, true), ordered: true });

const baseAhead = (rn: number, offset: number): Value =>
  offset === 0 ? xOrSp(rn) : add(xOrSp(rn), constant(offset));

/** LDR, LDRSW (literal), relative to PC; PRFM (literal) does nothing. */
export const loadLiteral = (
  insn: InsnOf<"loadLiteral">,
): readonly Micro[] => {
  const { opc, rt } = insn;
  if (opc === 3) return [];
  const move: Move = {
    load: true,
    bytes: opc === 1 ? 8 : 4,
    signed: opc === 2,
    width: opc === 0 ? 32 : 64,
    rt,
  };
  return plain(move, add(pc, constant(wordOffset(insn))));
};

/** LDUR, STUR and their narrow forms. */
export const unscaled = (insn: InsnOf<"unscaled">): readonly Micro[] =>
  isPrefetch(insn)
    ? []
    : plain(moveOf(insn), baseAhead(insn.rn, imm9Offset(insn)));

/** LDR, STR (unsigned offset), scaled by the size. */
export const unsignedOffset = (
  insn: InsnOf<"unsignedOffset">,
): readonly Micro[] =>
  isPrefetch(insn)
    ? []
    : plain(moveOf(insn), baseAhead(insn.rn, insn.imm12 << insn.size));

/** LDR, STR (register offset), extended by `option` and scaled where `s` says so. */
export const registerOffset = (
  insn: InsnOf<"registerOffset">,
): readonly Micro[] => {
  if (isPrefetch(insn)) return [];
  const { size, rm, option, s, rn } = insn;
  const offset = extended(rm, 64, option, s === 1 ? size : 0);
  return plain(moveOf(insn), add(xOrSp(rn), offset));
};

/** LDTR, STTR: checked as an access from EL0. */
export const unprivileged = (
  insn: InsnOf<"unprivileged">,
): readonly Micro[] => {
  const move = moveOf(insn);
  return transfer(move, baseAhead(insn.rn, imm9Offset(insn)), {
    transfer: transferOf(move, false),
    unprivileged: true,
  });
};

/** LDR, STR (post-index): at the base, which then moves. */
export const postIndex = (insn: InsnOf<"postIndex">): readonly Micro[] => [
  letTemp(1, baseAhead(insn.rn, imm9Offset(insn))),
  ...transfer(moveOf(insn), xOrSp(insn.rn), { transfer: null }),
  ...setXOrSp(insn.rn, 64, temp(1)),
];

/** LDR, STR (pre-index): at the moved base. */
export const preIndex = (insn: InsnOf<"preIndex">): readonly Micro[] => [
  letTemp(1, baseAhead(insn.rn, imm9Offset(insn))),
  ...transfer(moveOf(insn), temp(1), { transfer: null }),
  ...setXOrSp(insn.rn, 64, temp(1)),
];

/** LDAR, STLR and the LORegion forms, which are at least as strong here. */
export const ordered = (
  { size, l, rn, rt }: InsnOf<"ordered">,
): readonly Micro[] => inOrder(moveOf({ size, opc: l, rt }), xOrSp(rn));

/** LDAPR. */
export const loadAcquirePc = (
  { size, rn, rt }: InsnOf<"loadAcquirePc">,
): readonly Micro[] => inOrder(moveOf({ size, opc: 1, rt }), xOrSp(rn));

/** LDAPUR, STLUR. */
export const orderedUnscaled = (
  insn: InsnOf<"orderedUnscaled">,
): readonly Micro[] =>
  inOrder(moveOf(insn), baseAhead(insn.rn, imm9Offset(insn)));
