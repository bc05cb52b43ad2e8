/**
 * The layout of the fast protocol's arrays: which word of an `Int32Array`
 * holds what, and the small numbers that stand for names (`names.ts`).
 *
 * A 64-bit value is two words, low half first, at an even index, so that a
 * `BigUint64Array` over the same buffer sees it whole at half the index.
 *
 * @module
 */

/** An `Int32Array` whose words of table `T` are known to exist. */
export type Words<T extends Readonly<Record<string, number>>> =
  & Int32Array
  & { [Index in T[keyof T]]: number };

/** Words of X0 to X30. */
export const x_words = 62;

/**
 * The other registers of one REC that the road touches: what the realm shares
 * with whoever executes it.
 */
export const REG = {
  /** ELR_EL2: address of the instruction to execute, or the one that trapped. */
  PC: 0,
  /** PSTATE in SPSR_EL2 layout. */
  PSTATE: 2,
  ESR_EL1: 4, // written by an injection
  FAR_EL1: 6, // written by an injection
  ELR_EL1: 8, // written by an injection
  SPSR_EL1: 10, // written by an injection
  VBAR_EL1: 12, // read by an injection
  SCTLR_EL1: 14, // read by an injection
  SCTLR2_EL1: 16, // read by an injection
  GCSCR_EL1: 18, // read by an injection
  CNTP_CTL_EL0: 20, // read by an exit
  CNTP_CVAL_EL0: 22, // read by an exit
  CNTV_CTL_EL0: 24, // read by an exit
  CNTV_CVAL_EL0: 26, // read by an exit
  /** Instructions retired, which is what the counters read. */
  RETIRED: 28,
  /** Nonzero while the exclusive monitor is marked; an exit opens it. */
  MONITOR: 30,
} as const;

/** Words of {@link REG}. */
export const reg_words = 32;

/** Everything else: the run page, KVM's vCPU and the RMM's REC. */
export const W = {
  ENTER_GPRS: 0, // RecEnter.gprs[0..30]
  ENTER_FLAGS: 62, // RecEnter.flags
  VCPU_REGS: 64, // KVM's X0 to X30
  EXIT_ESR: 126, // RecExit.esr
  EXIT_FAR: 128, // RecExit.far
  EXIT_HPFAR: 130, // RecExit.hpfar
  EXIT_GPR0: 132, // RecExit.gprs[0]
  EXIT_CNTP_CTL: 134,
  EXIT_CNTP_CVAL: 136,
  EXIT_CNTV_CTL: 138,
  EXIT_CNTV_CVAL: 140,
  LAST_ESR: 142, // last_run_info
  LAST_FAR: 144,
  LAST_HPFAR: 146,
  FAULT_ESR: 148, // vcpu->arch.fault
  FAULT_FAR: 150,
  FAULT_HPFAR: 152,
  VCPU_PC: 154, // KVM's PC
  PEND_ESR: 156, // the pending exception's syndrome
  PEND_FAR: 158,
  MMIO_ADDR: 160, // kvm_run.mmio.phys_addr
  MMIO_DATA: 162, // kvm_run.mmio.data, eight bytes in memory order
  NISV_ISS: 164, // kvm_run.arm_nisv
  NISV_IPA: 166,
  MEM_GPA: 168, // kvm_run.memory_fault
  MEM_SIZE: 170,
  VALUE: 172, // what a device read returned last

  RMM: 174, // switches of the RMM profile, see `R`
  KVM: 175, // switches of the KVM revision, see `K`
  UNPROT_MASK: 176, // ESR bits reported for an abort without ISV, Unprotected
  ALIAS_LO: 177, // the alias bit KVM takes off, 0 where it takes none off
  ALIAS_HI: 178,
  DIRTY: 179, // parts changed since load or store, see `D`

  AT: 180, // 0 user, 1 enter, 2 guest, 3 exit: see `at_names`
  IS_REC: 181,
  MMIO_NEEDED: 182,
  INCREMENT_PC: 183,
  PENDING: 184, // 0 none, 1 EL1_SYNC, 2 EL1_SERR
  VSERROR: 185,
  STATUS: 186, // see `status_names`
  INDEX: 187,
  RET: 188, // see `ret_names`
  RMI_REQUEST: 189,
  WARNS: 190,
  REASON: 191, // see `reason_names`
  MMIO_LEN: 192,
  MMIO_WRITE: 193,
  MEM_PRIVATE: 194,
  STOPPED: 195,
  OWED: 196, // see `owed_names`
  LAST_EXIT: 197, // exit_reason of the last success, -1 before the first
  EXIT_REASON: 198, // RecExit.exit_reason
  BIG_ENDIAN: 199, // KVM takes the guest for big-endian
  LOWER: 200, // KVM takes the guest for EL0 or AArch32
  SERR_MASKED: 201, // PSTATE.A in KVM's copy
  DEAD: 202, // kvm_vm_dead
  NISV_TO_USER: 203,

  RUNNING: 204,
  RUNNABLE: 205,
  PSCI_PENDING: 206,
  OPEN: 207, // a host call or a RIPAS change waits: the pure code completes it
  TRAP: 208, // a trap of a `Run` waits
  SIMD_LIVE: 209,
  TRAP_WFI: 210,
  TRAP_WFE: 211,
  REALM_STATE: 212, // see `realm_names`
  VGIC_OK: 213, // the enter half's vGIC state is valid
  PLAIN: 214, // the common road is open as far as no access changes it
} as const;

