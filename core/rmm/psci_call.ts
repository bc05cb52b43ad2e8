/**
 * The realm's PSCI calls.
 *
 * Source: TF-RMM `psci.c` (`handle_psci`); rmm.md §6.3.
 *
 * @module
 */

import { isProtected } from "../arch/address.ts";
import {
  advance,
  exitGprs,
  type Frame,
  getX,
  type Handled,
  leave,
  withExit,
  withRec,
} from "./frame.ts";
import { AFFINITY, PSCI, PSCI_RETURN, recOfMpidr, resultWord } from "./psci.ts";
import { EXIT } from "./recrun.ts";
import { reply, withResults } from "./reply.ts";

const psci_version = 0x1_0001n;

/** Calls PSCI_FEATURES says yes to; VERSION is not among them. */
const featured: readonly number[] = [
  PSCI.CPU_SUSPEND,
  PSCI.CPU_SUSPEND64,
  PSCI.CPU_OFF,
  PSCI.CPU_ON,
  PSCI.CPU_ON64,
  PSCI.AFFINITY_INFO,
  PSCI.AFFINITY_INFO64,
  PSCI.SYSTEM_OFF,
  PSCI.SYSTEM_RESET,
  PSCI.FEATURES,
  0x8000_0000, // SMCCC_VERSION
];

const answer = (frame: Frame, value: number): Handled =>
  reply(frame, [resultWord(value)]);

/** Exits with the first `count` registers; the host learns no more than these. */
const notify = (frame: Frame, count: number, next: Frame): Handled =>
  leave(withExit(advance(next), {
    exit_reason: EXIT.PSCI,
    gprs: exitGprs(...frame.regs.x.slice(0, count)),
  }));

const cpuOn = (frame: Frame): Handled => {
  const target = recOfMpidr(getX(frame, 1));
  if (!isProtected(getX(frame, 2), frame.rmm.ipa_bits)) {
    return answer(frame, PSCI_RETURN.INVALID_ADDRESS);
  }
  if (frame.rmm.recs.length <= target) {
    return answer(frame, PSCI_RETURN.INVALID_PARAMETERS);
  }
  if (target === frame.index) return answer(frame, PSCI_RETURN.ALREADY_ON);
  return notify(frame, 2, withRec(frame, { psci_pending: true }));
};

const affinityInfo = (frame: Frame): Handled => {
  const target = recOfMpidr(getX(frame, 1));
  if (getX(frame, 2) !== 0n || frame.rmm.recs.length <= target) {
    return answer(frame, PSCI_RETURN.INVALID_PARAMETERS);
  }
  if (target === frame.index) return answer(frame, AFFINITY.ON);
  return notify(frame, 2, withRec(frame, { psci_pending: true }));
};

const features = (frame: Frame): Handled => {
  const asked = Number(getX(frame, 1) & 0xffff_ffffn);
  const known = featured.includes(asked);
  return answer(
    frame,
    known ? PSCI_RETURN.SUCCESS : PSCI_RETURN.NOT_SUPPORTED,
  );
};

/** Handles a PSCI call by its 32-bit function identifier. */
export const psciCall = (frame: Frame, fid: number): Handled => {
  const succeeded = withResults(frame, [resultWord(PSCI_RETURN.SUCCESS)]);
  switch (fid) {
    case PSCI.VERSION:
      return reply(frame, [psci_version]);
    case PSCI.CPU_SUSPEND:
    case PSCI.CPU_SUSPEND64:
      return notify(frame, 1, succeeded);
    case PSCI.CPU_OFF:
      return notify(frame, 1, withRec(succeeded, { runnable: false }));
    case PSCI.CPU_ON:
    case PSCI.CPU_ON64:
      return cpuOn(frame);
    case PSCI.AFFINITY_INFO:
    case PSCI.AFFINITY_INFO64:
      return affinityInfo(frame);
    case PSCI.SYSTEM_OFF:
    case PSCI.SYSTEM_RESET: {
      // No REC of the realm can be entered any more; those inside go on.
      const rmm = { ...frame.rmm, state: "SYSTEM_OFF" } as const;
      return notify(frame, 1, { ...frame, rmm });
    }
    case PSCI.FEATURES:
      return features(frame);
    default:
      return answer(frame, PSCI_RETURN.NOT_SUPPORTED);
  }
};
