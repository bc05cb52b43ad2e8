/**
 * Data processing that leaves the flags alone: addresses, moves, bit fields,
 * selection, division, shifts, checksums, bit counting and multiplication.
 *
 * @module
 */

import { mask, word } from "../../arch/word.ts";
import { pcRelOffset } from "../encoding/offset.ts";
import type { InsnOf } from "../encoding.ts";
import type { Micro, Size, Value } from "../micro.ts";
import { shiftBy } from "./operand.ts";
import {
  add,
  and,
  binary,
  constant,
  lshr,
  narrow,
  not,
  one,
  or,
  pc,
  select,
  setX,
  shl,
  sub,
  widen,
  type Width,
  widthOf,
  x,
  xor,
} from "./value.ts";

/** ADR, ADRP. */
export const pcRel = (insn: InsnOf<"pcRel">): readonly Micro[] => {
  const base = insn.op === 1 ? and(pc, constant(-4096)) : pc;
  return setX(insn.rd, 64, add(base, constant(pcRelOffset(insn))));
};

/** MOVN, MOVZ, MOVK. */
export const moveWide = (
  { sf, opc, hw, imm16, rd }: InsnOf<"moveWide">,
): readonly Micro[] => {
  const width = widthOf(sf);
  const imm = BigInt(imm16) << BigInt(16 * hw);
  const hole = word(~(0xffffn << BigInt(16 * hw)));
  switch (opc) {
    case 0: // MOVN
      return setX(rd, width, constant(BigInt.asUintN(width, ~imm)));
    case 2: // MOVZ
      return setX(rd, width, constant(imm));
    default: // MOVK
      return setX(rd, width, or(and(x(rd), constant(hole)), constant(imm)));
  }
};

/** Where a bit field comes from, where it goes and how long it is. */
interface Span {
  readonly from: number;
  readonly to: number;
  readonly bits: number;
}

/** `imms >= immr` takes the field down to bit 0; else it goes from bit 0 up. */
const spanOf = ({ sf, immr, imms }: InsnOf<"bitfield">): Span =>
  imms >= immr
    ? { from: immr, to: 0, bits: imms - immr + 1 }
    : { from: 0, to: widthOf(sf) - immr, bits: imms + 1 };

/** SBFM, BFM, UBFM. */
export const bitfield = (insn: InsnOf<"bitfield">): readonly Micro[] => {
  const { sf, opc, rn, rd } = insn;
  const width = widthOf(sf);
  const { from, to, bits } = spanOf(insn);
  if (opc === 0) { // SBFM: the field's top bit fills what is above it
    const top = shl(x(rn), 64 - from - bits);
    const field = binary("ashr", top, constant(64 - bits));
    return setX(rd, width, shl(field, to));
  }
  const field = shl(and(lshr(x(rn), from), constant(mask(bits))), to);
  if (opc === 2) return setX(rd, width, field);
  const rest = and(x(rd), constant(~(mask(bits) << BigInt(to))));
  return setX(rd, width, or(rest, field)); // BFM
};

/** EXTR: `width` bits of Rn:Rm from bit `imms` up. */
export const extract = (
  { sf, rm, imms, rn, rd }: InsnOf<"extract">,
): readonly Micro[] => {
  const width = widthOf(sf);
  if (imms === 0) return setX(rd, width, x(rm, width));
  const low = lshr(x(rm, width), imms);
  return setX(rd, width, or(shl(x(rn, width), width - imms), low));
};

/** CSEL, CSINC, CSINV, CSNEG. */
export const conditionalSelect = (
  { sf, op, rm, cond, o2, rn, rd }: InsnOf<"conditionalSelect">,
): readonly Micro[] => {
  const width = widthOf(sf);
  const inverted = op === 1 ? not(x(rm, width)) : x(rm, width);
  const otherwise = o2 === 1 ? add(inverted, one) : inverted;
  return setX(
    rd,
    width,
    select({ op: "cond", cond }, x(rn, width), otherwise),
  );
};

