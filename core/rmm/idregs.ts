/**
 * The ID registers a realm sees: the PE's, less what the RMM hides.
 *
 * TF-RMM hides SVE (from a realm without it), MPAM and AMU in PFR0, MPAM and
 * SME in PFR1 and BRBE in DFR0; neither PE here has any of them, so nothing is
 * left to hide.
 *
 * Source: TF-RMM `sysregs.c` (`handle_id_sysreg_trap`); rmm.md §2.7.
 *
 * @module
 */

import { field, put } from "../arch/word.ts";
import type { Feature } from "./feature.ts";

/** An ID register's place in the space op0=3, op1=0, CRn=0. */
const at = (crm: number, op2: number): number => 8 * crm + op2;

const PFR0 = at(4, 0);
const PFR1 = at(4, 1);
const DFR0 = at(5, 0);
const DFR1 = at(5, 1);
const ISAR0 = at(6, 0);
const ISAR1 = at(6, 1);
const ISAR2 = at(6, 2);
const MMFR0 = at(7, 0);
const MMFR1 = at(7, 1);
const MMFR2 = at(7, 2);
const MMFR3 = at(7, 3);

/** A PE's ID registers without optional features; those not listed are zero. */
export type IdRegisters = Readonly<Record<number, bigint>>;

/**
 * The PE this model is, announcing what it executes and nothing more: EL0 to
 * EL1 in AArch64, no FP and no SIMD, CRC32, LSE, FlagM, LRCPC2, DPB, SB, WFxT, 48-bit
 * physical addresses, the 4 KiB granule alone, HPD, PAN and UAO.
 */
export const modelled_pe: IdRegisters = {
  [PFR0]: 0x1100_0000_10ff_1111n,
  [ISAR0]: 0x0010_0000_0021_0000n,
  [ISAR1]: 0x0000_0010_0020_0001n,
  [ISAR2]: 0x0000_0000_0000_0002n,
  [MMFR0]: 0x0000_0000_0f00_1125n,
  [MMFR1]: 0x0000_0000_0010_1000n,
  [MMFR2]: 0x0000_0000_0000_0010n,
};

/** The PE the reference vectors of TF-RMM were made with. */
export const reference_pe: IdRegisters = {
  [PFR0]: 0x1101_0000_1111_1111n,
  [ISAR0]: 0x0221_1001_1021_2120n,
  [MMFR0]: 0x0010_1125n,
};

/** Where each optional feature shows, and the value that says it is there. */
const features: Readonly<
  Record<Feature, readonly [register: number, low: number, value: number]>
> = {
  ssbs: [PFR1, 4, 1],
  mte2: [PFR1, 8, 2],
  nmi: [PFR1, 36, 1],
  gcs: [PFR1, 44, 1],
  sebep: [DFR0, 24, 1],
  ebep: [DFR1, 48, 1],
  sctlr2: [MMFR3, 0, 1],
};

/** The value a realm reads from ID register (`crm`, `op2`) of a PE with some features. */
export const idRegister = (
  crm: number,
  op2: number,
  pe: IdRegisters,
  present: readonly Feature[],
): bigint => {
  const register = at(crm, op2);
  let value = pe[register] ?? 0n;
  for (const feature of present) {
    const [where, low, shown] = features[feature];
    if (where === register) value = put(value, field(low + 3, low), shown);
  }
  return value;
};
