/**
 * KVM_RUN: the VMM lends its thread to the vCPU.
 *
 * Source: Linux `arch/arm64/kvm/arm.c` (`kvm_arch_vcpu_ioctl_run`); kvm.md
 * §1b "entry/exit order", §2d, §2f.
 *
 * @module
 */

import { stepped } from "../outcome.ts";
import { EXIT } from "../rmm/recrun.ts";
import type { Step, World } from "../world.ts";
import { type Kvm, put, take, withRun, withVcpu } from "./kvm.ts";
import { mmioReturn } from "./mmio.ts";
import { carryOut } from "./ripas.ts";
import { outOfTurn, toUser } from "./user.ts";

/**
 * -EINTR leaves exit_reason as it was: a VMM that does not heed the errno
 * performs the last access again (kvm.md D15). A decision is owed as before.
 */
const interrupted = (world: World, kvm: Kvm): Kvm => {
  const { owed, run: { exit_reason } } = kvm.vcpu;
  const again = exit_reason === "KVM_EXIT_MMIO" &&
    !world.host.vmm.heedsErrno;
  const decision = owed === "VmmHandle" ? owed : null;
  return toUser(kvm, "-EINTR", again ? "MmioComplete" : decision);
};

/** KVM_REQ_RMI for a RIPAS change: carried out, or asked about again while the VMM has not acted. */
const completeRipas = (world: World, rec: number, acted: boolean): World => {
  const kvm = take(world, rec);
  if (!kvm.vcpu.rmi_request) return world;
  if (kvm.vcpu.last_exit !== EXIT.RIPAS_CHANGE) return world;
  if (kvm.rev.ripas === "userChecked" && !acted) {
    const asked = withRun(kvm, { exit_reason: "KVM_EXIT_MEMORY_FAULT" });
    return put(world, rec, toUser(asked, "-EFAULT"));
  }
  const done = carryOut(world, rec);
  return put(done, rec, withVcpu(take(done, rec), { rmi_request: false }));
};

/**
 * The VMM calls KVM_RUN on REC `rec`, whose vCPU is at "user": an MMIO exit is
 * completed whether or not the VMM answered it, and with `immediate_exit`
 * nothing else happens. A vCPU that is powered off is a refusal.
 */
export const kvmRun = (
  world: World,
  rec: number,
  immediate_exit: boolean,
): Step => {
  const kvm = take(world, rec);
  if (kvm.vcpu.stopped) {
    return outOfTurn(
      world,
      "a vCPU that is powered on",
      "one that is powered off",
    );
  }
  if (kvm.vm.dead) return stepped(put(world, rec, toUser(kvm, "-EIO")));
  const completed = kvm.vcpu.run.exit_reason === "KVM_EXIT_MMIO"
    ? mmioReturn(kvm)
    : kvm;
  if (immediate_exit) {
    return stepped(put(world, rec, interrupted(world, completed)));
  }
  const begun = withVcpu(
    withRun(completed, { exit_reason: "KVM_EXIT_UNKNOWN" }),
    { at: "enter", owed: null },
  );
  const acted = kvm.vcpu.owed !== "VmmHandle";
  return stepped(completeRipas(put(world, rec, begun), rec, acted));
};

/**
 * A signal for the thread of REC `rec` is pending when KVM is about to enter:
 * KVM_RUN returns -EINTR with KVM_EXIT_INTR, and what the last exit left to
 * be sent in stays where it is.
 */
export const signalled = (world: World, rec: number): Step => {
  const kvm = withRun(take(world, rec), { exit_reason: "KVM_EXIT_INTR" });
  return stepped(put(world, rec, toUser(kvm, "-EINTR", null)));
};
