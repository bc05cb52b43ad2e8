/**
 * The ID registers a realm sees: the PE's, less what the RMM hides.
 *
 * The PE is the one the reference vectors were made with. TF-RMM hides SVE
 * (from a realm without it), MPAM and AMU in PFR0, MPAM and SME in PFR1 and
 * BRBE in DFR0; this PE has none of the last four, so nothing is left to hide.
 *
 * Source: TF-RMM `sysregs.c` (`handle_id_sysreg_trap`); rmm.md §2.7.
 *
 * @module
 */

import { field, put } from "../arch/word.ts";
import type { Feature } from "./profile.ts";

/** An ID register's place in the space op0=3, op1=0, CRn=0. */
const at = (crm: number, op2: number): number => 8 * crm + op2;

const PFR0 = at(4, 0);
const PFR1 = at(4, 1);
const DFR0 = at(5, 0);
const DFR1 = at(5, 1);
const ISAR0 = at(6, 0);
const MMFR0 = at(7, 0);
const MMFR3 = at(7, 3);

/** Registers that are not zero on a PE without optional features. */
const base: readonly (readonly [register: number, value: bigint])[] = [
  [PFR0, 0x1101_0000_1111_1111n],
  [ISAR0, 0x0221_1001_1021_2120n],
  [MMFR0, 0x0010_1125n],
];

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

const known: Readonly<Record<number, bigint>> = Object.fromEntries(base);

/** The value a realm reads from ID register (`crm`, `op2`); zero for all that are not listed. */
export const idRegister = (
  crm: number,
  op2: number,
  present: readonly Feature[],
): bigint => {
  const register = at(crm, op2);
  let value = known[register] ?? 0n;
  for (const feature of present) {
    const [where, low, shown] = features[feature];
    if (where === register) value = put(value, field(low + 3, low), shown);
  }
  return value;
};
