/**
 * Which rule decides what the RMM shows of an exception.
 *
 * @module
 */

import { EC, ec } from "../arch/esr.ts";
import type { RmmProfile } from "../rmm/profile.ts";
import type { Rule } from "./page.ts";

/** What of a data abort a profile shows, by its switches. */
const abortRule = (
  { il_on_nonemulatable, wnr_on_nonemulatable, isv_test }: RmmProfile,
): string =>
  [
    "shown of every abort: EC SET FnV EA DFSC",
    "of an emulatable one also ISV SAS SF WnR, FAR[11:0] and a store's value",
    ...(il_on_nonemulatable
      ? [
        `at an Unprotected IPA without ISV also IL${
          wnr_on_nonemulatable ? " and WnR" : ""
        }`,
      ]
      : []),
    ...(isv_test ? [] : [
      "this RMM does not look at ISV: every Unprotected abort is shown as an emulatable one",
    ]),
  ].join("; ");

/** The rule that decides what an exit of this class shows. */
export const shownRule = (esr: bigint, rmm: RmmProfile): Rule => {
  switch (ec(esr)) {
    case EC.DABT_LOW:
      return {
        rule: abortRule(rmm),
        source: "DEN0137 A4.3.4; TF-RMM exit.c handle_data_abort",
      };
    case EC.IABT_LOW:
      return {
        rule:
          "a realm fetches from Protected RAM only; shown: EC SET FnV EA IFSC",
        source: "DEN0137 A4.3.4; TF-RMM exit.c handle_instruction_abort",
      };
    case EC.WFX:
      return {
        rule: "shown: EC and TI; pc is past the instruction",
        source: "DEN0137 A4.3.4; TF-RMM exit.c handle_exception_sync",
      };
    case EC.SYS64:
      return {
        rule:
          "the RMM answers ID registers, hands GIC registers to the host, and lets the rest read as zero and ignore writes",
        source: "TF-RMM sysregs.c handle_sysreg_access_trap",
      };
    case EC.HVC64:
      return {
        rule: "an HVC is undefined in a realm",
        source: "TF-RMM exit.c handle_exception_sync",
      };
    case EC.SMC64:
      return {
        rule: "X0 says which PSCI, RSI or other call it is",
        source: "TF-RMM exit.c handle_exception_sync",
      };
    case EC.SERROR:
      return {
        rule: "shown: EC IDS AET EA DFSC of a contained error",
        source: "TF-RMM exit.c handle_realm_exit",
      };
    default:
      return {
        rule: "another class is shown as an exit without a syndrome",
        source: "TF-RMM exit.c handle_exception_sync",
      };
  }
};
