/**
 * How far a run has come and which event is next. Plain, so that a run can
 * begin before the runtime that performs its effects is loaded.
 *
 * @module
 */

import { rxRoom } from "../core/device/bus.ts";
import { next } from "../core/schedule.ts";
import type { Event, World } from "../core/world.ts";

/** What decides which events a run takes. */
export interface Course {
  readonly steps_max: number;
  /** Bytes for the UART's receiver, fed as its FIFO has room. */
  readonly input: Uint8Array;
  /** The exact events to play, or null to let the well-behaved host decide. */
  readonly events: readonly Event[] | null;
}

/** The progress of one run; changed in place by who runs it. */
export interface Progress {
  world: World;
  /** Instructions retired and events that retired none. */
  steps: number;
  /** Events since the last that retired an instruction. */
  barren: number;
  /** Bytes of the input the UART has. */
  fed: number;
  /** Events of the script that were taken. */
  played: number;
  /** The REC whose turn it is. */
  turn: number;
}

/** A run that has not begun. */
export const begun = (world: World): Progress => ({
  world,
  steps: 0,
  barren: 0,
  fed: 0,
  played: 0,
  turn: 0,
});

/** Instructions one `Run` event may execute. */
export const run_budget = 1_000_000;

/** Instructions all RECs have retired. */
export const retired = (world: World): number =>
  world.realm.recs.reduce((sum, rec) => sum + rec.retired, 0);

/** The next event: input first while there is room, then each REC in turn. */
export const choose = (
  course: Course,
  now: Progress,
  budget_max: number = run_budget,
): Event | null => {
  if (course.events !== null) return course.events[now.played++] ?? null;
  const room = Math.min(
    rxRoom(now.world.bus),
    course.input.length - now.fed,
  );
  if (room > 0) {
    const bytes = [...course.input.subarray(now.fed, now.fed + room)];
    now.fed += room;
    return { tag: "UartRx", bytes };
  }
  const count = now.world.realm.recs.length;
  const budget = Math.min(budget_max, course.steps_max - now.steps);
  for (let tried = 0; tried < count; tried++) {
    const event = next(now.world, now.turn, budget);
    if (event !== null) return event;
    now.turn = (now.turn + 1) % count;
  }
  return null;
};

/** Moves on to the world after an event. */
export const advance = (now: Progress, after: World): void => {
  const gained = retired(after) - retired(now.world);
  now.steps += Math.max(1, gained);
  now.barren = gained > 0 ? 0 : now.barren + 1;
  now.world = after;
};
