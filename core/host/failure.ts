/**
 * What KVM does when RMI_REC_ENTER fails, or exits for something it does not
 * know.
 *
 * Source: Linux `arch/arm64/kvm/rmi-exit.c` (`rec_exit_fatal`,
 * `kvm_rec_exit`); kvm.md §1b.
 *
 * @module
 */

import type { Ask } from "../device/ask.ts";
import type { World } from "../world.ts";
import { put, type Ret, take, withRun } from "./kvm.ts";

/** What a handler did: the world after it, what it returns, what it asks for. */
export interface Outcome {
  /** The world after it. */
  readonly world: World;
  /** What it returns. */
  readonly ret: Ret;
  /** What a device it touched asks for. */
  readonly asks?: readonly Ask[];
}

/** User space is told of an internal error. */
export const internalError = (world: World, rec: number): Outcome => {
  const kvm = withRun(take(world, rec), {
    exit_reason: "KVM_EXIT_INTERNAL_ERROR",
  });
  return { world: put(world, rec, kvm), ret: "0" };
};

/** rec_exit_fatal: the VM is dead and user space is told of an internal error. */
export const fatal = (world: World, rec: number): Outcome => {
  const kvm = take(world, rec);
  const killed = { ...kvm, vm: { ...kvm.vm, dead: true } };
  return internalError(put(world, rec, killed), rec);
};

/** RMI_ERROR_REALM: a REC was entered after SYSTEM_OFF, or the realm cannot run. */
const realmError = (world: World, rec: number, index: number): Outcome => {
  const kvm = take(world, rec);
  const { errRealm } = kvm.rev;
  if (errRealm !== "shutdown" && index !== 1) return { world, ret: "-ENXIO" };
  const exit_reason = errRealm === "unknownAt1"
    ? "KVM_EXIT_UNKNOWN"
    : "KVM_EXIT_SHUTDOWN";
  return { world: put(world, rec, withRun(kvm, { exit_reason })), ret: "0" };
};

/** What KVM_RUN makes of a failed RMI_REC_ENTER. */
export const failedEntry = (world: World, rec: number): Outcome => {
  const { rev, vcpu: { rmi } } = take(world, rec);
  switch (rmi.status) {
    case "RMI_ERROR_REALM":
      return realmError(world, rec, rmi.index);
    case "RMI_ERROR_REC":
      return { world, ret: rev.errRec };
    default:
      return rev.errOther === "fatal"
        ? fatal(world, rec)
        : { world, ret: rev.errOther };
  }
};
