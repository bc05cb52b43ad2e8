/**
 * From the parts of a world to arrays.
 *
 * @module
 */

import type { Sysregs } from "../../realm/rec.ts";
import type { Fast, Seen } from "./arrays.ts";
import { REG, W } from "./layout.ts";
import {
  at_names,
  owed_names,
  realm_names,
  reason_names,
  ret_names,
  ripas_names,
  status_names,
} from "./names.ts";
import {
  kvmSwitches,
  outsideFrom,
  rmmSwitches,
  unprotMask,
} from "./switches.ts";
import { acceptable } from "./vgic.ts";
import { put } from "./words.ts";

const putAll = (
  words: Int32Array,
  at: number,
  values: readonly bigint[],
): void => values.forEach((value, n) => put(words, at + 2 * n, value));

/** Bytes of run.mmio.data as a 64-bit value. */
const dataWord = (data: readonly number[]): bigint =>
  data.reduceRight((high, low) => (high << 8n) | BigInt(low), 0n);

/** The switches. */
export const loadProfile = (f: Fast, seen: Seen): void => {
  const { s } = f;
  const { profile, vmm } = seen;
  s[W.RMM] = rmmSwitches(profile.rmm);
  s[W.UNPROT_MASK] = unprotMask(profile.rmm);
  s[W.KVM] = kvmSwitches(profile.kvm, vmm);
};

/** The system registers but the four that the road writes and never reads. */
export const loadSys = ({ r }: Fast, sys: Sysregs): void => {
  put(r, REG.VBAR_EL1, sys.vbar_el1);
  put(r, REG.SCTLR_EL1, sys.sctlr_el1);
  put(r, REG.SCTLR2_EL1, sys.sctlr2_el1);
  put(r, REG.GCSCR_EL1, sys.gcscr_el1);
  put(r, REG.CNTP_CTL_EL0, sys.cntp_ctl_el0);
  put(r, REG.CNTP_CVAL_EL0, sys.cntp_cval_el0);
  put(r, REG.CNTV_CTL_EL0, sys.cntv_ctl_el0);
  put(r, REG.CNTV_CVAL_EL0, sys.cntv_cval_el0);
};

/** The realm's registers. */
export const loadRegisters = (f: Fast, { rec }: Seen): void => {
  const { r } = f;
  putAll(f.x, 0, rec.x);
  put(r, REG.PC, rec.pc);
  put(r, REG.PSTATE, rec.pstate);
  loadSys(f, rec.sys);
  put(r, REG.RETIRED, BigInt(rec.retired));
  r[REG.MONITOR] = rec.monitor === null ? 0 : 1;
};

/** The RMM's REC. */
export const loadRmm = (f: Fast, { rmm_rec }: Seen): void => {
  const { s } = f;
  const { last_run_info } = rmm_rec;
  s[W.RUNNING] = Number(rmm_rec.running);
  s[W.RUNNABLE] = Number(rmm_rec.runnable);
  put(s, W.LAST_ESR, last_run_info.esr);
  put(s, W.LAST_FAR, last_run_info.far);
  put(s, W.LAST_HPFAR, last_run_info.hpfar);
  s[W.PSCI_PENDING] = Number(rmm_rec.psci_pending);
  s[W.OPEN] = Number(
    rmm_rec.host_call_pending || rmm_rec.ripas_request !== null,
  );
  s[W.TRAP] = Number(rmm_rec.trap !== null);
  s[W.SIMD_LIVE] = Number(rmm_rec.simd_live);
  s[W.TRAP_WFI] = Number(rmm_rec.trap_wfi);
  s[W.TRAP_WFE] = Number(rmm_rec.trap_wfe);
  f.rec_vgic = rmm_rec.vgic;
};

/** The realm's state, its IPA space and its stage 2. */
export const loadRealm = (f: Fast, seen: Seen): void => {
  f.s[W.REALM_STATE] = realm_names.indexOf(seen.state);
  f.limits[0] = 2 ** (seen.ipa_bits - 1);
  f.limits[1] = outsideFrom(seen.profile.rmm, seen.ipa_bits);
  f.stage2 = Float64Array.from(
    seen.stage2.flatMap(({ base, top, ripas }) => [
      Number(base),
      Number(top),
      ripas_names.indexOf(ripas),
    ]),
  );
};

