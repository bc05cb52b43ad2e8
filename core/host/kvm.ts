/**
 * One vCPU in KVM's hands: the slices a KVM function may read and write, and
 * the registers and byte orders every one of them needs.
 *
 * @module
 */

import { bit, mask, word } from "../arch/word.ts";
import type { RecEnter, RecExit } from "../rmm/recrun.ts";
import type { World } from "../world.ts";
import type { KvmRevision } from "./switches.ts";
import type { Errno, KvmRunPage } from "./kvm_run.ts";
import type { Vcpu, Vm } from "./state.ts";

/** A vCPU with its VM, its run page and the revision's switches. */
export interface Kvm {
  /** Which KVM this is. */
  readonly rev: KvmRevision;
  /** The virtual machine. */
  readonly vm: Vm;
  /** The vCPU. */
  readonly vcpu: Vcpu;
  /** The enter half of the run page, which KVM writes. */
  readonly enter: RecEnter;
  /** The exit half of the run page, which KVM reads. */
  readonly exit: RecExit;
}

/** What an exit handler returns: 1 to enter the guest again, else what KVM_RUN returns. */
export type Ret = "1" | Errno;

/** Takes REC `rec`'s part out of the world; the vCPU and its page must exist. */
export const take = (world: World, rec: number): Kvm => {
  const vcpu = world.host.vcpus[rec] as Vcpu;
  const { enter, exit } = world.runs[rec] as World["runs"][number];
  return { rev: world.profile.kvm, vm: world.host.vm, vcpu, enter, exit };
};

/** Puts it back. */
export const put = (world: World, rec: number, kvm: Kvm): World => ({
  ...world,
  host: {
    ...world.host,
    vm: kvm.vm,
    vcpus: world.host.vcpus.with(rec, kvm.vcpu),
  },
  runs: world.runs.with(rec, { enter: kvm.enter, exit: kvm.exit }),
});

/** The same with fields of the vCPU replaced. */
export const withVcpu = (kvm: Kvm, parts: Partial<Vcpu>): Kvm => ({
  ...kvm,
  vcpu: { ...kvm.vcpu, ...parts },
});

/** The same with fields of the kvm_run page replaced. */
export const withRun = (kvm: Kvm, parts: Partial<KvmRunPage>): Kvm =>
  withVcpu(kvm, { run: { ...kvm.vcpu.run, ...parts } });

/** The same with flags set in enter.flags. */
export const withFlags = (kvm: Kvm, flags: bigint): Kvm => ({
  ...kvm,
  enter: { ...kvm.enter, flags: kvm.enter.flags | flags },
});

/** The same with enter.gprs[`index`] := `value`. */
export const withGpr = (kvm: Kvm, index: number, value: bigint): Kvm => ({
  ...kvm,
  enter: { ...kvm.enter, gprs: kvm.enter.gprs.with(index, value) },
});

/** vcpu_get_reg: register 31 reads zero. */
export const getReg = (vcpu: Vcpu, n: number): bigint => vcpu.regs[n] ?? 0n;

/** vcpu_set_reg: a write to register 31 is discarded. */
export const setReg = (kvm: Kvm, n: number, value: bigint): Kvm =>
  n < 31 ? withVcpu(kvm, { regs: kvm.vcpu.regs.with(n, value) }) : kvm;

/** kvm_incr_pc: INCREMENT_PC, which warns when an exception is pending. */
export const incrPc = (kvm: Kvm): Kvm =>
  withVcpu(kvm, {
    increment_pc: true,
    warns: kvm.vcpu.warns + (kvm.vcpu.pending_exception === null ? 0 : 1),
  });

/**
 * kvm_vcpu_is_be: PSTATE.E in AArch32, else SCTLR_EL1.E0E at EL0 and .EE
 * above, in KVM's copies: of a REC the reset values, hence little-endian.
 */
export const isBigEndian = (vcpu: Vcpu): boolean => {
  if (bit(vcpu.cpsr, 4)) return bit(vcpu.cpsr, 9);
  return bit(vcpu.sctlr_el1, (vcpu.cpsr & 0xfn) === 0n ? 24 : 25);
};

const swapped = (value: bigint, bytes: number): bigint => {
  let out = 0n;
  for (let index = 0; index < bytes; index++) {
    out = (out << 8n) | ((value >> BigInt(8 * index)) & 0xffn);
  }
  return out;
};

/**
 * vcpu_data_guest_to_host and its twin, which are one function on a
 * little-endian host: cut to `bytes`, swapped for a big-endian guest.
 */
export const reorder = (vcpu: Vcpu, value: bigint, bytes: number): bigint => {
  const cut = value & mask(8 * bytes);
  return isBigEndian(vcpu) ? swapped(cut, bytes) : cut;
};

/** The low `bytes` bytes of a word, in memory order of a little-endian host. */
export const bytesOf = (value: bigint, bytes: number): readonly number[] =>
  Array.from(
    { length: bytes },
    (_, index) => Number((value >> BigInt(8 * index)) & 0xffn),
  );

/** The word that the first `bytes` bytes make, zero-extended. */
export const wordOf = (data: readonly number[], bytes: number): bigint =>
  word(
    data.slice(0, bytes).reduceRight(
      (high, low) => (high << 8n) | BigInt(low),
      0n,
    ),
  );
