/**
 * KVM revisions as data: the switches in which revisions of the CCA series
 * differ.
 *
 * No code tests a revision's name: it reads a switch. A new revision, or a
 * historical bug, is one more row.
 *
 * Source: kvm.md §1b (behaviour by revision), §2 (the algorithm), §7.
 *
 * @module
 */

/** One row of the revision table. */
export interface KvmRevision {
  /** What the command line and a snapshot call it. */
  readonly name: string;
  /** Whether exit.gprs[0] reaches the vCPU's register when a write with ISV=1 aborts. */
  readonly writeCopy: boolean;
  /**
   * Where RMI_EMULATED_MMIO is set: in io_mem_abort, first or last thing in
   * kvm_handle_mmio_return, or in rec_enter_sync from INCREMENT_PC.
   */
  readonly emulAt: "abort" | "mretTop" | "mretEnd" | "entry";
  /** Where the value of a read goes: the vCPU's register, enter.gprs[0], or both. */
  readonly readStore: "both" | "gprs0" | "reg";
  /**
   * What kvm_incr_pc means for a REC after a completed access: it moves the
   * host's copy of the PC, it is not called, or it is rec_enter_sync's signal.
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
  readonly errRec: "ENXIO" | "EAGAIN" | "fatal";
  /** KVM_RUN's answer to RMI_ERROR_REALM: per index, and as which exit. */
  readonly errRealm: "unknown" | "shutdown1" | "shutdown";
  /** KVM_RUN's answer to any other RMI error: -ENXIO, or an internal error that kills the VM. */
  readonly errOther: "ENXIO" | "fatal";
  /** Sign extension before the cut to the access size, which undoes it, or after. */
  readonly sextOrder: "old" | "new";
  /** Whether ESR[12:11] with a translation class fault exits as KVM_EXIT_ARM_LDST64B. */
  readonly ldst64b: boolean;
  /** Which pending exceptions make kvm_handle_mmio_return give up. */
  readonly mretYields: "never" | "sync" | "any";
  /** How an SError is put up: always HCR_EL2.VSE, or as an exception while PSTATE.A is clear. */
  readonly serror: "vse" | "emulated";
  /** Where enter.flags is zeroed: as the SMC returns, or when the exit is dispatched. */
  readonly clearFlags: "return" | "dispatch";
  /** Whether the fault IPA is taken from every exit or only from a synchronous one. */
  readonly hpfar: "raw" | "sync";
  /** What an instruction abort from a REC does: -ENXIO at once, or the abort path. */
  readonly iabt: "ENXIO" | "abort";
  /** Exits the REC's private table knows, or the table of every VM. */
  readonly dispatch: "private" | "generic";
  /** When PSCI and host call results are copied to enter.gprs: by the handler, or at the next entry. */
  readonly gprsAt: "handler" | "entry";
}

/** The newest tree read, named after its `rec_enter_sync`: the default. */
export const sync: KvmRevision = {
  name: "sync",
  writeCopy: true,
  emulAt: "entry",
  readStore: "reg",
  incPc: "signal",
  isv0: "sea",
  seaVia: "pendExc",
  errRec: "EAGAIN",
  errRealm: "shutdown",
  errOther: "fatal",
  sextOrder: "new",
  ldst64b: true,
  mretYields: "any",
  serror: "emulated",
  clearFlags: "return",
  hpfar: "sync",
  iabt: "abort",
  dispatch: "generic",
  gprsAt: "entry",
};
