/**
 * The whole road of one access: from the data abort, through RMM exit, KVM,
 * the device, KVM again and RMM enter, to the realm's next instruction.
 *
 * @module
 */

import { recExit } from "./abort.ts";
import type { Fast } from "./arrays.ts";
import { commonTrip } from "./common.ts";
import { recEnter } from "./enter.ts";
import { dabt } from "./exit.ts";
import { AT, CODE, type Code, EVENT, OWED, W } from "./layout.ts";
import { kvmRun, mmioComplete, vmmHandle } from "./user.ts";

/** Events after which a road that has not come back is left to the pure code: a host in a loop. */
export const road_events_max = 32;

/** Counts an event that was taken. */
const counted = (
  f: Fast,
  event: typeof EVENT[keyof typeof EVENT],
  code: Code,
): Code => {
  if (code === CODE.done) f.events[event] = f.events[event] + 1;
  return code;
};

/** The next event that a correct host brings about, as `next` in `schedule.ts` says. */
const hostEvent = (f: Fast): Code => {
  const { s } = f;
  switch (s[W.AT]) {
    case AT.exit:
      return counted(f, EVENT.RecExit, recExit(f));
    case AT.enter:
      return counted(f, EVENT.RecEnter, recEnter(f));
    default:
      switch (s[W.OWED]) {
        case OWED.MmioComplete:
          return counted(f, EVENT.MmioComplete, mmioComplete(f));
        case OWED.VmmHandle:
          return counted(f, EVENT.VmmHandle, vmmHandle(f));
        case OWED.none:
          return counted(f, EVENT.KvmRun, kvmRun(f, false));
        default:
          // Powered off: nobody's turn.
          return CODE.slow;
      }
  }
};

/** From wherever the vCPU is to the realm's next instruction; codes as for {@link roundTrip}. */
export const comeBack = (f: Fast): Code => {
  for (let events = 0; events < road_events_max; events++) {
    if (f.s[W.AT] === AT.guest) return CODE.done;
    if (hostEvent(f) !== CODE.done) return CODE.slow;
  }
  return f.s[W.AT] === AT.guest ? CODE.done : CODE.slow;
};

/**
 * The road of a data abort with ESR_EL2, FAR_EL2 and HPFAR_EL2 in halves; PC
 * and PSTATE in the register file are those of the instruction that aborted.
 *
 * `done`: the realm is to execute the instruction at PC, in PSTATE, both of
 * which may be new. `slow`: the arrays hold the state after the last event
 * that was taken, whose next one is the pure code's: store, step, and load
 * again. `refused`: the vCPU is not in the guest or the syndrome is not a data
 * abort's; nothing changed.
 */
export const roundTrip = (
  f: Fast,
  esr: number,
  esr_hi: number,
  far: number,
  far_hi: number,
  hpfar: number,
  hpfar_hi: number,
): Code => {
  if (commonTrip(f, esr, far, far_hi, hpfar, hpfar_hi)) return CODE.done;
  const taken = dabt(f, esr, esr_hi, far, far_hi, hpfar, hpfar_hi);
  const code = counted(f, EVENT.Dabt, taken);
  return code === CODE.done ? comeBack(f) : code;
};
