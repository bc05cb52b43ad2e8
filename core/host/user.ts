/**
 * The way out of KVM_RUN: what is left behind when the vCPU thread returns to
 * user space, or to the door of the realm.
 *
 * @module
 */

import type { Ask } from "../device/ask.ts";
import { refused, stepped } from "../outcome.ts";
import type { Step, World } from "../world.ts";
import { type Kvm, put, type Ret, take, withVcpu } from "./kvm.ts";
import type { Errno } from "./kvm_run.ts";
import type { Owed } from "./state.ts";

/** A step that belongs to another moment. */
export const outOfTurn = (
  world: World,
  expected: string,
  found: string,
): Step => refused(world, { tag: "OutOfTurn", expected, found });

/**
 * __kvm_adjust_pc at the end of the ioctl: KVM's copies of PC and PSTATE take
 * what is pending, which the realm never sees (kvm.md D9). Revisions that use
 * the flags as signals to the REC entry leave them alone.
 */
const adjustPc = (kvm: Kvm): Kvm => {
  if (kvm.vcpu.is_rec && kvm.rev.incPc === "signal") return kvm;
  const { pending_exception, increment_pc, pc } = kvm.vcpu;
  if (pending_exception !== null) {
    return withVcpu(kvm, { pending_exception: null });
  }
  return increment_pc
    ? withVcpu(kvm, { increment_pc: false, pc: BigInt.asUintN(64, pc + 4n) })
    : kvm;
};

/** KVM_RUN returns `ret`; what the VMM owes it follows from the exit unless said. */
export const toUser = (kvm: Kvm, ret: Errno, owed?: Owed | null): Kvm => {
  const mmio = ret === "0" && kvm.vcpu.run.exit_reason === "KVM_EXIT_MMIO";
  const owes = mmio ? "MmioComplete" : "VmmHandle";
  return withVcpu(adjustPc(kvm), {
    at: "user",
    ret,
    owed: owed === undefined ? owes : owed,
  });
};

/**
 * Ends an exit handler: 1 enters again, unless the VM died meanwhile or the
 * vCPU was powered off; a vCPU that sleeps in KVM_RUN until CPU_ON counts as
 * being in user space.
 */
export const leave = (
  world: World,
  rec: number,
  ret: Ret,
  asks: readonly Ask[] = [],
): Step => {
  const kvm = take(world, rec);
  if (ret !== "1") return stepped(put(world, rec, toUser(kvm, ret)), asks);
  if (kvm.vm.dead) return stepped(put(world, rec, toUser(kvm, "-EIO")), asks);
  if (kvm.vcpu.stopped) {
    return stepped(put(world, rec, toUser(kvm, "0", "PowerOn")), asks);
  }
  return stepped(put(world, rec, withVcpu(kvm, { at: "enter" })), asks);
};
