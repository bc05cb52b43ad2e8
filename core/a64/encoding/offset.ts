/**
 * The signed offsets an instruction carries, in bytes; used by `lift` and by
 * the disassembler.
 *
 * @module
 */

import type { InsnOf } from "../encoding.ts";

/** The low `width` bits of `value` (1 to 32) as a two's complement number. */
export const signed = (value: number, width: number): number =>
  (value << (32 - width)) >> (32 - width);

/** An instruction that names an address by its distance in words from PC. */
export type Relative = InsnOf<
  "branchCond" | "branchImm" | "compareBranch" | "testBranch" | "loadLiteral"
>;

/** Bytes from PC to the target of a direct branch or a literal load. */
export const wordOffset = (insn: Relative): number => {
  switch (insn.tag) {
    case "branchImm":
      return signed(insn.imm26, 26) * 4;
    case "testBranch":
      return signed(insn.imm14, 14) * 4;
    default:
      return signed(insn.imm19, 19) * 4;
  }
};

/** Bytes that ADR adds to PC, or ADRP to the page of PC. */
export const pcRelOffset = (
  { op, immhi, immlo }: InsnOf<"pcRel">,
): number => signed((immhi << 2) | immlo, 21) * (op === 1 ? 4096 : 1);

/** Bytes that a 9-bit signed offset adds to the base. */
export const imm9Offset = ({ imm9 }: { readonly imm9: number }): number =>
  signed(imm9, 9);

/** Bytes of one register of a pair: 4 (32-bit and LDPSW) or 8. */
export const pairBytes = ({ opc }: InsnOf<"pair">): 4 | 8 => opc === 2 ? 8 : 4;

/** Bytes that a pair's offset adds to the base. */
export const pairOffset = (insn: InsnOf<"pair">): number =>
  signed(insn.imm7, 7) * pairBytes(insn);
