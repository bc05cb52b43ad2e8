/**
 * The machine of one `Run`: a private, mutable copy of a REC and a draft of
 * the realm's memory, opened from a world.
 *
 * @module
 */

import type { Cpu } from "../a64/cpu.ts";
import { exceptionLevel, NZCV, PSTATE } from "../arch/pstate.ts";
import { bit } from "../arch/word.ts";
import type { Ask } from "../device/ask.ts";
import type { Feature } from "../rmm/profile.ts";
import type { Stage2 } from "../rmm/stage2.ts";
import type { Syndrome } from "../rmm/state.ts";
import type { World } from "../world.ts";
import { type Draft, draft, readable, writable } from "./memory.ts";
import { drop, forget, type Pages, pages, zero_view } from "./pages.ts";
import type { Monitor, Rec, Sysregs } from "./rec.ts";

/** An exception an instruction caused: the level it is taken to, and its syndrome. */
export type Exception =
  /** To EL1; `far` is null where FAR_EL1 does not change. */
  | { readonly tag: "El1"; readonly esr: bigint; readonly far: bigint | null }
  /** To R-EL2. */
  | { readonly tag: "El2" } & Syndrome;

/** One REC while it runs. */
export interface Machine {
  /** Number of the REC. */
  readonly rec: number;
  readonly cpu: Cpu;
  /** PSTATE but for NZCV, which `cpu` holds. */
  pstate: bigint;
  /** Exception level. */
  el: 0 | 1;
  /** Data accesses and table walks are little-endian (SCTLR_EL1.EE, E0E). */
  little: boolean;
  sys: Sysregs;
  monitor: Monitor | null;
  /** The other RECs' monitors, by REC number; its own is null here. */
  readonly others: (Monitor | null)[];
  retired: number;
  /** The word being executed. */
  word: number;
  /** VSESR_EL2 of a pending virtual SError. */
  vserror: bigint | null;
  memory: Draft;
  readonly stage2: Stage2;
  readonly ipa_bits: number;
  readonly features: readonly Feature[];
  /** HCR_EL2.TWI and TWE; an engine that enters the REC itself changes them. */
  trap_wfi: boolean;
  trap_wfe: boolean;
  readonly pages: Pages;
  /** Why the current instruction did not complete. */
  exception: Exception | null;
  /** The exception that reached R-EL2 and ends the run. */
  trap: Syndrome | null;
  /** What went out, and for which addresses an unsupported instruction was told. */
  asks: Ask[];
  readonly told: Set<bigint>;
}

/** NZCV by its four bits, in SPSR layout. */
const flag_words: readonly bigint[] = Array.from(
  { length: 16 },
  (_, nzcv) => BigInt(nzcv) << 28n,
);

/** PSTATE, whole, in SPSR layout. */
export const readPstate = (m: Machine): bigint =>
  m.pstate | flag_words[m.cpu.nzcv]!;

/** True when data accesses at `el` are little-endian: SCTLR_EL1.EE at EL1, E0E at EL0. */
const isLittle = (sctlr: bigint, el: number): boolean =>
  !bit(sctlr, el === 1 ? 25 : 24);

/** Drops what depends on the translation registers or the context. */
export const reconfigure = (m: Machine): void => {
  m.little = isLittle(m.sys.sctlr_el1, m.el);
  drop(m.pages);
};

/** Replaces PSTATE, whole. */
export const writePstate = (m: Machine, value: bigint): void => {
  const context = m.pstate ^ value;
  m.pstate = value & ~NZCV;
  m.cpu.nzcv = Number((value >> 28n) & 15n);
  m.el = exceptionLevel(value) === 0 ? 0 : 1;
  m.cpu.spIndex = m.el === 1 && bit(value, 0) ? 1 : 0;
  // EL (bits 3:2) and PAN decide what a lookup may hold.
  if ((context & (PSTATE.PAN | 0xcn)) !== 0n) reconfigure(m);
};

/** Replaces one system register. */
export const writeSys = (
  m: Machine,
  name: keyof Sysregs,
  value: bigint,
): void => {
  m.sys = { ...m.sys, [name]: value };
};

/** The bytes of RAM page `index`, to read. */
export const readView = (m: Machine, index: number): DataView => {
  const page = readable(m.memory, index);
  return page === undefined
    ? zero_view
    : new DataView(page.buffer, page.byteOffset, page.byteLength);
};

/** The bytes of RAM page `index`, to write; the first time, the page is copied. */
export const writeView = (m: Machine, index: number): DataView => {
  if (!m.memory.owned.has(index)) {
    forget(m.pages.read);
    forget(m.pages.execute);
  }
  const page = writable(m.memory, index);
  return new DataView(page.buffer, page.byteOffset, page.byteLength);
};

/** Where a machine keeps X0 to X30, and SP_EL0 and SP_EL1. */
export type Registers = Pick<Cpu, "x" | "sp">;

const registersOf = (own: Rec): Registers => ({
  x: [...own.x],
  sp: [own.sp_el0, own.sp_el1],
});

/** What an engine opens a machine with, where it has its own. */
export interface Parts {
  /** The lookups, which hold for this REC. */
  readonly pages: Pages;
  /** Takes the registers in. */
  readonly registers: (own: Rec) => Registers;
  /** A draft that has come to the world's memory. */
  readonly memory: Draft;
}

/** Opens REC `rec` of a world, or null when there is none. */
export const open = (
  world: World,
  rec: number,
  parts: Parts | null = null,
): Machine | null => {
  const own = world.realm.recs[rec];
  const kept = world.rmm.recs[rec];
  if (own === undefined || kept === undefined) return null;
  const { x, sp } = (parts?.registers ?? registersOf)(own);
  const m: Machine = {
    rec,
    cpu: { x, sp, spIndex: 0, pc: own.pc, nzcv: 0 },
    pstate: own.pstate & ~NZCV, // so that the write below finds no change
    el: 0,
    little: true,
    sys: own.sys,
    monitor: own.monitor,
    others: world.realm.recs.map((other, at) =>
      at === rec ? null : other.monitor
    ),
    retired: own.retired,
    word: 0,
    vserror: kept.vserror,
    memory: parts?.memory ?? draft(world.realm.memory),
    stage2: world.rmm.stage2,
    ipa_bits: world.rmm.ipa_bits,
    features: world.profile.rmm.features,
    trap_wfi: kept.trap_wfi,
    trap_wfe: kept.trap_wfe,
    pages: parts?.pages ?? pages(),
    exception: null,
    trap: kept.trap,
    asks: [],
    told: new Set(),
  };
  writePstate(m, own.pstate);
  m.little = isLittle(m.sys.sctlr_el1, m.el);
  return m;
};
