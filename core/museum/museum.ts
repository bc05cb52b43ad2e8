/**
 * The museum: every exhibit, and which invariant kills which.
 *
 * @module
 */

import { fresh, type Ghost } from "../explore/ghost.ts";
import { recOf, track, transition } from "../explore/transition.ts";
import { step } from "../step.ts";
import type { Event, World } from "../world.ts";
import { actionNamed } from "./actions.ts";
import {
  type Base,
  baseOf,
  type Exhibit,
  plantedOf,
  worldOf,
} from "./exhibit.ts";
import { museum_invariants } from "./invariants.ts";
import { kvm_exhibits } from "./kvm_exhibits.ts";
import { rmm_exhibits } from "./rmm_exhibits.ts";

/** Every exhibit, the RMMs' first. */
export const exhibits: readonly Exhibit[] = [...rmm_exhibits, ...kvm_exhibits];

/** What an exhibit's moves broke. */
export interface Broken {
  /** Id of the invariant. */
  readonly id: string;
  /** What it found wrong. */
  readonly wrong: string;
  /** Number of the move, from 0, that broke it. */
  readonly move: number;
}

/** How a run of moves went. */
export interface Shown {
  readonly broken: readonly Broken[];
  /** The events played, in order. */
  readonly events: readonly Event[];
  /** The move that did not apply where it stood, or null. */
  readonly stuck: string | null;
}

/** Plays moves on REC 0 from `start` and asks every invariant after every event. */
export const play = (start: World, moves: readonly string[]): Shown => {
  let world = start;
  let ghost: Ghost = fresh;
  const broken: Broken[] = [];
  const played: Event[] = [];
  for (const [move, name] of moves.entries()) {
    const events = actionNamed(name)?.events(world, 0) ?? null;
    if (events === null) return { broken, events: played, stuck: name };
    for (const event of events) {
      const result = step(world, event);
      const t = transition(world, event, result, ghost);
      for (const { id, check } of museum_invariants) {
        const wrong = check(t);
        if (typeof wrong === "string") broken.push({ id, wrong, move });
      }
      if (0 <= recOf(event)) ghost = track(t);
      world = result.world;
      played.push(event);
    }
  }
  return { broken, events: played, stuck: null };
};

const playOn = (exhibit: Exhibit, profile: Base): Shown =>
  play(worldOf(exhibit, profile), exhibit.moves);

/** One row of the kill matrix. */
export interface Verdict {
  readonly exhibit: Exhibit;
  /** With the bug: what its moves break. */
  readonly planted: Shown;
  /** Without it: what the same moves break, which must be nothing. */
  readonly correct: Shown;
}

/** Plays an exhibit with its bug and without. */
export const judge = (exhibit: Exhibit): Verdict => ({
  exhibit,
  planted: playOn(exhibit, plantedOf(exhibit)),
  correct: playOn(exhibit, baseOf(exhibit)),
});

/** The ids of what was broken, each once, in the order of the invariants. */
export const killers = ({ broken }: Shown): readonly string[] =>
  museum_invariants.map(({ id }) => id).filter((id) =>
    broken.some((one) => one.id === id)
  );

/** True when the bug was killed and the correct profile was not. */
export const isSettled = ({ planted, correct }: Verdict): boolean =>
  planted.broken.length > 0 && correct.broken.length === 0;
