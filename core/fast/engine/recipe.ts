/**
 * Memories that were not copied out of linear memory yet.
 *
 * Copying the pages a run wrote can take longer than the run. So a run leaves
 * a recipe in their place: the run itself, which always comes to the same.
 * Whoever looks at such a memory gets its pages from linear memory while the
 * engine is still there, and otherwise from running the recipes again since
 * the last memory that was copied out, on the same engine. That is never more
 * than `turns_max` turns of the machine, nor more than `runs_max` runs back:
 * then a run copies its pages out itself.
 *
 * @module
 */

import { type Chunks, deferred } from "../../realm/deferred.ts";
import type { Memory } from "../../realm/memory.ts";
import { run } from "../../realm/run.ts";
import type { World } from "../../world.ts";
import { copyOut } from "./residence.ts";
import type { Engine } from "./state.ts";

/** Turns of the machine that a look at a memory may have to repeat. */
export const turns_max = 4_000_000;

/** Runs that a look may have to repeat: the worlds a memory may keep from being forgotten. */
export const runs_max = 512;

/** A run: `turns` turns of REC `rec` from a world on. */
export interface Run {
  readonly world: World;
  readonly rec: number;
  readonly turns: number;
}

/** Runs on an engine that is not running. */
export type Again = (e: Engine, { world, rec, turns }: Run) => void;

/** How a memory is made. */
export interface Recipe {
  /** The run that wrote it; null once it was made. */
  run: Run | null;
  /** The recipe of the memory the run began with, where that was not made. */
  prior: Recipe | null;
  readonly memory: Memory;
}

/** The runs that make a memory, the oldest first; the first starts from one that is there. */
const course = (last: Recipe): readonly Recipe[] => {
  const found: Recipe[] = [];
  for (
    let at: Recipe | null = last;
    at !== null && at.run !== null;
    at = at.prior
  ) found.push(at);
  return found.reverse();
};

/** Runs the recipes again; the engine is where the last of them leads. */
const replay = (e: Engine, last: Recipe, again: Again): Chunks => {
  for (const at of course(last)) {
    again(e, at.run!);
    // What it holds now is equal to the memory of the recipe.
    e.holds = at.memory;
    e.recipe = at;
  }
  return copyOut(e).chunks;
};

/** The same from the pure machine, while the engine is in the middle of a run. */
const judge = (last: Recipe): Chunks => {
  const runs = course(last).map((at) => at.run!);
  let { memory } = runs[0]!.world.realm;
  for (const { world, rec, turns } of runs) {
    const realm = { ...world.realm, memory };
    memory = run({ ...world, realm }, rec, turns).world.realm.memory;
  }
  return memory.chunks;
};

const make = (e: Engine, recipe: Recipe, again: Again): Chunks => {
  const chunks = e.running
    ? judge(recipe)
    : e.recipe === recipe
    ? copyOut(e).chunks
    : replay(e, recipe, again);
  recipe.run = null;
  recipe.prior = null;
  return chunks;
};

/** The memory that linear memory holds after a run, to be made when somebody looks. */
export const postponed = (e: Engine, made: Run, again: Again): Memory => {
  const { base, bytes } = e.draft.from;
  const recipe: Recipe = {
    run: made,
    prior: e.recipe,
    memory: deferred(base, bytes, () => make(e, recipe, again)),
  };
  e.recipe = recipe;
  return recipe.memory;
};
