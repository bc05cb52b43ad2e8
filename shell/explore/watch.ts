/**
 * Watching a run for one invariant.
 *
 * @module
 */

import { invariantNamed } from "../../core/explore/invariants.ts";
import { ghostsOf, judged } from "../../core/explore/replay.ts";
import type { Event, Step, World } from "../../core/world.ts";

/** A watch on one run; private to it. */
export interface Watch {
  readonly observe: (before: World, event: Event, result: Step) => void;
  /** One line about the first violation, or null. */
  readonly broken: () => string | null;
}

/** A watch for invariant `id` on a run that starts at `start`, or null when there is none of that id. */
export const watching = (start: World, id: string): Watch | null => {
  const invariant = invariantNamed(id);
  if (invariant === undefined) return null;
  let ghosts = ghostsOf(start);
  let events = 0;
  let broken: string | null = null;
  return {
    observe: (before, event, result) => {
      events += 1;
      const next = judged(ghosts, before, event, result, invariant);
      ghosts = next.ghosts;
      if (next.wrong === null || broken !== null) return;
      broken = `event ${events} violates ${invariant.id}: ${next.wrong}`;
    },
    broken: () => broken,
  };
};
