/**
 * The ELF header: what a guest image must say there, and what it says freely.
 *
 * Source: the System V ABI, chapter 4 (ELF header); the ELF for the Arm 64-bit
 * Architecture supplement.
 *
 * @module
 */

import { hex } from "../arch/word.ts";

/** Bytes in an ELF64 program header. */
export const program_header_bytes = 56;

/** Why a file is no guest image: one line, what was expected and found where. */
export interface BadImage {
  /** Tells it from an image. */
  readonly tag: "Refused";
  /** The line. */
  readonly what: string;
}

/** What a loader takes from the ELF header. */
export interface ElfHeader {
  readonly tag: "Header";
  /** `e_entry`. */
  readonly entry: bigint;
  /** `e_phoff`: byte offset of the program headers, all of which the file holds. */
  readonly table: number;
  /** `e_phnum`. */
  readonly count: number;
}

/** Refuses a file: what was expected, what was found. */
export const refuse = (expected: string, found: string): BadImage => ({
  tag: "Refused",
  what: `expected ${expected} but found ${found}`,
});

const header_bytes = 64;
const magic = [0x7f, 0x45, 0x4c, 0x46];

/** A field with one acceptable value. */
interface FixedField {
  readonly name: string;
  /** Byte offset and width of the field. */
  readonly at: number;
  readonly bytes: 1 | 2;
  readonly expected: number;
  /** What values mean, the expected one included. */
  readonly names: Readonly<Record<number, string>>;
}

const fixed_fields: readonly FixedField[] = [
  {
    name: "class",
    at: 4,
    bytes: 1,
    expected: 2,
    names: { 1: "32-bit", 2: "64-bit" },
  },
  {
    name: "data encoding",
    at: 5,
    bytes: 1,
    expected: 1,
    names: { 1: "little-endian", 2: "big-endian" },
  },
  { name: "version", at: 6, bytes: 1, expected: 1, names: { 1: "current" } },
  {
    // A position-independent executable needs relocation, which is a linker's
    // work: only an image linked at a fixed address loads.
    name: "type",
    at: 16,
    bytes: 2,
    expected: 2,
    names: {
      1: "relocatable file",
      2: "executable",
      3: "shared object or position-independent executable",
      4: "core file",
    },
  },
  {
    name: "machine",
    at: 18,
    bytes: 2,
    expected: 183,
    names: {
      2: "SPARC",
      3: "x86",
      8: "MIPS",
      20: "PowerPC",
      21: "PowerPC 64",
      22: "S/390",
      40: "32-bit Arm",
      62: "x86-64",
      183: "AArch64",
      243: "RISC-V",
      258: "LoongArch",
    },
  },
  {
    name: "program header size",
    at: 54,
    bytes: 2,
    expected: program_header_bytes,
    names: { 32: "ELF32", 56: "ELF64" },
  },
];

const e_entry = 24;
const e_phoff = 32;
const e_phnum = 56;

const named = ({ names }: FixedField, value: number): string =>
  `${value} (${names[value] ?? "unknown"})`;

const badStart = (bytes: Uint8Array): BadImage | null => {
  if (bytes.length === 0) return refuse("an ELF file", "an empty file");
  const start = [...bytes.subarray(0, magic.length)];
  if (!start.every((byte, at) => byte === magic[at])) {
    return refuse(
      "the ELF magic 7f 45 4c 46 at byte 0",
      start.map((byte) => byte.toString(16).padStart(2, "0")).join(" "),
    );
  }
  return header_bytes <= bytes.length ? null : refuse(
    `an ELF header of ${header_bytes} bytes`,
    `a file of ${bytes.length} bytes`,
  );
};

/** Reads the ELF header of a file, or says what is wrong with it. */
export const readHeader = (bytes: Uint8Array): ElfHeader | BadImage => {
  const bad = badStart(bytes);
  if (bad !== null) return bad;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (const field of fixed_fields) {
    const found = field.bytes === 1
      ? view.getUint8(field.at)
      : view.getUint16(field.at, true);
    if (found !== field.expected) {
      return refuse(
        `ELF ${field.name} ${named(field, field.expected)} at byte ${field.at}`,
        named(field, found),
      );
    }
  }
  const table = view.getBigUint64(e_phoff, true);
  const count = view.getUint16(e_phnum, true);
  const end = table + BigInt(count * program_header_bytes);
  if (BigInt(bytes.length) < end) {
    return refuse(
      `${count} program headers (byte ${e_phnum}) at bytes ${hex(table)} to ${
        hex(end)
      }`,
      `a file of ${hex(bytes.length)} bytes`,
    );
  }
  const entry = view.getBigUint64(e_entry, true);
  return { tag: "Header", entry, table: Number(table), count };
};
