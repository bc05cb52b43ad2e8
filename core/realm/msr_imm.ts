/**
 * MSR (immediate): single fields of PSTATE.
 *
 * Source: Arm ARM (DDI 0487) C6.2.254 (MSR immediate).
 *
 * @module
 */

import type { Fault } from "../a64/cpu.ts";
import { PSTATE } from "../arch/pstate.ts";
import { undef } from "./exception.ts";
import { type Machine, readPstate, writePstate } from "./machine.ts";
import { mayMask, trapDaif } from "./sysreg_access.ts";

const setBits = (m: Machine, field: bigint, on: boolean): null => {
  const old = readPstate(m);
  writePstate(m, on ? old | field : old & ~field);
  return null;
};

/** Port.msrImm: `field` is op1:op2, `imm` is CRm. */
export const msrImm = (
  m: Machine,
  field: number,
  imm: number,
): Fault | null => {
  const on = (imm & 1) === 1;
  switch (field) {
    case 0o36: // DAIFSet
    case 0o37: // DAIFClr
      if (!mayMask(m)) return trapDaif(m, field, imm);
      return setBits(m, BigInt(imm) << 6n, field === 0o36);
    case 0o32:
      return setBits(m, PSTATE.DIT, on);
    case 0o31:
      if (!m.features.includes("ssbs")) return undef(m);
      return setBits(m, PSTATE.SSBS, on);
  }
  if (m.el === 0) return undef(m);
  switch (field) {
    case 0o03:
      return setBits(m, PSTATE.UAO, on);
    case 0o04:
      return setBits(m, PSTATE.PAN, on);
    case 0o05:
      return setBits(m, PSTATE.SP, on);
    default:
      return undef(m);
  }
};
