/**
 * Faults KVM hands back to the guest: external aborts, size faults, SErrors.
 *
 * Source: Linux `arch/arm64/kvm/inject_fault.c`; kvm.md §1b "SEA injection".
 *
 * @module
 */

import { EC, esr as makeEsr } from "../arch/esr.ts";
import { PSTATE } from "../arch/pstate.ts";
import { FLAG } from "../rmm/recrun.ts";
import { type Kvm, withFlags, withVcpu } from "./kvm.ts";
import type { PendingException } from "./state.ts";
import { faultOffset, faultPage, isIabt, isTableWalk } from "./syndrome.ts";

/** FSC of a synchronous external abort; on a table walk, at the level that KVM's own walk finds, 3. */
const sea_fsc = { access: 0x10, walk: 0x17 } as const;

/** kvm_pend_exception, which warns when INCREMENT_PC is set. */
const pend = (kvm: Kvm, pending_exception: PendingException): Kvm =>
  withVcpu(kvm, {
    pending_exception,
    warns: kvm.vcpu.warns + (kvm.vcpu.increment_pc ? 1 : 0),
  });

/** True when KVM's copy of PSTATE is AArch32 or EL0, so that the abort comes from a lower level. */
const fromLower = (kvm: Kvm): boolean =>
  (kvm.vcpu.cpsr & PSTATE.nRW) !== 0n || (kvm.vcpu.cpsr & 0xfn) === 0n;

/** inject_abt64: an abort at EL1, with the syndrome an external abort would have. */
const abort64 = (kvm: Kvm, iabt: boolean, addr: bigint): Kvm => {
  const lower = iabt ? EC.IABT_LOW : EC.DABT_LOW;
  const same = iabt ? EC.IABT_CUR : EC.DABT_CUR;
  return pend(kvm, {
    type: "EL1_SYNC",
    esr_el1: makeEsr({
      EC: fromLower(kvm) ? lower : same,
      IL: 1,
      FSC: isTableWalk(kvm.vcpu.fault.esr) ? sea_fsc.walk : sea_fsc.access,
    }),
    far_el1: addr,
  });
};

/** kvm_inject_sea_dabt and _iabt: the guest takes a synchronous external abort at `addr`. */
export const injectSea = (kvm: Kvm, iabt: boolean, addr: bigint): Kvm =>
  kvm.vcpu.is_rec && kvm.rev.seaVia === "flag"
    ? withFlags(kvm, FLAG.INJECT_SEA)
    : abort64(kvm, iabt, addr);

/** kvm_inject_size_fault: an abort whose FSC is that of an address size fault at level 0. */
export const injectSizeFault = (kvm: Kvm): Kvm => {
  const { fault } = kvm.vcpu;
  const addr = faultPage(fault) | faultOffset(fault);
  const hit = injectSea(kvm, isIabt(fault.esr), addr);
  const { pending_exception } = hit.vcpu;
  if (pending_exception === null) return hit;
  const esr_el1 = pending_exception.esr_el1 & ~0x3fn;
  return withVcpu(hit, {
    pending_exception: { ...pending_exception, esr_el1 },
  });
};

/**
 * kvm_inject_serror: a virtual SError for the next entry, or, while PSTATE.A
 * is clear in KVM's copy and the revision emulates it, an exception at once.
 */
export const injectSerror = (kvm: Kvm): Kvm => {
  const masked = (kvm.vcpu.cpsr & PSTATE.A) !== 0n;
  if (masked || kvm.rev.serror === "vse") {
    return withVcpu(kvm, { vserror_pending: true });
  }
  const IL = kvm.rev.serror === "pendIl" ? 1 : 0;
  return pend(kvm, {
    type: "EL1_SERR",
    esr_el1: makeEsr({ EC: EC.SERROR, IL, ISV: 1 }),
    far_el1: 0n,
  });
};
