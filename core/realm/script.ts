/**
 * A scripted realm: no code in memory, only what its code would have done.
 *
 * @module
 */

import { type Rec, reset } from "./rec.ts";

/** Where a scripted realm's code stands and what it left in the first registers. */
export interface Script {
  /** Address of the instruction that comes next. */
  readonly pc: bigint;
  /** PSTATE in SPSR_EL2 layout. */
  readonly pstate: bigint;
  /** SCTLR_EL1, which decides how an exception is taken. */
  readonly sctlr_el1: bigint;
  /** X0 and up; the others hold `secret` of their number. */
  readonly x: readonly bigint[];
}

/** What a scripted realm keeps in X`n` where its script says nothing: a word found nowhere else. */
export const secret = (n: number): bigint => 0x5ec2_e700_0000_0000n + BigInt(n);

/**
 * The REC after its own instructions led it there; every other register is
 * as created. Nobody but the realm can see this happen.
 */
export const scripted = (rec: Rec, script: Script): Rec => {
  const { pc, pstate, sctlr_el1, x } = script;
  const fresh = reset(pc);
  const { mpidr_el1 } = rec.sys;
  return {
    ...fresh,
    pstate,
    sys: { ...fresh.sys, sctlr_el1, mpidr_el1 },
    x: fresh.x.map((_, n) => x[n] ?? secret(n)),
  };
};
