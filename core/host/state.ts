/**
 * The host's slice of the world: KVM's vCPUs and what the VMM has configured.
 *
 * @module
 */

import { EL1H_MASKED } from "../arch/pstate.ts";
import type { Syndrome } from "../rmm/state.ts";
import { type Errno, type KvmRunPage, zero_kvm_run } from "./kvm_run.ts";

export type {
  Errno,
  ExitReason,
  KvmMmio,
  KvmRunPage,
  MemoryFault,
} from "./kvm_run.ts";

/** An exception KVM wants to put up at EL1 (iflags PENDING_EXCEPTION and EXCEPT_MASK). */
export interface PendingException {
  /** Synchronous exception or SError. */
  readonly type: "EL1_SYNC" | "EL1_SERR";
  /** The syndrome it will have. */
  readonly esr_el1: bigint;
  /** The address it will have. */
  readonly far_el1: bigint;
}

/** Status of an RMI command, by its specification name. */
export type RmiStatus =
  | "RMI_SUCCESS"
  | "RMI_ERROR_INPUT"
  | "RMI_ERROR_REALM"
  | "RMI_ERROR_REC"
  | "RMI_ERROR_RTT";

/**
 * What a VMM owes a vCPU in user space: the access of an MMIO exit, a decision
 * about any other exit or errno, or power (a vCPU that CPU_ON has to start, or
 * a VM that stopped for good).
 */
export type Owed = "MmioComplete" | "VmmHandle" | "PowerOn" | "Nothing";

/** What KVM and the VMM keep about one vCPU. */
export interface Vcpu {
  /**
   * Where the vCPU thread is: in user space, in KVM about to enter the REC,
   * inside RMI_REC_ENTER, or in KVM with an exit to handle.
   */
  readonly at: "user" | "enter" | "guest" | "exit";
  /** True for a REC; false for a plain VM, whose registers are the guest's own. */
  readonly is_rec: boolean;
  /** KVM's copy of X0 to X30: of a REC only what the run page brought. */
  readonly regs: readonly bigint[];
  /** KVM's copy of the PC; of a REC the entry point, moved by kvm_incr_pc alone. */
  readonly pc: bigint;
  /** KVM's copy of PSTATE; of a REC its reset value for ever. */
  readonly cpsr: bigint;
  /** KVM's copy of SCTLR_EL1; of a REC its reset value for ever. */
  readonly sctlr_el1: bigint;
  /** Syndrome of the last exit (`vcpu->arch.fault`). */
  readonly fault: Syndrome;
  /** User space owes the answer to an access. */
  readonly mmio_needed: boolean;
  /** iflag INCREMENT_PC. */
  readonly increment_pc: boolean;
  /** iflag PENDING_EXCEPTION with its kind, or null. */
  readonly pending_exception: PendingException | null;
  /** HCR_EL2.VSE: a virtual SError waits. */
  readonly vserror_pending: boolean;
  /** What the last RMI_REC_ENTER returned. */
  readonly rmi: { readonly status: RmiStatus; readonly index: number };
  /** exit_reason of the last successful RMI_REC_ENTER (RmiRecExitReason), or null. */
  readonly last_exit: bigint | null;
  /** What KVM_RUN returned last. */
  readonly ret: Errno;
  /** KVM_REQ_RMI: before the next entry the last exit has to be completed. */
  readonly rmi_request: boolean;
  /** WARN_ONs this vCPU has hit. */
  readonly warns: number;
  /** The kvm_run page. */
  readonly run: KvmRunPage;
  /** Powered off (KVM_MP_STATE_STOPPED): it cannot enter until CPU_ON. */
  readonly stopped: boolean;
  /** What the VMM has to do before its next KVM_RUN makes sense, or null. */
  readonly owed: Owed | null;
}

/** A range of guest memory the VMM registered with KVM (KVM_SET_USER_MEMORY_REGION). */
export interface MemSlot {
  /** First byte; in the low half of the IPA space. */
  readonly base: bigint;
  /** Size. */
  readonly bytes: bigint;
  /** Writes go to the VMM as if no memory were there. */
  readonly readonly: boolean;
}

/** What holds for the whole virtual machine. */
export interface Vm {
  /** Width of the VM's IPA space in bits; of a realm the alias bit is the top one. */
  readonly ia_bits: number;
  /** Memory, disjoint. */
  readonly slots: readonly MemSlot[];
  /** KVM_CAP_ARM_NISV_TO_USER is enabled. */
  readonly nisv_to_user: boolean;
  /** `kvm_vm_dead`: every KVM_RUN returns -EIO. */
  readonly dead: boolean;
}

/** The VMM above KVM, where VMMs differ (kvm.md §6). */
export interface Vmm {
  /** What a snapshot calls it. */
  readonly name: string;
  /** What a read that no device claims leaves in kvm_run: zeros, or what was there (kvm.md D16). */
  readonly unclaimedRead: "zero" | "untouched";
  /** Whether -EINTR and -EAGAIN keep it from acting on an old exit_reason (kvm.md D15, D26). */
  readonly heedsErrno: boolean;
}

/** KVM and the VMM above it. */
export interface Host {
  /** The virtual machine. */
  readonly vm: Vm;
  /** Which VMM it is. */
  readonly vmm: Vmm;
  /** One vCPU to each REC. */
  readonly vcpus: readonly Vcpu[];
}

/** QEMU: an access to nothing reads zero (address_space_rw, result ignored); -EINTR and -EAGAIN retry. */
export const qemu: Vmm = {
  name: "qemu",
  unclaimedRead: "zero",
  heedsErrno: true,
};

/** kvmtool: an access to nothing is ignored and its data left as it was; exit_reason is read whatever the errno. */
export const kvmtool: Vmm = {
  name: "kvmtool",
  unclaimedRead: "untouched",
  heedsErrno: false,
};

/** SCTLR_EL1 as KVM resets its copy: EE and E0E clear. */
export const reset_sctlr_el1 = 0x30d0_0980n;

/** A vCPU of a realm in user space, before its first KVM_RUN. */
export const recVcpu = (pc: bigint, stopped = false): Vcpu => ({
  at: "user",
  is_rec: true,
  regs: Array.from({ length: 31 }, () => 0n),
  pc,
  cpsr: EL1H_MASKED,
  sctlr_el1: reset_sctlr_el1,
  fault: { esr: 0n, far: 0n, hpfar: 0n },
  mmio_needed: false,
  increment_pc: false,
  pending_exception: null,
  vserror_pending: false,
  rmi: { status: "RMI_SUCCESS", index: 0 },
  last_exit: null,
  ret: "0",
  rmi_request: false,
  warns: 0,
  run: zero_kvm_run,
  stopped,
  owed: stopped ? "PowerOn" : null,
});
