/**
 * The registers of one REC: what belongs to the realm and to nobody else.
 *
 * @module
 */

import { EL1H_MASKED } from "../arch/pstate.ts";

/** The EL1 and EL0 system registers a realm owns, by their architectural names. */
export interface Sysregs {
  readonly sctlr_el1: bigint;
  readonly sctlr2_el1: bigint;
  readonly actlr_el1: bigint;
  readonly cpacr_el1: bigint;
  readonly ttbr0_el1: bigint;
  readonly ttbr1_el1: bigint;
  readonly tcr_el1: bigint;
  readonly mair_el1: bigint;
  readonly amair_el1: bigint;
  readonly contextidr_el1: bigint;
  readonly vbar_el1: bigint;
  readonly esr_el1: bigint;
  readonly far_el1: bigint;
  readonly elr_el1: bigint;
  readonly spsr_el1: bigint;
  readonly afsr0_el1: bigint;
  readonly afsr1_el1: bigint;
  readonly par_el1: bigint;
  readonly tpidr_el0: bigint;
  readonly tpidrro_el0: bigint;
  readonly tpidr_el1: bigint;
  readonly csselr_el1: bigint;
  readonly cntkctl_el1: bigint;
  readonly cntv_ctl_el0: bigint;
  readonly cntv_cval_el0: bigint;
  readonly cntp_ctl_el0: bigint;
  readonly cntp_cval_el0: bigint;
  readonly mdscr_el1: bigint;
  readonly gcscr_el1: bigint;
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
