/**
 * What of a syndrome the host may see, and how the RMM reads one.
 *
 * Source: TF-RMM `arch.h` (masks), `exit.c` (`fsc_is_external_abort`); rmm.md §2.1.
 *
 * @module
 */

import { EC, ESR, esr, esrField, FSC } from "../arch/esr.ts";
import { type Field, mask } from "../arch/word.ts";

const over = (...fields: readonly Field[]): bigint =>
  fields.reduce(
    (sum, { high, low }) => sum | (mask(high - low + 1) << BigInt(low)),
    0n,
  );

/** ESR bits reported for an abort that is not emulatable. */
export const nonemul_mask: bigint = over(
  ESR.EC,
  ESR.SET,
  ESR.FnV,
  ESR.EA,
  ESR.FSC,
);

/** ESR bits reported for an emulatable data abort: never SRT, SSE or IL. */
export const emul_mask: bigint = nonemul_mask |
  over(ESR.ISV, ESR.SAS, ESR.SF, ESR.WnR);

/** EC and the low bit of TI. */
export const wfx_mask: bigint = over(ESR.EC) | 1n;

/** EC and both bits of TI, as the specification has it. */
export const wfx_full_mask: bigint = over(ESR.EC) | 3n;

/** EC, IDS, AET, EA and DFSC of an SError; IESB (bit 13) is dropped. */
export const serror_mask: bigint = over(ESR.EC, ESR.EA, ESR.FSC) |
  (1n << 24n) | (7n << 10n);

/** Rt of a trapped register access. */
export const sysreg_rt_mask: bigint = 0x3e0n;

/** ISV, the bit that makes a data abort's syndrome usable. */
export const isv_bit: bigint = over(ESR.ISV);

/** External aborts: 0x10, and 0x13 to 0x17 on a table walk; parity errors are not (§2.2 step 1). */
export const isExternal = (fsc: number): boolean =>
  fsc === FSC.SEA || (0x13 <= fsc && fsc <= 0x17);

/** Permission faults of any level. */
export const isPermission = (fsc: number): boolean => (fsc & 0x3c) === 0x0c;

/** Translation faults of any level. */
export const isTranslation = (fsc: number): boolean => (fsc & 0x3c) === 0x04;

/** Bytes of the access a data abort's syndrome describes. */
export const accessBytes = (syndrome: bigint): 1 | 2 | 4 | 8 =>
  (1 << esrField(syndrome, "SAS")) as 1 | 2 | 4 | 8;

/** True when the saved syndrome is an emulatable data abort's (§2.9). */
export const isEmulatable = (saved: bigint): boolean =>
  esrField(saved, "EC") === EC.DABT_LOW && esrField(saved, "ISV") === 1;

/** The syndrome of the data abort the RMM makes up when a page it needs is missing (§2.10). */
export const syntheticAbort = (level: number): bigint =>
  esr({ EC: EC.DABT_LOW, FSC: FSC.TRANSLATION + level });
