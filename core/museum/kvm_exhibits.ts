/**
 * Bugs of the KVM series and of VMMs: those its reviewers wrote about, and
 * those deduced from reading it.
 *
 * Source: kvm.md §3; known-bugs.md 2B.
 *
 * @module
 */

import { rfcV1, sync, v10, v14, v2, v6 } from "../host/revision.ts";
import type { KvmRevision } from "../host/switches.ts";
import type { Exhibit } from "./exhibit.ts";

/** A guard on what it means, as no revision has it: the access is open. */
const guarded = (row: KvmRevision): KvmRevision => ({
  ...row,
  extDabt: "mmioNeeded",
});

/** Bugs that a reviewer of the series described. */
const published: readonly Exhibit[] = [
  {
    name: "write-copy",
    was:
      "patch 15/28 alone: nobody loads exit.gprs[0], so the device gets what KVM's register held",
    source: "Zhi Wang, 2023-03-06, on 20230127112932.38045-16",
    claim: "published",
    on: { kvm: rfcV1 },
    moved: { actor: "kvm", to: { writeCopy: false } },
    moves: ["run", "enter", "write", "exit"],
    killers: ["V6"],
  },
  {
    name: "flag-at-abort",
    was:
      "EMUL_MMIO was set before the access was emulated, and stayed if it never was",
    source:
      "Zhi Wang, 2023-03-06, on 20230127112932.38045-16; the sequence is this model's",
    claim: "published",
    on: { kvm: v2 },
    moved: { actor: "kvm", to: { emulAt: "abort" } },
    moves: ["run", "enter", "read", "exit", "clear-reason", "ignore", "enter"],
    killers: ["V1", "X6"],
  },
  {
    name: "isv0",
    was: "an access without a syndrome ended KVM_RUN with -ENOSYS",
    source: "Suzuki Poulose on v5 19/43, 20241004152804.72508-20",
    claim: "published",
    on: { kvm: v6 },
    moved: { actor: "kvm", to: { isv0: "enosys" } },
    moves: ["run", "enter", "ldp", "exit"],
    killers: ["S6", "X5"],
  },
  {
    name: "incr-pc",
    was: "kvm_incr_pc moved the host's copy of a REC's PC",
    source: "Aneesh Kumar on v5 19/43, yq5awmik5yai.fsf@kernel.org",
    claim: "published",
    on: { kvm: v6 },
    moved: { actor: "kvm", to: { incPc: "yes" } },
    moves: ["run", "enter", "read", "exit", "complete", "run-immediate"],
    killers: ["X1"],
  },
  {
    name: "gprs-early",
    was:
      "the results of PSCI and host calls were copied in the exit handler: what user space changed was lost",
    source: "v5 changelog (kvm.md D11); v5 18/43",
    claim: "published",
    on: { kvm: v6 },
    moved: { actor: "kvm", to: { gprsAt: "handler" } },
    moves: [
      "run",
      "enter",
      "hostcall",
      "exit",
      "signal",
      "set-x1",
      "run",
      "enter",
    ],
    killers: ["X2"],
  },
  {
    name: "off-unknown",
    was:
      "a vCPU that lost the race with SYSTEM_OFF returned KVM_EXIT_UNKNOWN, a panic to kvmtool",
    source: "v9 changelog (kvm.md D12); v5 18/43",
    claim: "published",
    on: { kvm: v10 },
    moved: { actor: "kvm", to: { errRealm: "unknownAt1" } },
    moves: ["run", "fail-realm", "exit"],
    killers: ["X3"],
  },
];

/** Claims to test, found by reading and by this model. */
const found: readonly Exhibit[] = [
  {
    name: "no-refusal",
    was:
      "KVM_SET_VCPU_EVENTS looks for EMUL_MMIO, which is set only later: no VMM can refuse an access",
    source: "kvm.md D4, deduced from v2 to v14 and the newest tree",
    claim: "found by this model",
    on: { kvm: guarded(sync) },
    moved: { actor: "kvm", to: { extDabt: "emulFlag" } },
    moves: ["run", "enter", "read", "exit", "ext-dabt"],
    killers: ["X4"],
  },
  {
    name: "late-refusal",
    was:
      "the same guard accepts an SEA after the access was performed and completed",
    source: "kvm.md D5, deduced from v2 to v14",
    claim: "found by this model",
    on: { kvm: guarded(v14) },
    moved: { actor: "kvm", to: { extDabt: "emulFlag" } },
    moves: [
      "run",
      "enter",
      "read",
      "exit",
      "complete",
      "run-immediate",
      "late-ext-dabt",
      "run",
      "enter",
    ],
    killers: ["V1"],
  },
  {
    name: "loose-guard",
    was:
      "a guard that is merely dropped leaves mmio_needed, and the next KVM_RUN adds EMUL_MMIO to INJECT_SEA",
    source: "kvm.md D6, latent in v2 to v14",
    claim: "found by this model",
    on: { kvm: guarded(v14) },
    moved: { actor: "kvm", to: { extDabt: "always" } },
    moves: ["run", "enter", "read", "exit", "ext-dabt", "run"],
    killers: ["S6"],
  },
  {
    name: "flags-kept",
    was: "enter.flags was not zeroed after an entry: EMUL_MMIO goes in again",
    source: "kvm.md D13, no revision does so",
    claim: "found by this model",
    moved: { actor: "kvm", to: { clearFlags: "never" } },
    moves: [
      "run",
      "enter",
      "read",
      "exit",
      "complete",
      "run",
      "enter",
      "irq",
      "exit",
      "enter",
    ],
    killers: ["L1"],
  },
  {
    name: "alias-kept",
    was: "the VMM saw the realm's alias bit in the address",
    source: "known-bugs 23, no commit known",
    claim: "found by this model",
    moved: { actor: "kvm", to: { aliasStrip: false } },
    moves: ["run", "enter", "read", "exit"],
    killers: ["C11", "V3", "V4"],
  },
  {
    name: "errno-unheeded",
    was:
      "a VMM that reads exit_reason whatever KVM_RUN returned performs the access again",
    source: "kvm.md D15, deduced for every revision",
    claim: "found by this model",
    moved: { actor: "vmm", to: { heedsErrno: false } },
    moves: [
      "run",
      "enter",
      "write",
      "exit",
      "complete",
      "run-immediate",
      "complete",
      "run",
      "enter",
    ],
    killers: ["V1"],
  },
];

/** Every exhibit whose switch is KVM's or the VMM's. */
export const kvm_exhibits: readonly Exhibit[] = [...published, ...found];
