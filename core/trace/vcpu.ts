/**
 * One vCPU thread of a trace, as far as the lines read so far tell.
 *
 * @module
 */

import { hex } from "../arch/word.ts";
import type { KvmRevision } from "../host/revision.ts";
import type { RmiStatus } from "../host/state.ts";
import type { RmmProfile } from "../rmm/profile.ts";
import type { KvmEvent } from "./event.ts";
import type { RuleName } from "./rules.ts";

/** What a line breaks. */
export interface Problem {
  readonly rule: RuleName;
  /** False for something a host may do but a well-behaved one does not. */
  readonly wrong: boolean;
  readonly expected: string;
  readonly found: string;
}

/** A fault as kvm_guest_fault shows it. */
export type Fault = Extract<KvmEvent, { readonly tag: "kvm_guest_fault" }>;

/** An access under way. */
export interface Open {
  readonly kind: "read" | "write";
  readonly len: number;
  readonly gpa: bigint;
  /** In KVM, with the VMM, or answered and not yet back in the realm. */
  readonly phase: "kernel" | "user" | "done";
}

/** How often what was seen. */
export interface Counts {
  readonly entries: number;
  readonly faults: number;
  readonly reads: number;
  readonly writes: number;
  /** Accesses that went to user space. */
  readonly user: number;
  readonly nisv: number;
}

/** One vCPU thread. */
export interface Vcpu {
  /** Where the thread is; "unknown" before its first line and after lost ones. */
  readonly at: "unknown" | "guest" | "kvm" | "user";
  /** Values the next PC may have; none when it is not known. */
  readonly pcs: readonly bigint[];
  /** INCREMENT_PC waits for the return to user space: certainly, or perhaps. */
  readonly drift: "no" | "maybe" | "yes";
  /** The last kvm_exit was a failed RMI_REC_ENTER. */
  readonly failed:
    | { readonly status: RmiStatus; readonly index: number }
    | null;
  /** The last exit, or null before one. */
  readonly exit: Extract<KvmEvent, { readonly tag: "kvm_exit" }> | null;
  /** The fault of the last exit, or null. */
  readonly fault: Fault | null;
  /** kvm_mmio_nisv followed the fault. */
  readonly nisv: boolean;
  /** The access under way, or null. */
  readonly open: Open | null;
  /** The alias bit, once an access has shown it. */
  readonly alias: bigint | null;
  readonly counts: Counts;
  /** What the current line breaks. */
  readonly problems: readonly Problem[];
}

/** What a trace is held against. */
export interface Against {
  readonly rev: KvmRevision;
  readonly rmm: RmmProfile;
}

/** A vCPU nothing is known of. */
export const unseen: Vcpu = {
  at: "unknown",
  pcs: [],
  drift: "no",
  failed: null,
  exit: null,
  fault: null,
  nisv: false,
  open: null,
  alias: null,
  counts: { entries: 0, faults: 0, reads: 0, writes: 0, user: 0, nisv: 0 },
  problems: [],
};

/** The vCPU after lost lines: what it has counted and its alias bit remain. */
export const forgotten = ({ counts, alias }: Vcpu): Vcpu => ({
  ...unseen,
  counts,
  alias,
});

/** The vCPU, and a problem unless `holds`. */
export const expect = (
  vcpu: Vcpu,
  holds: boolean,
  rule: RuleName,
  expected: string,
  found: string,
  wrong = true,
): Vcpu =>
  holds ? vcpu : {
    ...vcpu,
    problems: [...vcpu.problems, { rule, wrong, expected, found }],
  };

/** The vCPU with one more of something. */
export const counted = (vcpu: Vcpu, what: keyof Counts): Vcpu => ({
  ...vcpu,
  counts: { ...vcpu.counts, [what]: vcpu.counts[what] + 1 },
});

/** A line shows `pc`: it has to be one the vCPU can be at, and from now on is. */
export const sawPc = (vcpu: Vcpu, pc: bigint): Vcpu => {
  const known = vcpu.pcs.length === 0 || vcpu.pcs.includes(pc);
  const checked = expect(
    vcpu,
    known,
    "pc",
    `pc ${vcpu.pcs.map(hex).join(" or ")}`,
    hex(pc),
  );
  return { ...checked, pcs: [pc] };
};

/** An access is complete: the revision may have set INCREMENT_PC, which the return to user space applies. */
export const completed = (vcpu: Vcpu, rev: KvmRevision): Vcpu => ({
  ...vcpu,
  open: null,
  drift: rev.incPc === "yes" ? "yes" : vcpu.drift,
});
