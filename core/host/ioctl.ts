/**
 * What a VMM can do to a vCPU between two KVM_RUNs: other ioctls, and writes
 * to the kvm_run page.
 *
 * Source: Linux `arch/arm64/kvm/guest.c` (`__kvm_arm_vcpu_set_events`,
 * `kvm_arm_set_reg`); kvm.md §1b, §3 D2, D4 to D6, D20.
 *
 * @module
 */

import { stepped } from "../outcome.ts";
import { FLAG } from "../rmm/recrun.ts";
import type { Refusal, Step, World } from "../world.ts";
import { injectSea, injectSerror } from "./inject.ts";
import {
  bytesOf,
  type Kvm,
  put,
  setReg,
  take,
  withRun,
  withVcpu,
} from "./kvm.ts";
import type { ExitReason } from "./kvm_run.ts";

/** The `kvm_vcpu_events` a VMM writes. */
export interface VcpuEvents {
  /** Asks for a synchronous external abort at the last fault. */
  readonly ext_dabt_pending: boolean;
  /** Asks for an SError. */
  readonly serror_pending: boolean;
}

const invalid = (world: World, ioctl: string): Step => {
  const why: Refusal = { tag: "Errno", ioctl, errno: "-EINVAL" };
  return { tag: "Refused", world, why };
};

/** RMI_EMULATED_MMIO, if set, gives way to RMI_INJECT_SEA. */
const swapped = (kvm: Kvm): Kvm => {
  const flags = kvm.enter.flags & ~FLAG.EMUL_MMIO | FLAG.INJECT_SEA;
  return { ...kvm, enter: { ...kvm.enter, flags } };
};

/** The REC's access becomes an SEA, or null where the revision says -EINVAL. */
const refuseAccess = (kvm: Kvm): Kvm | null => {
  const { fault, mmio_needed } = kvm.vcpu;
  switch (kvm.rev.extDabt) {
    case "emulFlag":
      // The guard takes the flag for "an access is open" (kvm.md D4, D5).
      return (kvm.enter.flags & FLAG.EMUL_MMIO) === 0n ? null : swapped(kvm);
    case "always":
      return swapped(kvm);
    case "mmioNeeded":
      return mmio_needed
        ? injectSea(withVcpu(kvm, { mmio_needed: false }), false, fault.far)
        : null;
  }
};

/** A plain VM takes what it is given. */
const inject = (kvm: Kvm, events: VcpuEvents): Kvm => {
  const { far } = kvm.vcpu.fault;
  const hit = events.ext_dabt_pending ? injectSea(kvm, false, far) : kvm;
  return events.serror_pending ? injectSerror(hit) : hit;
};

/**
 * KVM_SET_VCPU_EVENTS on REC `rec`. An accepted external abort is the VMM's
 * answer to the access it owed.
 *
 * Errors: -EINVAL for an SError, and for an external abort the revision does
 * not accept now.
 */
export const setVcpuEvents = (
  world: World,
  rec: number,
  events: VcpuEvents,
): Step => {
  const kvm = take(world, rec);
  if (!kvm.vcpu.is_rec) return stepped(put(world, rec, inject(kvm, events)));
  const ioctl = "KVM_SET_VCPU_EVENTS";
  // A realm's SErrors are the RMM's: KVM cannot inject one.
  if (events.serror_pending) return invalid(world, ioctl);
  if (!events.ext_dabt_pending) return stepped(world);
  const refused = refuseAccess(kvm);
  if (refused === null) return invalid(world, ioctl);
  const answered = kvm.vcpu.owed === "MmioComplete"
    ? withVcpu(refused, { owed: null })
    : refused;
  return stepped(put(world, rec, answered));
};

/**
 * KVM_SET_ONE_REG of X`n` of REC `rec`: KVM's copy, whatever that is good for
 * in a realm (kvm.md D20).
 *
 * Errors: -EINVAL when there is no such register.
 */
export const setOneReg = (
  world: World,
  rec: number,
  n: number,
  value: bigint,
): Step => {
  const kvm = take(world, rec);
  if (kvm.vcpu.regs[n] === undefined) return invalid(world, "KVM_SET_ONE_REG");
  return stepped(put(world, rec, setReg(kvm, n, value)));
};

/**
 * KVM_GET_ONE_REG of X`n` of REC `rec`: changes nothing; the answer is KVM's
 * copy.
 *
 * Errors: -EINVAL when there is no such register.
 */
export const getOneReg = (world: World, rec: number, n: number): Step =>
  world.host.vcpus[rec]?.regs[n] === undefined
    ? invalid(world, "KVM_GET_ONE_REG")
    : stepped(world);

/**
 * User space writes to the kvm_run page of REC `rec`, which it shares with
 * KVM: exit_reason, or the eight bytes of mmio.data in memory order; null
 * leaves a field alone.
 */
export const writeKvmRun = (
  world: World,
  rec: number,
  exit_reason: ExitReason | null,
  data: bigint | null,
): Step => {
  const kvm = take(world, rec);
  const { run } = kvm.vcpu;
  const mmio = data === null
    ? run.mmio
    : { ...run.mmio, data: bytesOf(data, 8) };
  const written = { exit_reason: exit_reason ?? run.exit_reason, mmio };
  return stepped(put(world, rec, withRun(kvm, written)));
};
