/**
 * `Run`: a REC executes instructions until its budget is spent or an
 * exception reaches R-EL2.
 *
 * Each turn fetches and either completes an instruction or takes an exception
 * to EL1; both spend one of the budget. So a run of n then one of m is the
 * run of n + m.
 *
 * @module
 */

import type { Outcome, Port } from "../a64/cpu.ts";
import { execute } from "../a64/evaluate.ts";
import { EC } from "../arch/esr.ts";
import { PSTATE } from "../arch/pstate.ts";
import { bit } from "../arch/word.ts";
import type { Ask } from "../device/ask.ts";
import type { World } from "../world.ts";
import { close } from "./close.ts";
import {
  deliver,
  exceptionReturn,
  raise,
  takeSerror,
  trap,
  undef,
} from "./exception.ts";
import { fetchWord } from "./fetch.ts";
import { type Machine, open } from "./machine.ts";
import { portOf } from "./port.ts";
import { prepare } from "./prepared.ts";
import { count } from "./timer.ts";
import { unsupported } from "./unsupported.ts";

/** The instruction is done; PC has moved. */
const retire = (m: Machine): void => {
  m.retired += 1;
};

/** The instruction is done and PC has yet to move past it. */
const pass = (m: Machine): void => {
  m.cpu.pc = BigInt.asUintN(64, m.cpu.pc + 4n);
  retire(m);
};

type Call = Extract<Outcome, { readonly tag: "Exception" }>;

/** SVC, HVC, SMC and BRK. The first two return to the next instruction, the others to themselves. */
const call = (m: Machine, { kind, imm }: Call): void => {
  if (m.el === 0 && (kind === "hvc" || kind === "smc")) {
    undef(m);
    return;
  }
  switch (kind) {
    case "svc":
      pass(m);
      raise(m, EC.SVC64, imm);
      return;
    case "hvc":
      pass(m);
      trap(m, EC.HVC64, imm);
      return;
    case "smc":
      trap(m, EC.SMC64, imm); // HCR_EL2.TSC
      return;
    case "brk":
      raise(m, EC.BRK64, imm);
      return;
  }
};

type Wait = Extract<Outcome, { readonly tag: "Wait" }>;

/** TI, ISS bits 1:0 of a trapped WFx. */
const ti = { wfi: 0, wfe: 1, wfit: 2, wfet: 3 } as const;

const NTWI = 16; // SCTLR_EL1
const NTWE = 18;

/** ISS of a trapped WFx: CV, COND = always, and for WFIT and WFET the register. */
const waitIss = ({ kind, rt }: Wait): number => {
  const timed = kind === "wfit" || kind === "wfet";
  return 1 << 24 | 0xe << 20 | (timed ? rt << 5 | 1 << 2 : 0) | ti[kind];
};

/**
 * WFI, WFE and their timed forms: trapped, or over at once, for nothing here
 * suspends execution. A deadline that has passed is no wait and no trap.
 */
const wait = (m: Machine, outcome: Wait): void => {
  const { kind, rt } = outcome;
  const timed = kind === "wfit" || kind === "wfet";
  const deadline = rt === 31 ? 0n : m.cpu.x[rt]!;
  if (timed && deadline <= count(m.retired)) return pass(m);
  const isWfi = kind === "wfi" || kind === "wfit";
  // A pending virtual SError wakes WFI even while PSTATE.A masks it.
  if (isWfi && m.vserror !== null) return pass(m);
  if (m.el === 0 && !bit(m.sys.sctlr_el1, isWfi ? NTWI : NTWE)) {
    raise(m, EC.WFX, waitIss(outcome));
    return;
  }
  if (isWfi ? m.trap_wfi : m.trap_wfe) {
    trap(m, EC.WFX, waitIss(outcome));
    return;
  }
  pass(m);
};

/** What the machine makes of an instruction that did not simply go on. */
const settle = (m: Machine, outcome: Outcome): void => {
  switch (outcome.tag) {
    case "Next":
      retire(m);
      return;
    case "Fault":
      break;
    case "Exception":
      call(m, outcome);
      break;
    case "Undefined":
      if (outcome.why === null) undef(m);
      else unsupported(m, outcome.why);
      break;
    case "Wait":
      wait(m, outcome);
      break;
    case "Eret":
      if (m.el === 0) {
        undef(m);
        break;
      }
      exceptionReturn(m);
      retire(m);
      break;
  }
  deliver(m);
};

const SA = 3; // SCTLR_EL1
const SA0 = 4;

const spMisaligned = (m: Machine): boolean =>
  (m.cpu.sp[m.cpu.spIndex] & 15n) !== 0n &&
  bit(m.sys.sctlr_el1, m.el === 1 ? SA : SA0);

const fetchAndExecute = (m: Machine, port: Port): void => {
  const word = fetchWord(m);
  if (word === null) return deliver(m);
  m.word = word;
  if ((m.pstate & PSTATE.IL) !== 0n) {
    raise(m, EC.ILLEGAL_STATE, 0);
    return deliver(m);
  }
  const { micros, spBase } = prepare(word);
  if (spBase && spMisaligned(m)) {
    raise(m, EC.SP_ALIGN, 0);
    return deliver(m);
  }
  const outcome = execute(micros, m.cpu, port);
  if (outcome.tag === "Next") retire(m);
  else settle(m, outcome);
};

/** Takes a pending virtual SError as soon as PSTATE.A allows. */
const takePending = (m: Machine): void => {
  if (m.vserror !== null && (m.pstate & PSTATE.A) === 0n) {
    takeSerror(m, m.vserror);
  }
};

/**
 * One turn of an open machine: an instruction, or the exception that came
 * instead of it. The law: while no `trap` waits, `n` turns are a run of `n`.
 */
export const turn = (m: Machine, port: Port): void => {
  if (m.vserror !== null) takePending(m);
  fetchAndExecute(m, port);
};

/**
 * Executes at most `budget` instructions of REC `rec`. The next world shares
 * every page that was not written; an exception to R-EL2 ends the run and is
 * left in `rmm.recs[rec].trap`. While one waits there, or without such a REC,
 * the world comes back as it is.
 */
export const run = (
  world: World,
  rec: number,
  budget: number,
): { readonly world: World; readonly asks: readonly Ask[] } => {
  const m = open(world, rec);
  if (m === null || m.trap !== null) return { world, asks: [] };
  const port = portOf(m);
  for (let left = budget; 0 < left && m.trap === null; left--) {
    turn(m, port);
  }
  return { world: close(world, m), asks: m.asks };
};
