/**
 * The header of a DWARF line number program: its constants and its files.
 *
 * Source: DWARF 5 §6.2.4 (line number program header), §7.5.5 (forms);
 * DWARF 4 §6.2.4 for versions 2 to 4.
 *
 * @module
 */

import { type Reader, s8, text, u8, uint, uleb } from "./reader.ts";
import { textAt } from "./sections.ts";

/** The string sections a version 5 header points into. */
export interface Strings {
  readonly debug_str: Uint8Array;
  readonly debug_line_str: Uint8Array;
}

/** What the line number program needs of its header. */
export interface LineHeader {
  readonly version: number;
  readonly minimum_instruction_length: number;
  readonly line_base: number;
  readonly line_range: number;
  readonly opcode_base: number;
  /** Operands of each standard opcode, by opcode less one. */
  readonly operands: readonly number[];
  /** Paths by file register value. */
  readonly files: readonly string[];
  /** Byte at which the program begins and the one behind it. */
  readonly program: number;
  readonly end: number;
}

const DW_LNCT_path = 1;
const DW_LNCT_directory_index = 2;

/** Forms of attribute values that line headers use. */
const FORM = {
  data2: 0x05,
  data4: 0x06,
  data8: 0x07,
  string: 0x08,
  block: 0x09,
  data1: 0x0b,
  strp: 0x0e,
  udata: 0x0f,
  data16: 0x1e,
  line_strp: 0x1f,
} as const;

/** Raised inside this parser alone; `readLines` turns it into a result. */
const unknownForm = (form: number): RangeError =>
  new RangeError(`attribute form 0x${form.toString(16)}`);

const value = (
  r: Reader,
  form: number,
  offset_bytes: number,
  strings: Strings,
): string | number => {
  switch (form) {
    case FORM.string:
      return text(r);
    case FORM.strp:
      return textAt(strings.debug_str, uint(r, offset_bytes));
    case FORM.line_strp:
      return textAt(strings.debug_line_str, uint(r, offset_bytes));
    case FORM.udata:
      return uleb(r);
    case FORM.data1:
      return u8(r);
    case FORM.data2:
      return uint(r, 2);
    case FORM.data4:
      return uint(r, 4);
    case FORM.data8:
      return uint(r, 8);
    case FORM.data16:
      r.at += 16;
      return 0;
    case FORM.block:
      r.at += uleb(r);
      return 0;
    default:
      throw unknownForm(form);
  }
};

/** A path with its directory, unless it is absolute or the directory is the compilation's own. */
const joined = (directory: string | undefined, path: string): string =>
  directory === undefined || directory === "" || path.startsWith("/")
    ? path
    : `${directory}/${path}`;

interface Entry {
  readonly path: string;
  readonly directory: number;
}

/** One table of version 5: entry formats, then entries. */
const table = (
  r: Reader,
  offset_bytes: number,
  strings: Strings,
): readonly Entry[] => {
  const formats = Array.from({ length: u8(r) }, () => [uleb(r), uleb(r)]);
  return Array.from({ length: uleb(r) }, () => {
    const entry = { path: "", directory: 0 };
    for (const [content, form = 0] of formats) {
      const found = value(r, form, offset_bytes, strings);
      if (content === DW_LNCT_path) entry.path = String(found);
      if (content === DW_LNCT_directory_index) entry.directory = Number(found);
    }
    return entry;
  });
};

const files5 = (
  r: Reader,
  offset_bytes: number,
  strings: Strings,
): readonly string[] => {
  const directories = table(r, offset_bytes, strings);
  return table(r, offset_bytes, strings).map(({ path, directory }) =>
    // Directory 0 is where the compiler ran: as good as no directory.
    joined(directory === 0 ? "" : directories[directory]?.path, path)
  );
};

/** The tables of versions 2 to 4, ended by an empty name; files count from 1. */
const files2 = (r: Reader): readonly string[] => {
  const directories: string[] = [""];
  for (let name = text(r); name !== ""; name = text(r)) directories.push(name);
  const files: string[] = [""];
  for (let name = text(r); name !== ""; name = text(r)) {
    files.push(joined(directories[uleb(r)], name));
    uleb(r); // time of modification
    uleb(r); // length
  }
  return files;
};

/** Reads the header at the cursor, which is left at the first opcode. */
export const readLineHeader = (r: Reader, strings: Strings): LineHeader => {
  let unit_bytes = uint(r, 4);
  const offset_bytes = unit_bytes === 0xffff_ffff ? 8 : 4;
  if (offset_bytes === 8) unit_bytes = uint(r, 8);
  const end = r.at + unit_bytes;
  const version = uint(r, 2);
  if (version < 2 || 5 < version || r.bytes.length < end) {
    throw new RangeError(`line table version ${version}`);
  }
  if (version === 5) r.at += 2; // address size, segment selector size
  const header_bytes = uint(r, offset_bytes);
  const program = r.at + header_bytes;
  const minimum_instruction_length = u8(r);
  if (version >= 4) u8(r); // maximum operations per instruction: no VLIW here
  u8(r); // default_is_stmt
  const line_base = s8(r);
  const line_range = u8(r);
  const opcode_base = u8(r);
  const operands = Array.from({ length: opcode_base - 1 }, () => u8(r));
  const files = version === 5 ? files5(r, offset_bytes, strings) : files2(r);
  r.at = program;
  return {
    version,
    minimum_instruction_length,
    line_base,
    line_range,
    opcode_base,
    operands,
    files,
    program,
    end,
  };
};
