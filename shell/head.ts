/**
 * The head start of a plain `recrun run GUEST.elf`: its first steps, taken
 * while the rest of the command line is yet to be loaded, so that a guest
 * that speaks at once is heard at once.
 *
 * Only the guest's output is performed here. A step that asks for anything
 * else is not taken: the run loop takes it again, with everything at hand.
 *
 * @module
 */

import { step } from "../core/step.ts";
import type { Ask, Halt } from "../core/device/ask.ts";
import type { Event, Step, World } from "../core/world.ts";
import { isBad } from "./bad_input.ts";
import { worldFrom } from "./build.ts";
import { default_options } from "./options.ts";
import {
  advance,
  begun,
  choose,
  type Course,
  type Progress,
} from "./progress.ts";

/** A step that was taken and whose asks were performed. */
export interface Taken {
  readonly before: World;
  readonly event: Event;
  readonly result: Step;
}

/** The beginning of a run. */
export interface Head {
  readonly start: World;
  readonly input: Uint8Array;
  readonly taken: readonly Taken[];
  /** Where the run goes on. */
  readonly progress: Progress;
  /** Why it does not go on, or null. */
  readonly halt: Halt | null;
}

/** What a head start needs from the machine. */
export interface Machine {
  /** The bytes of a file; throws where there is none. */
  readonly read: (path: string) => Uint8Array;
  /** Standard input to its end. */
  readonly input: () => Uint8Array;
  /** Writes to standard output. */
  readonly out: (bytes: Uint8Array) => void;
}

/** Steps that are taken at most: beyond them the fast engine is worth its loading. */
const steps_max = 10_000;

/** Events that are taken at most; the worlds before and after each are kept. */
const events_max = 2_000;

/** The bytes for the UART's line and the halt among `asks`; null where one asks for more. */
const performable = (
  asks: readonly Ask[],
): { readonly bytes: readonly number[]; readonly halt: Halt | null } | null => {
  const bytes: number[] = [];
  let halt: Halt | null = null;
  for (const ask of asks) {
    if (ask.tag === "Unsupported") return null;
    if (ask.tag === "Halt") halt = ask.why;
    else bytes.push(ask.byte);
  }
  return { bytes, halt };
};

/** Takes the first steps of a run from `start`. */
export const headOf = (
  start: World,
  input: Uint8Array,
  out: (bytes: Uint8Array) => void,
): Head => {
  const course: Course = { steps_max, input, events: null };
  const progress = begun(start);
  const taken: Taken[] = [];
  let halt: Halt | null = null;
  while (
    halt === null && progress.steps < steps_max && taken.length < events_max
  ) {
    const { world: before, turn, fed } = progress;
    const event = choose(course, progress);
    const result = event === null ? null : step(before, event);
    const asks = result?.tag === "Stepped" ? performable(result.asks) : null;
    if (event === null || result === null || asks === null) {
      Object.assign(progress, { turn, fed });
      break;
    }
    if (0 < asks.bytes.length) out(new Uint8Array(asks.bytes));
    halt = asks.halt;
    taken.push({ before, event, result });
    advance(progress, result.world);
  }
  return { start, input, taken, progress, halt };
};

/** The path of a plain `run GUEST.elf`, or null for any other command line. */
const guestOf = ([name, path, ...more]: readonly string[]): string | null => {
  if (name !== "run" || path === undefined || 0 < more.length) return null;
  return path.startsWith("-") || path.endsWith(".json") ? null : path;
};

/**
 * Takes the first steps of the run a command line asks for; null where it asks
 * for anything but a plain run, or for one that cannot start: that is told by
 * the command itself.
 */
export const headStart = (
  args: readonly string[],
  machine: Machine,
): Head | null => {
  const path = guestOf(args);
  if (path === null) return null;
  let bytes: Uint8Array;
  try {
    bytes = machine.read(path);
  } catch {
    return null;
  }
  const world = worldFrom({ path, bytes }, default_options);
  return isBad(world) ? null : headOf(world, machine.input(), machine.out);
};
