/**
 * The end of a KVM_RUN in a vCPU's trace: what it returned, and what that does
 * to an access and to PC.
 *
 * Source: Linux `arch/arm64/kvm/arm.c`, `rmi.c`; kvm.md §1b, §5.
 *
 * @module
 */

import { boot } from "../boot.ts";
import { virt } from "../device/board.ts";
import { failedEntry } from "../host/failure.ts";
import { put, take, withVcpu } from "../host/kvm.ts";
import type { RmiStatus } from "../host/state.ts";
import { abortOutcomes } from "./check_fault.ts";
import type { EventOf } from "./event.ts";
import {
  errno,
  exit_reasons,
  type UserExit,
  userExit,
  userExitText,
} from "./kvm_names.ts";
import { type Against, completed, counted, expect, type Vcpu } from "./vcpu.ts";

/** The thread leaves user space for KVM_RUN: an access it was asked for is completed first. */
export const resumed = (vcpu: Vcpu, { rev }: Against): Vcpu => {
  const { open } = vcpu;
  if (vcpu.at !== "user" || open === null) return vcpu;
  if (open.kind === "write") return completed(vcpu, rev);
  const asked = expect(
    vcpu,
    open.phase !== "user",
    "completion",
    "kvm_mmio read before the next kvm_entry",
    rev.emulAt === "abort"
      ? "none: user space overwrote exit_reason, and the realm loads a stale value"
      : "none: user space overwrote exit_reason, and the realm runs the load again",
    false,
  );
  return { ...asked, open: null };
};

/** What KVM_RUN returns after a failed RMI_REC_ENTER, by the model's own handler. */
export const afterFailure = (
  { rev, rmm }: Against,
  status: RmiStatus,
  index: number,
): UserExit | null => {
  const booted = boot({
    board: virt,
    rmm,
    kvm: rev,
    devices: "user",
    ipa_bits: 40,
    recs: 1,
    image: null,
  });
  if (booted.tag === "Refused") return null;
  const { world } = booted;
  const asked = put(
    world,
    0,
    withVcpu(take(world, 0), { rmi: { status, index } }),
  );
  const { world: after, ret } = failedEntry(asked, 0);
  if (ret !== "0" && ret !== "1") {
    return { tag: "Error", number: errno[ret] };
  }
  const { exit_reason } = take(after, 0).vcpu.run;
  return { tag: "Exit", number: exit_reasons[exit_reason] };
};

/** The name and number of a kvm_userspace_exit go together. */
const checkName = (
  vcpu: Vcpu,
  { reason, number }: EventOf<"kvm_userspace_exit">,
): Vcpu => {
  const known = (exit_reasons as Readonly<Record<string, number>>)[reason];
  const right = reason === "restart"
    ? number === 4
    : reason === "error"
    ? number !== 4
    : known === undefined || known === number;
  return expect(
    vcpu,
    right,
    "user",
    `another number with ${reason}`,
    String(number),
  );
};

/** The exits to user space that may follow where the thread is; null for any. */
const allowed = (vcpu: Vcpu, against: Against): readonly string[] | null => {
  const { failed, open, nisv, fault } = vcpu;
  if (failed !== null) {
    const after = afterFailure(against, failed.status, failed.index);
    return after === null ? null : [userExitText(after)];
  }
  if (open?.kind === "read" && open.phase === "kernel") {
    return ["KVM_EXIT_MMIO"];
  }
  if (nisv && fault !== null) {
    const outcomes = abortOutcomes(fault, against);
    // An SEA is pending and the loop goes on: a signal may still end it.
    return outcomes.map((ret) => ret === "1" ? "-EINTR" : ret);
  }
  return null;
};

/** INCREMENT_PC is applied as KVM_RUN returns; a trapped register or wait sets it unseen. */
const drifted = (vcpu: Vcpu): Vcpu => {
  const moved = vcpu.pcs.map((pc) => pc + 4n);
  const pcs = vcpu.drift === "yes"
    ? moved
    : vcpu.drift === "maybe"
    ? [...vcpu.pcs, ...moved]
    : vcpu.pcs;
  return { ...vcpu, pcs, drift: "no" };
};

/** kvm_userspace_exit. */
export const returned = (
  vcpu: Vcpu,
  event: EventOf<"kvm_userspace_exit">,
  against: Against,
): Vcpu => {
  const found = userExitText(userExit(event));
  let next = checkName(resumed(vcpu, against), event);
  next = expect(
    next,
    next.at !== "guest",
    "order",
    "kvm_exit after kvm_entry",
    "kvm_userspace_exit",
  );
  if (next.at === "kvm") {
    const may = allowed(next, against);
    next = expect(
      next,
      may === null || may.includes(found),
      "user",
      may?.join(" or ") ?? "",
      found,
    );
  }
  const mmio = found === "KVM_EXIT_MMIO";
  next = expect(
    next,
    !mmio || next.at === "unknown" || next.open !== null ||
      (next.at === "kvm" && next.exit === null),
    "order",
    "kvm_mmio before KVM_EXIT_MMIO",
    "none",
  );
  const open = mmio && next.open !== null
    ? counted({ ...next, open: { ...next.open, phase: "user" } }, "user")
    : next.open === null
    ? next
    : completed(next, against.rev);
  return { ...drifted(open), at: "user", failed: null };
};
