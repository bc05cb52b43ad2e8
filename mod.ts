/**
 * recrun as a module: build a world, take steps, look at it.
 *
 * @module
 */

export { boot, type Booted, type BootOptions } from "./core/boot.ts";
export { next } from "./core/schedule.ts";
export { step } from "./core/step.ts";
export type { Event, Refusal, Step, Sync, World } from "./core/world.ts";
