/**
 * From arrays back to a world: new values for the parts that changed, the very
 * same ones for the others.
 *
 * @module
 */

import type { KvmRunPage } from "../../host/kvm_run.ts";
import type { PendingException, Vcpu } from "../../host/state.ts";
import type { Rec } from "../../realm/rec.ts";
import { type RecEnter, type RecExit, zero_exit } from "../../rmm/recrun.ts";
import type { RmmRec, Syndrome } from "../../rmm/state.ts";
import type { World } from "../../world.ts";
import type { Fast } from "./arrays.ts";
import { D, REG, W } from "./layout.ts";
import {
  at_names,
  owed_names,
  reason_names,
  ret_names,
  status_names,
} from "./names.ts";
import { look } from "./load.ts";
import { storeBus } from "./store_bus.ts";
import { hcr_shown } from "./vgic.ts";
import { get } from "./words.ts";

const getAll = (words: Int32Array, at: number): readonly bigint[] =>
  Array.from({ length: 31 }, (_, n) => get(words, at + 2 * n));

const syndromeAt = ({ s }: Fast, at: number): Syndrome => ({
  esr: get(s, at),
  far: get(s, at + 2),
  hpfar: get(s, at + 4),
});

/** The name an array's number stands for; the numbers come from the same table. */
const named = <T>(names: readonly T[], n: number): T => names[n] as T;

const recOf = (f: Fast, old: Rec, dirty: number): Rec => {
  const { r } = f;
  const sys = (dirty & D.SYS) === 0 ? old.sys : {
    ...old.sys,
    esr_el1: get(r, REG.ESR_EL1),
    far_el1: get(r, REG.FAR_EL1),
    elr_el1: get(r, REG.ELR_EL1),
    spsr_el1: get(r, REG.SPSR_EL1),
  };
  return {
    ...old,
    x: (dirty & D.X) === 0 ? old.x : getAll(f.x, 0),
    pc: get(r, REG.PC),
    pstate: get(r, REG.PSTATE),
    sys,
    monitor: r[REG.MONITOR] === 0 ? null : old.monitor,
  };
};

const rmmRecOf = (f: Fast, old: RmmRec): RmmRec => {
  const { s } = f;
  return {
    ...old,
    running: s[W.RUNNING] !== 0,
    last_run_info: syndromeAt(f, W.LAST_ESR),
    vgic: f.rec_vgic,
    simd_live: s[W.SIMD_LIVE] !== 0,
    trap_wfi: s[W.TRAP_WFI] !== 0,
    trap_wfe: s[W.TRAP_WFE] !== 0,
    trap: s[W.TRAP] === 0 ? null : old.trap,
  };
};

const enterOf = (f: Fast, old: RecEnter, dirty: number): RecEnter => {
  const { s } = f;
  const flags = get(s, W.ENTER_FLAGS);
  if ((dirty & D.ENTER) !== 0) {
    const { hcr: gicv3_hcr, lrs: gicv3_lrs } = f.enter_vgic;
    return { flags, gprs: getAll(s, W.ENTER_GPRS), gicv3_hcr, gicv3_lrs };
  }
  const gprs = (dirty & D.GPR0) === 0
    ? old.gprs
    : old.gprs.with(0, get(s, W.ENTER_GPRS));
  return { ...old, flags, gprs };
};

const exitOf = (f: Fast): RecExit => {
  const { s } = f;
  const vgic = f.exit_vgic;
  return {
    ...zero_exit,
    exit_reason: BigInt(s[W.EXIT_REASON]),
    esr: get(s, W.EXIT_ESR),
    far: get(s, W.EXIT_FAR),
    hpfar: get(s, W.EXIT_HPFAR),
    gprs: zero_exit.gprs.with(0, get(s, W.EXIT_GPR0)),
    cntp_ctl: get(s, W.EXIT_CNTP_CTL),
    cntp_cval: get(s, W.EXIT_CNTP_CVAL),
    cntv_ctl: get(s, W.EXIT_CNTV_CTL),
    cntv_cval: get(s, W.EXIT_CNTV_CVAL),
    gicv3_hcr: vgic === null ? 0n : vgic.hcr & hcr_shown,
    gicv3_lrs: vgic === null ? zero_exit.gicv3_lrs : vgic.lrs,
  };
};

const pendingOf = ({ s }: Fast): PendingException | null =>
  s[W.PENDING] === 0 ? null : {
    type: s[W.PENDING] === 1 ? "EL1_SYNC" : "EL1_SERR",
    esr_el1: get(s, W.PEND_ESR),
    far_el1: get(s, W.PEND_FAR),
  };

