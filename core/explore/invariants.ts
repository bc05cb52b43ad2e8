/**
 * Every invariant the explorer checks, and those it cannot with the reason.
 *
 * @module
 */

import type { Invariant } from "./invariant.ts";
import { completion_invariants } from "./invariants/completion.ts";
import { device_invariants } from "./invariants/device.ts";
import { exit_invariants } from "./invariants/exit.ts";
import { liveness_invariants } from "./invariants/liveness.ts";
import { rec_invariants } from "./invariants/rec.ts";
import { refusal_invariants } from "./invariants/refusal.ts";
import { sea_invariants } from "./invariants/sea.ts";
import { secrecy_invariants } from "./invariants/secrecy.ts";

const families = "CISVLM";

const place = ({ id }: Invariant): number =>
  families.indexOf(id.charAt(0)) * 100 + Number(id.slice(1));

/** Every invariant, by family and number. */
export const invariants: readonly Invariant[] = [
  ...exit_invariants,
  ...secrecy_invariants,
  ...completion_invariants,
  ...refusal_invariants,
  ...rec_invariants,
  ...sea_invariants,
  ...device_invariants,
  ...liveness_invariants,
].sort((a, b) => place(a) - place(b));

/** The one invariant about all RECs at once: checked where nothing is left to happen. */
export const deadlock_id = "L2";

/** The invariant with this id, or undefined. */
export const invariantNamed = (id: string): Invariant | undefined =>
  invariants.find((row) => row.id === id);

/** Invariants that are not predicates over this model's transitions, and why. */
export const unexpressed: readonly (readonly [id: string, why: string])[] = [
  ["I12", "an entry reads the run page in one event: nobody can write between"],
  ["I18", "the run page cannot be taken away: writing an exit never faults"],
  [
    "L3",
    "a promise about the report, not about a step; a retry is no violation",
  ],
  ["M2", "about stored worlds, not a step; a test of its own"],
  ["M3", "the model's branches cite rules in text, not in data"],
  ["M4", "about the explorer itself; a test of its own"],
];
