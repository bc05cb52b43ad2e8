/**
 * REC enter: the checks of RMI_REC_ENTER in TF-RMM's order, and the
 * completion of whatever the last exit left open.
 *
 * Checks come first and change nothing; from the first completion on the
 * entry cannot fail. RMI_PSCI_COMPLETE and RTT_SET_RIPAS are elsewhere.
 *
 * Source: TF-RMM `run.c` (`smc_rec_enter`); DEN0137 B4.3.14; rmm.md §3.
 *
 * @module
 */

import type { World } from "../world.ts";
import { close, closeExited, type Frame, open, withRec } from "./frame.ts";
import { completeHostCall, type HostCallCompletion } from "./hostcall.ts";
import { completeMmio, completeSea } from "./mmio.ts";
import { FLAG, type RecEnter } from "./recrun.ts";
import { completeRipas } from "./ripas.ts";
import { failed, type RmiFailure } from "./rmi.ts";
import { completeSysregRead } from "./sysreg.ts";
import { isVgicValid } from "./vgic.ts";

/** How RMI_REC_ENTER began. */
export type EnterOutcome =
  /** The REC runs. */
  | { readonly tag: "Entered"; readonly world: World }
  /** RMI_SUCCESS with a new exit, although the REC did not run (§3.6). */
  | { readonly tag: "Returned"; readonly world: World }
  /** Nothing changed and no exit was written. */
  | RmiFailure;

const has = (enter: RecEnter, flag: bigint): boolean =>
  (enter.flags & flag) !== 0n;

/** Checks that depend on the REC's and the realm's state only (§3.1 steps 4 to 9). */
const refusal = (frame: Frame, enter: RecEnter): RmiFailure | null => {
  const { rec, rmm, profile } = frame;
  if (rec.running) return failed("RMI_ERROR_REC");
  if (rmm.state === "NEW") return failed("RMI_ERROR_REALM");
  if (rmm.state !== "ACTIVE") {
    return failed("RMI_ERROR_REALM", profile.system_off_index);
  }
  if (!rec.runnable || rec.psci_pending) return failed("RMI_ERROR_REC");
  const checked = profile.vgic === "recrun";
  return checked && !isVgicValid(enter) ? failed("RMI_ERROR_REC") : null;
};

/** INJECT_SEA, then EMUL_MMIO; null when either is refused (§3.1 steps 10, 11). */
const completeAbort = (frame: Frame, enter: RecEnter): Frame | null => {
  const inject = has(enter, FLAG.INJECT_SEA);
  const emulate = has(enter, FLAG.EMUL_MMIO) &&
    !(inject && frame.profile.sea_wins);
  const gpr0 = enter.gprs[0] ?? 0n;
  // Builds without `sea_wins` moved PC first and then took the SEA there.
  const emulated = emulate ? completeMmio(frame, gpr0) : frame;
  if (emulated === null) return null;
  return inject ? completeSea(emulated) : emulated;
};

const completeChanges = (frame: Frame, enter: RecEnter): Frame =>
  completeSysregRead(
    completeRipas(frame, has(enter, FLAG.RIPAS_RESPONSE)),
    enter.gprs[0] ?? 0n,
  );

/** Host call, RIPAS change and register read in the profile's order (§3.1 steps 12 to 16b). */
const complete = (frame: Frame, enter: RecEnter): HostCallCompletion => {
  if (!frame.profile.host_call_before_ripas) {
    return completeHostCall(completeChanges(frame, enter), enter.gprs);
  }
  const called = completeHostCall(frame, enter.gprs);
  if (called.tag === "Missing") return called;
  return { ...called, frame: completeChanges(called.frame, enter) };
};

/** The REC inside: the last abort is forgotten and the traps are as asked, for this run only. */
const started = (frame: Frame, enter: RecEnter): Frame =>
  withRec(frame, {
    running: true,
    last_run_info: { ...frame.rec.last_run_info, esr: 0n },
    trap_wfi: has(enter, FLAG.TRAP_WFI),
    trap_wfe: has(enter, FLAG.TRAP_WFE),
  });

const withVgic = (frame: Frame, enter: RecEnter): Frame =>
  frame.profile.vgic === "registers" ? frame : withRec(frame, {
    vgic: { hcr: enter.gicv3_hcr, lrs: enter.gicv3_lrs },
  });

/**
 * RMI_REC_ENTER for REC `rec` with the enter half of its run page.
 *
 * Errors: RMI_ERROR_INPUT when there is no such REC, RMI_ERROR_REALM when the
 * realm is not ACTIVE, RMI_ERROR_REC when the REC is running, not runnable,
 * waits for PSCI_COMPLETE, has an invalid vGIC state, or when a flag asks for
 * something the last exit does not allow.
 */
export const enter = (world: World, rec: number): EnterOutcome => {
  const frame = open(world, rec);
  const half = world.runs[rec]?.enter;
  if (frame === null || half === undefined) return failed("RMI_ERROR_INPUT");
  const refused = refusal(frame, half);
  if (refused !== null) return refused;
  const answered = completeAbort(withVgic(frame, half), half);
  if (answered === null) return failed("RMI_ERROR_REC");
  const completed = complete(answered, half);
  if (completed.tag === "Missing") {
    return { tag: "Returned", world: closeExited(world, completed.frame) };
  }
  const inside = started(completed.frame, half);
  return { tag: "Entered", world: close(world, inside) };
};
