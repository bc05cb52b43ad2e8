/**
 * Memories that were not copied out of linear memory yet.
 *
 * Copying the pages a run wrote can take longer than the run. So a run leaves
 * a recipe in their place: the run itself, which always comes to the same.
 * Whoever looks at such a memory gets its pages from linear memory while the
 * engine is still there, and otherwise from running the recipes again since
 * the last memory that was copied out, on the same engine. That is never more
 * than `turns_max` turns of the machine, nor more than `runs_max` runs back:
 * then a run copies its pages out itself. A look in the middle of a run, which
 * nothing here takes, would be the pure machine's.
 *
 * @module
 */

import { type Chunks, deferred } from "../../realm/deferred.ts";
import type { Memory } from "../../realm/memory.ts";
import { run } from "../../realm/run.ts";
import type { World } from "../../world.ts";
import { copyOut } from "./residence.ts";
import type { Again, Engine, Recipe } from "./state.ts";

/** Turns of the machine that a look at a memory may have to repeat. */
export const turns_max = 4_000_000;

/** Runs that a look may have to repeat: the worlds a memory may keep from being forgotten. */
export const runs_max = 512;

/** The runs that make a memory, the oldest first; the first starts from one that is there. */
const course = (last: Recipe): readonly Recipe[] => {
  const found: Recipe[] = [];
  for (
    let at: Recipe | null = last;
    at !== null && at.world !== null;
    at = at.prior
  ) found.push(at);
  return found.reverse();
};

/** Runs the recipes again; the engine is where the last of them leads. */
const replay = (e: Engine, last: Recipe): Chunks => {
  for (const at of course(last)) {
    at.again(e, at.world!, at.rec, at.turns);
    // What it holds now is equal to the memory of the recipe.
    e.holds = at.memory;
  }
  return copyOut(e).chunks;
};

/** The same from the pure machine, while the engine is in the middle of a run. */
const judge = (last: Recipe): Chunks => {
  let memory: Memory | null = null;
  for (const { world, rec, turns } of course(last)) {
    const { realm } = world!;
    const from: World = {
      ...world!,
      realm: { ...realm, memory: memory ?? realm.memory },
    };
    memory = run(from, rec, turns).world.realm.memory;
  }
  return memory!.chunks;
};

const make = (recipe: Recipe): Chunks => {
  const { e } = recipe;
  const chunks = e.running
    ? judge(recipe)
    : e.recipe === recipe
    ? copyOut(e).chunks
    : replay(e, recipe);
  recipe.world = null;
  recipe.prior = null;
  return chunks;
};

/** The memory that linear memory holds after a run, to be made when somebody looks. */
export const postponed = (
  e: Engine,
  again: Again,
  world: World,
  rec: number,
  turns: number,
): Memory => {
  const { from } = e.draft;
  const prior = e.recipe;
  const recipe = { e, again, world, rec, turns, prior, memory: from };
  e.recipe = recipe;
  recipe.memory = deferred(from.base, from.bytes, make, recipe);
  return recipe.memory;
};
