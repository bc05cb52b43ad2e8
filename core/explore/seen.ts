/**
 * What a step shows of the border between host and realm: an entry, or an
 * exception taken.
 *
 * @module
 */

import {
  FLAG,
  type RecEnter,
  type RecExit,
  zero_enter,
} from "../rmm/recrun.ts";
import type { RmiStatus } from "../host/state.ts";
import type { Event, Step, World } from "../world.ts";
import { type Fault, faultOf } from "./ghost.ts";

/** An RMI_REC_ENTER. */
export interface Entry {
  /** KVM, or a host that writes its own enter half. */
  readonly by: "kvm" | "host";
  /** The enter half the RMM read. */
  readonly half: RecEnter;
  readonly emul: boolean;
  readonly sea: boolean;
  /** The REC runs; or the command came back at once, with an exit or with an error. */
  readonly outcome: "entered" | "returned" | "failed";
  readonly status: RmiStatus;
}

/** An exception the realm took to R-EL2. */
export interface Taken {
  /** The host has it, the realm goes on, or the RMM stopped the machine. */
  readonly outcome: "exited" | "resumed" | "panic";
  /** The data abort it was, or null. */
  readonly fault: Fault | null;
  /** The exit half of the run page afterwards. */
  readonly exit: RecExit;
}

const flagged = (half: RecEnter, flag: bigint): boolean =>
  (half.flags & flag) !== 0n;

const entryAs = (
  by: Entry["by"],
  half: RecEnter,
  outcome: Entry["outcome"],
  status: RmiStatus,
): Entry => ({
  by,
  half,
  emul: flagged(half, FLAG.EMUL_MMIO),
  sea: flagged(half, FLAG.INJECT_SEA),
  outcome,
  status,
});

const kvmEntry = (after: World, rec: number): Entry | null => {
  const vcpu = after.host.vcpus[rec];
  const page = after.runs[rec];
  if (vcpu === undefined || page === undefined) return null;
  if (vcpu.at === "guest") {
    return entryAs("kvm", page.enter, "entered", "RMI_SUCCESS");
  }
  const { status } = vcpu.rmi;
  const outcome = status === "RMI_SUCCESS" ? "returned" : "failed";
  return entryAs("kvm", page.enter, outcome, status);
};

const hostEntry = (
  event: Event & { readonly tag: "RmiRecEnter" },
  result: Step,
): Entry | null => {
  const { flags, gprs } = event;
  const half = { ...zero_enter, flags, gprs };
  if (result.tag === "Refused") {
    const { why } = result;
    if (why.tag !== "RmiError") return null;
    return entryAs("host", half, "failed", why.status as RmiStatus);
  }
  const inside = result.world.host.vcpus[event.rec]?.at === "guest";
  return entryAs("host", half, inside ? "entered" : "returned", "RMI_SUCCESS");
};

/** The RMI_REC_ENTER of a step, or null. */
export const entryOf = (event: Event, result: Step): Entry | null => {
  if (event.tag === "RmiRecEnter") return hostEntry(event, result);
  if (event.tag !== "RecEnter" || result.tag === "Refused") return null;
  return kvmEntry(result.world, event.rec);
};

/** The exception of a step on REC `rec`, or null. */
export const takenOf = (
  before: World,
  event: Event,
  result: Step,
  rec: number,
): Taken | null => {
  const { world: after } = result;
  const regs = before.realm.recs[rec];
  const page = after.runs[rec];
  if (regs === undefined || page === undefined) return null;
  const sync = "hpfar" in event;
  if (!sync && !["Irq", "Fiq", "Serror"].includes(event.tag)) return null;
  const fault = sync ? faultOf(regs, event, before.rmm.ipa_bits) : null;
  const { exit } = page;
  if (result.tag === "Refused") {
    if (result.why.tag !== "RmmPanic") return null;
    return { outcome: "panic", fault, exit };
  }
  const out = after.host.vcpus[rec]?.at === "exit";
  return { outcome: out ? "exited" : "resumed", fault, exit };
};
