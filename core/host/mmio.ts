/**
 * MMIO: an abort becomes an access, the access an answer, the answer a
 * register and a step forward.
 *
 * `ioMemAbort` decides; when the access is a plain load or store it returns
 * what to ask the in-kernel bus, and `ioMemAnswered` goes on from the bus's
 * answer. `mmioReturn` completes the access, now or at the next KVM_RUN.
 *
 * Source: Linux `arch/arm64/kvm/mmio.c`; kvm.md §2c, §2d.
 *
 * @module
 */

import { ESR, esrField } from "../arch/esr.ts";
import { mask, signExtend } from "../arch/word.ts";
import { FLAG } from "../rmm/recrun.ts";
import { injectSea } from "./inject.ts";
import {
  bytesOf,
  getReg,
  incrPc,
  type Kvm,
  reorder,
  type Ret,
  setReg,
  withFlags,
  withGpr,
  withRun,
  withVcpu,
  wordOf,
} from "./kvm.ts";
import { accessBytes, hasLst, hasSyndrome, isWrite } from "./syndrome.ts";

/** One access, as the kernel bus and the VMM see it. */
export interface Access {
  /** True when the guest wrote. */
  readonly is_write: boolean;
  /** Address with the alias bit removed. */
  readonly addr: bigint;
  /** 1, 2, 4 or 8. */
  readonly len: number;
  /** `len` bytes to write, in memory order; empty for a read. */
  readonly data: readonly number[];
}

/** What the in-kernel bus said. */
export type Answer =
  /** A device took the access; `data` holds what a read returned. */
  | { readonly tag: "Handled"; readonly data: readonly number[] }
  /** No device in the kernel has the address. */
  | { readonly tag: "Unclaimed" };

/** A handler that is done. */
export interface Returned {
  /** The handler is done. */
  readonly tag: "Returned";
  /** The vCPU after it. */
  readonly kvm: Kvm;
  /** What it returns. */
  readonly ret: Ret;
}

/** How far a handler came: done, or waiting for the in-kernel bus. */
export type Handled =
  | Returned
  | { readonly tag: "Access"; readonly kvm: Kvm; readonly access: Access };

/** Ends a handler. */
export const returned = (kvm: Kvm, ret: Ret): Returned => ({
  tag: "Returned",
  kvm,
  ret,
});

/** Bits of the syndrome a NISV exit shows. */
const nisv_iss = (1n << BigInt(ESR.CM.low)) | (1n << BigInt(ESR.WnR.low)) |
  mask(6);

/** An abort without a syndrome: nobody can tell which registers it was about. */
const withoutSyndrome = (kvm: Kvm, fault_ipa: bigint): Handled => {
  const { esr, far } = kvm.vcpu.fault;
  if (kvm.vcpu.is_rec && kvm.rev.isv0 === "sea") {
    return returned(injectSea(kvm, false, far), "1");
  }
  if (!kvm.vm.nisv_to_user) return returned(kvm, "-ENOSYS");
  const arm_nisv = { esr_iss: esr & nisv_iss, fault_ipa };
  return returned(
    withRun(kvm, { exit_reason: "KVM_EXIT_ARM_NISV", arm_nisv }),
    "0",
  );
};

/** io_mem_abort: a fault at an address that is nobody's memory. */
export const ioMemAbort = (kvm: Kvm, fault_ipa: bigint): Handled => {
  const { esr } = kvm.vcpu.fault;
  if (!hasSyndrome(esr)) return withoutSyndrome(kvm, fault_ipa);
  if (kvm.rev.ldst64b && hasLst(esr) && esrField(esr, "SET") !== 0) {
    const arm_nisv = { esr_iss: esr & ~mask(6), fault_ipa };
    return returned(
      withRun(kvm, { exit_reason: "KVM_EXIT_ARM_LDST64B", arm_nisv }),
      "0",
    );
  }
  const len = accessBytes(esr);
  const is_write = isWrite(esr);
  const value = reorder(
    kvm.vcpu,
    getReg(kvm.vcpu, esrField(esr, "SRT")),
    len,
  );
  const data = is_write ? bytesOf(value, len) : [];
  return {
    tag: "Access",
    kvm,
    access: { is_write, addr: fault_ipa, len, data },
  };
};

