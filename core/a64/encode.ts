/**
 * Instruction to word, by the encoding table.
 *
 * @module
 */

import type { Insn } from "./encoding.ts";
import { rowOf } from "./encoding/row.ts";

/** The word of an instruction, unsigned; the inverse of `decode`. Bits beyond a field's width are dropped. */
export const encode = (insn: Insn): number => {
  const fields = insn as unknown as Readonly<Record<string, number>>;
  const { value, slots } = rowOf[insn.tag];
  let word = value;
  for (const { name, shift, ones } of slots) {
    word |= (fields[name]! & ones) << shift;
  }
  return word >>> 0;
};
