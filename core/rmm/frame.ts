/**
 * What an RMM handler works on: one REC taken out of the world, and put back.
 *
 * Handlers are functions from frame to frame. Only `open` and `close` know
 * where in the world a REC's parts live.
 *
 * @module
 */

import type { Memory } from "../realm/memory.ts";
import type { Rec } from "../realm/rec.ts";
import { readX, writeX } from "../realm/rec.ts";
import type { World } from "../world.ts";
import type { RmmProfile } from "./profile.ts";
import type { RecExit } from "./recrun.ts";
import { zero_exit } from "./recrun.ts";
import type { Rmm, RmmRec } from "./state.ts";

/** One REC, what it shares with its realm, and the exit being written. */
export interface Frame {
  /** Which RMM this is. */
  readonly profile: RmmProfile;
  /** Number of the REC. */
  readonly index: number;
  /** The REC's registers; `pc` is ELR_EL2 and `pstate` is SPSR_EL2. */
  readonly regs: Rec;
  /** The RMM's state of the REC. */
  readonly rec: RmmRec;
  /** The RMM's state of the realm; its entry for this REC is stale, see `rec`. */
  readonly rmm: Rmm;
  /** The realm's RAM. */
  readonly memory: Memory;
  /** The exit half being filled, zero to begin with (§1.3). */
  readonly exit: RecExit;
}

/** What a handler decided. */
export type Handled =
  /** The realm goes on. */
  | { readonly tag: "Resume"; readonly frame: Frame }
  /** The host gets the exit. */
  | { readonly tag: "Exit"; readonly frame: Frame }
  /** The RMM stops the machine. */
  | { readonly tag: "Panic"; readonly name: string };

/** The realm goes on from `frame`. */
export const resume = (frame: Frame): Handled => ({ tag: "Resume", frame });

/** The host gets `frame.exit`. */
export const leave = (frame: Frame): Handled => ({ tag: "Exit", frame });

/** The RMM stops: `system_abort` or the text of a failed assertion. */
export const panic = (name: string): Handled => ({ tag: "Panic", name });

/** Takes REC `index` out of the world, or null when there is no such REC. */
export const open = (world: World, index: number): Frame | null => {
  const regs = world.realm.recs[index];
  const rec = world.rmm.recs[index];
  if (regs === undefined || rec === undefined) return null;
  return {
    profile: world.profile.rmm,
    index,
    regs,
    rec,
    rmm: world.rmm,
    memory: world.realm.memory,
    exit: zero_exit,
  };
};

/** Puts a frame back; the run page is not touched. */
export const close = (world: World, frame: Frame): World => ({
  ...world,
  realm: {
    ...world.realm,
    recs: world.realm.recs.with(frame.index, frame.regs),
    memory: frame.memory,
  },
  rmm: { ...frame.rmm, recs: frame.rmm.recs.with(frame.index, frame.rec) },
});

/** Puts a frame back and copies its exit half to the run page. */
export const closeExited = (world: World, frame: Frame): World => {
  const run = world.runs[frame.index];
  const closed = close(world, frame);
  if (run === undefined) return closed;
  const runs = world.runs.with(frame.index, { ...run, exit: frame.exit });
  return { ...closed, runs };
};

/** The frame with some fields of the exit set. */
export const withExit = (frame: Frame, parts: Partial<RecExit>): Frame => ({
  ...frame,
  exit: { ...frame.exit, ...parts },
});

/** The frame with some of the RMM's state of the REC changed. */
export const withRec = (frame: Frame, parts: Partial<RmmRec>): Frame => ({
  ...frame,
  rec: { ...frame.rec, ...parts },
});

/** Reads X`n`; 31 is XZR. */
export const getX = (frame: Frame, n: number): bigint => readX(frame.regs, n);

/** The frame with X`n` := `value`; 31 is XZR and changes nothing. */
export const setX = (frame: Frame, n: number, value: bigint): Frame => ({
  ...frame,
  regs: writeX(frame.regs, n, value),
});

/** The frame with PC moved past the trapped instruction. */
export const advance = (frame: Frame): Frame => ({
  ...frame,
  regs: { ...frame.regs, pc: BigInt.asUintN(64, frame.regs.pc + 4n) },
});

/** 31 exit registers of which the first ones are given and the rest are zero. */
export const exitGprs = (...first: readonly bigint[]): readonly bigint[] =>
  zero_exit.gprs.map((zero, index) => first[index] ?? zero);
