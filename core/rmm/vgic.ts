/**
 * The vGIC state a host hands over in RecRun: what it may say.
 *
 * This model has no virtual CPU interface; a REC's list registers come back
 * in the exit as they were given.
 *
 * Source: TF-RMM `gic.c` (`gic_validate_state`); rmm.md §7.1.
 *
 * @module
 */

import { bit, field, get } from "../arch/word.ts";
import type { RecEnter } from "./recrun.ts";

/** The implemented virtual interface: 16 list registers, 5 priority bits, 16 INTID bits. */
const implemented = {
  list_registers: 16,
  priority_bits: 5,
  intid_max: 0xffff,
} as const;

/** ICH_VTR_EL2 of that interface: PRIbits, PREbits and ListRegs, each minus one. */
export const ich_vtr: bigint = BigInt(implemented.priority_bits - 1) << 29n |
  BigInt(implemented.priority_bits - 1) << 26n |
  BigInt(implemented.list_registers - 1);

/** Bits of ICH_HCR_EL2 the host may set: UIE to VGrp1DIE, and TDIR; not En. */
export const hcr_host_mask = 0x40fen;

/** Bits of ICH_HCR_EL2 the host gets back: its own and EOIcount. */
export const hcr_exit_mask = 0xf800_40fen;

/** Fields of ICH_LR<n>_EL2. */
const LR = {
  State: field(63, 62),
  HW: 61,
  Priority: field(55, 48),
  /** Reserved bits when HW is 0, but for EOI (bit 41). */
  pINTID: field(44, 32),
  vINTID: field(31, 0),
} as const;

const eoi = 1 << 9;

const isIntid = (id: number): boolean =>
  id <= 1019 || (8192 <= id && id <= implemented.intid_max);

/** A list register that is not Invalid obeys the rules; an Invalid one is never looked at. */
const isValid = (lr: bigint): boolean => {
  const below = 0xff >> implemented.priority_bits;
  return !bit(lr, LR.HW) && (get(lr, LR.Priority) & below) === 0 &&
    (get(lr, LR.pINTID) & ~eoi) === 0 && isIntid(get(lr, LR.vINTID));
};

/** True when the RMM accepts the vGIC state of an enter half. */
export const isVgicValid = (enter: RecEnter): boolean => {
  if ((enter.gicv3_hcr & ~hcr_host_mask) !== 0n) return false;
  const live = enter.gicv3_lrs.slice(0, implemented.list_registers)
    .filter((lr) => get(lr, LR.State) !== 0);
  const ids = new Set(live.map((lr) => get(lr, LR.vINTID)));
  return live.every(isValid) && ids.size === live.length;
};
