/**
 * The switches in which revisions of the KVM series differ, and what a row of
 * the table is.
 *
 * No code tests a revision's name: it reads a switch. A new revision, or a
 * historical bug, is one more row.
 *
 * Source: kvm.md §1b (behaviour by revision), §2 (the algorithm), §7.
 *
 * @module
 */

/** What can differ between two revisions. */
export interface Switches {
  /** Whether exit.gprs[0] reaches the vCPU's register when a write with ISV=1 aborts. */
  readonly writeCopy: boolean;
  /**
   * Where RMI_EMULATED_MMIO is set: in io_mem_abort, as the first or the last
   * thing in kvm_handle_mmio_return, or in rec_enter_sync from INCREMENT_PC.
   */
  readonly emulAt: "abort" | "mretTop" | "mretEnd" | "entry";
  /** Where the value of a REC's read goes: the vCPU's register, enter.gprs[0], or both. */
  readonly readStore: "both" | "gprs0" | "reg";
  /**
   * What kvm_incr_pc after a REC's completed access means: it moves the host's
   * copy of the PC, it is not called, or it is a signal to rec_enter_sync.
   */
  readonly incPc: "yes" | "no" | "signal";
  /** A REC's abort without a syndrome: NISV exit or -ENOSYS, or an SEA for the realm. */
  readonly isv0: "enosys" | "sea";
  /**
   * How an SEA reaches the REC: not at all, as RMI_INJECT_SEA at once, or as
   * a pending exception that rec_enter_sync turns into the flag.
   */
  readonly seaVia: "none" | "flag" | "pendExc";
  /** KVM_RUN's answer to RMI_ERROR_REC. */
  readonly errRec: "-ENXIO" | "-EAGAIN";
  /**
   * KVM_RUN's answer to RMI_ERROR_REALM: KVM_EXIT_UNKNOWN or KVM_EXIT_SHUTDOWN
   * at index 1 and -ENXIO otherwise, or KVM_EXIT_SHUTDOWN at any index.
   */
  readonly errRealm: "unknownAt1" | "shutdownAt1" | "shutdown";
  /** KVM_RUN's answer to any other RMI error: -ENXIO, or an internal error that kills the VM. */
  readonly errOther: "-ENXIO" | "fatal";
  /** Sign extension before the cut to the access size, which undoes it, or after. */
  readonly sextOrder: "old" | "new";
  /** Whether ESR[12:11] in a translation class fault exits as KVM_EXIT_ARM_LDST64B. */
  readonly ldst64b: boolean;
  /** Which pending exceptions make kvm_handle_mmio_return give up. */
  readonly mretYields: "never" | "sync" | "any";
  /**
   * How an SError is put up while PSTATE.A is clear: as HCR_EL2.VSE, or as an
   * exception whose syndrome has IL clear or set.
   */
  readonly serror: "vse" | "pend" | "pendIl";
  /** Where enter.flags is zeroed after an entry: as the SMC returns, when the exit is dispatched, or nowhere. */
  readonly clearFlags: "return" | "dispatch" | "never";
  /** Whether the fault IPA is taken from every exit or from a synchronous one only. */
  readonly hpfar: "raw" | "sync";
  /** What a REC's instruction abort does: -ENXIO at once, or the abort path. */
  readonly iabt: "-ENXIO" | "abort";
  /** The exits a REC's private table knows, or the table of every VM. */
  readonly dispatch: "private" | "generic";
  /** Which GPRS entry carries a trapped system register's value: 0, or that of Rt. */
  readonly sysreg: "gprs0" | "gprsRt";
  /** When the results of PSCI and host calls are copied to enter.gprs: by the handler, or at the next entry. */
  readonly gprsAt: "handler" | "entry";
  /**
   * Who decides on a RIPAS change: KVM at once, or the VMM through
   * KVM_EXIT_MEMORY_FAULT; whether KVM asks again until the VMM has acted.
   */
  readonly ripas: "kernel" | "user" | "userChecked";
  /**
   * When KVM_SET_VCPU_EVENTS accepts ext_dabt_pending for a REC: while
   * RMI_EMULATED_MMIO is in enter.flags, whatever is in them, or while the
   * access is open, which ends with it.
   */
  readonly extDabt: "emulFlag" | "always" | "mmioNeeded";
  /** Whether kvm_gpa_from_fault takes a realm's alias bit off the fault IPA. */
  readonly aliasStrip: boolean;
}

/** One row of the revision table. */
export interface KvmRevision extends Switches {
  /** What the command line and a snapshot call it; no code tests it. */
  readonly name: string;
}
