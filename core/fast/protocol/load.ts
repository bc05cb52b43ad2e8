/**
 * From a world to arrays: one REC's share of every actor.
 *
 * A part that is the same object as last time is not read again, so that a
 * run of many short slices pays for what changed in between.
 *
 * @module
 */

import type { World } from "../../world.ts";
import type { Fast, Seen } from "./arrays.ts";
import {
  AT,
  at_names,
  D,
  owed_names,
  realm_names,
  reason_names,
  REG,
  reg_words,
  ret_names,
  ripas_names,
  state_words,
  status_names,
  W,
  type Words,
  x_words,
} from "./layout.ts";
import { isPlain } from "./common.ts";
import { fits, loadBus } from "./load_bus.ts";
import {
  kvmSwitches,
  outsideFrom,
  rmmSwitches,
  unprotMask,
} from "./switches.ts";
import { acceptable } from "./vgic.ts";

/** Writes a 64-bit value as two words. */
const put = (words: Int32Array, at: number, value: bigint): void => {
  words[at] = Number(BigInt.asIntN(32, value));
  words[at + 1] = Number(BigInt.asIntN(32, value >> 32n));
};

const putAll = (
  words: Int32Array,
  at: number,
  values: readonly bigint[],
): void => values.forEach((value, n) => put(words, at + 2 * n, value));

/** Bytes of run.mmio.data as a 64-bit value. */
const dataWord = (data: readonly number[]): bigint =>
  data.reduceRight((high, low) => (high << 8n) | BigInt(low), 0n);

const loadProfile = (f: Fast, seen: Seen): void => {
  const { s } = f;
  const { profile, vmm } = seen;
  s[W.RMM] = rmmSwitches(profile.rmm);
  s[W.UNPROT_MASK] = unprotMask(profile.rmm);
  s[W.KVM] = kvmSwitches(profile.kvm, vmm);
};

const loadRegisters = (f: Fast, { rec }: Seen): void => {
  const { r } = f;
  const { sys } = rec;
  putAll(f.x, 0, rec.x);
  put(r, REG.PC, rec.pc);
  put(r, REG.PSTATE, rec.pstate);
  put(r, REG.ESR_EL1, sys.esr_el1);
  put(r, REG.FAR_EL1, sys.far_el1);
  put(r, REG.ELR_EL1, sys.elr_el1);
  put(r, REG.SPSR_EL1, sys.spsr_el1);
  put(r, REG.VBAR_EL1, sys.vbar_el1);
  put(r, REG.SCTLR_EL1, sys.sctlr_el1);
  put(r, REG.SCTLR2_EL1, sys.sctlr2_el1);
  put(r, REG.GCSCR_EL1, sys.gcscr_el1);
  put(r, REG.CNTP_CTL_EL0, sys.cntp_ctl_el0);
  put(r, REG.CNTP_CVAL_EL0, sys.cntp_cval_el0);
  put(r, REG.CNTV_CTL_EL0, sys.cntv_ctl_el0);
  put(r, REG.CNTV_CVAL_EL0, sys.cntv_cval_el0);
  put(r, REG.RETIRED, BigInt(rec.retired));
  r[REG.MONITOR] = rec.monitor === null ? 0 : 1;
};

