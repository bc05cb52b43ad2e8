/**
 * Progress under a correct host, and the model's own promise.
 *
 * Liveness is checked as safety: a correct host's next entry must settle what
 * is open, so that there is nothing to wait for. A hostile host may starve a
 * realm; that is not a violation.
 *
 * @module
 */

import { next } from "../../schedule.ts";
import { step } from "../../step.ts";
import { EXIT } from "../../rmm/recrun.ts";
import type { World } from "../../world.ts";
import { all, equal, type Invariant, must } from "../invariant.ts";
import { same } from "../same.ts";

/** True when no vCPU has anything to do and one of them should: the realm is on and its REC could run. */
export const isDeadlock = (world: World): boolean => {
  const { vcpus } = world.host;
  if (world.rmm.state !== "ACTIVE") return false;
  if (vcpus.some((_, rec) => next(world, rec, 1) !== null)) return false;
  return vcpus.some(({ owed }, rec) =>
    owed !== "Nothing" && world.rmm.recs[rec]?.runnable === true
  );
};

/** L1, L2, L4 and M1. */
export const liveness_invariants: readonly Invariant[] = [
  {
    id: "L1",
    rule:
      "A correct host's entry is not refused with RMI_ERROR_REC, and completes or refuses every emulatable abort: no livelock of retries.",
    source: "invariants.md L1; kvm.md D8, D13",
    check: (t) => {
      const { entry, ghost } = t;
      if (entry?.by !== "kvm" || !ghost.honest) return null;
      const settled = ghost.mmio !== "open" || ghost.meddled !== null ||
        entry.emul ||
        entry.sea;
      return all(
        must(
          entry.status !== "RMI_ERROR_REC",
          () =>
            "expected KVM's entry not to be refused, but found RMI_ERROR_REC",
        ),
        must(
          settled || entry.outcome !== "entered",
          () => "expected the entry to answer the abort",
        ),
      );
    },
  },
  {
    id: "L2",
    rule: "RECs and their VMM do not wait for each other for ever.",
    source: "invariants.md L2",
    check: (t) =>
      t.ghost.honest
        ? must(
          !isDeadlock(t.after),
          () => "expected some vCPU that could run to have something to do",
        )
        : null,
  },
  {
    id: "L4",
    rule:
      "When KVM has handled a PSCI exit, the call that waited has returned to its caller.",
    source: "DEN0137 B4.3.12; Linux realm_psci_complete",
    check: (t) => {
      const pending = t.before.rmm.recs[t.rec]?.psci_pending === true;
      const psci = t.before.runs[t.rec]?.exit.exit_reason === EXIT.PSCI;
      if (t.event.tag !== "RecExit" || !pending || !psci) return null;
      if (!t.ghost.honest) return null;
      const after = t.after.rmm.recs[t.rec]?.psci_pending;
      return equal("psci_pending", false, after);
    },
  },
  {
    id: "M1",
    rule: "A step is a function: the same world and event give the same world.",
    source: "design.md §2",
    check: (t) =>
      must(
        same(step(t.before, t.event).world, t.after),
        () => "expected the step to give the same world again",
      ),
  },
];
