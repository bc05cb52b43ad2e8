/**
 * Playing events on a node: step, judge, remember.
 *
 * @module
 */

import { step } from "../step.ts";
import type { Event } from "../world.ts";
import { fresh } from "./ghost.ts";
import type { Invariant } from "./invariant.ts";
import type { Node } from "./part.ts";
import { recOf, track, type Transition, transition } from "./transition.ts";

/** Invariants, and which of them had something to say so far, by index. */
export interface Jury {
  readonly invariants: readonly Invariant[];
  readonly exercised: boolean[];
}

/** What came of an action: the node after it and the invariant it violates, or -1. */
export interface Taken {
  readonly node: Node;
  readonly wrong: number;
}

const judge = (
  jury: Jury,
  t: Transition,
): number => {
  let wrong = -1;
  const { invariants, exercised } = jury;
  for (let index = 0; index < invariants.length; index++) {
    const verdict = invariants[index]?.check(t) ?? null;
    if (verdict === null) continue;
    exercised[index] = true;
    if (verdict !== true && wrong < 0) wrong = index;
  }
  return wrong;
};

/** Plays events on a node, up to the first that violates an invariant. */
export const play = (
  jury: Jury,
  node: Node,
  events: readonly Event[],
): Taken => {
  let { world, ghosts } = node;
  for (const event of events) {
    const rec = recOf(event);
    const result = step(world, event);
    const t = transition(world, event, result, ghosts[rec] ?? fresh);
    const wrong = judge(jury, t);
    world = result.world;
    if (0 <= rec) ghosts = ghosts.with(rec, track(t));
    if (0 <= wrong) return { node: { world, ghosts }, wrong };
  }
  return { node: { world, ghosts }, wrong: -1 };
};
