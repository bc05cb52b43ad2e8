/**
 * Whether the RMM accepts the vGIC state of an enter half.
 *
 * KVM's side of this road never changes the state, so it is judged once, when
 * a run page is loaded.
 *
 * Source: rmm.md §7.1, for 16 list registers, 5 priority bits and 16 INTID bits.
 *
 * @module
 */

import type { VgicState } from "../../rmm/state.ts";

/** Bits of ICH_HCR_EL2 the host may set. */
const hcr_settable = 0x40fen;

/** Bits of ICH_HCR_EL2 an exit shows: the settable ones and EOIcount. */
export const hcr_shown = 0xf800_40fen;

/** A list register of zeros everywhere but State, Priority[7:3], EOI, Group and the INTID. */
const forbidden = (lr: bigint): boolean => {
  const hw = (lr >> 61n) & 1n;
  const low_priority = (lr >> 48n) & 7n;
  const pintid = (lr >> 32n) & 0x1dffn;
  return (hw | low_priority | pintid) !== 0n;
};

/** INTIDs that exist: SGI, PPI and SPI, and LPIs of 16 bits. */
const exists = (intid: bigint): boolean =>
  intid < 1020n || (8192n <= intid && intid < 65536n);

/** True when RMI_REC_ENTER would accept the state; list registers that are Invalid are not looked at. */
export const acceptable = ({ hcr, lrs }: VgicState): boolean => {
  if ((hcr & ~hcr_settable) !== 0n) return false;
  const seen = new Set<bigint>();
  for (const lr of lrs.slice(0, 16)) {
    if (lr >> 62n === 0n) continue;
    const intid = lr & 0xffff_ffffn;
    if (forbidden(lr) || !exists(intid) || seen.has(intid)) return false;
    seen.add(intid);
  }
  return true;
};
