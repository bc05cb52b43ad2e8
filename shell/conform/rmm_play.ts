/**
 * Plays the steps of an RMM vector with the reducers of `core/rmm` and lists
 * what they did in a vector's own terms.
 *
 * @module
 */

import { EC, ec } from "../../core/arch/esr.ts";
import { hex } from "../../core/arch/word.ts";
import { enter } from "../../core/rmm/enter.ts";
import { type Exception, exit, type ExitOutcome } from "../../core/rmm/exit.ts";
import { zero_enter, zero_run } from "../../core/rmm/recrun.ts";
import { RMI } from "../../core/rmm/rmi.ts";
import { created } from "../../core/rmm/state.ts";
import type { World } from "../../core/world.ts";
import type { Json } from "../codec/plain.ts";
import type {
  EnterInput,
  ExceptionInput,
  ExceptionStep,
} from "./rmm_vector.ts";
import {
  marked,
  rec,
  regsOf,
  unwritten,
  withPage,
  withRegs,
} from "./rmm_world.ts";

const exceptionOf = (input: ExceptionInput): Exception => {
  const { exc, esr, far, hpfar } = input;
  switch (exc) {
    case "sync":
      return { tag: "Sync", esr, far, hpfar };
    case "serror":
      return { tag: "Serror", esr, far, hpfar };
    case "irq":
      return { tag: "Irq" };
    case "fiq":
      return { tag: "Fiq" };
    case "other":
      return { tag: "Unrecognised" };
  }
};

const numbered = (
  words: readonly bigint[],
  keep: (word: bigint, n: number) => boolean,
): Json =>
  Object.fromEntries(
    words.flatMap((word, n) => keep(word, n) ? [[String(n), hex(word)]] : []),
  );

/** What a step did to the realm: as every vector's outputs list it. */
const effects = (before: World, after: World) => {
  const [from, to] = [regsOf(before), regsOf(after)];
  const { esr_el1, elr_el1, spsr_el1, far_el1 } = to.sys;
  const taken = esr_el1 !== unwritten;
  const sea = taken && ec(esr_el1) !== EC.UNKNOWN;
  return {
    sea,
    injected: !taken ? null : {
      kind: sea ? "sea" : "undef",
      esr_el1: hex(esr_el1),
      elr_el1: hex(elr_el1),
      spsr_el1: hex(spsr_el1),
      far_el1: far_el1 === unwritten ? null : hex(far_el1),
    },
    realm: {
      regs_changed: numbered(to.x, (word, n) => word !== from.x[n]),
      pc: hex(to.pc),
      pstate: hex(to.pstate),
    },
  };
};

const exitHalf = (world: World): { readonly [key: string]: Json } => {
  const { exit } = world.runs[rec] ?? zero_run;
  const saved = world.rmm.recs[rec]?.last_run_info.esr ?? 0n;
  return {
    exit_reason: Number(exit.exit_reason),
    esr: hex(exit.esr),
    far: hex(exit.far),
    hpfar: hex(exit.hpfar),
    gprs0: hex(exit.gprs[0] ?? 0n),
    gprs_rest: numbered(exit.gprs, (word, n) => 0 < n && word !== 0n),
    last_run_info_esr: hex(saved),
  };
};

/** An exit without a run, in the detail the vector has. */
const immediate = (world: World, wanted: unknown): Json => {
  if (typeof wanted !== "object" || wanted === null) return true;
  const half = exitHalf(world);
  return Object.fromEntries(
    Object.keys(wanted).map((key) => [key, half[key] ?? null]),
  );
};

/** The exit half and the saved syndrome, as a vector lists them. */
const exitOf = (outcome: ExitOutcome): Json => {
  if (outcome.tag === "Resumed") return { returned_to_host: false };
  if (outcome.tag === "Panic") {
    return { returned_to_host: false, panic: outcome.name };
  }
  return { returned_to_host: true, ...exitHalf(outcome.world) };
};

/** A step of a vector: the world after it, what it put out, and whether the host has the REC. */
export interface Played {
  readonly world: World;
  readonly out: { readonly [key: string]: Json };
  readonly returned: boolean;
}

/** Takes an exception and lists what came of it as a vector does. */
export const playException = (start: World, input: ExceptionInput): Played => {
  const before = marked(withPage(start, input));
  const outcome = exit(before, rec, exceptionOf(input));
  const shown = exitOf(outcome);
  if (outcome.tag === "Panic") {
    const out = { exit: shown, sea_injected_at_exit: false, injected: null };
    return { world: before, out, returned: false };
  }
  const { sea, injected, realm } = effects(before, outcome.world);
  const out = {
    exit: shown,
    sea_injected_at_exit: sea,
    injected,
    ...realm,
  };
  return {
    world: outcome.world,
    out,
    returned: outcome.tag === "Exited",
  };
};

/** The enter half of a vector: registers 1 to 30 hold a pattern that nothing may use. */
const enterHalf = ({ enter_flags, enter_gprs0 }: EnterInput) => ({
  ...zero_enter,
  flags: enter_flags,
  gprs: zero_enter.gprs.map((_, n) =>
    n === 0 ? enter_gprs0 : 0xbad0_bad0_bad0_0000n + BigInt(n)
  ),
});

/** The PE delivers a pending virtual SError when the REC runs. */
const delivered = (world: World): World => {
  const state = world.rmm.recs[rec] ?? created;
  const recs = world.rmm.recs.with(rec, { ...state, vserror: null });
  return { ...world, rmm: { ...world.rmm, recs } };
};

/**
 * Enters the REC and lists what came of it as a vector does. An entry that
 * exits at once is listed as true, or with the fields `wanted` names.
 */
export const playEnter = (
  start: World,
  input: EnterInput,
  wanted: unknown,
): Played => {
  const page = { ...zero_run, enter: enterHalf(input) };
  const before = marked({ ...start, runs: start.runs.with(rec, page) });
  const outcome = enter(before, rec);
  const after = outcome.tag === "Failed" ? before : outcome.world;
  const status = outcome.tag === "Failed" ? outcome.status : "RMI_SUCCESS";
  const index = outcome.tag === "Failed" ? outcome.index : 0;
  const { sea, injected, realm } = effects(before, after);
  const entered = outcome.tag === "Entered";
  const pending = entered && after.rmm.recs[rec]?.vserror !== null;
  const out = {
    status,
    code: RMI[status] | (index << 8),
    realm_ran: entered,
    ...realm,
    sea_injected: sea,
    injected,
    ...(pending ? { vserror_pending: true } : {}),
    ...(outcome.tag === "Returned"
      ? { immediate_exit: immediate(after, wanted) }
      : {}),
  };
  return {
    world: entered ? delivered(after) : after,
    out,
    returned: !entered,
  };
};

/** The world after what the realm did since it was entered. */
export const prepared = (world: World, input: ExceptionStep): World => {
  const regs = regsOf(world);
  let x = regs.x;
  for (const [n, word] of Object.entries(input.set_regs)) {
    x = x.with(Number(n), word);
  }
  const { set_pc, set_spsr } = input;
  return withRegs(world, {
    ...regs,
    x,
    pc: set_pc ?? regs.pc,
    pstate: set_spsr ?? regs.pstate,
  });
};
