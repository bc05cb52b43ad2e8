/**
 * The fast engine beside the pure machine: both run the same world and must
 * leave the same one.
 *
 * @module
 */

import { assertEquals } from "@std/assert";
import { runOn } from "../core/fast/engine.ts";
import { create } from "../core/fast/engine/create.ts";
import type { Engine } from "../core/fast/engine/state.ts";
import {
  chunk_pages,
  type Memory,
  type Page,
  pageAt,
} from "../core/realm/memory.ts";
import { run } from "../core/realm/run.ts";
import type { World } from "../core/world.ts";

/** An engine for `world` that compiles a region after `hot` jumps; 0: never. */
export const engineFor = (world: World, hot: number): Engine => {
  const e = create(world.realm.memory.bytes, { hot });
  if (e === null) throw new Error("expected room for the RAM of the world");
  return e;
};

const equal = (fast: unknown, pure: unknown): boolean => {
  if (fast === pure) return true;
  try {
    assertEquals(fast, pure);
    return true;
  } catch {
    return false;
  }
};

/** How a page differs, or null; so does one that only one memory has, or shares with the world before. */
const pageDifference = (
  fast: Page | undefined,
  pure: Page | undefined,
  before: Page | undefined,
): string | null => {
  if (fast === pure) return null;
  if (fast === undefined || pure === undefined) {
    return `only the ${fast === undefined ? "pure" : "fast"} has it`;
  }
  if ((fast === before) !== (pure === before)) {
    return `only the ${fast === before ? "fast" : "pure"} shares it`;
  }
  const at = fast.findIndex((byte, n) => byte !== pure[n]);
  return at < 0 ? null : `byte ${at} differs`;
};

/** The first page that differs. */
const memoryDifference = (
  fast: Memory,
  pure: Memory,
  before: Memory,
): string | null => {
  if (fast.chunks.length !== pure.chunks.length) return "chunks differ";
  for (let chunk = 0; chunk < fast.chunks.length; chunk++) {
    if (fast.chunks[chunk] === pure.chunks[chunk]) continue;
    for (let at = 0; at < chunk_pages; at++) {
      const index = chunk * chunk_pages + at;
      const found = pageDifference(
        pageAt(fast, index),
        pageAt(pure, index),
        pageAt(before, index),
      );
      if (found !== null) return `page ${index}: ${found}`;
    }
  }
  return null;
};

const fields = (
  fast: Readonly<Record<string, unknown>>,
  pure: Readonly<Record<string, unknown>>,
): string | null => {
  for (const name of Object.keys(pure)) {
    if (equal(fast[name], pure[name])) continue;
    return `${name}: fast ${show(fast[name])} pure ${show(pure[name])}`;
  }
  return null;
};

const show = (value: unknown): string =>
  JSON.stringify(
    value,
    (_, leaf) => typeof leaf === "bigint" ? `0x${leaf.toString(16)}` : leaf,
  );

/** What differs between two worlds that followed `before`, or null. */
export const difference = (
  fast: World,
  pure: World,
  before: World,
): string | null => {
  for (let rec = 0; rec < pure.realm.recs.length; rec++) {
    const found = fields({ ...fast.realm.recs[rec] }, {
      ...pure.realm.recs[rec],
    });
    if (found !== null) return `REC ${rec}: ${found}`;
  }
  const memory = memoryDifference(
    fast.realm.memory,
    pure.realm.memory,
    before.realm.memory,
  );
  if (memory !== null) return memory;
  const { realm: _fast, ...others } = fast;
  const { realm: _pure, ...expected } = pure;
  return fields(others, expected);
};

/** One run on both: the world they agree on, or an error that says what differs. */
export const both = (
  e: Engine,
  world: World,
  budget: number,
  rec: number = 0,
): { readonly world: World; readonly wrong: string | null } => {
  const fast = runOn(e, world, rec, budget);
  const pure = run(world, rec, budget);
  const asks = equal(fast.asks, pure.asks) ? null : "asks differ";
  const wrong = difference(fast.world, pure.world, world) ?? asks;
  return { world: fast.world, wrong };
};

/** Runs in slices until `instructions` are spent or a trap waits; throws where the two differ. */
export const agree = (
  e: Engine,
  world: World,
  instructions: number,
  slice: number,
  rec: number = 0,
): World => {
  let now = world;
  for (let left = instructions; left > 0; left -= slice) {
    if (now.rmm.recs[rec]?.trap !== null) break;
    const ran = both(e, now, Math.min(slice, left), rec);
    if (ran.wrong !== null) {
      const pc = now.realm.recs[rec]!.pc.toString(16);
      throw new Error(`from pc 0x${pc}, slices of ${slice}: ${ran.wrong}`);
    }
    now = ran.world;
  }
  return now;
};

/** Slices that stop everywhere, in the middle of blocks, and hardly ever. */
export const slices = [1, 7, 1000, 100_000] as const;