const loadRmm = (f: Fast, { rmm_rec }: Seen): void => {
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

const loadRealm = (f: Fast, seen: Seen): void => {
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

const loadRun = (f: Fast, { run: { enter, exit } }: Seen): void => {
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

const loadVcpu = (f: Fast, { vcpu, vm, profile }: Seen): void => {
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

const loadKvmRun = (f: Fast, { vcpu: { run } }: Seen): void => {
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

const loadVm = (f: Fast, { vm }: Seen): void => {
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

/** The parts of the world that one REC's road is about, or null when there is no such REC. */
export const look = (world: World, rec: number): Seen | null => {
  const regs = world.realm.recs[rec];
  const rmm_rec = world.rmm.recs[rec];
  const run = world.runs[rec];
  const vcpu = world.host.vcpus[rec];
  if (!regs || !rmm_rec || !run || !vcpu) return null;
  const { state, ipa_bits, stage2 } = world.rmm;
  const { vm, vmm } = world.host;
  const { profile, bus } = world;
  return {
    profile,
    vmm,
    vm,
    stage2,
    state,
    ipa_bits,
    rec: regs,
    rmm_rec,
    run,
    vcpu,
    bus,
  };
};

/** Arrays of zeros for REC `rec`. */
export const blank = (rec: number): Fast => ({
  rec,
  x: new Int32Array(x_words),
  r: new Int32Array(reg_words) as Words<typeof REG>,
  s: new Int32Array(state_words) as Words<typeof W>,
  limits: new Float64Array(3),
  stage2: new Float64Array(0),
  slots: new Float64Array(0),
  bounds: new Float64Array(0),
  devices: new Int32Array(0),
  memory: new Uint8Array(0),
  log: new Int32Array(0),
  tx: new Uint8Array(256),
  sent: 0,
  enter_vgic: { hcr: 0n, lrs: [] },
  rec_vgic: null,
  exit_vgic: null,
  seen: null,
});

/**
 * Brings arrays to the state of `world`. What they held is given up: store it
 * first. Returns false, and changes nothing, when the world has no such REC or
 * a UART holds more than its FIFO does.
 */
export const reload = (f: Fast, world: World): boolean => {
  const now = look(world, f.rec);
  if (now === null || !fits(now.bus)) return false;
  const was = f.seen;
  // Parts that were changed since they were seen have to be read again.
  const dirty = f.s[W.DIRTY];
  const fresh = (...parts: readonly (keyof Seen)[]): boolean =>
    was === null || parts.some((part) => was[part] !== now[part]);
  if (fresh("profile", "vmm")) loadProfile(f, now);
  if (fresh("rec") || (dirty & (D.X | D.PC | D.SYS)) !== 0) {
    loadRegisters(f, now);
  }
  if (fresh("rmm_rec") || (dirty & D.RMM) !== 0) loadRmm(f, now);
  if (fresh("stage2", "state", "ipa_bits", "profile")) loadRealm(f, now);
  if (
    fresh("run") ||
    (dirty & (D.FLAGS | D.GPR0 | D.ENTER | D.EXIT)) !== 0
  ) loadRun(f, now);
  if (
    fresh("vcpu", "vm", "profile") || (dirty & (D.VCPU | D.REGS | D.RUN)) !== 0
  ) {
    loadVcpu(f, now);
    loadKvmRun(f, now);
  }
  if (fresh("vm") || (dirty & D.VM) !== 0) loadVm(f, now);
  if (fresh("bus") || (dirty & D.BUS) !== 0) {
    loadBus(f, now.bus, (dirty & D.BUS) === 0 ? was?.bus ?? null : null);
  }
  f.s[W.DIRTY] = 0;
  f.s[W.PLAIN] = Number(isPlain(f));
  f.seen = now;
  return true;
};

/** The arrays of REC `rec` of a world, or null where `reload` would return false. */
export const load = (world: World, rec: number): Fast | null => {
  const f = blank(rec);
  return reload(f, world) ? f : null;
};

/** True while the REC executes: the moment an executor may call the road. */
export const inGuest = (f: Fast): boolean => f.s[W.AT] === AT.guest;

/**
 * Moves the register file into someone else's memory, X0 to X30 at byte
 * `x_at` and the other registers (`REG`) at byte `r_at`, both multiples of 8;
 * what it held is copied there. Call it again when the memory has grown.
 */
export const attach = (
  f: Fast,
  buffer: ArrayBufferLike,
  x_at: number,
  r_at: number,
): void => {
  const x = new Int32Array(buffer, x_at, x_words);
  const r = new Int32Array(buffer, r_at, reg_words) as Words<typeof REG>;
  // A grown memory already holds the registers, and the old views are empty.
  if (f.x.length !== 0) x.set(f.x);
  if (f.r.length !== 0) r.set(f.r);
  f.x = x;
  f.r = r;
};
