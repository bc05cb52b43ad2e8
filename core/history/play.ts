/**
 * Playing a tape: from one place to a later one, by realm instructions and by
 * events.
 *
 * A step is one turn of a `Run` (an instruction, or the exception that came
 * instead of it) or one event of any other kind. Steps number every moment a
 * tape passes through.
 *
 * @module
 */

import { close } from "../realm/close.ts";
import { open } from "../realm/machine.ts";
import { portOf } from "../realm/port.ts";
import { turn } from "../realm/run.ts";
import { step } from "../step.ts";
import type { Event, World } from "../world.ts";
import {
  type Condition,
  metByEvent,
  needsTurns,
  turnTest,
} from "./condition.ts";

/** What was recorded: the world before the first event, and the events. */
export interface Tape {
  /** The world before the first event. */
  readonly start: World;
  /** What happened, in order. */
  readonly events: readonly Event[];
}

/** A moment on a tape and the world as it is then. */
export interface Place {
  /** Events before this moment, and the index of the one that comes next. */
  readonly event: number;
  /** Turns of that event already taken when it is a `Run`. */
  readonly turn: number;
  /** Steps before this moment. */
  readonly steps: number;
  /** The world at this moment. */
  readonly world: World;
}

/** How far to play: whichever comes first. */
export interface Limit {
  /** Stop at this many events. */
  readonly event?: number;
  /** Stop at this many steps. */
  readonly steps?: number;
}

/** The place before the first event. */
export const startOf = (tape: Tape): Place => ({
  event: 0,
  turn: 0,
  steps: 0,
  world: tape.start,
});

/** What playing came to. */
export interface Played {
  readonly place: Place;
  /** Steps of the last place at which the condition was met, or null. */
  readonly met: number | null;
}

type Run = Extract<Event, { readonly tag: "Run" }>;

/** Whether to stop where the condition is met, or to go on and report the last time. */
type Mode = "first" | "last";

/** A `Run` the model refuses, or that finds an exception waiting, is one step as a whole. */
const runs = ({ world }: Place, { rec }: Run): boolean =>
  world.host.vcpus[rec]?.at === "guest" &&
  world.rmm.recs[rec]?.trap === null && world.realm.recs[rec] !== undefined;

const playTurns = (
  from: Place,
  event: Run,
  turns_max: number,
  condition: Condition | null,
  mode: Mode,
): Played => {
  const m = open(from.world, event.rec);
  if (m === null) return { place: from, met: null };
  const port = portOf(m);
  const test = condition !== null && needsTurns(condition)
    ? turnTest(condition, m)
    : null;
  const left = event.budget - from.turn;
  const most = Math.min(left, turns_max);
  let met: number | null = null;
  let turns = 0;
  while (turns < most && m.trap === null) {
    turn(m, port);
    turns += 1;
    if (test === null || !test()) continue;
    met = from.steps + turns;
    if (mode === "first") break;
  }
  const over = m.trap !== null || turns === left;
  const place = {
    event: over ? from.event + 1 : from.event,
    turn: over ? 0 : from.turn + turns,
    steps: from.steps + turns,
    world: close(from.world, m),
  };
  const whole = over && condition?.tag === "Event" && condition.event === "Run";
  return { place, met: whole ? place.steps : met };
};

const playWhole = (
  from: Place,
  event: Event,
  condition: Condition | null,
): Played => {
  const { world } = step(from.world, event);
  const place = {
    event: from.event + 1,
    turn: 0,
    steps: from.steps + 1,
    world,
  };
  const is = condition !== null &&
    metByEvent(condition, event, from.world, world);
  return { place, met: is ? place.steps : null };
};

const play = (
  tape: Tape,
  from: Place,
  limit: Limit,
  condition: Condition | null,
  mode: Mode,
): Played => {
  const { event: event_max = Infinity, steps: steps_max = Infinity } = limit;
  let place = from;
  let met: number | null = null;
  while (place.event < event_max && place.steps < steps_max) {
    const event = tape.events[place.event];
    if (event === undefined) break;
    const played = event.tag === "Run" && runs(place, event)
      ? playTurns(place, event, steps_max - place.steps, condition, mode)
      : playWhole(place, event, condition);
    place = played.place;
    if (played.met === null) continue;
    met = played.met;
    if (mode === "first") break;
  }
  return { place, met };
};

/** Plays from a place to the limit, or to the end of the tape. */
export const playTo = (tape: Tape, from: Place, limit: Limit): Place =>
  play(tape, from, limit, null, "first").place;

/** Plays to the first place after `from` at which the condition is met. */
export const playUntil = (
  tape: Tape,
  from: Place,
  limit: Limit,
  condition: Condition,
): Played => play(tape, from, limit, condition, "first");

/** Plays to the limit and reports the last place at which the condition was met. */
export const playThrough = (
  tape: Tape,
  from: Place,
  limit: Limit,
  condition: Condition,
): Played => play(tape, from, limit, condition, "last");
