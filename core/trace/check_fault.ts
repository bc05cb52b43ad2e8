/**
 * A fault in a vCPU's trace, and what the model's own kvm_handle_guest_abort
 * makes of it.
 *
 * Source: Linux `arch/arm64/kvm/mmu.c`; kvm.md §2b, §5.
 *
 * @module
 */

import { hpfarOfIpa } from "../arch/address.ts";
import { EC, ec, ESR, esrField } from "../arch/esr.ts";
import { hex, mask } from "../arch/word.ts";
import { handleGuestAbort } from "../host/abort.ts";
import type { Kvm } from "../host/kvm.ts";
import type { Handled } from "../host/mmio.ts";
import { recVcpu } from "../host/state.ts";
import { zero_enter, zero_exit } from "../rmm/recrun.ts";
import { emul_mask, nonemul_mask } from "../rmm/syndrome.ts";
import { exceptionCode } from "./kvm_names.ts";
import {
  type Against,
  counted,
  expect,
  type Fault,
  sawPc,
  type Vcpu,
} from "./vcpu.ts";

/** The width whose top bit is the highest bit of `ipa`: right for any address in the Unprotected half. */
const widthOf = (ipa: bigint): number => ipa.toString(2).length;

/** What KVM makes of a fault at an address without memory. */
export const handle = (
  fault: Fault,
  { rev }: Against,
  nisv_to_user: boolean,
): Handled => {
  const kvm: Kvm = {
    rev,
    vm: { ia_bits: widthOf(fault.ipa), slots: [], nisv_to_user, dead: false },
    vcpu: {
      ...recVcpu(0n),
      fault: {
        esr: fault.hsr,
        far: fault.hxfar,
        hpfar: hpfarOfIpa(fault.ipa),
      },
    },
    enter: zero_enter,
    exit: zero_exit,
  };
  return handleGuestAbort(kvm);
};

/** What KVM_RUN may return for a fault without memory that is no access: 1 to go on, an errno, or an exit. */
export const abortOutcomes = (
  fault: Fault,
  against: Against,
): readonly string[] => {
  const outcomes = [false, true].map((to_user) => {
    const handled = handle(fault, against, to_user);
    if (handled.tag === "Access") return "KVM_EXIT_MMIO";
    return handled.ret === "0" ? handled.kvm.vcpu.run.exit_reason : handled.ret;
  });
  return [...new Set(outcomes)];
};

/** Bits of an abort's syndrome that the RMM may show. */
const shownMask = ({ hsr }: Fault, { rmm }: Against): bigint => {
  if (ec(hsr) === EC.DABT_LOW && esrField(hsr, "ISV") === 1) return emul_mask;
  const { il_on_nonemulatable, wnr_on_nonemulatable } = rmm;
  const il = il_on_nonemulatable ? 1n << BigInt(ESR.IL.low) : 0n;
  const wnr = wnr_on_nonemulatable ? 1n << BigInt(ESR.WnR.low) : 0n;
  return nonemul_mask | il | wnr;
};

/** The exit a fault belongs to: a synchronous one of its class, where the revision shows the class. */
const checkExit = (vcpu: Vcpu, fault: Fault, { rev }: Against): Vcpu => {
  const { exit } = vcpu;
  if (exit === null) return vcpu;
  const right = rev.dispatch === "private"
    ? vcpu.failed === null
    : exceptionCode(exit.code) === 2 && exit.ec === ec(fault.hsr);
  const expected = rev.dispatch === "private"
    ? "kvm_exit IRQ, which is RMI_SUCCESS, before a fault"
    : `kvm_exit TRAP of class ${hex(ec(fault.hsr))} before this fault`;
  return expect(
    vcpu,
    right,
    "symbol",
    expected,
    `${exit.code} ${hex(exit.ec)}`,
  );
};

/** kvm_guest_fault. */
export const faulted = (
  vcpu: Vcpu,
  fault: Fault,
  against: Against,
): Vcpu => {
  const { hsr, hxfar } = fault;
  const once = vcpu.at === "unknown" ||
    (vcpu.at === "kvm" && vcpu.fault === null);
  let next = expect(
    vcpu,
    once,
    "order",
    "kvm_exit before kvm_guest_fault",
    "none",
  );
  next = checkExit(next, fault, against);
  const kind = ec(hsr) === EC.DABT_LOW ||
    (ec(hsr) === EC.IABT_LOW && against.rev.iabt === "abort");
  next = expect(next, kind, "syndrome", "an abort's syndrome", hex(hsr));
  const leaked = hsr & ~shownMask(fault, against);
  next = expect(
    next,
    leaked === 0n,
    "syndrome",
    `hsr ${hex(hsr & ~leaked)}`,
    hex(hsr),
  );
  const offset = esrField(hsr, "ISV") === 1 ? mask(12) : 0n;
  next = expect(
    next,
    (hxfar & ~offset) === 0n,
    "offset",
    `hxfar ${hex(hxfar & offset)}`,
    hex(hxfar),
  );
  const { alias } = next;
  const protectedIsv = alias !== null && esrField(hsr, "ISV") === 1 &&
    (fault.ipa & alias) === 0n;
  next = expect(
    next,
    !protectedIsv,
    "half",
    "ISV clear at a Protected IPA",
    hex(hsr),
  );
  return counted(
    { ...sawPc(next, fault.pc), at: "kvm", fault, failed: null, nisv: false },
    "faults",
  );
};
