/**
 * Who may name which system register, and where a refused access goes:
 * UNDEF at EL1, a trap to EL1, or a trap to R-EL2.
 *
 * R-EL2 traps what TF-RMM's HCR_EL2 (TID3), MDCR_EL2 (TPM, TPMCR), vGIC and
 * fine-grained trap settings route to it (rmm.md §2.7); ACTLR_EL1, set/way
 * maintenance, REVIDR_EL1 and AIDR_EL1 are not among them (HCR_REALM_FLAGS).
 * Breakpoint and watchpoint registers are not modelled and are UNDEF.
 *
 * @module
 */

import type { Fault } from "../a64/cpu.ts";
import { EC } from "../arch/esr.ts";
import { PSTATE } from "../arch/pstate.ts";
import {
  directionOf,
  leastLevel,
  nameOf,
  sysregFields,
  sysregIss,
  type SysregName,
} from "../arch/sysreg.ts";
import { bit } from "../arch/word.ts";
import { raise, trap, undef } from "./exception.ts";
import type { Machine } from "./machine.ts";

/** One access: the encoding, the general register and the direction. */
export interface SysregAccess {
  readonly code: number;
  readonly rt: number;
  readonly read: boolean;
}

/** Records a trap to EL1: EC 0x18. */
const trapToEl1 = (m: Machine, at: SysregAccess): Fault =>
  raise(m, EC.SYS64, sysregIss(at.code, at.rt, at.read));

/** Records a trap to R-EL2: EC 0x18. */
const trapToEl2 = (m: Machine, at: SysregAccess): Fault =>
  trap(m, EC.SYS64, sysregIss(at.code, at.rt, at.read));

/** PMU: S3_0_C9_C14_n, S3_3_C9_C12..C14_n, and PMEVCNTR and PMEVTYPER in CRn 14. */
const isPmu = (code: number): boolean => {
  const { op0, op1, crn, crm } = sysregFields(code);
  if (op0 !== 3) return false;
  if (op1 === 0) return crn === 9 && crm === 14;
  if (op1 !== 3) return false;
  return crn === 9 ? 12 <= crm && crm <= 14 : crn === 14 && 8 <= crm;
};

/** ID group 3: S3_0_C0_C1..C7_n, read only. */
const isId = (code: number): boolean => {
  const { op0, op1, crn, crm } = sysregFields(code);
  return op0 === 3 && op1 === 0 && crn === 0 && 1 <= crm && crm <= 7;
};

/** BRBE: S2_1_C8_Cn_n and S2_1_C9_Cn_n. */
const isBrbe = (code: number): boolean => {
  const { op0, op1, crn } = sysregFields(code);
  return op0 === 2 && op1 === 1 && (crn === 8 || crn === 9);
};

const trapped_names = /^(icc_|mpam|s2por_)/;

/** Where an access that the table does not settle goes. */
const untabled = (m: Machine, at: SysregAccess): Fault => {
  // PMUSERENR_EL0 is zero: EL0 is trapped to EL1 first.
  if (isPmu(at.code)) {
    const fromEl0 = m.el === 0 && leastLevel(at.code) === 0;
    return fromEl0
      ? trapToEl1(m, at)
      : m.el === 1
      ? trapToEl2(m, at)
      : undef(m);
  }
  if (m.el === 0) return undef(m);
  if (isId(at.code) && at.read) return trapToEl2(m, at);
  return isBrbe(at.code) ? trapToEl2(m, at) : undef(m);
};

const UCT = 15; // SCTLR_EL1
const UCI = 26;
const DZE = 14;
const UMA = 9;

/** Control bits that let EL0 use a register or instruction; no entry: always. */
const el0Enabled = (m: Machine, name: SysregName): boolean => {
  const { sctlr_el1: sctlr, cntkctl_el1: cntkctl } = m.sys;
  switch (name) {
    case "ctr_el0":
      return bit(sctlr, UCT);
    case "daif":
      return bit(sctlr, UMA);
    case "dc_zva":
      return bit(sctlr, DZE);
    case "dc_cvac":
    case "dc_cvau":
    case "dc_cvap":
    case "dc_civac":
    case "ic_ivau":
      return bit(sctlr, UCI);
    case "cntfrq_el0":
      return (cntkctl & 3n) !== 0n;
    case "cntpct_el0":
      return bit(cntkctl, 0);
    case "cntvct_el0":
      return bit(cntkctl, 1);
    case "cntv_tval_el0":
    case "cntv_ctl_el0":
    case "cntv_cval_el0":
      return bit(cntkctl, 8);
    case "cntp_tval_el0":
    case "cntp_ctl_el0":
    case "cntp_cval_el0":
      return bit(cntkctl, 9);
    default:
      return true;
  }
};

/** Registers of features that are there only in some profiles. */
const isPresent = (m: Machine, name: SysregName): boolean => {
  switch (name) {
    case "ssbs":
      return m.features.includes("ssbs");
    case "sctlr2_el1":
      return m.features.includes("sctlr2");
    case "gcscr_el1":
      return m.features.includes("gcs");
    case "sp_el0":
      // Not while it is the selected stack pointer.
      return (m.pstate & PSTATE.SP) !== 0n;
    default:
      return true;
  }
};

/** Settles an access: the register it may go ahead on, or the fault it took. */
export const admit = (
  m: Machine,
  at: SysregAccess,
): { readonly name: SysregName } | Fault => {
  const name = nameOf(at.code);
  if (name === null) return untabled(m, at);
  const direction = directionOf(name);
  if (direction === (at.read ? "wo" : "ro")) return undef(m);
  if (m.el === 0) {
    // TPIDRRO_EL0 is read-only at EL0.
    const hidden = leastLevel(at.code) === 1 ||
      (name === "tpidrro_el0" && !at.read);
    if (hidden) return undef(m);
    if (!el0Enabled(m, name)) return trapToEl1(m, at);
  }
  if (!isPresent(m, name)) return undef(m);
  if (trapped_names.test(name)) return trapToEl2(m, at);
  return { name };
};

/** DAIFSet and DAIFClr at EL0 without SCTLR_EL1.UMA: the trap names MSR (immediate). */
export const trapDaif = (m: Machine, field: number, imm: number): Fault =>
  raise(
    m,
    EC.SYS64,
    sysregIss(
      ((field >> 3) << 11) | (4 << 7) | (imm << 3) | (field & 7),
      31,
      false,
    ),
  );

/** True when EL0 may write DAIF. */
export const mayMask = (m: Machine): boolean =>
  m.el === 1 || bit(m.sys.sctlr_el1, UMA);
