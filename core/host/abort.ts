/**
 * kvm_handle_guest_abort: what a stage 2 fault means, from an address outside
 * the IPA space to memory, to a device.
 *
 * Source: Linux `arch/arm64/kvm/mmu.c`; kvm.md §2b.
 *
 * @module
 */

import { aliasBit } from "../arch/address.ts";
import { injectSea, injectSerror, injectSizeFault } from "./inject.ts";
import { incrPc, type Kvm, withRun } from "./kvm.ts";
import { type Handled, ioMemAbort, returned } from "./mmio.ts";
import type { MemSlot } from "./state.ts";
import {
  faultOffset,
  faultPage,
  isAccessFlagFault,
  isCacheMaintenance,
  isExclusiveFault,
  isExternalAbort,
  isIabt,
  isPermissionFault,
  isTableWalk,
  isTranslationFault,
  isWriteFault,
} from "./syndrome.ts";

/** kvm_ipa_limit: the widest IPA this host's stage 2 can translate. */
export const ipa_limit_bits = 52;

/** kvm_gpa_from_fault: the address the VMM knows, without a realm's alias bit. */
export const gpaFromFault = (kvm: Kvm, ipa: bigint): bigint =>
  kvm.vcpu.is_rec && kvm.rev.aliasStrip ? ipa & ~aliasBit(kvm.vm.ia_bits) : ipa;

const slotAt = (kvm: Kvm, gpa: bigint): MemSlot | undefined =>
  kvm.vm.slots.find((slot) => slot.base <= gpa && gpa < slot.base + slot.bytes);

const supported = (esr: bigint): boolean =>
  isTranslationFault(esr) || isAccessFlagFault(esr) ||
  isPermissionFault(esr) || isExclusiveFault(esr);

/** A translation fault beyond what the host, or the VM, can address; null inside. */
const outside = (kvm: Kvm, ipa: bigint): Handled | null => {
  const { fault } = kvm.vcpu;
  if (!isTranslationFault(fault.esr)) return null;
  if (1n << BigInt(ipa_limit_bits) <= ipa) {
    return returned(injectSizeFault(kvm), "1");
  }
  if (1n << BigInt(kvm.vm.ia_bits) <= ipa) {
    const addr = ipa | faultOffset(fault);
    return returned(injectSea(kvm, isIabt(fault.esr), addr), "1");
  }
  return null;
};

/** A fault where no slot is, or a write where the slot is read-only. */
const noMemory = (kvm: Kvm, gpa: bigint, slotted: boolean): Handled => {
  const { esr, far } = kvm.vcpu.fault;
  if (isIabt(esr)) return returned(injectSea(kvm, true, far), "1");
  if (isTableWalk(esr)) return returned(injectSea(kvm, false, far), "1");
  // Cache maintenance outside every slot is skipped, not emulated.
  if (!slotted && isCacheMaintenance(esr)) return returned(incrPc(kvm), "1");
  return ioMemAbort(kvm, gpa | faultOffset(kvm.vcpu.fault));
};

/**
 * A fault inside a slot. Every page of the slot is private and this VMM maps
 * it before the realm runs, so KVM has nothing of its own to map: it asks the
 * VMM to change the page's attribute (kvm.md §2b step 8).
 */
const inMemory = (kvm: Kvm, ipa: bigint, gpa: bigint): Handled => {
  if (isAccessFlagFault(kvm.vcpu.fault.esr)) return returned(kvm, "1");
  const memory_fault = { gpa, size: 0x1000n, is_private: ipa === gpa };
  return returned(
    withRun(kvm, { exit_reason: "KVM_EXIT_MEMORY_FAULT", memory_fault }),
    "-EFAULT",
  );
};

/** Handles a stage 2 data or instruction abort; the syndrome is `kvm.vcpu.fault`. */
export const handleGuestAbort = (kvm: Kvm): Handled => {
  const { fault } = kvm.vcpu;
  // No RAS handler claims an external abort here: KVM answers with an SError.
  if (isExternalAbort(fault.esr)) return returned(injectSerror(kvm), "1");
  const ipa = faultPage(fault);
  const beyond = outside(kvm, ipa);
  if (beyond !== null) return beyond;
  if (!supported(fault.esr)) return returned(kvm, "-EFAULT");
  const gpa = gpaFromFault(kvm, ipa);
  const slot = slotAt(kvm, gpa);
  const writable = slot !== undefined && !slot.readonly;
  return slot === undefined || (isWriteFault(fault.esr) && !writable)
    ? noMemory(kvm, gpa, slot !== undefined)
    : inMemory(kvm, ipa, gpa);
};
