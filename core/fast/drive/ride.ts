/**
 * A drive under way: what is left of its steps, and how events spend them.
 *
 * @module
 */

import type { Ask } from "../../device/ask.ts";
import type { Sysregs } from "../../realm/rec.ts";
import type { Devices } from "../engine/device.ts";
import type { Session } from "../engine/state.ts";
import type { Fast } from "../protocol/arrays.ts";
import { road_events_max } from "../protocol/road.ts";

/** How far a drive may go. */
export interface Limits {
  /**
   * Steps: an event counts the instructions it retired, and 1 when it retired
   * none.
   */
  readonly steps: number;
  /** Steps after which the next world is wanted, though some are left. */
  readonly slice: number;
  /** Instructions one `Run` event may execute. */
  readonly run_budget: number;
  /** Events in a row that retired nothing before the drive. */
  readonly barren: number;
  /** And how many there may be. */
  readonly barren_max: number;
}

/**
 * Compiled code from one entry to the exit that is attended to, and the
 * accesses passed on the way. Its budget is in linear memory: instructions
 * take from it as they retire, and the events of a road as it is passed, so
 * that what is gone of it is steps.
 */
export interface Stretch {
  /** The budget, and what was left of it at the last access. */
  given: number;
  mark: number;
  /** What has to be left of it after a road. */
  floor: number;
  /** What of the budget went to events. */
  extra: number;
  /** True while the run under way has retired nothing before this stretch. */
  fresh: boolean;
  /** Accesses passed to devices in user space and in the kernel. */
  user: number;
  kernel: number;
  /** The last one: its entry among the devices, ISS and offset in the page. */
  entry: number;
  iss: number;
  offset: number;
}

/** A drive under way; private to it. */
export interface Ride {
  readonly s: Session;
  readonly f: Fast;
  /** Linear memory as 32-bit words. */
  readonly words: Int32Array;
  readonly devices: Devices;
  readonly limits: Limits;
  /** Steps left, and below how many no further road or run begins. */
  left: number;
  readonly enough: number;
  /** Events in a row that retired nothing, and how many leave room for a road. */
  barren: number;
  readonly barren_most: number;
  /** `Run` events there were. */
  runs: number;
  /** Turns the `Run` event under way may still take, and instructions retired before it. */
  turns: number;
  from: number;
  /** The run in which the machine was last told to tell anew of what is unsupported. */
  told: number;
  readonly stretch: Stretch;
  /** The system registers the road knows. */
  sys: Sysregs | null;
  /** What was asked for, and how much of what the machine asked for is in it. */
  readonly asks: Ask[];
  heard: number;
}

/** Events of a road at most: the abort, and the host's. */
const road_steps_max = 1 + road_events_max;

/** A ride that has not begun. */
export const rideOf = (s: Session, f: Fast, limits: Limits): Ride => ({
  s,
  f,
  words: new Int32Array(s.e.memory.buffer),
  devices: s.e.devices,
  limits,
  left: limits.steps,
  enough: Math.max(road_steps_max, limits.steps - limits.slice),
  barren: limits.barren,
  barren_most: limits.barren_max - road_steps_max,
  runs: 0,
  turns: 0,
  from: 0,
  told: 0,
  stretch: {
    given: 0,
    mark: 0,
    floor: 0,
    extra: 0,
    fresh: true,
    user: 0,
    kernel: 0,
    entry: 0,
    iss: 0,
    offset: 0,
  },
  sys: null,
  asks: [],
  heard: 0,
});

/** The next `Run` event begins. */
export const beginRun = (ride: Ride): void => {
  ride.turns = Math.min(ride.limits.run_budget, ride.left);
  ride.from = ride.s.m.retired;
  ride.runs += 1;
};

/** The `Run` event is over. */
export const endRun = (ride: Ride): void => {
  const gained = ride.s.m.retired - ride.from;
  ride.left -= gained > 0 ? gained : 1;
  ride.barren = gained > 0 ? 0 : ride.barren + 1;
};

/** Spends the steps of a road's events, which retire nothing. */
export const spendRoad = (ride: Ride, events: number): void => {
  ride.left -= events;
  ride.barren += events;
};

/** True while a whole road fits into what is left, whatever it meets. */
export const hasRoom = ({ left, enough, barren, barren_most }: Ride): boolean =>
  enough < left && barren <= barren_most;

/** Puts what was asked for since last time behind what was asked for before it. */
export const listen = (ride: Ride): void => {
  const { f, asks } = ride;
  const { asks: told } = ride.s.m;
  for (let at = 0; at < f.sent; at++) {
    asks.push({ tag: "UartTx", byte: f.tx[at] as number });
  }
  f.sent = 0;
  for (; ride.heard < told.length; ride.heard++) {
    asks.push(told[ride.heard]!);
  }
};
