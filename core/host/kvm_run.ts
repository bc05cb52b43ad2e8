/**
 * The `kvm_run` page: what KVM and the VMM share about one vCPU.
 *
 * Source: Linux `include/uapi/linux/kvm.h` (`struct kvm_run`); kvm.md §2f.
 *
 * @module
 */

/** `kvm_run.mmio`: the access user space is asked to perform. */
export interface KvmMmio {
  /** Address with the alias bit removed. */
  readonly phys_addr: bigint;
  /** Eight bytes in memory order; the access uses the first `len`. */
  readonly data: readonly number[];
  /** 1, 2, 4 or 8. */
  readonly len: number;
  /** True when the realm wrote. */
  readonly is_write: boolean;
}

/** A range the VMM has to make private or shared (`kvm_run.memory_fault`). */
export interface MemoryFault {
  /** First byte, in the low half. */
  readonly gpa: bigint;
  /** Bytes. */
  readonly size: bigint;
  /** True to make it private, false to share it. */
  readonly is_private: boolean;
}

/** Why KVM_RUN returned to user space (`kvm_run.exit_reason`). */
export type ExitReason =
  | "KVM_EXIT_UNKNOWN"
  | "KVM_EXIT_MMIO"
  | "KVM_EXIT_SHUTDOWN"
  | "KVM_EXIT_INTR"
  | "KVM_EXIT_INTERNAL_ERROR"
  | "KVM_EXIT_SYSTEM_EVENT"
  | "KVM_EXIT_ARM_NISV"
  | "KVM_EXIT_MEMORY_FAULT"
  | "KVM_EXIT_ARM_SEA"
  | "KVM_EXIT_ARM_LDST64B";

/** What KVM_RUN returned: 0 with an exit reason, or a negative errno. */
export type Errno =
  | "0"
  | "-EINTR"
  | "-EIO"
  | "-ENXIO"
  | "-EAGAIN"
  | "-ENOSYS"
  | "-EFAULT"
  | "-EINVAL";

/** The `kvm_run` page: what KVM and the VMM share about one vCPU. */
export interface KvmRunPage {
  /** What the VMM looks at first. */
  readonly exit_reason: ExitReason;
  /** The last MMIO exit; KVM never clears it, so old bytes stay (kvm.md D16). */
  readonly mmio: KvmMmio;
  /** The last KVM_EXIT_ARM_NISV or KVM_EXIT_ARM_LDST64B. */
  readonly arm_nisv: { readonly esr_iss: bigint; readonly fault_ipa: bigint };
  /** The last KVM_EXIT_MEMORY_FAULT. */
  readonly memory_fault: MemoryFault;
  /** The last KVM_EXIT_SYSTEM_EVENT. */
  readonly system_event: "SHUTDOWN" | "RESET";
}

/** A `kvm_run` page as KVM allocates it. */
export const zero_kvm_run: KvmRunPage = {
  exit_reason: "KVM_EXIT_UNKNOWN",
  mmio: {
    phys_addr: 0n,
    data: [0, 0, 0, 0, 0, 0, 0, 0],
    len: 0,
    is_write: false,
  },
  arm_nisv: { esr_iss: 0n, fault_ipa: 0n },
  memory_fault: { gpa: 0n, size: 0n, is_private: false },
  system_event: "SHUTDOWN",
};
