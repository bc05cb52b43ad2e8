/**
 * Exception classes in words.
 *
 * @module
 */

import { EC, ec } from "../arch/esr.ts";

/** What each exception class is. */
export const class_names: Readonly<Record<number, string>> = {
  [EC.UNKNOWN]: "unknown reason",
  [EC.WFX]: "trapped WFI or WFE",
  [EC.FP_ASIMD]: "trapped FP or SIMD",
  [EC.ILLEGAL_STATE]: "illegal execution state",
  [EC.SVC64]: "SVC",
  [EC.HVC64]: "HVC",
  [EC.SMC64]: "SMC",
  [EC.SYS64]: "trapped system register access",
  [EC.SVE]: "trapped SVE",
  [EC.SME]: "trapped SME",
  [EC.IABT_LOW]: "instruction abort from a lower level",
  [EC.IABT_CUR]: "instruction abort from the same level",
  [EC.PC_ALIGN]: "PC alignment fault",
  [EC.DABT_LOW]: "data abort from a lower level",
  [EC.DABT_CUR]: "data abort from the same level",
  [EC.SP_ALIGN]: "SP alignment fault",
  [EC.SERROR]: "SError",
  [EC.BRK64]: "BRK",
};

/** The name of a syndrome's class. */
export const className = (esr: bigint): string =>
  class_names[ec(esr)] ?? "a class this model does not name";
