/**
 * History: a tape, the place one looks at, and the worlds kept on the way, so
 * that going back replays a bounded number of steps.
 *
 * Kept worlds are close together near the place one looks at and further
 * apart the further away they are, so their number grows with the logarithm
 * of the tape. They share every page that did not change between them.
 *
 * @module
 */

import type { Event } from "../world.ts";
import type { Condition } from "./condition.ts";
import {
  type Limit,
  type Place,
  playThrough,
  playTo,
  playUntil,
  startOf,
  type Tape,
} from "./play.ts";
import { keeping, stride_steps, thinned } from "./kept.ts";
import type { Watch, Watched } from "./watch.ts";

/** A tape being looked at; a value. */
export interface History {
  readonly tape: Tape;
  /** The moment one looks at. */
  readonly now: Place;
  /** Kept places in order, the start of the tape first. */
  readonly kept: readonly Place[];
  /** Steps played so far to answer, in all: what the answers cost. */
  readonly played: number;
}

/** A history at the start of its tape. */
export const opened = (tape: Tape): History => {
  const start = startOf(tape);
  return { tape, now: start, kept: [start], played: 0 };
};

const stepsOf = ({ steps }: Place): number => steps;

const isBefore = (place: Place, { event, steps }: Limit): boolean =>
  (steps === undefined || place.steps <= steps) &&
  (event === undefined || place.event < event ||
    (place.event === event && place.turn === 0));

/** The last kept place, or the place one looks at, from which the limit lies ahead. */
const nearest = ({ kept, now }: History, limit: Limit): Place => {
  const found = kept.findLast((place) => isBefore(place, limit)) ?? now;
  return isBefore(now, limit) && found.steps < now.steps ? now : found;
};

/**
 * Moves to a number of steps or of events from the start, forward or back, or
 * to the end of the tape when that comes first.
 */
export const seek = (history: History, limit: Limit): History => {
  const { tape } = history;
  let { kept, played } = history;
  let place = nearest(history, limit);
  for (;;) {
    const until = Math.min(
      place.steps + stride_steps,
      limit.steps ?? Infinity,
    );
    const next = playTo(tape, place, { ...limit, steps: until });
    if (next.steps === place.steps) break;
    played += next.steps - place.steps;
    place = next;
    kept = keeping(kept, place, stepsOf);
  }
  return {
    tape,
    now: place,
    kept: thinned(kept, place.steps, stepsOf),
    played,
  };
};

/** Moves by steps, forward or back. */
export const byStep = (history: History, steps: number): History =>
  seek(history, { steps: Math.max(0, history.now.steps + steps) });

/** Moves by events; back from inside a `Run` goes to its beginning first. */
export const byEvent = (history: History, events: number): History => {
  const { event, turn } = history.now;
  const from = events < 0 && turn > 0 ? event + 1 : event;
  return seek(history, { event: Math.max(0, from + events) });
};

/** What a search came to. */
export interface Found {
  /** The history at the place found, or as it was. */
  readonly history: History;
  /** True when there is such a place. */
  readonly found: boolean;
  /** True when the search gave up before it had looked everywhere. */
  readonly gaveUp: boolean;
}

/** Steps a search looks at unless told otherwise. */
export const search_steps_max = 20_000_000;

/**
 * Moves on to the next moment at which the condition is met; where there is
 * none, stays and says so.
 */
export const forward = (
  history: History,
  condition: Condition,
  steps_max: number = search_steps_max,
): Found => {
  const { tape, now } = history;
  const last = now.steps + steps_max;
  let { kept } = history;
  let place = now;
  for (;;) {
    const until = Math.min(last, place.steps + stride_steps);
    const next = playUntil(tape, place, { steps: until }, condition);
    const ended = next.place.steps === place.steps;
    place = next.place;
    kept = keeping(kept, place, stepsOf);
    const played = history.played + place.steps - now.steps;
    if (next.met !== null) {
      const found = { tape, now: place, kept, played };
      return { history: found, found: true, gaveUp: false };
    }
    if (!ended && place.steps < last) continue;
    // The places kept on the way are close together where the search ended.
    const stayed = {
      tape,
      now,
      kept: thinned(kept, now.steps, stepsOf),
      played,
    };
    return { history: stayed, found: false, gaveUp: !ended };
  }
};

/** The last time a condition was met, and what looking for it cost. */
interface Last {
  /** Steps of the place, or null. */
  readonly met: number | null;
  /** Steps played. */
  readonly played: number;
}

/**
 * Finds the last moment, at most `until` steps from the start, at which the
 * condition was met. Each stretch between two kept places is played once, the
 * nearest first.
 */
const search = (
  { tape, kept }: History,
  condition: Condition,
  until: number,
  steps_max: number,
): Last => {
  let played = 0;
  let end = until;
  for (const from of kept.filter(({ steps }) => steps < until).reverse()) {
    const { place, met } = playThrough(tape, from, { steps: end }, condition);
    played += place.steps - from.steps;
    if (met !== null || steps_max < played) return { met, played };
    end = from.steps;
  }
  return { met: null, played };
};

/** Moves back to the last moment before now at which the condition was met. */
export const backward = (
  history: History,
  condition: Condition,
  steps_max: number = search_steps_max,
): Found => {
  const until = history.now.steps - 1;
  const { met, played } = search(history, condition, until, steps_max);
  const looked = { ...history, played: history.played + played };
  if (met === null) {
    return { history: looked, found: false, gaveUp: steps_max < played };
  }
  return { history: seek(looked, { steps: met }), found: true, gaveUp: false };
};

/** Who changed something last. */
export interface Change {
  /** The moment before the step that changed it. */
  readonly before: Place;
  /** The step: a realm instruction when it is a `Run`, else the whole event. */
  readonly event: Event;
  readonly from: Watched;
  readonly to: Watched;
}

/**
 * Finds the step, at or before now, that last gave `watch` the value it has;
 * null when nothing did since the start of the tape, or when the search gave
 * up after `steps_max` steps.
 */
export const lastChange = (
  history: History,
  watch: Watch,
  steps_max: number = search_steps_max,
): { readonly change: Change | null; readonly gaveUp: boolean } => {
  const condition: Condition = { tag: "Changes", watch };
  const until = history.now.steps;
  const { met, played } = search(history, condition, until, steps_max);
  if (met === null) return { change: null, gaveUp: steps_max < played };
  const before = seek(history, { steps: met - 1 }).now;
  const after = playTo(history.tape, before, { steps: met });
  const event = history.tape.events[before.event];
  if (event === undefined) return { change: null, gaveUp: false };
  const change = {
    before,
    event,
    from: watch.read(before.world),
    to: watch.read(after.world),
  };
  return { change, gaveUp: false };
};
