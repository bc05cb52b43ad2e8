/**
 * A guest image: what an ELF64 executable for AArch64 asks to have in memory.
 *
 * A guest starts with its MMU off, so everything here is physical: a segment
 * goes to `p_paddr` and the entry point is an address among those, also when
 * the guest later runs at other virtual addresses.
 *
 * Source: the System V ABI, chapter 5 (program header).
 *
 * @module
 */

import { hex } from "../arch/word.ts";
import {
  type BadImage,
  program_header_bytes,
  readHeader,
  refuse,
} from "./elf_header.ts";
import {
  draft,
  type Memory,
  page_bytes,
  readable,
  seal,
  writable,
  write,
} from "./memory.ts";

/** One loadable segment of a guest image; never empty. */
export interface Segment {
  /** Index of its program header. */
  readonly index: number;
  /** Physical address of its first byte (`p_paddr`). */
  readonly at: number;
  /** What the file holds of it (`p_filesz` bytes). */
  readonly data: Uint8Array;
  /** Bytes in memory (`p_memsz`); those after `data` are zero. */
  readonly bytes: number;
  /** True when the segment may be executed (`PF_X`). */
  readonly executable: boolean;
}

/** A guest image that fits its board. */
export interface Image {
  /** Tells it from a refusal. */
  readonly tag: "Loaded";
  /** Physical address of the first instruction. */
  readonly entry: bigint;
  /** The segments in program header order; no two overlap. */
  readonly segments: readonly Segment[];
}

/** Where a board has its RAM, in bytes. */
export type Ram = Pick<Memory, "base" | "bytes">;

const PT_LOAD = 1;
const PF_X = 1;

/** Byte offsets within a program header. */
const p_type = 0;
const p_flags = 4;
const p_offset = 8;
const p_paddr = 24;
const p_filesz = 32;
const p_memsz = 40;

const span = (from: number | bigint, to: number | bigint): string =>
  `${hex(from)} to ${hex(to)}`;

/** Decodes the program header at byte `at`, which the file holds whole. */
const segmentAt = (
  view: DataView,
  at: number,
  index: number,
  ram: Ram,
): Segment | BadImage => {
  const word = (field: number) => view.getBigUint64(at + field, true);
  const where = (field: number) =>
    `program header ${index} (byte ${hex(at + field)})`;
  const [offset, base] = [word(p_offset), word(p_paddr)];
  const [filesz, memsz] = [word(p_filesz), word(p_memsz)];
  if (memsz < filesz) {
    return refuse(
      `p_memsz of ${where(p_memsz)} to be at least p_filesz ${hex(filesz)}`,
      hex(memsz),
    );
  }
  // Linkers give a segment of zeros any offset, also one past the end.
  if (filesz !== 0n && BigInt(view.byteLength) < offset + filesz) {
    return refuse(
      `p_offset and p_filesz of ${where(p_offset)} to stay inside the file of ${
        hex(view.byteLength)
      } bytes`,
      span(offset, offset + filesz),
    );
  }
  const top = ram.base + ram.bytes;
  const inside = BigInt(ram.base) <= base && base + memsz <= BigInt(top);
  if (memsz !== 0n && !inside) {
    return refuse(
      `p_paddr and p_memsz of ${where(p_paddr)} to stay inside RAM ${
        span(ram.base, top)
      }`,
      span(base, base + memsz),
    );
  }
  const file = new Uint8Array(view.buffer, view.byteOffset, view.byteLength);
  return {
    index,
    at: Number(base),
    data: file.slice(Number(offset), Number(offset + filesz)),
    bytes: Number(memsz),
    executable: (view.getUint32(at + p_flags, true) & PF_X) !== 0,
  };
};

const badOverlap = (segments: readonly Segment[]): BadImage | null => {
  const sorted = [...segments].sort((a, b) => a.at - b.at);
  for (const [n, low] of sorted.entries()) {
    const high = sorted[n + 1];
    if (high !== undefined && high.at < low.at + low.bytes) {
      return refuse(
        `program headers ${low.index} and ${high.index} to load apart`,
        `${span(low.at, low.at + low.bytes)} and ${
          span(high.at, high.at + high.bytes)
        }`,
      );
    }
  }
  return null;
};

const badEntry = (
  entry: bigint,
  segments: readonly Segment[],
): BadImage | null => {
  const field = "the entry point (byte 24)";
  if (entry % 4n !== 0n) {
    return refuse(`${field} to be a multiple of 4`, hex(entry));
  }
  const inside = segments.some(({ at, bytes, executable }) =>
    executable && BigInt(at) <= entry && entry < BigInt(at + bytes)
  );
  return inside
    ? null
    : refuse(`${field} inside an executable segment`, hex(entry));
};

/**
 * Reads an ELF64 executable for a board whose RAM is `ram`.
 *
 * Accepted: little-endian AArch64, `ET_EXEC`, every `PT_LOAD` inside RAM and
 * apart from the others, an aligned entry point inside an executable segment.
 * Other program headers and all sections are ignored; so is an empty segment.
 */
export const parseElf = (bytes: Uint8Array, ram: Ram): Image | BadImage => {
  const header = readHeader(bytes);
  if (header.tag === "Refused") return header;
  const { entry, table, count } = header;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const segments: Segment[] = [];
  for (let index = 0; index < count; index++) {
    const at = table + index * program_header_bytes;
    if (view.getUint32(at + p_type, true) !== PT_LOAD) continue;
    const segment = segmentAt(view, at, index, ram);
    if ("tag" in segment) return segment;
    if (0 < segment.bytes) segments.push(segment);
  }
  if (segments.length === 0) {
    return refuse(
      "a PT_LOAD segment that is not empty",
      `none in ${count} program headers at byte ${hex(table)}`,
    );
  }
  return badOverlap(segments) ?? badEntry(entry, segments) ??
    { tag: "Loaded", entry, segments };
};

/** Zeroes `[at, at + bytes)`; a page that was never written is zero already. */
const clear = (memory: Memory, at: number, bytes: number): Memory => {
  const open = draft(memory);
  let done = 0;
  while (done < bytes) {
    const offset = at - memory.base + done;
    const index = Math.floor(offset / page_bytes);
    const within = offset % page_bytes;
    const length = Math.min(page_bytes - within, bytes - done);
    if (readable(open, index) !== undefined) {
      writable(open, index).fill(0, within, within + length);
    }
    done += length;
  }
  return seal(open);
};

/** Returns the memory with every segment of `image` in it, tails zeroed. */
export const placeImage = (memory: Memory, image: Image): Memory =>
  image.segments.reduce((placed, { at, data, bytes }) => {
    const written = write(placed, at, data);
    return clear(written, at + data.length, bytes - data.length);
  }, memory);
