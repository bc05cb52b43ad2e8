/**
 * PSCI and SMCCC calls as KVM answers them for a realm: a PSCI exit shows the
 * call, a host call carries any SMCCC function.
 *
 * Source: Linux `arch/arm64/kvm/psci.c`, `hypercalls.c`; kvm.md §1b; rmm.md §6.3.
 *
 * @module
 */

import { word } from "../arch/word.ts";
import { PSCI, PSCI_RETURN, psciComplete } from "../rmm/psci.ts";
import { EXIT } from "../rmm/recrun.ts";
import type { World } from "../world.ts";
import { getReg, put, type Ret, setReg, take, withRun } from "./kvm.ts";
import { recVcpu, type Vcpu } from "./state.ts";

/** SMCCC_VERSION, the one call outside PSCI that KVM answers here, and its answer 1.1. */
const SMCCC_VERSION = 0x8000_0000;
const smccc_version = 0x1_0001n;

/** What a call did: the world after it and what the exit handler returns. */
export interface Called {
  /** The world after the call. */
  readonly world: World;
  /** What the exit handler returns. */
  readonly ret: Ret;
}

/** smccc_set_retval: X0 := `value`, X1 to X3 := 0. */
const answer = (world: World, rec: number, value: bigint): World => {
  let kvm = take(world, rec);
  for (let n = 0; n < 4; n++) kvm = setReg(kvm, n, n === 0 ? value : 0n);
  return put(world, rec, kvm);
};

const code = (value: number): bigint => word(BigInt(value));

/** The affinity KVM gives vCPU `id`: 16 to an Aff0 cluster (`reset_mpidr`). */
const affinityOf = (id: number): bigint =>
  BigInt(id & 0xf) | (BigInt((id >> 4) & 0xff) << 8n) |
  (BigInt((id >> 12) & 0xff) << 16n);

/** MPIDR_EL1's four affinity fields. */
const affinity_mask = 0xff_00ff_ffffn;

/** The vCPU with this MPIDR, or -1. */
const vcpuOf = (world: World, mpidr: bigint): number =>
  world.host.vcpus.findIndex((_, id) =>
    affinityOf(id) === (mpidr & affinity_mask)
  );

const withVcpuAt = (world: World, id: number, vcpu: Vcpu): World => ({
  ...world,
  host: { ...world.host, vcpus: world.host.vcpus.with(id, vcpu) },
});

/** kvm_psci_vcpu_on: the target's KVM state is reset; what the REC starts with is the RMM's affair. */
const cpuOn = (world: World, rec: number): World => {
  const caller = world.host.vcpus[rec] as Vcpu;
  const id = vcpuOf(world, getReg(caller, 1));
  const target = world.host.vcpus[id];
  if (target === undefined) {
    return answer(world, rec, code(PSCI_RETURN.INVALID_PARAMETERS));
  }
  if (!target.stopped) {
    return answer(world, rec, code(PSCI_RETURN.ALREADY_ON));
  }
  const on = withVcpuAt(world, id, recVcpu(getReg(caller, 2)));
  return answer(on, rec, code(PSCI_RETURN.SUCCESS));
};

/** kvm_psci_vcpu_affinity_info: 0 for a vCPU that is on, 1 for one that is off. */
const affinityInfo = (world: World, rec: number): World => {
  const caller = world.host.vcpus[rec] as Vcpu;
  const target = world.host.vcpus[vcpuOf(world, getReg(caller, 1))];
  if (target === undefined) {
    return answer(world, rec, code(PSCI_RETURN.INVALID_PARAMETERS));
  }
  return answer(world, rec, target.stopped ? 1n : 0n);
};

/** kvm_prepare_system_event: every vCPU stops and user space is told why. */
const systemEvent = (
  world: World,
  rec: number,
  system_event: "SHUTDOWN" | "RESET",
): Called => {
  const vcpus = world.host.vcpus.map((vcpu): Vcpu => ({
    ...vcpu,
    stopped: true,
    owed: vcpu.at === "user" ? "Nothing" : vcpu.owed,
  }));
  const stopped = { ...world, host: { ...world.host, vcpus } };
  const kvm = withRun(take(stopped, rec), {
    exit_reason: "KVM_EXIT_SYSTEM_EVENT",
    system_event,
  });
  return { world: put(stopped, rec, kvm), ret: "0" };
};

/**
 * kvm_smccc_call_handler: the call in the vCPU's X0 to X3. Functions that are
 * neither PSCI's nor SMCCC_VERSION answer NOT_SUPPORTED.
 */
export const smccc = (world: World, rec: number): Called => {
  const vcpu = world.host.vcpus[rec] as Vcpu;
  const enterAgain = (next: World): Called => ({ world: next, ret: "1" });
  switch (Number(BigInt.asUintN(32, getReg(vcpu, 0)))) {
    case SMCCC_VERSION:
      return enterAgain(answer(world, rec, smccc_version));
    case PSCI.CPU_SUSPEND:
    case PSCI.CPU_SUSPEND64:
      // As a WFI: with no interrupt controller modelled it wakes at once.
      return enterAgain(answer(world, rec, code(PSCI_RETURN.SUCCESS)));
    case PSCI.CPU_OFF: {
      const done = answer(world, rec, code(PSCI_RETURN.SUCCESS));
      const off = done.host.vcpus[rec] as Vcpu;
      return enterAgain(withVcpuAt(done, rec, { ...off, stopped: true }));
    }
    case PSCI.CPU_ON:
    case PSCI.CPU_ON64:
      return enterAgain(cpuOn(world, rec));
    case PSCI.AFFINITY_INFO:
    case PSCI.AFFINITY_INFO64:
      return enterAgain(affinityInfo(world, rec));
    case PSCI.SYSTEM_OFF:
      return systemEvent(world, rec, "SHUTDOWN");
    case PSCI.SYSTEM_RESET:
      return systemEvent(world, rec, "RESET");
    default:
      return enterAgain(answer(world, rec, code(PSCI_RETURN.NOT_SUPPORTED)));
  }
};

/** Calls that the RMM keeps waiting for RMI_PSCI_COMPLETE (rmm.md §6.5). */
const waiting: readonly bigint[] = [
  PSCI.CPU_ON,
  PSCI.CPU_ON64,
  PSCI.AFFINITY_INFO,
  PSCI.AFFINITY_INFO64,
].map(BigInt);

/**
 * realm_psci_complete: tells the RMM how the call of the last PSCI exit
 * ended. DENIED only for a CPU_ON that neither worked nor was needed. A
 * failing RMI_PSCI_COMPLETE is -ENXIO.
 */
export const completePsci = (world: World, rec: number): Called => {
  const { vcpu, exit } = take(world, rec);
  const [fid = 0n, mpidr = 0n] = exit.gprs;
  if (exit.exit_reason !== EXIT.PSCI || !waiting.includes(fid)) {
    return { world, ret: "1" };
  }
  const granted = [
    code(PSCI_RETURN.SUCCESS),
    code(PSCI_RETURN.ALREADY_ON),
    1n, // AFFINITY_INFO: off
  ].includes(getReg(vcpu, 0));
  const done = psciComplete(
    world,
    rec,
    vcpuOf(world, mpidr),
    granted ? PSCI_RETURN.SUCCESS : PSCI_RETURN.DENIED,
  );
  return { world: done.world, ret: done.tag === "Done" ? "1" : "-ENXIO" };
};
