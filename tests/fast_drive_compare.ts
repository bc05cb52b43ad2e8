/**
 * Drives beside the fold of `next` and `step`: both take the same world the
 * same number of steps and must come to the same end.
 *
 * @module
 */

import { assertEquals } from "@std/assert";
import type { Ask } from "../core/device/ask.ts";
import { type Drive, driveOn, driverOn } from "../core/fast/drive.ts";
import { next } from "../core/schedule.ts";
import { step } from "../core/step.ts";
import type { Event, World } from "../core/world.ts";
import { difference, engineFor } from "./fast_engine_compare.ts";

/** Where a fold stands. */
export interface Stand {
  readonly world: World;
  readonly asks: readonly Ask[];
  readonly steps: number;
  readonly barren: number;
  /** How often each event was taken. */
  readonly events: Readonly<Partial<Record<Event["tag"], number>>>;
  /** True when nothing follows: a halt, a refusal, or nobody's turn. */
  readonly over: boolean;
}

/** A fold that has not begun. */
export const standing = (world: World): Stand => ({
  world,
  asks: [],
  steps: 0,
  barren: 0,
  events: {},
  over: false,
});

/** What the run loop gives a `Run`, and when it calls a run stuck; small here, so that both matter. */
export const rules = { run_budget: 5_000, barren_max: 400 } as const;

/** A drive on an engine of its own that compiles a region after `hot` jumps. */
export const driveFor = (world: World, hot: number): Drive => {
  const d = driverOn(engineFor(world, hot));
  return (at, rec, limits) => driveOn(d, at, rec, limits);
};

const retired = ({ realm }: World, rec: number): number =>
  realm.recs[rec]!.retired;

const merged = (
  left: Stand["events"],
  right: Stand["events"],
): Stand["events"] => {
  const sum: Partial<Record<Event["tag"], number>> = { ...left };
  for (const [tag, count] of Object.entries(right)) {
    const name = tag as Event["tag"];
    sum[name] = (sum[name] ?? 0) + count;
  }
  return sum;
};

const pureStep = (at: Stand, rec: number, steps_max: number): Stand => {
  const budget = Math.min(rules.run_budget, steps_max - at.steps);
  const event = next(at.world, rec, budget);
  if (event === null) return { ...at, over: true };
  const { world, ...result } = step(at.world, event);
  if (result.tag === "Refused") return { ...at, over: true };
  const gained = retired(world, rec) - retired(at.world, rec);
  return {
    world,
    asks: [...at.asks, ...result.asks],
    steps: at.steps + Math.max(1, gained),
    barren: gained > 0 ? 0 : at.barren + 1,
    events: merged(at.events, { [event.tag]: 1 }),
    over: result.asks.some(({ tag }) => tag === "Halt"),
  };
};

const ends = (at: Stand, steps_max: number): boolean =>
  at.over || !(at.steps < steps_max) || at.barren > rules.barren_max;

/** The fold over at most `steps_max` steps. */
export const folded = (
  from: Stand,
  steps_max: number,
  rec: number = 0,
): Stand => {
  let at = from;
  while (!ends(at, steps_max)) at = pureStep(at, rec, steps_max);
  return at;
};

/** The same with a drive wherever one gets on, in slices. */
export const driven = (
  drive: Drive,
  from: Stand,
  steps_max: number,
  slice: number = Infinity,
  rec: number = 0,
): Stand => {
  let at = from;
  while (!ends(at, steps_max)) {
    const ran = drive(at.world, rec, {
      ...rules,
      steps: steps_max - at.steps,
      slice,
      barren: at.barren,
    });
    if (ran.steps === 0) {
      assertEquals(ran.world === at.world, true);
      at = pureStep(at, rec, steps_max);
      continue;
    }
    at = {
      world: ran.world,
      asks: [...at.asks, ...ran.asks],
      steps: at.steps + ran.steps,
      barren: ran.barren,
      events: merged(at.events, ran.events),
      over: false,
    };
  }
  return at;
};

/** What differs between two ends that followed `before`, or null. */
export const apart = (
  fast: Stand,
  pure: Stand,
  before: World,
): string | null => {
  const found = difference(fast.world, pure.world, before);
  if (found !== null) return found;
  const { world: _fast, ...got } = fast;
  const { world: _pure, ...wanted } = pure;
  try {
    assertEquals(got, wanted);
    return null;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
};
