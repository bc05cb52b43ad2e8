/**
 * Exceptions the RMM injects into the realm at EL1.
 *
 * Source: TF-RMM `inject_exp.c` (`calc_esr_idabort`, `calc_spsr`,
 * `calc_vector_entry`, `realm_inject_undef_abort`); rmm.md §4.
 *
 * @module
 */

import { EC, ESR, FSC } from "../arch/esr.ts";
import { DAIF, EL1H_MASKED, NZCV, PSTATE } from "../arch/pstate.ts";
import { bit, put, word } from "../arch/word.ts";
import type { Rec } from "../realm/rec.ts";
import type { Feature, RmmProfile } from "./profile.ts";

/** Bits of SCTLR_EL1, SCTLR2_EL1 and GCSCR_EL1 that shape an exception entry. */
const SCTLR_SPAN = 23;
const SCTLR_DSSBS = 44;
const SCTLR_SPINTMASK = 62;
const SCTLR2_EASE = 5;
const GCSCR_EXLOCKEN = 6;

/** Distance from a synchronous vector to the SError vector of the same source. */
const serror_vector = 0x180n;

const fromEl0 = (pstate: bigint): boolean => (pstate & 0xfn) === 0n;

/**
 * Offset of the vector for a synchronous exception taken with `pstate`.
 * A realm runs EL0, EL1t and EL1h; AArch32 only at EL0.
 */
export const vectorOffset = (pstate: bigint): bigint => {
  if (fromEl0(pstate)) return (pstate & PSTATE.nRW) === 0n ? 0x400n : 0x600n;
  return (pstate & PSTATE.SP) === 0n ? 0x000n : 0x200n;
};

const seaVector = (rec: Rec, profile: RmmProfile): bigint => {
  const offset = vectorOffset(rec.pstate);
  // SCTLR2_EL1.EASE moves an SEA to the SError vector, except from AArch32 (§4.1).
  const ease = profile.ease && profile.features.includes("sctlr2") &&
    bit(rec.sys.sctlr2_el1, SCTLR2_EASE) && offset !== 0x600n;
  return ease ? offset + serror_vector : offset;
};

/** PSTATE in the handler of an exception injected into `rec` (§4.2). */
export const injectedPstate = (rec: Rec, profile: RmmProfile): bigint => {
  const { sctlr_el1, gcscr_el1 } = rec.sys;
  const has = (feature: Feature): boolean => profile.features.includes(feature);
  const span = bit(sctlr_el1, SCTLR_SPAN);
  const when = (condition: boolean, bits: bigint): bigint =>
    condition ? bits : 0n;
  return EL1H_MASKED | DAIF |
    (rec.pstate & (NZCV | PSTATE.DIT)) |
    when(has("ssbs") && bit(sctlr_el1, SCTLR_DSSBS), PSTATE.SSBS) |
    when(has("nmi") && !bit(sctlr_el1, SCTLR_SPINTMASK), PSTATE.ALLINT) |
    when(!span, PSTATE.PAN) |
    // With SPAN set the architecture keeps PAN; TF-RMM clears it.
    when(span && profile.pan_on_inject === "keep", rec.pstate & PSTATE.PAN) |
    when(has("mte2"), PSTATE.TCO) |
    when(has("ebep"), PSTATE.PM) |
    when(has("gcs") && bit(gcscr_el1, GCSCR_EXLOCKEN), PSTATE.EXLOCK);
};

/**
 * ESR_EL1 of an injected abort: the EL2 syndrome with its class for EL1, FnV
 * and S1PTW clear, EA set and the fault status replaced (§4.1).
 */
export const injectedEsr = (
  esr_el2: bigint,
  pstate: bigint,
  fsc: number = FSC.SEA,
): bigint => {
  const from = Number((esr_el2 >> 26n) & 0x3fn);
  let esr_el1 = put(esr_el2, ESR.EC, fromEl0(pstate) ? from : from + 1);
  esr_el1 = put(esr_el1, ESR.FnV, 0);
  esr_el1 = put(esr_el1, ESR.S1PTW, 0);
  esr_el1 = put(esr_el1, ESR.EA, fsc === FSC.SEA ? 1 : 0);
  return put(esr_el1, ESR.FSC, fsc);
};

const take = (
  rec: Rec,
  profile: RmmProfile,
  to: {
    readonly offset: bigint;
    readonly esr_el1: bigint;
    readonly elr_el1: bigint;
    readonly far_el1: bigint;
  },
): Rec => ({
  ...rec,
  pc: word(rec.sys.vbar_el1 + to.offset),
  pstate: injectedPstate(rec, profile),
  sys: {
    ...rec.sys,
    esr_el1: to.esr_el1,
    elr_el1: to.elr_el1,
    spsr_el1: rec.pstate,
    far_el1: to.far_el1,
  },
});

/**
 * The REC about to handle a synchronous external abort for the data or
 * instruction abort `esr`, `far`; ELR_EL1 is the faulting instruction.
 */
export const injectSea = (
  rec: Rec,
  profile: RmmProfile,
  esr: bigint,
  far: bigint,
): Rec =>
  take(rec, profile, {
    offset: seaVector(rec, profile),
    esr_el1: injectedEsr(esr, rec.pstate),
    elr_el1: rec.pc,
    far_el1: far,
  });

/**
 * The REC about to handle the stage 1 Address Size Fault that the
 * specification wants for an access beyond the IPA space. Its level is 0 with
 * stage 1 off; with stage 1 on the RMM cannot know it and 3 stands in.
 */
export const injectAddressSizeFault = (
  rec: Rec,
  profile: RmmProfile,
  esr: bigint,
  far: bigint,
): Rec =>
  take(rec, profile, {
    offset: vectorOffset(rec.pstate),
    esr_el1: injectedEsr(
      esr,
      rec.pstate,
      FSC.ADDRESS_SIZE + (bit(rec.sys.sctlr_el1, 0) ? 3 : 0),
    ),
    elr_el1: rec.pc,
    far_el1: far,
  });

/** The REC about to handle an UNDEF at `elr`; FAR_EL1 keeps its value (§4.3). */
export const injectUndef = (
  rec: Rec,
  profile: RmmProfile,
  elr: bigint = rec.pc,
): Rec =>
  take(rec, profile, {
    offset: vectorOffset(rec.pstate),
    esr_el1: put(put(0n, ESR.EC, EC.UNKNOWN), ESR.IL, 1),
    elr_el1: elr,
    far_el1: rec.sys.far_el1,
  });
