/**
 * Source lines of addresses, from the DWARF line number table.
 *
 * Versions 2 to 5, 32-bit and 64-bit DWARF. Compressed sections are not read.
 *
 * Source: DWARF 5 §6.2 (line number information).
 *
 * @module
 */

import {
  type LineHeader,
  readLineHeader,
  type Strings,
} from "./line_header.ts";
import { type Reader, reader, sleb, u64, u8, uint, uleb } from "./reader.ts";
import type { Section } from "./sections.ts";

/** The source of the instructions from `at` up to the next row; `line` 0 ends a sequence. */
export interface Row {
  readonly at: bigint;
  readonly file: string;
  readonly line: number;
}

/** What the file says about lines. */
export type Lines =
  | { readonly tag: "Lines"; readonly rows: readonly Row[] }
  /** No line table, or one this model does not read. */
  | { readonly tag: "NoLines"; readonly why: string };

/** Standard opcodes. */
const STANDARD = {
  copy: 1,
  advance_pc: 2,
  advance_line: 3,
  set_file: 4,
  const_add_pc: 8,
  fixed_advance_pc: 9,
} as const;

/** Extended opcodes. */
const EXTENDED = { end_sequence: 1, set_address: 2 } as const;

/** The registers of the line number machine that a row shows. */
interface State {
  at: bigint;
  file: number;
  line: number;
}

const reset = (): State => ({ at: 0n, file: 1, line: 1 });

const advance = (state: State, header: LineHeader, by: number): void => {
  state.at += BigInt(by * header.minimum_instruction_length);
};

/** Operation advance of special opcode `opcode`. */
const special = (header: LineHeader, opcode: number): number =>
  Math.floor((opcode - header.opcode_base) / header.line_range);

const extended = (
  r: Reader,
  state: State,
  emit: (line: number) => void,
): void => {
  const bytes = uleb(r);
  const next = r.at + bytes;
  switch (u8(r)) {
    case EXTENDED.end_sequence:
      emit(0);
      Object.assign(state, reset());
      break;
    case EXTENDED.set_address:
      state.at = bytes === 9 ? u64(r) : BigInt(uint(r, bytes - 1));
      break;
  }
  r.at = next;
};

const standard = (
  r: Reader,
  opcode: number,
  state: State,
  header: LineHeader,
): void => {
  switch (opcode) {
    case STANDARD.advance_pc:
      advance(state, header, uleb(r));
      return;
    case STANDARD.advance_line:
      state.line += sleb(r);
      return;
    case STANDARD.set_file:
      state.file = uleb(r);
      return;
    case STANDARD.const_add_pc:
      advance(state, header, special(header, 255));
      return;
    case STANDARD.fixed_advance_pc:
      state.at += BigInt(uint(r, 2));
      return;
    default:
      for (let n = header.operands[opcode - 1] ?? 0; 0 < n; n--) uleb(r);
  }
};

/** Runs one line number program; its rows in the order it makes them. */
const runProgram = (r: Reader, header: LineHeader): readonly Row[] => {
  const rows: Row[] = [];
  const state = reset();
  const emit = (line: number): void => {
    const file = header.files[state.file] ?? "?";
    rows.push({ at: state.at, file, line });
  };
  while (r.at < header.end) {
    const opcode = u8(r);
    if (header.opcode_base <= opcode) {
      const adjusted = opcode - header.opcode_base;
      advance(state, header, special(header, opcode));
      state.line += header.line_base + (adjusted % header.line_range);
      emit(state.line);
    } else if (opcode === 0) extended(r, state, emit);
    else if (opcode === STANDARD.copy) emit(state.line);
    else standard(r, opcode, state, header);
  }
  r.at = header.end;
  return rows;
};

const named = (sections: readonly Section[], name: string): Uint8Array =>
  sections.find((section) => section.name === name)?.data ?? new Uint8Array();

/**
 * The rows of a file's line table in ascending order. At one address the end
 * of a sequence comes before the rows that begin there.
 */
export const readLines = (sections: readonly Section[]): Lines => {
  const table = sections.find(({ name }) => name === ".debug_line");
  if (table === undefined) return { tag: "NoLines", why: "no .debug_line" };
  if (table.compressed) {
    return { tag: "NoLines", why: ".debug_line is compressed" };
  }
  const strings: Strings = {
    debug_str: named(sections, ".debug_str"),
    debug_line_str: named(sections, ".debug_line_str"),
  };
  const rows: Row[] = [];
  const r = reader(table.data);
  try {
    while (r.at < table.data.length) {
      for (const row of runProgram(r, readLineHeader(r, strings))) {
        rows.push(row);
      }
    }
  } catch (error) {
    const what = error instanceof RangeError ? error.message : String(error);
    return {
      tag: "NoLines",
      why: `.debug_line at byte 0x${r.at.toString(16)}: ${what}`,
    };
  }
  const sorted = rows.map((row, index) => ({ row, index })).sort((a, b) => {
    if (a.row.at !== b.row.at) return a.row.at < b.row.at ? -1 : 1;
    const ends = Number(b.row.line === 0) - Number(a.row.line === 0);
    return ends === 0 ? a.index - b.index : ends;
  });
  return { tag: "Lines", rows: sorted.map(({ row }) => row) };
};

/** A lookup from address to source line, or null where no row reaches. */
export const liner = (
  rows: readonly Row[],
): (at: bigint) => Row | null => {
  return (at) => {
    let [low, high] = [0, rows.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((rows[middle] as Row).at <= at) low = middle + 1;
      else high = middle;
    }
    const row = rows[low - 1];
    return row === undefined || row.line === 0 ? null : row;
  };
};
