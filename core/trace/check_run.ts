/**
 * The frame of a vCPU's trace: into the REC and out of it.
 *
 * Source: Linux `arch/arm64/kvm/arm.c`, `rmi-exit.c`; kvm.md §5.
 *
 * @module
 */

import { abortOutcomes } from "./check_fault.ts";
import { resumed } from "./check_return.ts";
import type { EventOf } from "./event.ts";
import { ec_names, exitMeaning } from "./kvm_names.ts";
import {
  type Against,
  completed,
  counted,
  expect,
  sawPc,
  type Vcpu,
} from "./vcpu.ts";

/** kvm_entry. */
export const entered = (
  vcpu: Vcpu,
  event: EventOf<"kvm_entry">,
  against: Against,
): Vcpu => {
  let next = resumed(vcpu, against);
  next = expect(
    next,
    next.at !== "guest",
    "order",
    "kvm_exit after kvm_entry",
    "another kvm_entry",
  );
  const unread = next.at === "kvm" && next.open?.kind === "read" &&
    next.open.phase === "kernel";
  next = expect(
    next,
    !unread,
    "order",
    "kvm_mmio read or kvm_userspace_exit after unsatisfied-read",
    "kvm_entry",
  );
  if (next.nisv && next.at === "kvm" && next.fault !== null) {
    const outcomes = abortOutcomes(next.fault, against);
    next = expect(
      next,
      outcomes.includes("1"),
      "user",
      outcomes.join(" or "),
      "kvm_entry",
    );
  }
  const stored = next.open === null ? next : completed(next, against.rev);
  return counted({
    ...sawPc(stored, event.pc),
    at: "guest",
    failed: null,
    exit: null,
    fault: null,
    nisv: false,
  }, "entries");
};

/** kvm_exit: its first symbol, its class and the name of that. */
export const exited = (
  vcpu: Vcpu,
  event: EventOf<"kvm_exit">,
  { rev }: Against,
): Vcpu => {
  let next = expect(
    vcpu,
    vcpu.at === "guest" || vcpu.at === "unknown",
    "order",
    "kvm_entry before kvm_exit",
    "none",
  );
  const meaning = exitMeaning(rev, event.code);
  const status = rev.dispatch === "private";
  const readable = meaning.tag === "Rmi" ||
    (meaning.tag === "Exception" && (meaning.code <= 3 ||
      event.code === "HYP_GONE"));
  next = expect(
    next,
    readable,
    "symbol",
    status ? "an RMI status" : "an exception code",
    event.code,
  );
  next = expect(
    next,
    event.code === "TRAP" || event.ec === 0,
    "ec",
    `HSR_EC 0x0000 with ${event.code}`,
    `0x${event.ec.toString(16).padStart(4, "0")}`,
  );
  const named = ec_names[event.ec_name];
  next = expect(
    next,
    named === undefined || named === event.ec,
    "ec",
    `class 0x${named?.toString(16)} for ${event.ec_name}`,
    `0x${event.ec.toString(16)}`,
  );
  const failed = meaning.tag === "Rmi" && meaning.status !== "RMI_SUCCESS"
    ? meaning
    : null;
  return {
    ...sawPc(next, event.pc),
    at: "kvm",
    exit: event,
    failed,
    fault: null,
    nisv: false,
    open: null,
  };
};
