/**
 * What the host's two abort flags do at entry: INJECT_SEA and EMUL_MMIO.
 *
 * Source: TF-RMM `run.c` (`complete_sea_insertion`, `complete_mmio_emulation`);
 * rmm.md §3.3, §3.4.
 *
 * @module
 */

import { ipaOfHpfar, isProtected } from "../arch/address.ts";
import { EC, ec, esrField } from "../arch/esr.ts";
import { mask, signExtend } from "../arch/word.ts";
import { advance, type Frame, setX } from "./frame.ts";
import { injectSea } from "./inject.ts";
import { accessBytes, isEmulatable } from "./syndrome.ts";

/**
 * The value a load leaves in X[SRT] when the host answers `gpr0`: the low
 * bytes of the access, sign-extended when SSE is set and then cut to 32 bits
 * when SF is clear. Without SSE the value is already zero-extended and SF
 * changes nothing.
 */
export const loadedValue = (esr: bigint, gpr0: bigint): bigint => {
  const bits = 8 * accessBytes(esr);
  const value = gpr0 & mask(bits);
  if (esrField(esr, "SSE") === 0) return value;
  const extended = signExtend(value, bits);
  return esrField(esr, "SF") === 1 ? extended : extended & mask(32);
};

/** True when the last exit was a data abort at an Unprotected IPA, emulatable or not. */
const justifiesSea = (frame: Frame): boolean => {
  const { esr, hpfar } = frame.rec.last_run_info;
  return ec(esr) === EC.DABT_LOW &&
    !isProtected(ipaOfHpfar(hpfar), frame.rmm.ipa_bits);
};

/** INJECT_SEA: takes the SEA at the faulting instruction, or null when refused. */
export const completeSea = (frame: Frame): Frame | null => {
  const { unjustified_sea, sea_injected } = frame.profile;
  if (!justifiesSea(frame)) return unjustified_sea === "ignore" ? frame : null;
  if (!sea_injected) return frame;
  const { esr, far } = frame.rec.last_run_info;
  return {
    ...frame,
    regs: injectSea(frame.regs, frame.profile, esr, far),
  };
};

/** EMUL_MMIO: completes the access and moves PC past it, or null when refused. */
export const completeMmio = (frame: Frame, gpr0: bigint): Frame | null => {
  const { esr } = frame.rec.last_run_info;
  const { emul_checked, load_extended } = frame.profile;
  if (emul_checked && !isEmulatable(esr)) return null;
  if (esrField(esr, "WnR") === 1) return advance(frame);
  const value = load_extended ? loadedValue(esr, gpr0) : gpr0;
  return advance(setX(frame, esrField(esr, "SRT"), value));
};