/** The first bytes of run.mmio.data replaced; the rest keeps what the last exit left. */
const filled = (kvm: Kvm, data: readonly number[]): Kvm => {
  const { mmio } = kvm.vcpu.run;
  const bytes = [...data, ...mmio.data.slice(data.length)];
  return withRun(kvm, { mmio: { ...mmio, data: bytes } });
};

/** io_mem_abort after the bus: completes the access in the kernel, or leaves it to user space. */
export const ioMemAnswered = (
  kvm: Kvm,
  access: Access,
  answer: Answer,
): Returned => {
  const { is_write, addr, len } = access;
  const mmio = { ...kvm.vcpu.run.mmio, is_write, phys_addr: addr, len };
  const noted = withVcpu(withRun(kvm, { mmio }), { mmio_needed: true });
  const flagged = kvm.vcpu.is_rec && kvm.rev.emulAt === "abort"
    ? withFlags(noted, FLAG.EMUL_MMIO)
    : noted;
  if (answer.tag === "Handled") {
    const known = is_write ? flagged : filled(flagged, answer.data);
    return returned(mmioReturn(known), "1");
  }
  // A device that failed looks like no device; a read leaves run.mmio.data as it was.
  const shown = is_write ? filled(flagged, access.data) : flagged;
  return returned(withRun(shown, { exit_reason: "KVM_EXIT_MMIO" }), "0");
};

/** The value a read returns to the guest; the two orders differ for sign-extending loads. */
const readValue = (kvm: Kvm): bigint => {
  const { fault: { esr }, run } = kvm.vcpu;
  const len = accessBytes(esr);
  const extend = (value: bigint): bigint =>
    esrField(esr, "SSE") === 1 && len < 8 ? signExtend(value, 8 * len) : value;
  const narrow = (value: bigint): bigint =>
    esrField(esr, "SF") === 1 ? value : value & mask(32);
  const raw = wordOf(run.mmio.data, len);
  return kvm.rev.sextOrder === "new"
    ? narrow(extend(reorder(kvm.vcpu, raw, len)))
    : reorder(kvm.vcpu, narrow(extend(raw)), len);
};

/** Stores a read's value where the revision keeps it for the next entry. */
const store = (kvm: Kvm, value: bigint): Kvm => {
  const { readStore } = kvm.rev;
  const rd = esrField(kvm.vcpu.fault.esr, "SRT");
  if (!kvm.vcpu.is_rec || readStore === "reg") return setReg(kvm, rd, value);
  const both = readStore === "both" ? setReg(kvm, rd, value) : kvm;
  return withGpr(both, 0, value);
};

/** True when a pending exception keeps the access from completing. */
const yields = (kvm: Kvm): boolean => {
  const pending = kvm.vcpu.pending_exception;
  if (pending === null || kvm.rev.mretYields === "never") return false;
  return kvm.rev.mretYields === "any" || pending.type === "EL1_SYNC";
};

/** Moves past the instruction: by the PC, by RMI_EMULATED_MMIO, or by a signal for the entry. */
const advance = (kvm: Kvm): Kvm => {
  if (!kvm.vcpu.is_rec) return incrPc(kvm);
  const flagged = kvm.rev.emulAt === "mretEnd"
    ? withFlags(kvm, FLAG.EMUL_MMIO)
    : kvm;
  return kvm.rev.incPc === "no" ? flagged : incrPc(flagged);
};

/**
 * kvm_handle_mmio_return: completes the access whose answer lies in
 * run.mmio.data. Does nothing when none is owed or an exception is pending.
 * Direction and size come from the saved syndrome, not from run.mmio.
 */
export const mmioReturn = (kvm: Kvm): Kvm => {
  if (!kvm.vcpu.mmio_needed || yields(kvm)) return kvm;
  const begun = withVcpu(kvm, { mmio_needed: false });
  const flagged = kvm.vcpu.is_rec && kvm.rev.emulAt === "mretTop"
    ? withFlags(begun, FLAG.EMUL_MMIO)
    : begun;
  const done = isWrite(kvm.vcpu.fault.esr)
    ? flagged
    : store(flagged, readValue(flagged));
  return advance(done);
};
