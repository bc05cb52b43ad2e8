/**
 * The second implementations, ready to use: the same worlds as `step` and
 * `next`, sooner.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { boot, rmm_2_0, step, stepOn, sync, virt } from "@recrun/recrun";
 * import { fastPath } from "@recrun/recrun/fast";
 *
 * const booted = boot({
 *   board: virt,
 *   rmm: rmm_2_0,
 *   kvm: sync,
 *   devices: "user",
 *   ipa_bits: 40,
 *   recs: 1,
 *   image: null,
 * });
 * if (booted.tag === "Refused") throw new Error(booted.what);
 * let { world } = booted;
 * world = step(world, { tag: "KvmRun", rec: 0, immediate_exit: false }).world;
 * world = step(world, { tag: "RecEnter", rec: 0 }).world;
 *
 * const run = { tag: "Run", rec: 0, budget: 1_000 } as const;
 * const fast = stepOn(fastPath().execute, world, run).world;
 * assertEquals(fast, step(world, run).world);
 * ```
 *
 * @module
 */

import type { Execute } from "../step.ts";
import { type Drive, fastDrive } from "./drive.ts";
import { fastEngine, keptEngine } from "./engine.ts";

export type { Counts, Drive, Driven, Limits } from "./drive.ts";

/** What runs a realm fast. */
export interface FastPath {
  /** Executes instructions, as the pure `run` does: for `stepOn`. */
  readonly execute: Execute;
  /** Takes a REC over its own accesses too, as the well-behaved host does. */
  readonly drive: Drive;
}

/**
 * A fast path of one's own; what it keeps from call to call is a cache that no
 * result depends on. Both parts share what they compile.
 */
export const fastPath = (): FastPath => {
  const kept = keptEngine();
  return { execute: fastEngine(kept), drive: fastDrive(kept) };
};
