/**
 * Worlds for the realm's tests: one REC at EL1 in 1 MiB of RAM, page tables on
 * request, instructions as words.
 *
 * @module
 */

import { boot } from "../core/boot.ts";
import { virt } from "../core/device/board.ts";
import { sync } from "../core/host/revision.ts";
import { write } from "../core/realm/memory.ts";
import { run } from "../core/realm/run.ts";
import type { Rec, Sysregs } from "../core/realm/rec.ts";
import { type Feature, rmm_2_0 } from "../core/rmm/profile.ts";
import type { Syndrome } from "../core/rmm/state.ts";
import type { World } from "../core/world.ts";

/** First byte of RAM, and where code runs. */
export const ram = 0x4000_0000;

/** Where the fixture's exception vectors are. */
export const vectors = 0x4008_0000n;

/** The Unprotected alias of IPA 0. */
export const alias = 0x80_0000_0000n;

/** Encodings the tests need by name. */
export const A64 = {
  NOP: 0xd503201f,
  WFE: 0xd503205f,
  WFI: 0xd503207f,
  ERET: 0xd69f03e0,
  LDR_X0_X1: 0xf9400020,
  STR_X0_X1: 0xf9000020,
  LDR_X0_SP: 0xf94003e0,
  LDP_X0_X2_X1: 0xa9400820,
  LDXR_X0_X1: 0xc85f7c20,
  STXR_W2_X0_X1: 0xc8027c20,
  LDADD_X2_X0_X1: 0xf8220020,
  LDTR_X0_X1: 0xf8400820,
  STTR_X0_X1: 0xf8000820,
  LDAR_X0_X1: 0xc8dffc20,
  SVC: 0xd4000aa1, // imm 0x55
  HVC: 0xd4000aa2,
  SMC: 0xd4000aa3,
  BRK: 0xd4200aa0,
  B_SELF: 0x14000000,
  FADD: 0x1e622820,
  MSR_DAIFCLR_A: 0xd50344ff,
  DC_ZVA_X1: 0xd50b7421,
} as const;

/** MRS Xt from, and MSR or SYS Xt to, a 16-bit encoding. */
export const mrsWord = (code: number, rt: number): number =>
  (0xd5200000 | code << 5 | (rt & 31)) >>> 0;
/** MSR (register) and SYS. */
export const msrWord = (code: number, rt: number): number =>
  (0xd5000000 | code << 5 | (rt & 31)) >>> 0;

/** What a fixture is built from. */
export interface Setup {
  /** Words placed at `ram`. */
  readonly words?: readonly number[];
  /** 64-bit words placed at further IPAs. */
  readonly data?: readonly (readonly [ipa: number, value: bigint])[];
  readonly x?: Readonly<Record<number, bigint>>;
  readonly sys?: Partial<Sysregs>;
  readonly rec?: Partial<Rec>;
  readonly features?: readonly Feature[];
  readonly recs?: number;
  readonly little?: boolean;
}

const bytesOf = (words: readonly number[]): Uint8Array => {
  const bytes = new Uint8Array(words.length * 4);
  const view = new DataView(bytes.buffer);
  words.forEach((word, at) => view.setUint32(at * 4, word, true));
  return bytes;
};

const doubleword = (value: bigint, little: boolean): Uint8Array => {
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setBigUint64(0, value, little);
  return bytes;
};

/** A world whose REC 0 is about to execute `words`. */
export const worldOf = (setup: Setup): World => {
  const made = boot({
    board: { ...virt, ram: { base: ram, bytes: 1 << 20 } },
    rmm: { ...rmm_2_0, features: setup.features ?? [] },
    kvm: sync,
    devices: "user",
    ipa_bits: 40,
    recs: setup.recs ?? 1,
    image: null,
  });
  if (made.tag !== "Booted") throw new Error(made.what);
  const { world } = made;
  let memory = write(world.realm.memory, ram, bytesOf(setup.words ?? []));
  for (const [ipa, value] of setup.data ?? []) {
    memory = write(memory, ipa, doubleword(value, setup.little ?? true));
  }
  const own = world.realm.recs[0]!;
  const x = own.x.map((value, n) => setup.x?.[n] ?? value);
  const rec: Rec = {
    ...own,
    x,
    ...setup.rec,
    sys: { ...own.sys, vbar_el1: vectors, ...setup.sys },
  };
  const recs = world.realm.recs.with(0, rec);
  return { ...world, realm: { recs, memory } };
};

/** A world in which REC 0's RMM state is changed. */
export const withRmm = (
  world: World,
  change: Partial<World["rmm"]["recs"][number]>,
): World => {
  const kept = { ...world.rmm.recs[0]!, ...change };
  return {
    ...world,
    rmm: { ...world.rmm, recs: world.rmm.recs.with(0, kept) },
  };
};

/** What a run left behind. */
export interface Ran {
  readonly world: World;
  readonly rec: Rec;
  readonly trap: Syndrome | null;
}

/** Runs REC 0 for `budget` instructions. */
export const ran = (world: World, budget: number = 1): Ran => {
  const done = run(world, 0, budget).world;
  return {
    world: done,
    rec: done.realm.recs[0]!,
    trap: done.rmm.recs[0]!.trap,
  };
};

/** Builds a world and runs it. */
export const runOf = (setup: Setup, budget: number = 1): Ran =>
  ran(worldOf(setup), budget);

/** Table of the top level, and three below it, one per level of a 48-bit walk. */
export const tables = [0x4001_0000, 0x4001_1000, 0x4001_2000, 0x4001_3000];

/** A table descriptor to, or a page or block at, `at`. */
export const tableAt = (at: number | bigint): bigint => BigInt(at) | 3n;
/** A valid level 3 descriptor with the access flag set. */
export const pageAt = (at: number | bigint): bigint => BigInt(at) | 0x403n;
/** A valid level 1 or 2 block descriptor with the access flag set. */
export const blockAt = (at: number | bigint): bigint => BigInt(at) | 0x401n;

/** 48-bit input, 48-bit output, both halves. */
export const tcr = 16n | 16n << 16n | 5n << 32n | 2n << 30n;

/**
 * System registers with the MMU on: TTBR0_EL1 and TTBR1_EL1 at `tables[0]`,
 * attribute 0 Normal write-back, attribute 1 Device-nGnRnE.
 */
export const mmuOn: Partial<Sysregs> = {
  sctlr_el1: 0x00c5_0878n | 1n,
  tcr_el1: tcr,
  ttbr0_el1: BigInt(tables[0]!),
  ttbr1_el1: BigInt(tables[0]!),
  mair_el1: 0x00ffn,
};

/**
 * Tables that map the first 2 MiB from `ram` flat at level 3 and leave the rest
 * to `pages`: [virtual address below 2 MiB from `ram`, descriptor].
 */
export const mapped = (
  pages: readonly (readonly [va: number, descriptor: bigint])[],
): readonly (readonly [number, bigint])[] => {
  const entries = new Map<number, bigint>();
  for (let at = 0; at < 256; at++) {
    entries.set(tables[3]! + at * 8, pageAt(ram + at * 4096));
  }
  for (const [va, descriptor] of pages) {
    entries.set(tables[3]! + ((va - ram) >> 12) * 8, descriptor);
  }
  return [
    [tables[0]!, tableAt(tables[1]!)],
    [tables[1]! + 8, tableAt(tables[2]!)],
    [tables[2]!, tableAt(tables[3]!)],
    ...entries,
  ];
};
