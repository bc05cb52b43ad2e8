/**
 * An abort injected into the realm at EL1.
 *
 * Source: rmm.md §4.
 *
 * @module
 */

import type { Fast } from "./arrays.ts";
import { D, REG, W } from "./layout.ts";
import { R } from "./switches.ts";

/** EL1h with D, A, I and F masked. */
const handler = 0x3c5;
/** PSTATE bits an injection copies: NZCV and DIT. */
const copied = 0xf100_0000;
const PAN = 1 << 22;

/** Offset of the vector for an exception taken with `pstate`: EL0 in either state, EL1t, EL1h. */
const vector = (pstate: number): number => {
  if ((pstate & 0xf) === 0) return (pstate & 0x10) === 0 ? 0x400 : 0x600;
  return (pstate & 1) === 0 ? 0x000 : 0x200;
};

/** PSTATE in the handler (§4.2). */
const enterHandler = (f: Fast, rmm: number, old: number): void => {
  const { r } = f;
  const sctlr = r[REG.SCTLR_EL1];
  const sctlr_hi = r[REG.SCTLR_EL1 + 1] as number;
  let low = handler | (old & copied);
  if ((rmm & R.SSBS) !== 0 && (sctlr_hi & (1 << 12)) !== 0) low |= 1 << 12;
  if ((rmm & R.NMI) !== 0 && (sctlr_hi & (1 << 30)) === 0) low |= 1 << 13;
  if ((sctlr & (1 << 23)) === 0) low |= PAN;
  else if ((rmm & R.PAN_KEEP) !== 0) low |= old & PAN;
  if ((rmm & R.MTE2) !== 0) low |= 1 << 25;
  let high = (rmm & R.EBEP) !== 0 ? 1 : 0;
  if ((rmm & R.GCS) !== 0 && (r[REG.GCSCR_EL1] & (1 << 6)) !== 0) high |= 4;
  r[REG.PSTATE] = low;
  r[REG.PSTATE + 1] = high;
};

/** ESR bits an injected abort keeps, EC, FnV, EA, S1PTW and FSC apart (§4.1). */
const kept = 0x03ff_f940;

/**
 * The realm takes the abort `esr`, `far` at EL1 with fault status `fsc`: an SEA
 * (0x10) or an Address Size Fault. ELR_EL1 is the PC as it stands.
 */
const inject = (
  f: Fast,
  esr: number,
  esr_hi: number,
  far: number,
  far_hi: number,
  fsc: number,
): void => {
  const { r, s } = f;
  const rmm = s[W.RMM];
  const old = r[REG.PSTATE];
  const sea = fsc === 0x10;
  let offset = vector(old);
  // SCTLR2_EL1.EASE moves an SEA to the SError vector, except from AArch32.
  if (
    sea && (rmm & R.EASE) !== 0 && (r[REG.SCTLR2_EL1] & (1 << 5)) !== 0 &&
    offset !== 0x600
  ) offset += 0x180;
  // Taken from EL0 the class stays that of a lower level; else it is the next one.
  const ec = (old & 0xf) === 0 ? esr >>> 26 : ((esr >>> 26) + 1) & 0x3f;
  r[REG.ESR_EL1] = (esr & kept) | (ec << 26) | (sea ? 1 << 9 : 0) | fsc;
  r[REG.ESR_EL1 + 1] = esr_hi;
  r[REG.FAR_EL1] = far;
  r[REG.FAR_EL1 + 1] = far_hi;
  r[REG.ELR_EL1] = r[REG.PC];
  r[REG.ELR_EL1 + 1] = r[REG.PC + 1] as number;
  r[REG.SPSR_EL1] = old;
  r[REG.SPSR_EL1 + 1] = r[REG.PSTATE + 1] as number;
  const low = (r[REG.VBAR_EL1] >>> 0) + offset;
  r[REG.PC] = low;
  r[REG.PC + 1] = (r[REG.VBAR_EL1 + 1] as number) +
    (low < 0x1_0000_0000 ? 0 : 1);
  enterHandler(f, rmm, old);
  s[W.DIRTY] |= D.PC | D.SYS;
};

/** The realm takes a synchronous external abort. */
export const injectSea = (
  f: Fast,
  esr: number,
  esr_hi: number,
  far: number,
  far_hi: number,
): void => inject(f, esr, esr_hi, far, far_hi, 0x10);

/** The realm takes an Address Size Fault: level 0 with stage 1 off, else 3. */
export const injectSizeFault = (
  f: Fast,
  esr: number,
  esr_hi: number,
  far: number,
  far_hi: number,
): void =>
  inject(f, esr, esr_hi, far, far_hi, (f.r[REG.SCTLR_EL1] & 1) === 0 ? 0 : 3);
