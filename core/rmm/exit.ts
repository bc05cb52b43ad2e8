/**
 * REC exit: what the RMM does with an exception the realm took to R-EL2.
 *
 * The syndrome the host sees is a cut-down copy; the full one is kept in
 * `last_run_info` and is what the next entry is judged by.
 *
 * Source: TF-RMM `exit.c` (`handle_realm_exit`, `handle_exception_sync`);
 * rmm.md §2.
 *
 * @module
 */

import { control, count } from "../realm/timer.ts";
import { EC, ec, esrField } from "../arch/esr.ts";
import { field, get, word } from "../arch/word.ts";
import type { World } from "../world.ts";
import { dataAbort, instructionAbort } from "./abort.ts";
import {
  advance,
  close,
  closeExited,
  exitGprs,
  type Frame,
  getX,
  type Handled,
  leave,
  open,
  panic,
  resume,
  withExit,
  withRec,
} from "./frame.ts";
import { injectUndef } from "./inject.ts";
import { EXIT } from "./recrun.ts";
import { serror } from "./serror.ts";
import { smc } from "./smc.ts";
import type { Syndrome } from "./state.ts";
import { isv_bit, wfx_full_mask, wfx_mask } from "./syndrome.ts";
import { sysregTrap } from "./sysreg.ts";
import { hcr_exit_mask } from "./vgic.ts";

/** An exception taken from the realm to R-EL2. */
export type Exception =
  | { readonly tag: "Sync" } & Syndrome
  | { readonly tag: "Irq" }
  | { readonly tag: "Fiq" }
  | { readonly tag: "Serror" } & Syndrome
  /** None of the four vectors the RMM knows. */
  | { readonly tag: "Unrecognised" };

/** What came of an exception. */
export type ExitOutcome =
  /** The realm goes on; the host saw nothing. */
  | { readonly tag: "Resumed"; readonly world: World }
  /** RMI_REC_ENTER returns RMI_SUCCESS and the run page holds the exit. */
  | { readonly tag: "Exited"; readonly world: World }
  /** The RMM stops the machine: `system_abort`, or the text of a failed assertion. */
  | { readonly tag: "Panic"; readonly name: string };

/** The ISS of a trapped WFI, WFE, WFIT or WFET. */
const WFX = { Rn: field(9, 5), RV: field(2), TI: field(1, 0) } as const;

/** A trapped wait is over when the REC is next entered: PC moves on at once (§2.7). */
const waits = (frame: Frame, esr: bigint): Handled => {
  if (frame.profile.wfx_ti === "low-bit") {
    return leave(withExit(advance(frame), { esr: esr & wfx_mask }));
  }
  const timed = get(esr, WFX.RV) === 1 && 2 <= get(esr, WFX.TI);
  const timeout = timed ? getX(frame, get(esr, WFX.Rn)) : 0n;
  return leave(withExit(advance(frame), {
    esr: esr & wfx_full_mask,
    gprs: exitGprs(timeout),
  }));
};

const undef = (frame: Frame, elr: bigint = frame.regs.pc): Handled =>
  resume({ ...frame, regs: injectUndef(frame.regs, frame.profile, elr) });

/** ELR_EL2 of an HVC is already past it; TF-RMM hands that on (§4.3). */
const hvc = (frame: Frame): Handled =>
  frame.profile.hvc_elr === "next"
    ? undef(frame)
    : undef(frame, word(frame.regs.pc - 4n));

/** FP and SIMD registers are switched lazily; SVE only when the realm has it, SME never (§2.7). */
const simd = (frame: Frame, esr: bigint): Handled => {
  const { sve } = frame.profile;
  const { simd_live } = frame.rec;
  if (ec(esr) === EC.SVE && !sve) return undef(frame);
  if (ec(esr) === EC.SME && (!sve || simd_live)) return undef(frame);
  if (simd_live) {
    return panic(
      "assert(rec->active_simd_ctx != rec->aux_data.simd_ctx) in handle_simd_exception",
    );
  }
  return resume(withRec(frame, { simd_live: true }));
};

