/**
 * RIPAS changes as KVM carries them out: RMI_RTT_SET_RIPAS, table by table.
 *
 * Source: Linux `arch/arm64/kvm/rmi.c` (`kvm_complete_ripas_change`),
 * `rmi-exit.c` (`rec_exit_ripas_change`).
 *
 * @module
 */

import { isProtected } from "../arch/address.ts";
import { FLAG } from "../rmm/recrun.ts";
import { rttSetRipas } from "../rmm/ripas.ts";
import type { World } from "../world.ts";
import { put, type Ret, take, withFlags, withRun } from "./kvm.ts";

/** kvm_complete_ripas_change: as far as the RMM goes; what is done is noted in exit.ripas_base. */
export const carryOut = (world: World, rec: number): World => {
  const { ripas_base, ripas_top } = take(world, rec).exit;
  let next = world;
  let base = ripas_base;
  while (base < ripas_top) {
    const done = rttSetRipas(next, rec, base, ripas_top);
    if (done.tag === "Failed") break;
    next = done.world;
    base = done.out_top;
  }
  const kvm = take(next, rec);
  return put(next, rec, { ...kvm, exit: { ...kvm.exit, ripas_base: base } });
};

/**
 * rec_exit_ripas_change: done at once, or shown to the VMM, which decides
 * while the change waits for the next KVM_RUN.
 */
export const ripasChange = (
  world: World,
  rec: number,
): { readonly world: World; readonly ret: Ret } => {
  const kvm = take(world, rec);
  if (kvm.rev.ripas === "kernel") {
    return { world: carryOut(world, rec), ret: "1" };
  }
  const { ripas_base: gpa, ripas_top: top, ripas_value } = kvm.exit;
  if (!(gpa < top && isProtected(top - 1n, kvm.vm.ia_bits))) {
    const rejected = withFlags(kvm, FLAG.RIPAS_RESPONSE);
    return { world: put(world, rec, rejected), ret: "-EINVAL" };
  }
  const is_private = ripas_value === 1n;
  const shown = withRun(kvm, {
    exit_reason: "KVM_EXIT_MEMORY_FAULT",
    memory_fault: { gpa, size: top - gpa, is_private },
  });
  const asked = { ...shown, vcpu: { ...shown.vcpu, rmi_request: true } };
  return { world: put(world, rec, asked), ret: "-EFAULT" };
};
