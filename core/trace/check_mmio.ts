/**
 * The access KVM makes of a fault, in a vCPU's trace: begun, answered, or
 * impossible for want of a syndrome.
 *
 * Source: Linux `arch/arm64/kvm/mmio.c`; kvm.md §2c, §2d, §5.
 *
 * @module
 */

import { esrField } from "../arch/esr.ts";
import { hex, mask } from "../arch/word.ts";
import { handle } from "./check_fault.ts";
import type { EventOf } from "./event.ts";
import {
  type Against,
  completed,
  counted,
  expect,
  sawPc,
  type Vcpu,
} from "./vcpu.ts";

const page_mask = ~mask(12);

/** The bit in which fault and access differ: one bit, and always the same. */
const checkAlias = (
  vcpu: Vcpu,
  difference: bigint,
): Vcpu => {
  const single = difference !== 0n && (difference & (difference - 1n)) === 0n;
  const same = vcpu.alias === null || vcpu.alias === difference;
  const checked = expect(
    vcpu,
    single && same,
    "alias",
    vcpu.alias === null ? "a difference of one bit" : hex(vcpu.alias),
    hex(difference),
  );
  return single && vcpu.alias === null
    ? { ...checked, alias: difference }
    : checked;
};

/** A write, or a read that nobody has answered yet, against its fault. */
const begun = (
  vcpu: Vcpu,
  event: EventOf<"kvm_mmio">,
  against: Against,
): Vcpu => {
  const { fault } = vcpu;
  const kind = event.kind === "write" ? "write" : "read";
  let next = expect(
    vcpu,
    vcpu.at === "unknown" || (fault !== null && vcpu.open === null),
    "order",
    "kvm_guest_fault before kvm_mmio",
    vcpu.open === null ? "none" : "another kvm_mmio",
  );
  if (fault !== null) {
    const handled = handle(fault, against, false);
    const access = handled.tag === "Access" ? handled.access : null;
    const wanted = access === null
      ? "no access: the fault has no syndrome"
      : `${access.is_write ? "write" : "read"} len ${access.len} offset ${
        hex(access.addr & mask(12))
      }`;
    const found = `${kind} len ${event.len} offset ${
      hex(event.gpa & mask(12))
    }`;
    next = expect(next, wanted === found, "access", wanted, found);
    next = checkAlias(next, (fault.ipa ^ event.gpa) & page_mask);
  }
  const unread = event.kind === "unsatisfied-read";
  next = expect(
    next,
    !unread || event.val === 0n,
    "width",
    "val 0x0 of an unsatisfied-read",
    hex(event.val),
  );
  const { len, gpa } = event;
  return counted(
    { ...next, at: "kvm", open: { kind, len, gpa, phase: "kernel" } },
    kind === "read" ? "reads" : "writes",
  );
};

/** Nothing but a return to user space has been seen: its access came before the log. */
const isBeginning = ({ at, pcs }: Vcpu): boolean =>
  at === "user" && pcs.length === 0;

/** A read's answer: back to back from the kernel, or at the KVM_RUN after user space had it. */
const answered = (
  vcpu: Vcpu,
  event: EventOf<"kvm_mmio">,
  { rev }: Against,
): Vcpu => {
  const { open } = vcpu;
  const waited = open?.kind === "read" && open.phase !== "done";
  let next = expect(
    vcpu,
    vcpu.at === "unknown" || waited || isBeginning(vcpu),
    "order",
    "unsatisfied-read before kvm_mmio read",
    "none",
  );
  if (open !== null && waited) {
    const same = open.len === event.len && open.gpa === event.gpa;
    next = expect(
      next,
      same,
      "access",
      `len ${open.len} gpa ${hex(open.gpa)}`,
      `len ${event.len} gpa ${hex(event.gpa)}`,
    );
  }
  return completed(next, rev);
};

/** kvm_mmio. */
export const accessed = (
  vcpu: Vcpu,
  event: EventOf<"kvm_mmio">,
  against: Against,
): Vcpu => {
  const { len, val } = event;
  const fits = val <= mask(8 * Math.min(len, 8));
  const next = expect(
    vcpu,
    fits,
    "width",
    `a value of ${len} bytes`,
    hex(val),
  );
  return event.kind === "read"
    ? answered(next, event, against)
    : begun(next, event, against);
};

/** kvm_mmio_nisv. */
export const nisv = (
  vcpu: Vcpu,
  event: EventOf<"kvm_mmio_nisv">,
): Vcpu => {
  const { fault } = vcpu;
  let next = expect(
    vcpu,
    vcpu.at === "unknown" || fault !== null,
    "order",
    "kvm_guest_fault before kvm_mmio_nisv",
    "none",
  );
  next = expect(
    next,
    esrField(event.esr, "ISV") === 0,
    "nisv",
    "ISV clear",
    hex(event.esr),
  );
  if (fault !== null) {
    next = expect(
      next,
      event.esr === fault.hsr && event.far === fault.hxfar,
      "nisv",
      `esr ${hex(fault.hsr)} far ${hex(fault.hxfar)}`,
      `esr ${hex(event.esr)} far ${hex(event.far)}`,
    );
    const difference = (event.ipa ^ fault.ipa) & page_mask;
    // A Protected address has no alias bit to lose.
    next = difference === 0n ? next : checkAlias(next, difference);
  }
  next = expect(
    next,
    (event.ipa & mask(12)) === 0n,
    "nisv",
    "an address without its low 12 bits",
    hex(event.ipa),
  );
  return counted(
    { ...sawPc(next, event.pc), at: "kvm", nisv: true },
    "nisv",
  );
};
