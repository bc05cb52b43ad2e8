/**
 * What KVM reads out of a saved syndrome: fault status classes, the data
 * abort fields and the fault IPA.
 *
 * Source: Linux `asm/esr.h` and `asm/kvm_emulate.h`; kvm.md §2a, §2b.
 *
 * @module
 */

import { EC, ec, esrField } from "../arch/esr.ts";
import { mask } from "../arch/word.ts";
import type { Syndrome } from "../rmm/state.ts";

const fsc = (esr: bigint): number => esrField(esr, "FSC");

const within = (value: number, low: number, high: number): boolean =>
  low <= value && value <= high;

/** Translation fault, levels -1 to 3. */
export const isTranslationFault = (esr: bigint): boolean =>
  within(fsc(esr), 0x04, 0x07) || fsc(esr) === 0x2b;

/** Access flag fault, levels 0 to 3. */
export const isAccessFlagFault = (esr: bigint): boolean =>
  within(fsc(esr), 0x08, 0x0b);

/** Permission fault, levels 0 to 3. */
export const isPermissionFault = (esr: bigint): boolean =>
  within(fsc(esr), 0x0c, 0x0f);

/** Unsupported exclusive or atomic access. */
export const isExclusiveFault = (esr: bigint): boolean => fsc(esr) === 0x35;

/** Synchronous external abort or parity error, on the access or on a table walk. */
export const isExternalAbort = (esr: bigint): boolean =>
  fsc(esr) === 0x10 || within(fsc(esr), 0x13, 0x17) ||
  fsc(esr) === 0x18 || within(fsc(esr), 0x1b, 0x1f);

/**
 * True where ESR[12:11] is LST, the kind of 64-byte access, and not SET:
 * FSC 0b00xxxx but for 0b0000xx, and 0b10101x.
 */
export const hasLst = (esr: bigint): boolean =>
  within(fsc(esr), 0x04, 0x0f) || within(fsc(esr), 0x2a, 0x2b);

/** True for an instruction abort from a lower exception level. */
export const isIabt = (esr: bigint): boolean => ec(esr) === EC.IABT_LOW;

/** ISV: the syndrome describes one load or store of one general register. */
export const hasSyndrome = (esr: bigint): boolean => esrField(esr, "ISV") === 1;

/** S1PTW: the abort is on a stage 1 table walk. */
export const isTableWalk = (esr: bigint): boolean =>
  esrField(esr, "S1PTW") === 1;

/** WnR: the access is a write; on a table walk the bit tells nothing about the access. */
export const isWrite = (esr: bigint): boolean => esrField(esr, "WnR") === 1;

/** CM: the access is cache maintenance. */
export const isCacheMaintenance = (esr: bigint): boolean =>
  esrField(esr, "CM") === 1;

/** Bytes accessed: 1, 2, 4 or 8. */
export const accessBytes = (esr: bigint): number => 1 << esrField(esr, "SAS");

/** A fault that KVM takes for a write: WnR, on a table walk only a permission fault, never a fetch. */
export const isWriteFault = (esr: bigint): boolean => {
  if (isTableWalk(esr)) return isPermissionFault(esr);
  return !isIabt(esr) && isWrite(esr);
};

/** The page of the fault IPA: HPFAR_EL2.FIPA, bits 47:4, as an address. */
export const faultPage = (fault: Syndrome): bigint =>
  ((fault.hpfar >> 4n) & mask(44)) << 12n;

/** The low 12 bits of the faulting address, which HPFAR_EL2 leaves out. */
export const faultOffset = (fault: Syndrome): bigint => fault.far & mask(12);
