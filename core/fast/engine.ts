/**
 * `Run` on the fast engine: the same worlds as the pure `run`, instruction by
 * instruction, from compiled micro-ops.
 *
 * Whatever compiled code does not do itself is one turn of the pure machine on
 * the same registers and pages: there is one slow way, and it is the
 * reference.
 *
 * A world comes out at once, its memory when somebody looks at it
 * (`engine/recipe.ts`).
 *
 * @module
 */

import type { Ask } from "../device/ask.ts";
import { run } from "../realm/run.ts";
import type { World } from "../world.ts";
import { burst } from "./engine/burst.ts";
import { begin, finish } from "./engine/session.ts";
import { create } from "./engine/create.ts";
import type { Again, Engine } from "./engine/state.ts";

/** What a run returns. */
export interface Ran {
  readonly world: World;
  readonly asks: readonly Ask[];
}

/** As the pure `run`, on engine `e`. */
export const runOn = (
  e: Engine,
  world: World,
  rec: number,
  budget: number,
): Ran => {
  const s = 0 < budget ? begin(e, world, rec) : null;
  if (s === null) return run(world, rec, budget);
  // A part of an instruction is as good as all of it.
  const turns = Math.ceil(budget);
  let left = turns;
  while (0 < left && s.m.trap === null) left -= burst(s, left);
  const after = finish(s, world, again, turns - left);
  return { world: after, asks: s.m.asks };
};

const again: Again = (e, world, rec, turns) => {
  runOn(e, world, rec, turns);
};

/** Jumps to an instruction before a region is compiled from it. */
const hot_jumps = 500;

/** Gives an engine with room for a world's RAM, or null where that is too much. */
export type EngineOf = (world: World) => Engine | null;

/** Makes an engine when one is first needed, and keeps it while it has room. */
export const keptEngine = (): EngineOf => {
  let kept: Engine | null = null;
  return (world) => {
    const { bytes } = world.realm.memory;
    if (kept === null || kept.ram_bytes < bytes) {
      kept = create(bytes, { hot: hot_jumps });
    }
    return kept;
  };
};

/**
 * A fast engine: as the pure `run`, it executes at most `budget` instructions
 * of REC `rec`. What it keeps between runs is a cache that no result depends
 * on; RAM beyond what linear memory holds is left to the pure machine.
 */
export const fastEngine = (
  engineOf: EngineOf = keptEngine(),
): (
  world: World,
  rec: number,
  budget: number,
) => Ran =>
(world, rec, budget) => {
  const e = engineOf(world);
  return e === null ? run(world, rec, budget) : runOn(e, world, rec, budget);
};
