/**
 * What stage 1 permits: AP, APTable, UXN, PXN and WXN, at EL1 and at EL0.
 *
 * Source: Arm ARM (DDI 0487) D8.4, direct permissions of the EL1&0 regime.
 *
 * @module
 */

/** The permission attributes a walk collected. */
export interface Attributes {
  /** AP[2:1]: bit 1 read-only, bit 0 accessible at EL0. */
  readonly ap: number;
  /** APTable of every level, or-ed: bit 1 no write, bit 0 no access at EL0. */
  readonly aptable: number;
  /** UXN, or UXNTable at any level. */
  readonly uxn: boolean;
  /** PXN, or PXNTable at any level. */
  readonly pxn: boolean;
}

/** Bits of a permission set. */
export const READ = 1;
/** Writes are permitted. */
export const WRITE = 2;
/** Instruction fetches are permitted. */
export const EXECUTE = 4;

/** Permission sets at EL1 (before PAN) and at EL0. */
export interface Permissions {
  readonly el1: number;
  readonly el0: number;
}

/** Everything permitted: stage 1 is off. */
export const all: Permissions = {
  el1: READ | WRITE | EXECUTE,
  el0: READ | WRITE | EXECUTE,
};

/** Evaluates the attributes; `wxn` is SCTLR_EL1.WXN. */
export const permissions = (at: Attributes, wxn: boolean): Permissions => {
  const writes = ((at.ap | at.aptable) & 2) === 0;
  const user = (at.ap & 1) !== 0 && (at.aptable & 1) === 0;
  const data1 = READ | (writes ? WRITE : 0);
  const data0 = user ? data1 : 0;
  const writes0 = user && writes;
  // What EL0 may write EL1 never executes; WXN forbids it to execute what it may write.
  const execute1 = !at.pxn && !writes0 && !(wxn && writes);
  const execute0 = !at.uxn && !(wxn && writes0);
  return {
    el1: data1 | (execute1 ? EXECUTE : 0),
    el0: data0 | (execute0 ? EXECUTE : 0),
  };
};

/** True when PAN denies EL1 data accesses: EL0 may read or write the page. */
export const panDenies = (permitted: Permissions): boolean =>
  (permitted.el0 & (READ | WRITE)) !== 0;
