/**
 * Registers of a device that are a word of its state and nothing more: what
 * most accesses of a driver go to.
 *
 * @module
 */

/** A register: its offset, its word, and the bits a write keeps; null where a write is more than that. */
export type PlainRow = readonly [
  offset: number,
  word: number,
  kept: number | null,
];

/** The same by number of the register, offset / 4. */
export interface Plain {
  /** The word that is read, or -1. */
  readonly reads: Int8Array;
  /** The word that is written, or -1, and the bits it keeps. */
  readonly writes: Int8Array;
  readonly kept: Int32Array;
}

/** Registers of a device of 4 KiB. */
const registers = 1024;

/** Where a table of several kinds of devices has a register. */
export const plainAt = (kind: number, offset: number): number =>
  kind * registers + (offset >> 2);

/** The tables of several kinds, one behind the other. */
export const joined = (kinds: readonly Plain[]): Plain => ({
  reads: Int8Array.from(kinds.flatMap(({ reads }) => [...reads])),
  writes: Int8Array.from(kinds.flatMap(({ writes }) => [...writes])),
  kept: Int32Array.from(kinds.flatMap(({ kept }) => [...kept])),
});

/** The table of these registers. */
export const plainOf = (rows: readonly PlainRow[]): Plain => {
  const reads = new Int8Array(registers).fill(-1);
  const writes = new Int8Array(registers).fill(-1);
  const kept = new Int32Array(registers);
  for (const [offset, word, bits] of rows) {
    reads[offset >> 2] = word;
    if (bits === null) continue;
    writes[offset >> 2] = word;
    kept[offset >> 2] = bits;
  }
  return { reads, writes, kept };
};
