/**
 * Sections and symbols of an ELF64 file, as far as a reader of its code needs
 * them: where instructions are, what they are called, where they came from.
 *
 * A loader needs none of this, so everything here may be missing: a file
 * without section headers has no sections and no symbols.
 *
 * Source: the System V ABI, chapter 4 (sections, symbol table); the ELF for
 * the Arm 64-bit Architecture supplement, 5.5.2 (mapping symbols).
 *
 * @module
 */

import { hex } from "../arch/word.ts";
import { type BadImage, readHeader, refuse } from "../realm/elf_header.ts";

/** One section header, with the bytes the file holds of it. */
export interface Section {
  readonly name: string;
  /** `sh_type`. */
  readonly type: number;
  /** Address of its first byte in memory. */
  readonly at: bigint;
  readonly data: Uint8Array;
  /** Holds instructions (`SHF_EXECINSTR`). */
  readonly executable: boolean;
  /** Its bytes are compressed (`SHF_COMPRESSED`). */
  readonly compressed: boolean;
  /** `sh_link`: the string table of a symbol table. */
  readonly link: number;
}

/** A named address. */
export interface Symbol {
  readonly name: string;
  readonly at: bigint;
  /** Bytes it covers; 0 when the file does not say. */
  readonly bytes: bigint;
  /** `STT_FUNC`. */
  readonly isFunction: boolean;
}

/** Bytes in memory that may be executed. */
export interface Code {
  /** Address of the first byte. */
  readonly at: bigint;
  readonly data: Uint8Array;
}

/** What the file says about its code. */
export interface Sections {
  readonly tag: "Sections";
  readonly sections: readonly Section[];
  readonly symbols: readonly Symbol[];
  /** Executable sections, or executable segments where there are no sections. */
  readonly code: readonly Code[];
}

const e_shoff = 40;
const e_shentsize = 58;
const e_shnum = 60;
const e_shstrndx = 62;
const section_header_bytes = 64;
const symbol_bytes = 24;

const SHT_SYMTAB = 2;
const SHT_NOBITS = 8;
const SHF_EXECINSTR = 4n;
const SHF_COMPRESSED = 0x800n;
const STT_FUNC = 2;
const STT_NOTYPE = 0;
const PT_LOAD = 1;
const PF_X = 1;

const viewOf = (bytes: Uint8Array): DataView =>
  new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);

/** The zero-terminated text at `from`, or what there is of it. */
export const textAt = (bytes: Uint8Array, from: number): string => {
  const end = bytes.indexOf(0, from);
  return new TextDecoder().decode(
    bytes.subarray(from, end < 0 ? bytes.length : end),
  );
};

interface RawSection extends Omit<Section, "name"> {
  readonly nameAt: number;
}

/** Section header `index`, whose header the file holds; refused when its bytes it does not. */
const sectionAt = (
  bytes: Uint8Array,
  at: number,
  index: number,
): RawSection | BadImage => {
  const view = viewOf(bytes);
  const word = (offset: number): bigint => view.getBigUint64(at + offset, true);
  const type = view.getUint32(at + 4, true);
  const flags = word(8);
  const [offset, size] = [word(24), type === SHT_NOBITS ? 0n : word(32)];
  if (BigInt(bytes.length) < offset + size && 0n < size) {
    return refuse(
      `section ${index} (header at byte ${
        hex(at)
      }) to stay inside the file of ${hex(bytes.length)} bytes`,
      `bytes ${hex(offset)} to ${hex(offset + size)}`,
    );
  }
  return {
    nameAt: view.getUint32(at, true),
    type,
    at: word(16),
    data: bytes.subarray(Number(offset), Number(offset + size)),
    executable: (flags & SHF_EXECINSTR) !== 0n,
    compressed: (flags & SHF_COMPRESSED) !== 0n,
    link: view.getUint32(at + 40, true),
  };
};

const readSections = (
  bytes: Uint8Array,
): readonly Section[] | BadImage => {
  const view = viewOf(bytes);
  const table = Number(view.getBigUint64(e_shoff, true));
  const count = view.getUint16(e_shnum, true);
  if (table === 0 || count === 0) return [];
  const each = view.getUint16(e_shentsize, true);
  if (each !== section_header_bytes) {
    return refuse(
      `section header size ${section_header_bytes} at byte ${e_shentsize}`,
      String(each),
    );
  }
  if (bytes.length < table + count * each) {
    return refuse(
      `${count} section headers (byte ${e_shnum}) at bytes ${hex(table)} to ${
        hex(table + count * each)
      }`,
      `a file of ${hex(bytes.length)} bytes`,
    );
  }
  const raw: RawSection[] = [];
  for (let index = 0; index < count; index++) {
    const section = sectionAt(bytes, table + index * each, index);
    if ("tag" in section) return section;
    raw.push(section);
  }
  const names = raw[view.getUint16(e_shstrndx, true)]?.data ??
    new Uint8Array();
  return raw.map(({ nameAt, ...rest }) => ({
    ...rest,
    name: textAt(names, nameAt),
  }));
};

const symbolsOf = (sections: readonly Section[]): readonly Symbol[] => {
  const table = sections.find(({ type }) => type === SHT_SYMTAB);
  if (table === undefined) return [];
  const names = sections[table.link]?.data ?? new Uint8Array();
  const view = viewOf(table.data);
  const symbols: Symbol[] = [];
  for (let at = 0; at + symbol_bytes <= table.data.length; at += symbol_bytes) {
    const type = view.getUint8(at + 4) & 15;
    const name = textAt(names, view.getUint32(at, true));
    const defined = view.getUint16(at + 6, true) !== 0;
    if (!defined || name === "") continue;
    if (type !== STT_FUNC && type !== STT_NOTYPE) continue;
    symbols.push({
      name,
      at: view.getBigUint64(at + 8, true),
      bytes: view.getBigUint64(at + 16, true),
      isFunction: type === STT_FUNC,
    });
  }
  return symbols;
};

/** Executable segments at their virtual addresses, which is where symbols point. */
const segmentsOf = (
  bytes: Uint8Array,
  table: number,
  count: number,
): readonly Code[] => {
  const view = viewOf(bytes);
  const code: Code[] = [];
  for (let index = 0; index < count; index++) {
    const at = table + index * 56;
    const executable = (view.getUint32(at + 4, true) & PF_X) !== 0;
    if (view.getUint32(at, true) !== PT_LOAD || !executable) continue;
    const offset = Number(view.getBigUint64(at + 8, true));
    const filesz = Number(view.getBigUint64(at + 32, true));
    code.push({
      at: view.getBigUint64(at + 16, true),
      data: bytes.subarray(offset, offset + filesz),
    });
  }
  return code;
};

/** Reads what an ELF64 AArch64 executable says about its code. */
export const readElfSections = (bytes: Uint8Array): Sections | BadImage => {
  const header = readHeader(bytes);
  if (header.tag === "Refused") return header;
  const sections = readSections(bytes);
  if ("tag" in sections) return sections;
  const executable = sections.filter((section) => section.executable);
  return {
    tag: "Sections",
    sections,
    symbols: symbolsOf(sections),
    code: 0 < executable.length
      ? executable.map(({ at, data }) => ({ at, data }))
      : segmentsOf(bytes, header.table, header.count),
  };
};