/** The run page. */
export const loadRun = (f: Fast, { run: { enter, exit } }: Seen): void => {
  const { s } = f;
  putAll(s, W.ENTER_GPRS, enter.gprs);
  put(s, W.ENTER_FLAGS, enter.flags);
  f.enter_vgic = { hcr: enter.gicv3_hcr, lrs: enter.gicv3_lrs };
  s[W.VGIC_OK] = Number(acceptable(f.enter_vgic));
  s[W.EXIT_REASON] = Number(exit.exit_reason);
  put(s, W.EXIT_ESR, exit.esr);
  put(s, W.EXIT_FAR, exit.far);
  put(s, W.EXIT_HPFAR, exit.hpfar);
  put(s, W.EXIT_GPR0, exit.gprs[0] ?? 0n);
};

/** kvm_vcpu_is_be: the endianness bit of KVM's copies that rules. */
const isBigEndian = (cpsr: bigint, sctlr_el1: bigint): boolean => {
  if ((cpsr & 0x10n) !== 0n) return (cpsr & 0x200n) !== 0n;
  const bit = (cpsr & 0xfn) === 0n ? 24n : 25n;
  return ((sctlr_el1 >> bit) & 1n) === 1n;
};

/** KVM's vCPU. */
export const loadVcpu = (f: Fast, { vcpu, vm, profile }: Seen): void => {
  const { s } = f;
  const { cpsr, fault, pending_exception: pending } = vcpu;
  s[W.AT] = at_names.indexOf(vcpu.at);
  s[W.IS_REC] = Number(vcpu.is_rec);
  putAll(s, W.VCPU_REGS, vcpu.regs);
  put(s, W.VCPU_PC, vcpu.pc);
  s[W.BIG_ENDIAN] = Number(isBigEndian(cpsr, vcpu.sctlr_el1));
  s[W.LOWER] = Number((cpsr & 0x10n) !== 0n || (cpsr & 0xfn) === 0n);
  s[W.SERR_MASKED] = Number((cpsr & 0x100n) !== 0n);
  put(s, W.FAULT_ESR, fault.esr);
  put(s, W.FAULT_FAR, fault.far);
  put(s, W.FAULT_HPFAR, fault.hpfar);
  s[W.MMIO_NEEDED] = Number(vcpu.mmio_needed);
  s[W.INCREMENT_PC] = Number(vcpu.increment_pc);
  s[W.PENDING] = pending === null ? 0 : pending.type === "EL1_SYNC" ? 1 : 2;
  put(s, W.PEND_ESR, pending?.esr_el1 ?? 0n);
  put(s, W.PEND_FAR, pending?.far_el1 ?? 0n);
  s[W.VSERROR] = Number(vcpu.vserror_pending);
  s[W.STATUS] = status_names.indexOf(vcpu.rmi.status);
  s[W.INDEX] = vcpu.rmi.index;
  s[W.LAST_EXIT] = vcpu.last_exit === null ? -1 : Number(vcpu.last_exit);
  s[W.RET] = ret_names.indexOf(vcpu.ret);
  s[W.RMI_REQUEST] = Number(vcpu.rmi_request);
  s[W.WARNS] = vcpu.warns;
  s[W.STOPPED] = Number(vcpu.stopped);
  s[W.OWED] = owed_names.indexOf(vcpu.owed);
  const strips = vcpu.is_rec && profile.kvm.aliasStrip;
  const alias = strips ? 1n << BigInt(vm.ia_bits - 1) : 0n;
  s[W.ALIAS_LO] = Number(BigInt.asIntN(32, alias));
  s[W.ALIAS_HI] = Number(BigInt.asIntN(32, alias >> 32n));
};

/** The kvm_run page. */
export const loadKvmRun = (f: Fast, { vcpu: { run } }: Seen): void => {
  const { s } = f;
  s[W.REASON] = reason_names.indexOf(run.exit_reason);
  put(s, W.MMIO_ADDR, run.mmio.phys_addr);
  put(s, W.MMIO_DATA, dataWord(run.mmio.data));
  s[W.MMIO_LEN] = run.mmio.len;
  s[W.MMIO_WRITE] = Number(run.mmio.is_write);
  put(s, W.NISV_ISS, run.arm_nisv.esr_iss);
  put(s, W.NISV_IPA, run.arm_nisv.fault_ipa);
  put(s, W.MEM_GPA, run.memory_fault.gpa);
  put(s, W.MEM_SIZE, run.memory_fault.size);
  s[W.MEM_PRIVATE] = Number(run.memory_fault.is_private);
};

/** What holds for the whole VM. */
export const loadVm = (f: Fast, { vm }: Seen): void => {
  f.s[W.DEAD] = Number(vm.dead);
  f.s[W.NISV_TO_USER] = Number(vm.nisv_to_user);
  f.limits[2] = 2 ** vm.ia_bits;
  f.slots = Float64Array.from(
    vm.slots.flatMap(({ base, bytes, readonly }) => [
      Number(base),
      Number(base + bytes),
      Number(readonly),
    ]),
  );
};
