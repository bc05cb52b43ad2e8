/**
 * Integrity of refusals: when RMI_REC_ENTER must fail, and that failing
 * changes nothing.
 *
 * @module
 */

import { isVgicValid } from "../../rmm/vgic.ts";
import type { RmiStatus } from "../../host/state.ts";
import { all, equal, type Invariant, must } from "../invariant.ts";
import { same } from "../same.ts";
import type { Mmio } from "../ghost.ts";
import type { Transition } from "../transition.ts";

/** True when EMUL_MMIO is the flag that counts. */
export const asksEmul = (t: Transition): boolean =>
  t.entry !== null && t.entry.emul && !t.entry.sea;

/** An entry that asks for EMUL_MMIO in one of these states of the latest abort must fail. */
export const mustFail = (
  t: Transition,
  states: readonly Mmio[],
): null | true | string => {
  if (!asksEmul(t) || !states.includes(t.ghost.mmio)) return null;
  return equal("the outcome of the entry", "failed", t.entry?.outcome);
};

/** True when nothing of the realm or the RMM changed, else a sentence. */
export const untouched = (t: Transition): true | string =>
  must(
    same(t.before.realm, t.after.realm) && same(t.before.rmm, t.after.rmm),
    () => "expected realm and RMM to be as they were",
  );

/** Every status that some condition of the command, as it holds here, allows. */
const allowed = (t: Transition): ReadonlySet<RmiStatus> => {
  const { before, entry, ghost, rec } = t;
  const { state, recs } = before.rmm;
  const { rmm: profile } = before.profile;
  const found = new Set<RmiStatus>();
  const mine = recs[rec];
  if (entry === null || mine === undefined) return found;
  if (state !== "ACTIVE") found.add("RMI_ERROR_REALM");
  const vgic = profile.vgic === "recrun" && !isVgicValid(entry.half);
  const sea = entry.sea && ghost.last?.shared !== true &&
    profile.unjustified_sea === "refuse";
  const emul = asksEmul(t) && ghost.mmio !== "open";
  if (mine.running || !mine.runnable || mine.psci_pending) {
    found.add("RMI_ERROR_REC");
  }
  if (vgic || sea || emul) found.add("RMI_ERROR_REC");
  return found;
};

/** I7 to I9, I13, I14, I17, I22 and I23. */
export const refusal_invariants: readonly Invariant[] = [
  {
    id: "I7",
    rule:
      "EMUL_MMIO fails with RMI_ERROR_REC unless the last exit is an emulatable data abort.",
    source: "DEN0137 B4.3.14 rec_mmio",
    check: (t) => {
      if (!asksEmul(t) || t.ghost.mmio === "open") return null;
      if (t.entry?.status === "RMI_ERROR_REALM") return true;
      return equal("the status", "RMI_ERROR_REC", t.entry?.status);
    },
  },
  {
    id: "I8",
    rule: "A completed abort cannot be completed again.",
    source: "DEN0137 A4.2.3",
    check: (t) => mustFail(t, ["completed"]),
  },
  {
    id: "I9",
    rule: "An exit of another kind ends the abort: no stale completion.",
    source: "DEN0137 RQBTPR",
    check: (t) => mustFail(t, ["overtaken"]),
  },
  {
    id: "I13",
    rule:
      "A failed RMI_REC_ENTER leaves registers, memory, the saved abort and pending calls as they were.",
    source: "DEN0137 B4.3.14 footprint",
    check: (t) => t.entry?.outcome === "failed" ? untouched(t) : null,
  },
  {
    id: "I14",
    rule:
      "RMI_REC_ENTER fails when some condition holds, and with a status such a condition allows.",
    source: "DEN0137 B4.3.14 failure conditions",
    check: (t) => {
      if (t.entry === null) return null;
      const codes = allowed(t);
      const { status } = t.entry;
      const found = status === "RMI_SUCCESS" ? codes.size === 0 : codes.has(
        status,
      );
      return must(
        found,
        () =>
          `expected ${
            [...codes].join(" or ") || "RMI_SUCCESS"
          } but found ${status}`,
      );
    },
  },
  {
    id: "I17",
    rule: "A failure for another reason does not bring a consumed abort back.",
    source: "invariants.md I17; DEN0137 B4.3.14",
    check: (t) =>
      t.ghost.failed
        ? mustFail(t, ["completed", "refused", "overtaken"])
        : null,
  },
  {
    id: "I22",
    rule:
      "An invalid vGIC state fails with RMI_ERROR_REC before anything has a side effect.",
    source: "TF-RMM run.c, gic_validate_state",
    check: (t) => {
      if (t.entry === null || t.before.rmm.state !== "ACTIVE") return null;
      const checked = t.before.profile.rmm.vgic === "recrun";
      if (!checked || isVgicValid(t.entry.half)) return null;
      return all(
        equal("the status", "RMI_ERROR_REC", t.entry.status),
        untouched(t),
      );
    },
  },
  {
    id: "I23",
    rule: "A realm that is not ACTIVE is not entered, and nothing is consumed.",
    source: "DEN0137 B4.3.14 realm_state",
    check: (t) => {
      const { state, recs } = t.before.rmm;
      if (t.entry === null || state === "ACTIVE") return null;
      if (recs[t.rec]?.running === true) return null;
      return all(
        equal("the status", "RMI_ERROR_REALM", t.entry.status),
        untouched(t),
      );
    },
  },
];
