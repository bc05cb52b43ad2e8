/**
 * The names that small numbers of the arrays stand for, in their order.
 *
 * @module
 */

import type { Errno, ExitReason } from "../../host/kvm_run.ts";
import type { Owed, RmiStatus, Vcpu } from "../../host/state.ts";
import type { RealmState } from "../../rmm/state.ts";
import type { Ripas } from "../../rmm/stage2.ts";

/** Names of `AT`. */
export const at_names: readonly Vcpu["at"][] = [
  "user",
  "enter",
  "guest",
  "exit",
];

/** Names of `OWED`. */
export const owed_names: readonly (Owed | null)[] = [
  null,
  "MmioComplete",
  "VmmHandle",
  "PowerOn",
  "Nothing",
];

/** Names of `RET` but the last. */
export const ret_names: readonly Errno[] = [
  "0",
  "-EINTR",
  "-EIO",
  "-ENXIO",
  "-EAGAIN",
  "-ENOSYS",
  "-EFAULT",
  "-EINVAL",
];

/** Names of `REASON`. */
export const reason_names: readonly ExitReason[] = [
  "KVM_EXIT_UNKNOWN",
  "KVM_EXIT_MMIO",
  "KVM_EXIT_SHUTDOWN",
  "KVM_EXIT_INTERNAL_ERROR",
  "KVM_EXIT_SYSTEM_EVENT",
  "KVM_EXIT_ARM_NISV",
  "KVM_EXIT_MEMORY_FAULT",
  "KVM_EXIT_ARM_SEA",
  "KVM_EXIT_ARM_LDST64B",
  "KVM_EXIT_INTR",
];

/** Names of `STATUS`. */
export const status_names: readonly RmiStatus[] = [
  "RMI_SUCCESS",
  "RMI_ERROR_INPUT",
  "RMI_ERROR_REALM",
  "RMI_ERROR_REC",
  "RMI_ERROR_RTT",
];

/** Names of realm states, those of `REALM` first. */
export const realm_names: readonly RealmState[] = [
  "NEW",
  "ACTIVE",
  "SYSTEM_OFF",
  "ZOMBIE",
];

/** RIPAS numbers of the stage 2 array, EMPTY first. */
export const ripas_names: readonly Ripas[] = [
  "empty",
  "ram",
  "destroyed",
  "dev",
];