/** Words of the protocol's state. */
export const state_words = 216;

/** Where a vCPU thread is. */
export const AT = { user: 0, enter: 1, guest: 2, exit: 3 } as const;

/** What a VMM owes. */
export const OWED = {
  none: 0,
  MmioComplete: 1,
  VmmHandle: 2,
  PowerOn: 3,
  Nothing: 4,
} as const;

/** What KVM_RUN returned; `again` is a handler's 1. */
export const RET = {
  OK: 0,
  EINTR: 1,
  EIO: 2,
  ENXIO: 3,
  EAGAIN: 4,
  ENOSYS: 5,
  EFAULT: 6,
  EINVAL: 7,
  again: 8,
} as const;

/** kvm_run.exit_reason. */
export const REASON = {
  UNKNOWN: 0,
  MMIO: 1,
  SHUTDOWN: 2,
  INTERNAL_ERROR: 3,
  SYSTEM_EVENT: 4,
  NISV: 5,
  MEMORY_FAULT: 6,
  SEA: 7,
  LDST64B: 8,
  INTR: 9,
} as const;

/** Status of RMI_REC_ENTER. */
export const STATUS = {
  SUCCESS: 0,
  INPUT: 1,
  REALM: 2,
  REC: 3,
  RTT: 4,
} as const;

/** Realm states. */
export const REALM = { NEW: 0, ACTIVE: 1 } as const;

/** Values of RecExit.exit_reason that this path makes or must know. */
export const EXIT = { SYNC: 0, IRQ: 1, FIQ: 2, RIPAS_CHANGE: 4 } as const;

/** Bits of RecEnter.flags that this path reads. */
export const FLAG = {
  EMUL_MMIO: 1,
  INJECT_SEA: 2,
  TRAP_WFI: 4,
  TRAP_WFE: 8,
} as const;

/** Parts of the world that changed, for a store that shares the others. */
export const D = {
  X: 1, // X0 to X30
  PC: 2, // PC, PSTATE or the monitor
  SYS: 4, // ESR_EL1, FAR_EL1, ELR_EL1, SPSR_EL1
  RMM: 8, // the RMM's REC
  FLAGS: 16, // enter.flags
  GPR0: 32, // enter.gprs[0]
  ENTER: 64, // the whole enter half, by another host
  EXIT: 128, // the exit half
  VCPU: 256, // KVM's vCPU but its registers and kvm_run
  REGS: 512, // KVM's copy of X0 to X30
  RUN: 1024, // kvm_run
  VM: 2048, // kvm_vm_dead
  BUS: 4096, // some device
} as const;

/** Events the road counts as it takes them, see `Fast.events`. */
export const EVENT = {
  Dabt: 0,
  RecExit: 1,
  MmioComplete: 2,
  KvmRun: 3,
  RecEnter: 4,
  VmmHandle: 5,
} as const;

/** What came of an event. */
export const CODE = {
  /** The event was taken. */
  done: 0,
  /** The event makes no sense now, as pure `step` would refuse it; nothing changed. */
  refused: 1,
  /** The event is the pure code's; nothing changed. */
  slow: 2,
} as const;

/** One of {@link CODE}. */
export type Code = typeof CODE[keyof typeof CODE];
