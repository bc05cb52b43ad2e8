/**
 * A kernel trace held against a revision: each vCPU is followed line by line.
 *
 * @module
 */

import { faulted } from "./check_fault.ts";
import { accessed, nisv } from "./check_mmio.ts";
import { returned } from "./check_return.ts";
import { entered, exited } from "./check_run.ts";
import type { KvmEvent } from "./event.ts";
import { type Origin, readLine } from "./line.ts";
import {
  type Against,
  forgotten,
  type Problem,
  sawPc,
  unseen,
  type Vcpu,
} from "./vcpu.ts";

/** A problem and where it is. */
export interface Finding extends Problem {
  /** Line number, from 1. */
  readonly line: number;
  /** The thread's pid. */
  readonly pid: string;
}

/** A line that is not understood. */
export interface Stray {
  readonly line: number;
  readonly why: string;
}

/** What a trace came to. */
export interface Report {
  readonly lines: number;
  /** Lines of events that were followed. */
  readonly followed: number;
  /** vCPU threads in order of appearance. */
  readonly vcpus: readonly (readonly [Origin, Vcpu])[];
  readonly findings: readonly Finding[];
  /** Lines of other events, counted by name in order of appearance. */
  readonly others: ReadonlyMap<string, number>;
  readonly strays: readonly Stray[];
  /** Places where the tracer lost events. */
  readonly lost: number;
}

const nobody: Origin = { comm: "", pid: "?" };

/** Takes one event of one vCPU. */
const follow = (vcpu: Vcpu, event: KvmEvent, against: Against): Vcpu => {
  switch (event.tag) {
    case "kvm_entry":
      return entered(vcpu, event, against);
    case "kvm_exit":
      return exited(vcpu, event, against);
    case "kvm_guest_fault":
      return faulted(vcpu, event, against);
    case "kvm_mmio":
      return accessed(vcpu, event, against);
    case "kvm_mmio_nisv":
      return nisv(vcpu, event);
    case "kvm_userspace_exit":
      return returned(vcpu, event, against);
    case "kvm_access_fault":
      return vcpu;
    case "kvm_hvc_arm64":
    case "kvm_wfx_arm64":
      return sawPc(vcpu, event.pc);
  }
};

/**
 * An exit that led to no fault may have been a trapped register or wait, for
 * which revisions that move PC set INCREMENT_PC (kvm.md §5).
 */
const perhapsMoved = (
  vcpu: Vcpu,
  event: KvmEvent,
  { rev }: Against,
): Vcpu => {
  const leaves = event.tag === "kvm_entry" ||
    event.tag === "kvm_userspace_exit";
  const plain = vcpu.at === "kvm" && vcpu.exit !== null &&
    vcpu.fault === null && vcpu.failed === null;
  return leaves && plain && rev.incPc !== "signal" && vcpu.drift === "no"
    ? { ...vcpu, drift: "maybe" }
    : vcpu;
};

/** Reads a whole trace. */
export const checkTrace = (text: string, against: Against): Report => {
  const vcpus = new Map<string, readonly [Origin, Vcpu]>();
  const findings: Finding[] = [];
  const others = new Map<string, number>();
  const strays: Stray[] = [];
  const lines = text.split(/\r?\n/);
  if (lines.at(-1) === "") lines.pop();
  let [followed, lost] = [0, 0];
  for (const [index, source] of lines.entries()) {
    const line = readLine(source);
    switch (line.tag) {
      case "Event": {
        const origin = line.origin ?? nobody;
        const known = vcpus.get(origin.pid)?.[1] ?? unseen;
        const before = perhapsMoved(known, line.event, against);
        const after = follow({ ...before, problems: [] }, line.event, against);
        vcpus.set(origin.pid, [origin, after]);
        for (const problem of after.problems) {
          findings.push({ ...problem, line: index + 1, pid: origin.pid });
        }
        followed += 1;
        break;
      }
      case "Other":
        others.set(line.name, (others.get(line.name) ?? 0) + 1);
        break;
      case "Lost":
        lost += 1;
        for (const [pid, [origin, vcpu]] of vcpus) {
          vcpus.set(pid, [origin, forgotten(vcpu)]);
        }
        break;
      case "Malformed":
        strays.push({
          line: index + 1,
          why: `${line.name}: expected "${line.expected}" but found ${
            JSON.stringify(line.found)
          }`,
        });
        break;
      case "Unknown":
        strays.push({
          line: index + 1,
          why: `no trace line: ${JSON.stringify(source.slice(0, 80))}`,
        });
        break;
      case "Comment":
        break;
    }
  }
  return {
    lines: lines.length,
    followed,
    vcpus: [...vcpus.values()],
    findings,
    others,
    strays,
    lost,
  };
};
