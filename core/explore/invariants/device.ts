/**
 * Device and VMM: the access that reaches a device is the one the realm made,
 * once.
 *
 * @module
 */

import { aliasBit, granule_bytes } from "../../arch/address.ts";
import type { KvmMmio } from "../../host/kvm_run.ts";
import { track, type Transition } from "../transition.ts";
import type { Fault } from "../ghost.ts";
import { all, entered, equal, type Invariant, must } from "../invariant.ts";
import { completes, loaded } from "./completion.ts";

/** The access KVM made of an abort in this step, for the VMM or for a device of its own, or null. */
const made = (
  t: Transition,
): { readonly mmio: KvmMmio; readonly fault: Fault } | null => {
  const vcpu = t.after.host.vcpus[t.rec];
  const fault = t.ghost.last;
  if (t.event.tag !== "RecExit" || vcpu === undefined) return null;
  if (fault?.emulatable !== true) return null;
  const ghost = track(t);
  const reached = (ghost.told && !t.ghost.told) ||
    ghost.answers !== t.ghost.answers;
  return reached ? { mmio: vcpu.run.mmio, fault } : null;
};

/** A store's bytes, or a load's value, in the order of the realm's memory. */
const inOrder = (fault: Fault, bytes: readonly number[]): readonly number[] =>
  fault.big_endian ? bytes.toReversed() : bytes;

const wordOf = (bytes: readonly number[]): bigint =>
  bytes.reduceRight((high, low) => (high << 8n) | BigInt(low), 0n);

/** An entry by KVM after an emulatable abort, while the host is honest, or null. */
const answeredBy = (t: Transition): "emul" | "sea" | "retry" | null => {
  const { entry, ghost } = t;
  if (!entered(t) || entry?.by !== "kvm" || !ghost.honest) return null;
  if (ghost.mmio !== "open") return null;
  return entry.sea ? "sea" : entry.emul ? "emul" : "retry";
};

/** V1 to V7. */
export const device_invariants: readonly Invariant[] = [
  {
    id: "V1",
    rule:
      "An access is performed once when it is completed, and not at all when it is retried or refused.",
    source: "KVM API KVM_EXIT_MMIO; invariants.md V1",
    check: (t) => {
      const how = answeredBy(t);
      // A VMM that writes to kvm_run may lose its own answer; it may not gain one.
      if (how === null || (t.ghost.meddled !== null && how !== "emul")) {
        return null;
      }
      const times = how === "emul" ? 1 : 0;
      return equal(
        `times the access was performed before the entry (${how})`,
        times,
        t.ghost.answers,
      );
    },
  },
  {
    id: "V2",
    rule:
      "What the VMM performs for a REC is that REC's current access, so that accesses keep program order.",
    source: "invariants.md V2",
    check: (t) => {
      const vcpu = t.before.host.vcpus[t.rec];
      if (t.event.tag !== "MmioComplete" || t.refused !== null) return null;
      if (vcpu === undefined || !t.ghost.honest) return null;
      const { last, mmio } = t.ghost;
      const { phys_addr, len, is_write } = vcpu.run.mmio;
      const low = aliasBit(t.before.rmm.ipa_bits) - 1n;
      return all(
        equal("the state of the access", "open", mmio),
        equal("mmio.phys_addr", (last?.ipa ?? 0n) & low, phys_addr),
        equal("mmio.len", last?.bytes ?? 0, len),
        equal("mmio.is_write", last?.write ?? false, is_write),
      );
    },
  },
  {
    id: "V3",
    rule:
      "A device address has no alias bit and does not lie in the realm's memory.",
    source: "Linux kvm_gfn_from_fault; invariants.md V3",
    check: (t) => {
      const access = made(t);
      if (access === null) return null;
      const { phys_addr } = access.mmio;
      const slot = t.before.host.vm.slots.find(({ base, bytes }) =>
        base <= phys_addr && phys_addr < base + bytes
      );
      return all(
        must(
          phys_addr < aliasBit(t.before.rmm.ipa_bits),
          () => "expected a device address below the alias bit",
        ),
        must(
          slot === undefined || slot.readonly,
          () => "expected a device address outside the realm's memory",
        ),
      );
    },
  },
  {
    id: "V4",
    rule: "The alias bit, and nothing else, is taken from the address.",
    source: "Linux kvm_gfn_from_fault; DEN0137 A5.2",
    check: (t) => {
      const access = made(t);
      if (access === null) return null;
      const alias = aliasBit(t.before.rmm.ipa_bits);
      const expected = access.fault.ipa & ~alias;
      return equal("mmio.phys_addr", expected, access.mmio.phys_addr);
    },
  },
  {
    id: "V5",
    rule: "The length is the access's, and the access stays in its granule.",
    source: "Arm ARM ISS.SAS; KVM API kvm_run.mmio.len",
    check: (t) => {
      const access = made(t);
      if (access === null) return null;
      const { phys_addr, len } = access.mmio;
      const offset = Number(phys_addr % BigInt(granule_bytes));
      return all(
        equal("mmio.len", access.fault.bytes, len),
        must(
          offset + len <= granule_bytes,
          () => "expected an access inside one granule",
        ),
      );
    },
  },
  {
    id: "V6",
    rule:
      "The device gets the bytes the realm stored, and the realm loads the bytes the device gave, in the realm's byte order.",
    source: "Arm ARM B2.6 (endianness); KVM API kvm_run.mmio.data",
    check: (t) => {
      const access = made(t);
      // The bytes of a store that KVM's own bus takes are never in kvm_run.
      const told = t.after.host.vcpus[t.rec]?.at === "user";
      if (access !== null && told && access.fault.write) {
        const { fault, mmio } = access;
        const bytes = inOrder(fault, mmio.data.slice(0, fault.bytes));
        return equal("the device's value", fault.value, wordOf(bytes));
      }
      const fault = completes(t);
      const vcpu = t.after.host.vcpus[t.rec];
      if (fault === null || fault.write || t.entry?.by !== "kvm") return null;
      // What KVM took over earlier is no longer in a page that was written since.
      if (vcpu === undefined || !t.ghost.honest || t.ghost.meddled === "data") {
        return null;
      }
      const rt = Number((fault.syndrome.esr >> 16n) & 31n);
      if (rt === 31) return null;
      const bytes = vcpu.run.mmio.data.slice(0, fault.bytes);
      const value = loaded(fault, wordOf(inOrder(fault, bytes)));
      return equal(`X${rt}`, value, t.after.realm.recs[t.rec]?.x[rt]);
    },
  },
  {
    id: "V7",
    rule:
      "After KVM_EXIT_MMIO the next entry completes the access or refuses it with an SEA.",
    source: "KVM API KVM_EXIT_MMIO; invariants.md V7",
    check: (t) => {
      const how = answeredBy(t);
      if (how === null || !t.ghost.told || t.ghost.meddled !== null) {
        return null;
      }
      return must(
        how !== "retry",
        () => "expected the entry to complete or refuse the access",
      );
    },
  },
];
