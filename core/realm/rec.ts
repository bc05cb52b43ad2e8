/**
 * The registers of one REC: what belongs to the realm and to nobody else.
 *
 * @module
 */

import { EL1H_MASKED } from "../arch/pstate.ts";

/** The EL1 and EL0 system registers a realm owns, by their architectural names. */
export interface Sysregs {
  /** System control: MMU, alignment, endianness. */
  readonly sctlr_el1: bigint;
  /** Extended system control; EASE chooses the SEA vector. */
  readonly sctlr2_el1: bigint;
  /** Auxiliary control. */
  readonly actlr_el1: bigint;
  /** FP, SIMD and trace access. */
  readonly cpacr_el1: bigint;
  /** Translation table base, lower addresses. */
  readonly ttbr0_el1: bigint;
  /** Translation table base, upper addresses. */
  readonly ttbr1_el1: bigint;
  /** Translation control. */
  readonly tcr_el1: bigint;
  /** Memory attributes by index. */
  readonly mair_el1: bigint;
  /** Auxiliary memory attributes. */
  readonly amair_el1: bigint;
  /** Context identifier. */
  readonly contextidr_el1: bigint;
  /** Vector base. */
  readonly vbar_el1: bigint;
  /** Syndrome of the last exception to EL1. */
  readonly esr_el1: bigint;
  /** Faulting virtual address of the last abort at EL1. */
  readonly far_el1: bigint;
  /** Return address of the last exception to EL1. */
  readonly elr_el1: bigint;
  /** PSTATE saved by the last exception to EL1. */
  readonly spsr_el1: bigint;
  /** Auxiliary fault status 0. */
  readonly afsr0_el1: bigint;
  /** Auxiliary fault status 1. */
  readonly afsr1_el1: bigint;
  /** Result of an address translation instruction. */
  readonly par_el1: bigint;
  /** Thread pointer of EL0. */
  readonly tpidr_el0: bigint;
  /** Thread pointer EL0 may only read. */
  readonly tpidrro_el0: bigint;
  /** Thread pointer of EL1. */
  readonly tpidr_el1: bigint;
  /** Cache size selection. */
  readonly csselr_el1: bigint;
  /** What EL0 may do with the counters and timers. */
  readonly cntkctl_el1: bigint;
  /** Virtual timer control. */
  readonly cntv_ctl_el0: bigint;
  /** Virtual timer compare value. */
  readonly cntv_cval_el0: bigint;
  /** Physical timer control. */
  readonly cntp_ctl_el0: bigint;
  /** Physical timer compare value. */
  readonly cntp_cval_el0: bigint;
  /** Monitor debug system control. */
  readonly mdscr_el1: bigint;
  /** Guarded control stack control. */
  readonly gcscr_el1: bigint;
  /** Multiprocessor affinity. */
  readonly mpidr_el1: bigint;
}

/** The local exclusive monitor: the physical block a load-exclusive marked. */
export interface Monitor {
  /** IPA of the marked block. */
  readonly ipa: bigint;
  /** Bytes marked, 1 to 16. */
  readonly bytes: number;
}

/** The architectural state of one REC at EL0 and EL1. */
export interface Rec {
  /** X0 to X30. */
  readonly x: readonly bigint[];
  /** SP_EL0. */
  readonly sp_el0: bigint;
  /** SP_EL1. */
  readonly sp_el1: bigint;
  /** Address of the next instruction. */
  readonly pc: bigint;
  /** PSTATE in SPSR_EL2 layout. */
  readonly pstate: bigint;
  /** System registers. */
  readonly sys: Sysregs;
  /** The exclusive monitor, or null when it is open. */
  readonly monitor: Monitor | null;
  /** Instructions retired since the realm started. */
  readonly retired: number;
}

/** System registers of a REC as the RMM creates it (rmm.md §5.7 REC_CREATE). */
export const reset_sysregs: Sysregs = {
  sctlr_el1: 0x00c5_0878n,
  sctlr2_el1: 0n,
  actlr_el1: 0n,
  cpacr_el1: 0n,
  ttbr0_el1: 0n,
  ttbr1_el1: 0n,
  tcr_el1: 0n,
  mair_el1: 0n,
  amair_el1: 0n,
  contextidr_el1: 0n,
  vbar_el1: 0n,
  esr_el1: 0n,
  far_el1: 0n,
  elr_el1: 0n,
  spsr_el1: 0n,
  afsr0_el1: 0n,
  afsr1_el1: 0n,
  par_el1: 0n,
  tpidr_el0: 0n,
  tpidrro_el0: 0n,
  tpidr_el1: 0n,
  csselr_el1: 0n,
  cntkctl_el1: 0n,
  cntv_ctl_el0: 0n,
  cntv_cval_el0: 0n,
  cntp_ctl_el0: 0n,
  cntp_cval_el0: 0n,
  mdscr_el1: 1n << 12n,
  gcscr_el1: 0n,
  mpidr_el1: 0x8000_0000n,
};

/** A REC as created: EL1h, DAIF masked, all general registers zero, at `pc`. */
export const reset = (pc: bigint, mpidr: bigint = 0n): Rec => ({
  x: Array.from({ length: 31 }, () => 0n),
  sp_el0: 0n,
  sp_el1: 0n,
  pc,
  pstate: EL1H_MASKED,
  sys: { ...reset_sysregs, mpidr_el1: 0x8000_0000n | mpidr },
  monitor: null,
  retired: 0,
});

/** Reads X`n`; 31 is XZR and reads zero. */
export const readX = (rec: Rec, n: number): bigint => rec.x[n] ?? 0n;

/** Returns the REC with X`n` := `value`; 31 is XZR and changes nothing. */
export const writeX = (rec: Rec, n: number, value: bigint): Rec => {
  if (!(n < 31)) return rec;
  const x = [...rec.x];
  x[n] = value;
  return { ...rec, x };
};
