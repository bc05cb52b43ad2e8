/**
 * Looking for a program on which the engine and the pure machine differ, and
 * making it small.
 *
 * @module
 */

import type { Engine } from "../core/fast/engine/state.ts";
import type { World } from "../core/world.ts";
import { both } from "./fast_engine_compare.ts";
import { drawFrom, programOf, worldFrom } from "./fast_engine_program.ts";

const NOP = 0xd503_201f;

/** The world after a trap was dealt with: on to the next instruction. */
export const resumed = (world: World): World => {
  const kept = world.rmm.recs[0]!;
  if (kept.trap === null) return world;
  const rec = world.realm.recs[0]!;
  const pc = BigInt.asUintN(64, rec.pc + 4n);
  return {
    ...world,
    realm: {
      ...world.realm,
      recs: world.realm.recs.with(0, { ...rec, pc }),
    },
    rmm: {
      ...world.rmm,
      recs: world.rmm.recs.with(0, { ...kept, trap: null }),
    },
  };
};

/** Slices of a program's run: each a multiple of `grain`, at most 16 of them. */
const runs = 16;

/** What went wrong in a run, and where; null for nothing. */
export interface Finding {
  readonly wrong: string;
  readonly pc: bigint;
  readonly budget: number;
}

/** Runs a program in slices drawn from the seed; how many instructions it retired, or what differs. */
export const trial = (
  e: Engine,
  start: World,
  seed: number,
): { readonly retired: number; readonly found: Finding | null } => {
  const draw = drawFrom(~seed);
  let world = start;
  for (let n = 0; n < runs; n++) {
    const budget = draw(4) === 0 ? 1 + draw(9) : 20 + draw(400);
    const { pc } = world.realm.recs[0]!;
    const ran = both(e, world, budget);
    if (ran.wrong !== null) {
      return { retired: 0, found: { wrong: ran.wrong, pc, budget } };
    }
    world = resumed(ran.world);
  }
  return { retired: world.realm.recs[0]!.retired, found: null };
};

/** Replaces by NOP every word without which the two differ all the same. */
const shrunk = (
  make: (world: World) => Engine,
  seed: number,
  words: readonly number[],
): readonly number[] => {
  let kept = words;
  for (let at = 0; at < words.length - 1; at++) {
    const without = kept.with(at, NOP);
    const draw = drawFrom(seed);
    const world = worldFrom(draw, without);
    if (trial(make(world), world, seed).found !== null) kept = without;
  }
  return kept;
};

/** A line that says how to see a difference again: the seed, then a smaller program that differs too. */
export const report = (
  make: (world: World) => Engine,
  seed: number,
  found: Finding,
): string => {
  const { words } = programOf(seed);
  const small = shrunk(make, seed, words)
    .map((word) => word === NOP ? "-" : word.toString(16).padStart(8, "0"));
  return `seed ${seed}: at pc 0x${
    found.pc.toString(16)
  }, budget ${found.budget}: ${found.wrong}\nwords ${small.join(" ")}`;
};
