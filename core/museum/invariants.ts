/**
 * Invariants that bugs of the museum asked for, beside the explorer's: what
 * KVM owes its VMM, and what the run page may carry.
 *
 * @module
 */

import { EC, ec } from "../arch/esr.ts";
import { entered, equal, type Invariant, must } from "../explore/invariant.ts";
import { invariants } from "../explore/invariants.ts";
import { same } from "../explore/same.ts";
import { sysreg_rt_mask } from "../rmm/syndrome.ts";

/** X1 to X7. */
const own: readonly Invariant[] = [
  {
    id: "X1",
    rule: "KVM's copy of a REC's PC stays where the REC was created.",
    source: "Linux kvm_incr_pc (kvm.md D9)",
    check: (t) => {
      const [from, to] = [t.before, t.after].map(({ host }) =>
        host.vcpus[t.rec]
      );
      if (from === undefined || to === undefined || !to.is_rec) return null;
      return equal("KVM's copy of the PC", from.pc, to.pc);
    },
  },
  {
    id: "X2",
    rule:
      "The entry that completes a host call gives the RMM the vCPU's registers as user space left them.",
    source: "Linux kvm_rec_enter (kvm.md D11)",
    check: (t) => {
      const pending = t.before.rmm.recs[t.rec]?.host_call_pending === true;
      if (!pending || t.entry?.by !== "kvm") return null;
      return must(
        same(t.entry.half.gprs, t.before.host.vcpus[t.rec]?.regs),
        () => "expected enter.gprs to be the vCPU's registers",
      );
    },
  },
  {
    id: "X3",
    rule: "KVM_RUN does not return 0 with KVM_EXIT_UNKNOWN.",
    source: "KVM API exit_reason (kvm.md D12)",
    check: (t) => {
      const vcpu = t.after.host.vcpus[t.rec];
      if (t.event.tag !== "RecExit" || vcpu?.at !== "user") return null;
      return must(
        vcpu.ret !== "0" || vcpu.run.exit_reason !== "KVM_EXIT_UNKNOWN",
        () => "expected an exit reason that the VMM can act on",
      );
    },
  },
  {
    id: "X4",
    rule: "A VMM may refuse an access that is open with KVM_SET_VCPU_EVENTS.",
    source: "KVM API KVM_SET_VCPU_EVENTS (kvm.md D4)",
    check: (t) => {
      const { tag } = t.event;
      if (tag !== "SetVcpuEvents" || t.event.serror_pending) return null;
      const owed = t.before.host.vcpus[t.rec]?.owed;
      if (owed !== "MmioComplete" || t.ghost.mmio !== "open") return null;
      return must(
        t.refused === null,
        () => "expected KVM to accept the refusal but found an errno",
      );
    },
  },
  {
    id: "X5",
    rule: "An Unprotected abort where no memory is does not make KVM_RUN fail.",
    source: "Linux io_mem_abort for a REC (kvm.md D7, D28)",
    check: (t) => {
      const vcpu = t.after.host.vcpus[t.rec];
      const fault = t.ghost.last;
      if (t.event.tag !== "RecExit" || vcpu === undefined) return null;
      if (fault?.shared !== true || vcpu.at !== "user") return null;
      if (vcpu.run.exit_reason === "KVM_EXIT_MEMORY_FAULT") return null;
      return equal("what KVM_RUN returned", "0", vcpu.ret);
    },
  },
  {
    id: "X6",
    rule:
      "KVM sends EMUL_MMIO only once kvm_handle_mmio_return has completed the access.",
    source: "Zhi Wang's review of RFC 15/28 (kvm.md D2)",
    check: (t) => {
      if (!entered(t) || t.entry?.by !== "kvm" || !t.entry.emul) return null;
      const owed = t.before.host.vcpus[t.rec]?.mmio_needed;
      return equal("mmio_needed", false, owed);
    },
  },
  {
    id: "X7",
    rule: "The exit of a trapped register access does not name the register.",
    source: "DEN0137 2.0 RMZJRC; TF-RMM a6159b40",
    check: (t) => {
      if (t.taken?.outcome !== "exited") return null;
      const { layout } = t.before.profile.rmm;
      const { esr } = t.taken.exit;
      if (layout !== "2.0" || ec(esr) !== EC.SYS64) return null;
      return equal("exit.esr.Rt", 0n, esr & sysreg_rt_mask);
    },
  },
];

/** Every invariant an exhibit can break. */
export const museum_invariants: readonly Invariant[] = [...invariants, ...own];