const kvmRunOf = ({ s }: Fast): KvmRunPage => {
  const data = get(s, W.MMIO_DATA);
  return {
    exit_reason: named(reason_names, s[W.REASON]),
    mmio: {
      phys_addr: get(s, W.MMIO_ADDR),
      data: Array.from(
        { length: 8 },
        (_, n) => Number((data >> BigInt(8 * n)) & 0xffn),
      ),
      len: s[W.MMIO_LEN],
      is_write: s[W.MMIO_WRITE] !== 0,
    },
    arm_nisv: { esr_iss: get(s, W.NISV_ISS), fault_ipa: get(s, W.NISV_IPA) },
    memory_fault: {
      gpa: get(s, W.MEM_GPA),
      size: get(s, W.MEM_SIZE),
      is_private: s[W.MEM_PRIVATE] !== 0,
    },
    system_event: "SHUTDOWN",
  };
};

const vcpuOf = (f: Fast, old: Vcpu, dirty: number): Vcpu => {
  const { s } = f;
  const last_exit = s[W.LAST_EXIT] < 0 ? null : BigInt(s[W.LAST_EXIT]);
  const { system_event } = old.run;
  return {
    ...old,
    at: named(at_names, s[W.AT]),
    regs: (dirty & D.REGS) === 0 ? old.regs : getAll(s, W.VCPU_REGS),
    pc: get(s, W.VCPU_PC),
    fault: syndromeAt(f, W.FAULT_ESR),
    mmio_needed: s[W.MMIO_NEEDED] !== 0,
    increment_pc: s[W.INCREMENT_PC] !== 0,
    pending_exception: pendingOf(f),
    vserror_pending: s[W.VSERROR] !== 0,
    rmi: { status: named(status_names, s[W.STATUS]), index: s[W.INDEX] },
    last_exit,
    ret: named(ret_names, s[W.RET]),
    warns: s[W.WARNS],
    run: (dirty & D.RUN) === 0 ? old.run : { ...kvmRunOf(f), system_event },
    owed: named(owed_names, s[W.OWED]),
  };
};

const storeRealm = (f: Fast, world: World, dirty: number): World => {
  const old = world.realm.recs[f.rec];
  if (old === undefined || (dirty & (D.X | D.PC | D.SYS)) === 0) return world;
  const recs = world.realm.recs.with(f.rec, recOf(f, old, dirty));
  return { ...world, realm: { ...world.realm, recs } };
};

const storeRmm = (f: Fast, world: World, dirty: number): World => {
  const old = world.rmm.recs[f.rec];
  if (old === undefined || (dirty & D.RMM) === 0) return world;
  const recs = world.rmm.recs.with(f.rec, rmmRecOf(f, old));
  return { ...world, rmm: { ...world.rmm, recs } };
};

const storeRun = (f: Fast, world: World, dirty: number): World => {
  const old = world.runs[f.rec];
  const entered = (dirty & (D.FLAGS | D.GPR0 | D.ENTER)) !== 0;
  const exited = (dirty & D.EXIT) !== 0;
  if (old === undefined || !(entered || exited)) return world;
  const run = {
    enter: entered ? enterOf(f, old.enter, dirty) : old.enter,
    exit: exited ? exitOf(f) : old.exit,
  };
  return { ...world, runs: world.runs.with(f.rec, run) };
};

const storeHost = (f: Fast, world: World, dirty: number): World => {
  const { vm, vcpus } = world.host;
  const old = vcpus[f.rec];
  if (old === undefined || (dirty & (D.VCPU | D.REGS | D.RUN | D.VM)) === 0) {
    return world;
  }
  const dead = f.s[W.DEAD] !== 0;
  const host = {
    ...world.host,
    vm: (dirty & D.VM) === 0 ? vm : { ...vm, dead },
    vcpus: vcpus.with(f.rec, vcpuOf(f, old, dirty)),
  };
  return { ...world, host };
};

const finish = (f: Fast, world: World): World => {
  f.s[W.DIRTY] = 0;
  f.seen = look(world, f.rec);
  return world;
};

/**
 * The world after what the arrays have been through since `world` was loaded
 * or stored; the very same world when that is nothing. Parts not changed are
 * shared with it.
 */
export const store = (f: Fast, world: World): World => {
  const dirty = f.s[W.DIRTY];
  if (dirty === 0) return world;
  const stored = storeBus(f, storeRealm(f, world, dirty), dirty);
  return finish(
    f,
    storeHost(f, storeRun(f, storeRmm(f, stored, dirty), dirty), dirty),
  );
};

/**
 * The same for an executor that keeps the realm's registers itself: `world`
 * already holds its REC, and only RMM, run page, host and devices are stored.
 */
export const storeOutside = (f: Fast, world: World): World => {
  const dirty = f.s[W.DIRTY] & ~(D.X | D.PC | D.SYS);
  const stored = storeBus(f, world, dirty);
  return finish(
    f,
    storeHost(f, storeRun(f, storeRmm(f, stored, dirty), dirty), dirty),
  );
};