/** CRC32B, H, W, X and CRC32CB, CH, CW, CX: opcode bit 2 is the polynomial, bits 1:0 the size. */
const checksum = (
  { rm, opcode, rn, rd }: InsnOf<"dataTwo">,
): readonly Micro[] =>
  setX(rd, 32, {
    op: "crc",
    poly: (opcode & 4) !== 0 ? "crc32c" : "crc32",
    bytes: (1 << (opcode & 3)) as Size,
    acc: x(rn, 32),
    data: x(rm),
  });

/** UDIV, SDIV, LSLV, LSRV, ASRV, RORV and the checksums. */
export const dataTwo = (insn: InsnOf<"dataTwo">): readonly Micro[] => {
  const { sf, rm, opcode, rn, rd } = insn;
  const width = widthOf(sf);
  const a = x(rn, width);
  const b = x(rm, width);
  switch (opcode) {
    case 2: // UDIV
      return setX(rd, width, binary("udiv", a, b));
    case 3: // SDIV
      return setX(
        rd,
        width,
        binary("sdiv", widen(width, a), widen(width, b)),
      );
    case 8: // LSLV
    case 9: // LSRV
    case 10: // ASRV
    case 11: // RORV; all shift by Rm modulo the width
      return setX(
        rd,
        width,
        shiftBy(width, opcode & 3, a, and(b, constant(width - 1))),
      );
    default:
      return checksum(insn);
  }
};

/** CLS: leading bits equal to the sign bit, itself not counted. */
const leadingSigns = (width: Width, a: Value): Value => {
  const wide = widen(width, a);
  const changes = xor(wide, binary("ashr", wide, one));
  return sub({ op: width === 64 ? "clz64" : "clz32", a: changes }, one);
};

/** RBIT, REV16, REV, REV32, CLZ, CLS. */
const oneOperand = (opcode: number, width: Width, a: Value): Value => {
  switch (opcode) {
    case 0: // RBIT
      return { op: width === 64 ? "rbit64" : "rbit32", a };
    case 1: // REV16
      return { op: "rev16", a };
    case 2: // REV of a W register, REV32 of an X register
      return { op: "rev32", a };
    case 3: // REV of an X register
      return { op: "rev64", a };
    case 4: // CLZ
      return { op: width === 64 ? "clz64" : "clz32", a };
    default: // CLS
      return leadingSigns(width, a);
  }
};

/** The operations of one register. */
export const dataOne = (
  { sf, opcode, rn, rd }: InsnOf<"dataOne">,
): readonly Micro[] => {
  const width = widthOf(sf);
  return setX(rd, width, oneOperand(opcode, width, x(rn, width)));
};

/** MADD, MSUB, SMADDL, SMSUBL, UMADDL, UMSUBL, SMULH, UMULH. */
export const dataThree = (
  { sf, op31, rm, o0, ra, rn, rd }: InsnOf<"dataThree">,
): readonly Micro[] => {
  const accumulate = (a: Value, b: Value): Value =>
    binary(o0 === 1 ? "sub" : "add", x(ra), binary("mul", a, b));
  switch (op31) {
    case 1: // SMADDL, SMSUBL
      return setX(rd, 64, accumulate(widen(32, x(rn)), widen(32, x(rm))));
    case 2: // SMULH
      return setX(rd, 64, binary("smulh", x(rn), x(rm)));
    case 5: // UMADDL, UMSUBL
      return setX(rd, 64, accumulate(narrow(32, x(rn)), narrow(32, x(rm))));
    case 6: // UMULH
      return setX(rd, 64, binary("umulh", x(rn), x(rm)));
    default: // MADD, MSUB: the low half does not depend on the upper halves
      return setX(rd, widthOf(sf), accumulate(x(rn), x(rm)));
  }
};
