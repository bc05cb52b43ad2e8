/**
 * Drives: a REC on the fast engine, and every data abort it takes to R-EL2
 * over the fast protocol, without a world in between.
 *
 * The law: a drive is the fold of `next` and `step` over the same number of
 * steps, in the worlds, what they ask for and how events count. Whatever else
 * the realm or its host does ends the drive, and is the pure code's.
 *
 * @module
 */

import type { Ask } from "../device/ask.ts";
import { EC, ec } from "../arch/esr.ts";
import type { Event, World } from "../world.ts";
import { rideBurst } from "./drive/burst.ts";
import { give, take } from "./drive/registers.ts";
import {
  beginRun,
  endRun,
  hasRoom,
  type Limits,
  listen,
  type Ride,
  rideOf,
  spendRoad,
} from "./drive/ride.ts";
import { type EngineOf, keptEngine } from "./engine.ts";
import { forgetBus } from "./engine/device.ts";
import { begin, finish } from "./engine/session.ts";
import type { Engine, Session } from "./engine/state.ts";
import type { Fast } from "./protocol/arrays.ts";
import { CODE, EVENT, W, x_words } from "./protocol/layout.ts";
import { blank, inGuest, reloadOutside } from "./protocol/load.ts";
import { roundTrip } from "./protocol/road.ts";
import { storeOutside } from "./protocol/store.ts";
import { high, low } from "./protocol/words.ts";

export type { Limits } from "./drive/ride.ts";

/** How often each event was taken. */
export type Counts = Readonly<Partial<Record<Event["tag"], number>>>;

/** What a drive returns. */
export interface Driven {
  /** The world after the last of its steps. */
  readonly world: World;
  /** What the steps asked for, in order. */
  readonly asks: readonly Ask[];
  /** Steps it took; 0 where it is not a drive's turn. */
  readonly steps: number;
  /** Events in a row, at its end, that retired nothing. */
  readonly barren: number;
  /** The events it stands for. */
  readonly events: Counts;
}

/** Takes REC `rec` as far as the limits allow, or to an event that is not a drive's. */
export type Drive = (world: World, rec: number, limits: Limits) => Driven;

/** An engine and the arrays of the REC it drives. */
export interface Driver {
  readonly e: Engine;
  /** The arrays of the REC driven last. */
  f: Fast | null;
}

/** A driver on an engine. */
export const driverOn = (e: Engine): Driver => ({ e, f: null });

/** The arrays of REC `rec`, over the engine's X0 to X30; null for a world they cannot hold. */
const arraysOf = (d: Driver, world: World, rec: number): Fast | null => {
  const { buffer } = d.e.memory;
  let { f } = d;
  if (f === null || f.rec !== rec) {
    f = blank(rec);
    f.x = new Int32Array(buffer, 0, x_words);
  }
  if (!reloadOutside(f, world)) return null;
  d.f = f;
  return f;
};

const eventsOf = ({ runs, f: { events } }: Ride): Counts => {
  const counts: Partial<Record<Event["tag"], number>> = { Run: runs };
  for (const [name, at] of Object.entries(EVENT)) {
    const count = events[at];
    if (count > 0) counts[name as keyof typeof EVENT] = count;
  }
  return counts;
};

const total = (events: Int32Array): number =>
  events.reduce((sum, count) => sum + count, 0);

/** The road of the data abort that ended a run; true when the realm is to go on. */
const takeRoad = (ride: Ride): boolean => {
  const { s: { m }, f } = ride;
  const { trap } = m;
  if (trap === null || ec(trap.esr) !== EC.DABT_LOW) return false;
  const { esr, far, hpfar } = trap;
  const before = total(f.events);
  give(ride);
  const code = roundTrip(
    f,
    low(esr),
    high(esr),
    low(far),
    high(far),
    low(hpfar),
    high(hpfar),
  );
  const events = total(f.events) - before;
  spendRoad(ride, events);
  // The first of them is the abort itself, which takes the trap.
  if (events > 0) m.trap = null;
  take(ride);
  return code === CODE.done;
};

/** One `Run` event, and the road after it; true when another may begin. */
const goOn = (ride: Ride): boolean => {
  const { m } = ride.s;
  beginRun(ride);
  while (0 < ride.turns && m.trap === null) rideBurst(ride);
  endRun(ride);
  listen(ride);
  if (!hasRoom(ride)) return false;
  return m.trap === null || takeRoad(ride);
};

const ridden = (s: Session, f: Fast, world: World, limits: Limits): Driven => {
  const ride = rideOf(s, f, limits);
  f.events.fill(0);
  while (goOn(ride));
  listen(ride);
  const ran = finish(s, world);
  f.s[W.TRAP] = s.m.trap === null ? 0 : 1;
  return {
    world: storeOutside(f, ran),
    asks: ride.asks,
    steps: limits.steps - ride.left,
    barren: ride.barren,
    events: eventsOf(ride),
  };
};

/** What a drive that gets nowhere returns. */
const nowhere = (world: World, { barren }: Limits): Driven => ({
  world,
  asks: [],
  steps: 0,
  barren,
  events: {},
});

/** Drives REC `rec` of a world on a driver's engine. */
export const driveOn = (
  d: Driver,
  world: World,
  rec: number,
  limits: Limits,
): Driven => {
  const ready = 0 < limits.steps && world.host.vcpus[rec]?.at === "guest" &&
    world.rmm.recs[rec]?.trap === null;
  const f = ready ? arraysOf(d, world, rec) : null;
  if (f === null || !inGuest(f)) return nowhere(world, limits);
  forgetBus(d.e.devices);
  const s = begin(d.e, world, rec);
  return s === null ? nowhere(world, limits) : ridden(s, f, world, limits);
};

/** A drive on an engine that is kept; none at all where RAM is too much for one. */
export const fastDrive = (engineOf: EngineOf = keptEngine()): Drive => {
  let kept: Driver | null = null;
  return (world, rec, limits) => {
    const e = engineOf(world);
    if (kept?.e !== e) kept = e === null ? null : driverOn(e);
    return kept === null
      ? nowhere(world, limits)
      : driveOn(kept, world, rec, limits);
  };
};
