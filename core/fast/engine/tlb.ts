/**
 * The software TLBs: direct-mapped from virtual page to a word that compiled
 * code reads next to the tag.
 *
 * @module
 */

import { clean, vacant } from "./layout.ts";

/** One TLB: a range of linear memory and the entries of it that are filled. */
export interface Tlb {
  readonly u64: BigUint64Array;
  /** First 64-bit word. */
  readonly first: number;
  readonly entries: number;
  readonly filled: number[];
  /** How often every page was forgotten. */
  flushes: number;
}

/** An empty TLB at byte address `at`. */
export const emptyTlb = (
  u64: BigUint64Array,
  at: number,
  entries: number,
): Tlb => {
  const first = at / 8;
  for (let entry = 0; entry < entries; entry++) {
    u64[first + entry * 2] = vacant;
  }
  return { u64, first, entries, filled: [], flushes: 0 };
};

const wordOf = (tlb: Tlb, page: bigint): number =>
  tlb.first + 2 * (Number((page >> 12n) & 0xffffn) & (tlb.entries - 1));

/** The word of a page, given by its first address, or null. */
export const find = (tlb: Tlb, page: bigint): number | null => {
  const at = wordOf(tlb, page);
  return tlb.u64[at] === page ? Number(tlb.u64[at + 1]) : null;
};

/** Enters a page; `word` is unsigned, 32 bits. */
export const enter = (tlb: Tlb, page: bigint, word: number): void => {
  const at = wordOf(tlb, page);
  if (tlb.u64[at] === vacant) tlb.filled.push(at);
  tlb.u64[at] = page;
  tlb.u64[at + 1] = BigInt(word);
};

/** Makes every page miss once more. */
export const cleanse = (tlb: Tlb): void => {
  for (const at of tlb.filled) tlb.u64[at]! |= clean;
};

/** The word of a page that is clean, which it is no longer; else null. */
export const soil = (tlb: Tlb, page: bigint): number | null => {
  const at = wordOf(tlb, page);
  if (tlb.u64[at] !== (page | clean)) return null;
  tlb.u64[at] = page;
  return Number(tlb.u64[at + 1]);
};

/** Forgets every page. */
export const flush = (tlb: Tlb): void => {
  for (const at of tlb.filled) tlb.u64[at] = vacant;
  tlb.filled.length = 0;
  tlb.flushes += 1;
};
