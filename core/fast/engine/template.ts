/**
 * Templates: the records of instructions with a 12-bit immediate, which are
 * most of a program's different words, made without decoding each.
 *
 * In these classes the registers and the immediate are operands and decide
 * nothing else, but that register 31 is another one and that the constants 0
 * and 1 are no operands. So one probe word tells, by the operands of its own
 * record, where those of every word of its kind go. The tests compare all
 * words of the classes with what decoding makes of them.
 *
 * @module
 */

import { operands_max, RECORD, SLOT } from "./layout.ts";
import { constantCell } from "./shape.ts";
import type { Engine, Template, Templates } from "./state.ts";
import { type Batch, hasCells, recordFor } from "./word.ts";
import { entryOf } from "./words.ts";

/** Immediates whose cell is found without a word of 64 bits: those of loads and stores. */
const small_max = 0xfff << 3;

/** No templates. */
export const noTemplates = (): Templates => ({
  kinds: new Map(),
  cells: new Uint16Array(small_max + 1),
});

/** What a template says of an operand in place of a cell. */
const FIRST = -1; // Rd, Rt
const SECOND = -2; // Rn
const IMMEDIATE = -3;

const first_bits = 31;
const second_bits = 31 << 5;
const imm_bits = 0xfff << 10;

/** An immediate no other constant of an instruction is equal to, plain or shifted. */
const probe_imm = 0xabc;
const probe_first = 1;
const probe_second = 2;

/** SRT, bits 20:16 of the syndrome of a load or store. */
const SRT = 31 << 16;

/** By how much the immediate is shifted; -1 for words of any other class. */
const shiftOf = (word: number): number => {
  // addSubImm: sf op S 100010 sh imm12 Rn Rd
  if ((word & 0x1f80_0000) === 0x1100_0000) return word >>> 22 & 1 ? 12 : 0;
  // unsignedOffset: size 111001 opc imm12 Rn Rt
  if ((word & 0x3f00_0000) === 0x3900_0000) return word >>> 30;
  return -1;
};

/** The word with its operands taken out: the kind of word it is. */
const kindOf = (word: number): number => {
  let kind = word & ~(imm_bits | second_bits | first_bits);
  if ((word & first_bits) === first_bits) kind |= first_bits;
  if ((word & second_bits) === second_bits) kind |= second_bits;
  return kind;
};

const probeOf = (kind: number): number => {
  let probe = kind | probe_imm << 10;
  if ((kind & first_bits) === 0) probe |= probe_first;
  if ((kind & second_bits) === 0) probe |= probe_second << 5;
  return probe;
};

const learn = (e: Engine, kind: number, into: Batch): Template | null => {
  const { words, shapes } = e;
  const probe = probeOf(kind);
  const made = recordFor(e, entryOf(words, probe >>> 0), 0, into);
  const slot = words.records[made + RECORD.handler / 4]!;
  if (slot === SLOT.slow) return null;
  const constant = BigInt(probe_imm) << BigInt(shiftOf(probe));
  const immediate = constantCell(shapes, constant);
  const parts = new Map([
    [probe_first, FIRST],
    [probe_second, SECOND],
    [immediate, IMMEDIATE],
  ]);
  const operands: number[] = [];
  for (let n = 0; n < operands_max; n++) {
    const pair = words.records[made + RECORD.operands / 4 + (n >> 1)]!;
    const cell = n % 2 === 0 ? pair & 0xffff : pair >>> 16;
    operands.push(parts.get(cell) ?? cell);
  }
  while (operands.at(-1) === 0) operands.pop();
  return { slot, delta: words.records[made + RECORD.delta / 4]!, operands };
};

const templateOf = (e: Engine, kind: number, into: Batch): Template | null => {
  const { kinds } = e.templates;
  const found = kinds.get(kind);
  if (found !== undefined) return found;
  const fresh = learn(e, kind, into);
  kinds.set(kind, fresh);
  return fresh;
};

const cellOf = ({ templates, shapes }: Engine, value: number): number => {
  if (small_max < value) return constantCell(shapes, BigInt(value));
  const found = templates.cells[value]!;
  if (found !== 0) return found;
  return templates.cells[value] = constantCell(shapes, BigInt(value));
};

/** Puts the operands of a word from 16-bit word `at` of linear memory on. */
const place = (
  e: Engine,
  { operands }: Template,
  word: number,
  immediate: number,
  at: number,
): void => {
  for (let n = 0; n < operands.length; n++) {
    const operand = operands[n]!;
    let cell = operand;
    if (operand === FIRST) cell = word & 31;
    else if (operand === SECOND) cell = word >>> 5 & 31;
    else if (operand === IMMEDIATE) cell = cellOf(e, immediate);
    e.u16[at + n] = cell;
  }
};

/**
 * Puts the record of a word at 32-bit word `record` of linear memory, but for
 * its heat; false where there is no template. A handler that is missing joins
 * the batch.
 */
export const stamp = (
  e: Engine,
  word: number,
  record: number,
  into: Batch,
): boolean => {
  const shift = shiftOf(word);
  const immediate = (word >>> 10 & 0xfff) << shift;
  if (shift < 0 || immediate < 2 || !hasCells(e)) return false;
  const template = templateOf(e, kindOf(word), into);
  if (template === null) return false;
  const { slot, delta } = template;
  e.u32[record + RECORD.handler / 4] = slot;
  e.u32[record + RECORD.base / 4] = slot;
  e.u32[record + RECORD.delta / 4] = delta === 0
    ? 0
    : delta & ~SRT | (word & first_bits) << 16;
  place(e, template, word, immediate, record * 2 + RECORD.operands / 2);
  return true;
};
