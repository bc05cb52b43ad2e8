/**
 * Exceptions: raising them, taking them to EL1, and returning from EL1.
 *
 * Source: Arm ARM (DDI 0487) D1.3 (AArch64.TakeException, exception return),
 * C5.2.18 (SPSR_EL1), D24.2.39 (ESR_EL1).
 *
 * @module
 */

import { EC, syndrome } from "../arch/esr.ts";
import { DAIF, NZCV, PSTATE } from "../arch/pstate.ts";
import { bit, mask, word } from "../arch/word.ts";
import type { Fault } from "../a64/cpu.ts";
import { type Machine, readPstate, writePstate } from "./machine.ts";
import { halfOf } from "./walk.ts";

const fault: Fault = { tag: "Fault" };

/** Records an exception that the current instruction takes to EL1. */
export const raise = (
  m: Machine,
  ec: number,
  iss: number,
  far: bigint | null = null,
): Fault => {
  m.exception = { tag: "El1", esr: syndrome(ec, iss), far };
  return fault;
};

/** Records an exception that the current instruction takes to R-EL2. */
export const trap = (
  m: Machine,
  ec: number,
  iss: number,
  far: bigint = 0n,
  hpfar: bigint = 0n,
): Fault => {
  m.exception = { tag: "El2", esr: syndrome(ec, iss), far, hpfar };
  return fault;
};

/** Records an UNDEF: EC 0. */
export const undef = (m: Machine): Fault => raise(m, EC.UNKNOWN, 0);

const SPAN = 23; // SCTLR_EL1
const SPINTMASK = 62;
const DSSBS = 44;

/** PSTATE at the first instruction of an EL1 handler: EL1h, DAIF set, and what the features add. */
const handlerPstate = (m: Machine, old: bigint): bigint => {
  const { sctlr_el1 } = m.sys;
  let pstate = 0x5n | DAIF | (old & (NZCV | PSTATE.DIT | PSTATE.PAN));
  if (!bit(sctlr_el1, SPAN)) pstate |= PSTATE.PAN;
  const features = m.features;
  if (features.includes("ssbs") && bit(sctlr_el1, DSSBS)) pstate |= PSTATE.SSBS;
  if (features.includes("mte2")) pstate |= PSTATE.TCO;
  if (features.includes("nmi") && !bit(sctlr_el1, SPINTMASK)) {
    pstate |= PSTATE.ALLINT;
  }
  return pstate;
};

/** Offset of the vectors for where the exception comes from (Table D1-5). */
const vectorBase = (m: Machine): bigint => {
  if (m.el === 0) return 0x400n;
  return m.cpu.spIndex === 1 ? 0x200n : 0n;
};

const take = (
  m: Machine,
  esr: bigint,
  far: bigint | null,
  offset: bigint,
): void => {
  const old = readPstate(m);
  const vector = (m.sys.vbar_el1 & ~mask(11)) + vectorBase(m) + offset;
  m.sys = {
    ...m.sys,
    esr_el1: esr,
    elr_el1: m.cpu.pc,
    spsr_el1: old,
    far_el1: far ?? m.sys.far_el1,
  };
  writePstate(m, handlerPstate(m, old));
  m.cpu.pc = word(vector);
};

/** Takes a synchronous exception to EL1; PC is its preferred return address. */
export const takeSync = (
  m: Machine,
  esr: bigint,
  far: bigint | null,
): void => take(m, esr, far, 0n);

/** Takes the pending virtual SError to EL1: ESR_EL1 holds IDS and ISS of VSESR_EL2. */
export const takeSerror = (m: Machine, vsesr: bigint): void => {
  m.vserror = null;
  take(m, syndrome(EC.SERROR, Number(vsesr & mask(25))), null, 0x180n);
};

/** Delivers what `raise` or `trap` recorded. */
export const deliver = (m: Machine): void => {
  const exception = m.exception;
  if (exception === null) return;
  m.exception = null;
  if (exception.tag === "El1") {
    takeSync(m, exception.esr, exception.far);
    return;
  }
  const { esr, far, hpfar } = exception;
  m.trap = { esr, far, hpfar };
  // The RMM's return to the realm is an ERET, which opens the monitor.
  m.monitor = null;
};

/** M[4:0] that EL1 may return to: EL0t, EL1t, EL1h. */
const legal_modes = [0b00000n, 0b00100n, 0b00101n];

/** What an illegal return reinstates all the same: NZCV, PAN and DAIF. */
const reinstated = NZCV | PSTATE.PAN | DAIF;

/** What a legal return reinstates; the rest of SPSR_EL1 is RES0 here. */
const restorable = reinstated | PSTATE.IL | PSTATE.UAO | PSTATE.DIT |
  PSTATE.SSBS | PSTATE.TCO | PSTATE.BTYPE | PSTATE.ALLINT | mask(5);

/** An address as a branch leaves it in PC: sign-extended from bit 55 where TBI says so. */
export const branchAddress = (m: Machine, to: bigint): bigint => {
  if (!halfOf(m.sys, to).tbi) return to;
  return word(BigInt.asIntN(56, to));
};

/** ERET at EL1: PSTATE from SPSR_EL1, PC from ELR_EL1, the monitor opened. */
export const exceptionReturn = (m: Machine): void => {
  const { spsr_el1: spsr, elr_el1: elr } = m.sys;
  const old = readPstate(m);
  m.monitor = null;
  if (legal_modes.includes(spsr & mask(5))) {
    writePstate(m, spsr & restorable);
  } else {
    // Illegal return: EL and SP stay, IL is set; the next instruction takes EC 0x0E.
    writePstate(m, (old & ~reinstated) | (spsr & reinstated) | PSTATE.IL);
  }
  m.cpu.pc = branchAddress(m, elr);
};
