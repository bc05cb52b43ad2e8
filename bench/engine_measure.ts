/**
 * Taking the time of runs, and what a list of times says.
 *
 * @module
 */

import { runOn } from "../core/fast/engine.ts";
import { create } from "../core/fast/engine/create.ts";
import type { Engine } from "../core/fast/engine/state.ts";
import { looked } from "../core/realm/deferred.ts";
import { run } from "../core/realm/run.ts";
import type { World } from "../core/world.ts";

/** Runs a REC as `run` does. */
export type Runner = (world: World, rec: number, budget: number) => {
  readonly world: World;
};

/** The pure machine. */
export const pure: Runner = run;

/** An engine of its own; `hot` 0 is tier 1 alone. */
export const fast = (world: World, hot: number): Runner => {
  const e: Engine | null = create(world.realm.memory.bytes, { hot });
  if (e === null) throw new Error("expected room for the RAM of the world");
  return (at, rec, budget) => runOn(e, at, rec, budget);
};

/** What a run came to. */
export interface Score {
  readonly instructions: number;
  readonly ms: number;
  readonly x0: bigint;
}

/** Millions of instructions per second. */
export const mips = ({ instructions, ms }: Score): number =>
  instructions / ms / 1000;

/**
 * Runs until the kernel returns or `instructions` are executed, a new world
 * every `slice`; somebody looks at the memory of every `looks`th.
 */
export const time = (
  runner: Runner,
  start: World,
  slice: number,
  instructions: number = Infinity,
  looks: number = Infinity,
): Score => {
  const retired = (world: World) => world.realm.recs[0]!.retired;
  const from = performance.now();
  let world = start;
  let unseen = 0;
  while (
    world.rmm.recs[0]!.trap === null && retired(world) < instructions
  ) {
    world = runner(world, 0, slice).world;
    unseen += 1;
    if (unseen < looks) continue;
    looked(world.realm.memory);
    unseen = 0;
  }
  const ms = performance.now() - from;
  return { instructions: retired(world), ms, x0: world.realm.recs[0]!.x[0]! };
};

/** The middle of a list, or of its halves. */
export const quantile = (list: readonly number[], at: number): number => {
  const sorted = [...list].sort((a, b) => a - b);
  return sorted[Math.round((sorted.length - 1) * at)] ?? NaN;
};

/** The median. */
export const median = (list: readonly number[]): number => quantile(list, 0.5);

/** The geometric mean. */
export const geometric = (list: readonly number[]): number =>
  Math.exp(list.reduce((sum, x) => sum + Math.log(x), 0) / list.length);

/** Median, and the quartiles in brackets. */
export const spread = (list: readonly number[], digits: number = 0): string => {
  const [low, middle, high] = [0.25, 0.5, 0.75].map((at) =>
    quantile(list, at).toFixed(digits)
  );
  return `${middle} [${low}-${high}]`;
};
