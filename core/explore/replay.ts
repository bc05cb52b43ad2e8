/**
 * Replay: a list of events, judged step by step as the explorer judges.
 *
 * @module
 */

import { step } from "../step.ts";
import type { Event, Step, World } from "../world.ts";
import type { Action } from "./action.ts";
import { fresh, type Ghost } from "./ghost.ts";
import type { Invariant } from "./invariant.ts";
import type { Move } from "./move.ts";
import { recOf, track, transition } from "./transition.ts";

/** What is known of a path so far: one memory per REC. */
export type Ghosts = readonly Ghost[];

/** The memories of a path that has not begun. */
export const ghostsOf = (world: World): Ghosts =>
  world.realm.recs.map(() => fresh);

/** Judges one step; `wrong` is what is wrong with it, or null. */
export const judged = (
  ghosts: Ghosts,
  before: World,
  event: Event,
  result: Step,
  { check }: Pick<Invariant, "check">,
): { readonly ghosts: Ghosts; readonly wrong: string | null } => {
  const rec = recOf(event);
  const t = transition(before, event, result, ghosts[rec] ?? fresh);
  const verdict = check(t);
  return {
    ghosts: ghosts[rec] === undefined ? ghosts : ghosts.with(rec, track(t)),
    wrong: typeof verdict === "string" ? verdict : null,
  };
};

/** Where a list of events breaks an invariant. */
export interface Breach {
  /** Index of the event. */
  readonly at: number;
  readonly wrong: string;
}

/** True for a refusal that says the event had no business there, not that a command failed. */
const isMisplaced = (result: Step): boolean =>
  result.tag === "Refused" &&
  ["NoRec", "OutOfTurn", "BadSyndrome"].includes(result.why.tag);

/** Plays events: where the invariant breaks first, or null; null too when an event is out of place. */
export const breachOf = (
  start: World,
  events: readonly Event[],
  invariant: Pick<Invariant, "check">,
): Breach | null => {
  let world = start;
  let ghosts = ghostsOf(start);
  for (const [at, event] of events.entries()) {
    const result = step(world, event);
    if (isMisplaced(result)) return null;
    const next = judged(ghosts, world, event, result, invariant);
    if (next.wrong !== null) return { at, wrong: next.wrong };
    world = result.world;
    ghosts = next.ghosts;
  }
  return null;
};

/** The events of a list of moves. */
export const eventsOf = (
  start: World,
  actions: readonly Action[],
  moves: readonly Move[],
): readonly Event[] => {
  const events: Event[] = [];
  let world = start;
  for (const { action, rec } of moves) {
    for (const event of actions[action]?.events(world, rec) ?? []) {
      events.push(event);
      world = step(world, event).world;
    }
  }
  return events;
};

/**
 * The events with runs of them left out, longest runs first, for as long as
 * they still break the invariant; what remains has no event to spare.
 */
export const shrunk = (
  start: World,
  events: readonly Event[],
  invariant: Pick<Invariant, "check">,
): readonly Event[] => {
  const breach = breachOf(start, events, invariant);
  let kept = breach === null ? events : events.slice(0, breach.at + 1);
  for (let length = kept.length - 1; 0 < length; length--) {
    for (let from = 0; from + length <= kept.length; from++) {
      const fewer = kept.toSpliced(from, length);
      const found = breachOf(start, fewer, invariant);
      if (found === null) continue;
      kept = fewer.slice(0, found.at + 1);
      // Something long may have become superfluous.
      length = kept.length;
      break;
    }
  }
  return kept;
};
