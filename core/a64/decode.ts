/**
 * Word to instruction, by the encoding table.
 *
 * @module
 */

import type { Insn } from "./encoding.ts";
import { allocated } from "./encoding/allocated.ts";
import { type Row, rows } from "./encoding/row.ts";

type Rule = (insn: Insn) => boolean;

interface Candidate extends Row {
  readonly rule: Rule | null;
}

const candidates: readonly Candidate[] = rows.map((row) => ({
  ...row,
  rule: (allocated[row.tag] as Rule | undefined) ?? null,
}));

/** The rows that bits 28:25, the manual's first cut, leave possible. */
const groupOf = (op0: number): readonly Candidate[] =>
  candidates.filter(({ mask, value }) =>
    ((op0 << 25) & mask) === (value & (15 << 25))
  );

/** Groups by bits 28:25, each made when its first word comes. */
const groups: (readonly Candidate[])[] = [];

const read = (word: number, { tag, slots }: Row): Insn => {
  const insn: Record<string, number | string> = { tag };
  for (let at = 0; at < slots.length; at++) {
    const { name, shift, ones } = slots[at]!;
    insn[name] = (word >>> shift) & ones;
  }
  return insn as unknown as Insn;
};

/**
 * The instruction a word encodes, or null where the architecture leaves it
 * unallocated. `word` is unsigned, 32 bits.
 */
export const decode = (word: number): Insn | null => {
  const op0 = (word >>> 25) & 15;
  for (const candidate of groups[op0] ??= groupOf(op0)) {
    if ((word & candidate.mask) !== candidate.value) continue;
    const insn = read(word, candidate);
    return candidate.rule === null || candidate.rule(insn) ? insn : null;
  }
  return null;
};
