/**
 * The two outcomes of a step, made in one place.
 *
 * @module
 */

import type { Ask } from "./device/ask.ts";
import type { Refusal, Step, World } from "./world.ts";

/** The event was taken: the next world and what it asks for. */
export const stepped = (world: World, asks: readonly Ask[] = []): Step => ({
  tag: "Stepped",
  world,
  asks,
});

/** The event made no sense now: the same world and why. */
export const refused = (world: World, why: Refusal): Step => ({
  tag: "Refused",
  world,
  why,
});
