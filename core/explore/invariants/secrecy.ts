/**
 * Confidentiality beyond one exit's fields: failures, silent aborts, the VMM's
 * page, and non-interference.
 *
 * @module
 */

import { aliasBit, isProtected } from "../../arch/address.ts";
import type { KvmMmio } from "../../host/kvm_run.ts";
import { hostView } from "../../host/view.ts";
import { stateAt } from "../../rmm/stage2.ts";
import { step } from "../../step.ts";
import type { Fault } from "../ghost.ts";
import { all, equal, type Invariant, must } from "../invariant.ts";
import { same } from "../same.ts";
import type { Transition } from "../transition.ts";
import { secretsOf, withOtherSecrets } from "../twin.ts";

/** The MMIO exit this step showed to the VMM and the abort it is about, or null. */
export const shownToVmm = (
  t: Transition,
): { readonly mmio: KvmMmio; readonly fault: Fault } | null => {
  const vcpu = t.after.host.vcpus[t.rec];
  if (t.event.tag !== "RecExit" || vcpu === undefined) return null;
  const { at, ret, run } = vcpu;
  const told = at === "user" && ret === "0" &&
    run.exit_reason === "KVM_EXIT_MMIO";
  const fault = t.ghost.last;
  return told && fault !== null ? { mmio: run.mmio, fault } : null;
};

/** True for an abort that the realm alone may learn of. */
const isSilent = (t: Transition): boolean => {
  const fault = t.taken?.fault ?? null;
  if (fault === null) return false;
  const { ipa_bits, stage2 } = t.before.rmm;
  if (!isProtected(fault.ipa, ipa_bits)) return !fault.shared;
  return stateAt(stage2, fault.ipa).ripas === "empty";
};

/** C8 to C11. */
export const secrecy_invariants: readonly Invariant[] = [
  {
    id: "C8",
    rule: "A failed RMI_REC_ENTER writes no byte of the exit half.",
    source: "DEN0137 B4.3.14",
    check: (t) => {
      if (t.entry?.outcome !== "failed") return null;
      return must(
        same(t.before.runs[t.rec]?.exit, t.after.runs[t.rec]?.exit),
        () => "expected run.exit to be as it was before the failed entry",
      );
    },
  },
  {
    id: "C9",
    rule:
      "An abort at a RIPAS EMPTY address or outside the IPA space is the realm's own: no exit, nothing for the host to see.",
    source: "DEN0137 A5.2; TF-RMM 228d0280",
    check: (t) => {
      if (!isSilent(t)) return null;
      return all(
        equal("the outcome", "resumed", t.taken?.outcome),
        must(
          same(hostView(t.before), hostView(t.after)),
          () => "expected the host's view not to change",
        ),
      );
    },
  },
  {
    id: "C10",
    rule:
      "Two worlds that differ only in realm secrets give the host the same view, but for what the step releases by name.",
    source: "invariants.md C10; unwinding of non-interference",
    check: (t) => {
      const kept = secretsOf(t);
      if (kept === null) return null;
      const twin = withOtherSecrets(t, kept);
      const there = step(twin.world, twin.event);
      return must(
        same(hostView(t.after), hostView(there.world)),
        () => "expected the host's view not to depend on the realm's secrets",
      );
    },
  },
  {
    id: "C11",
    rule:
      "The VMM sees address, size, direction and a store's bytes; the rest of kvm_run.mmio.data is what it saw before.",
    source: "Linux mmio.c; KVM API kvm_run.mmio",
    check: (t) => {
      const shown = shownToVmm(t);
      if (shown === null) return null;
      const { mmio, fault } = shown;
      const old = t.before.host.vcpus[t.rec]?.run.mmio.data ?? [];
      const used = fault.write ? fault.bytes : 0;
      const rest = mmio.data.slice(used);
      const alias = aliasBit(t.before.rmm.ipa_bits);
      return all(
        equal("mmio.is_write", fault.write, mmio.is_write),
        equal("mmio.phys_addr's alias bit", 0n, mmio.phys_addr & alias),
        must(
          same(rest, old.slice(used)) || rest.every((byte) => byte === 0),
          () => "expected no new byte beyond those of the store",
        ),
      );
    },
  },
];
