/**
 * Integrity between RECs and between kinds of exit: what must never mix.
 *
 * @module
 */

import { EC, ec } from "../../arch/esr.ts";
import { PSCI_RETURN, resultWord } from "../../rmm/psci.ts";
import { isEmulatable } from "../../rmm/syndrome.ts";
import {
  all,
  entered,
  equal,
  type Invariant,
  must,
  regsOf,
} from "../invariant.ts";
import { same } from "../same.ts";
import { asksEmul, untouched } from "./refusal.ts";

/** PSCI results that RMI_PSCI_COMPLETE may give the caller (DEN0137 B4.3.12). */
const psci_results: readonly bigint[] = [
  PSCI_RETURN.SUCCESS,
  1, // AFFINITY_INFO: off
  PSCI_RETURN.ALREADY_ON,
  PSCI_RETURN.DENIED,
  PSCI_RETURN.NOT_SUPPORTED,
].map(resultWord);

/** I10, I15 and I19 to I21. */
export const rec_invariants: readonly Invariant[] = [
  {
    id: "I10",
    rule: "Only the REC that is entered changes.",
    source: "DEN0137 A4.2; TF-RMM 59917065",
    check: (t) => {
      if (t.entry === null) return null;
      const other = (_: unknown, index: number): boolean => index !== t.rec;
      const { before, after } = t;
      return must(
        same(
          before.realm.recs.filter(other),
          after.realm.recs.filter(other),
        ) && same(before.rmm.recs.filter(other), after.rmm.recs.filter(other)),
        () => "expected every other REC to be as it was",
      );
    },
  },
  {
    id: "I15",
    rule: "An abort at a Protected address is never emulatable.",
    source: "DEN0137 A4.2.3; TF-RMM 303ee028",
    check: (t) => {
      if (t.taken?.fault?.shielded !== true) return null;
      if (t.taken.outcome !== "exited") return true;
      const saved = t.after.rmm.recs[t.rec]?.last_run_info.esr ?? 0n;
      return equal(
        "the saved abort's emulatability",
        false,
        isEmulatable(saved),
      );
    },
  },
  {
    id: "I19",
    rule:
      "After a trapped register access EMUL_MMIO fails, and an entry moves no PC.",
    source: "TF-RMM complete_sysreg_emulation; rmm.md §3.7",
    check: (t) => {
      const saved = t.before.rmm.recs[t.rec]?.last_run_info.esr ?? 0n;
      if (t.entry === null || ec(saved) !== EC.SYS64) return null;
      if (asksEmul(t)) {
        return equal("the outcome of the entry", "failed", t.entry.outcome);
      }
      if (!entered(t) || t.entry.sea) return null;
      const { from, to } = regsOf(t);
      return equal("PC", from.pc, to.pc);
    },
  },
  {
    id: "I20",
    rule:
      "While a PSCI call waits no entry succeeds; completing it keeps the saved abort and gives a permitted code.",
    source: "DEN0137 B4.3.12, B4.3.14",
    check: (t) => {
      const before = t.before.rmm.recs[t.rec];
      const after = t.after.rmm.recs[t.rec];
      if (before?.psci_pending !== true) return null;
      if (t.entry !== null) {
        return equal("the outcome of the entry", "failed", t.entry.outcome);
      }
      if (after?.psci_pending !== false) return null;
      const result = t.after.realm.recs[t.rec]?.x[0] ?? 0n;
      return all(
        must(
          same(before.last_run_info, after.last_run_info),
          () => "expected the saved abort to be as it was",
        ),
        must(
          psci_results.includes(result),
          () => `expected a PSCI result but found 0x${result.toString(16)}`,
        ),
      );
    },
  },
  {
    id: "I21",
    rule: "A REC runs once: entering a running REC fails and consumes nothing.",
    source: "DEN0137 A4.2; TF-RMM smc_rec_enter reference count",
    check: (t) => {
      if (t.entry === null) return null;
      if (t.before.rmm.recs[t.rec]?.running !== true) return null;
      return all(
        equal("the outcome of the entry", "failed", t.entry.outcome),
        untouched(t),
      );
    },
  },
];
