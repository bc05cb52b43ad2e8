/**
 * Worlds in which a REC is about to run a benchmark kernel, MMU off or on.
 *
 * @module
 */

import { type Memory, read, write } from "../core/realm/memory.ts";
import type { World } from "../core/world.ts";
import { bootedWith } from "./world.ts";

/** A kernel: its place in the table of `guests/table.S`, and X0 on. */
export interface Kernel {
  readonly name: string;
  readonly at: number;
  readonly x: readonly bigint[];
}

const buffer = 0x4020_0000n;
const target = 0x4024_0000n;
const table = 0x4028_0000n;
const stack = 0x4038_0000n;

/** Four loops, as long as `guests/main.c` makes them for QEMU times `scale`. */
export const kernels = (scale: number): readonly Kernel[] => {
  const times = (count: number) => BigInt(Math.max(1, count * scale));
  return [
    { name: "sieve", at: 0, x: [times(100), buffer, 65536n] },
    { name: "crc", at: 1, x: [times(200), buffer, 65536n, table] },
    { name: "copy", at: 2, x: [times(4000), buffer, target, 65536n] },
    { name: "mix", at: 3, x: [times(4_000_000), 0x9e37_79b9_7f4a_7c15n] },
  ];
};

/** The wide code: 32,000 instructions, each executed once a pass. */
export const wide = (passes: number): Kernel => ({
  name: "wide",
  at: 5,
  x: [BigInt(passes)],
});

const code = 0x4008_0000;

/** Where a kernel returns to: an HVC behind the table of entries. */
const stop = BigInt(code + 6 * 8);

const tables = 0x4040_0000;

/** 8 MiB from the start of RAM mapped flat in pages of 4 KiB, Normal memory. */
const withTables = (memory: Memory): Memory => {
  const words = new BigUint64Array(6 * 512);
  words[1] = BigInt(tables + 0x1000) | 3n;
  for (let n = 0; n < 4; n++) {
    words[512 + n] = BigInt(tables + 0x2000 + n * 0x1000) | 3n;
  }
  for (let n = 0; n < 4 * 512; n++) {
    words[1024 + n] = BigInt(0x4000_0000 + n * 4096) | 0x703n;
  }
  return write(memory, tables, new Uint8Array(words.buffer));
};

/** TCR_EL1: 39-bit addresses in the lower half only, 40-bit output. */
const tcr = 25n | 1n << 23n | 2n << 32n;

/** A world whose REC 0 is at the entry of a kernel. */
export const worldOf = (kernel: Kernel, mmu: boolean): World => {
  const world = bootedWith("guests/kernels.elf");
  const entries = read(world.realm.memory, code, 6 * 8);
  const pc = new DataView(entries.buffer).getBigUint64(8 * kernel.at, true);
  const own = world.realm.recs[0]!;
  const x = own.x.map((zero, n) => kernel.x[n] ?? (n === 30 ? stop : zero));
  const sys = mmu
    ? {
      ...own.sys,
      ttbr0_el1: BigInt(tables),
      tcr_el1: tcr,
      mair_el1: 0xffn,
      sctlr_el1: own.sys.sctlr_el1 | 1n,
    }
    : own.sys;
  const memory = mmu ? withTables(world.realm.memory) : world.realm.memory;
  const rec = { ...own, x, pc, sys, sp_el1: stack };
  return { ...world, realm: { recs: [rec], memory } };
};