const synchronous = (frame: Frame, syndrome: Syndrome): Handled => {
  const { esr } = syndrome;
  switch (ec(esr)) {
    case EC.WFX:
      return waits(frame, esr);
    case EC.HVC64:
      return hvc(frame);
    case EC.SMC64:
      return smc(frame);
    case EC.SYS64:
      return sysregTrap(frame, esr);
    case EC.IABT_LOW:
      return instructionAbort(frame, syndrome);
    case EC.DABT_LOW:
      return dataAbort(frame, syndrome);
    case EC.FP_ASIMD:
    case EC.SVE:
    case EC.SME:
      return simd(frame, esr);
    default:
      // The host learns that something happened, and nothing else.
      return leave(frame);
  }
};

const handle = (frame: Frame, exception: Exception): Handled => {
  switch (exception.tag) {
    case "Sync":
      return synchronous(frame, exception);
    case "Irq":
      return leave(withExit(frame, { exit_reason: EXIT.IRQ }));
    case "Fiq":
      return leave(withExit(frame, { exit_reason: EXIT.FIQ }));
    case "Serror":
      return serror(frame, exception.esr);
    case "Unrecognised":
      return leave(frame);
  }
};

/**
 * The syndrome as the RMM keeps it: whole, but without ISV when the reported
 * one lost it, so that a saved data abort with ISV is an emulatable one (§2.9).
 */
const saved = (frame: Frame, exception: Exception): Syndrome => {
  if (exception.tag !== "Sync" && exception.tag !== "Serror") {
    return frame.rec.last_run_info;
  }
  const { tag, esr, far, hpfar } = exception;
  const drops = tag === "Sync" && frame.profile.saved_isv_follows &&
    esrField(frame.exit.esr, "ISV") === 0;
  return { esr: drops ? esr & ~isv_bit : esr, far, hpfar };
};

/** What every exit carries whatever its cause: timers, and the vGIC where it travels in RecRun. */
const withMachine = (frame: Frame): Frame => {
  const { cntp_ctl_el0, cntp_cval_el0, cntv_ctl_el0, cntv_cval_el0 } =
    frame.regs.sys;
  const now = count(frame.regs.retired);
  const { vgic } = frame.rec;
  return withExit(frame, {
    cntp_ctl: control(cntp_ctl_el0, cntp_cval_el0, now),
    cntp_cval: cntp_cval_el0,
    cntv_ctl: control(cntv_ctl_el0, cntv_cval_el0, now),
    cntv_cval: cntv_cval_el0,
    ...(vgic === null ? {} : {
      gicv3_hcr: vgic.hcr & hcr_exit_mask,
      gicv3_lrs: vgic.lrs,
    }),
  });
};

/**
 * Handles an exception that running REC `rec` took to R-EL2.
 *
 * The REC's `pc` must be ELR_EL2: the preferred return address, which for an
 * HVC is the instruction after it and for everything else the instruction
 * itself. A pending `trap` is cleared. Timers are reported as they read, with a
 * counter offset of zero.
 */
export const exit = (
  world: World,
  rec: number,
  exception: Exception,
): ExitOutcome => {
  const opened = open(world, rec);
  if (opened === null) return { tag: "Panic", name: "no such REC" };
  const frame = withRec(opened, { trap: null });
  // The RMM returns to the realm by ERET, now or later, which opens the monitor.
  const regs = frame.regs.monitor === null
    ? frame.regs
    : { ...frame.regs, monitor: null };
  const handled = handle({ ...frame, regs }, exception);
  switch (handled.tag) {
    case "Panic":
      return handled;
    case "Resume":
      return { tag: "Resumed", world: close(world, handled.frame) };
    case "Exit": {
      const left = handled.frame;
      const done = withRec(withMachine(left), {
        running: false,
        simd_live: false,
        last_run_info: saved(left, exception),
      });
      return { tag: "Exited", world: closeExited(world, done) };
    }
  }
};
