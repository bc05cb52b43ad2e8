/**
 * Which engine executes the realm's instructions.
 *
 * @module
 */

import * as Effect from "effect/Effect";
import { run } from "../core/realm/run.ts";
import type { Drive } from "../core/fast/drive.ts";
import type { Execute } from "../core/step.ts";
import { later } from "./later.ts";

/** The engines by name: the pure evaluator, which judges, and the fast one. */
export const engines = ["fast", "pure"] as const;

/** An engine's name. */
export type Engine = (typeof engines)[number];

/** The engine a run uses unless told otherwise. */
export const default_engine: Engine = "fast";

/** An engine, and what takes a REC further than one event where nobody looks; the pure one has none. */
export interface Engines {
  readonly execute: Execute;
  readonly drive: Drive | null;
}

/** The engine of that name, and its drive, which share what they compile. */
export const enginesOf = (engine: Engine): Effect.Effect<Engines> =>
  engine === "pure"
    ? Effect.succeed({ execute: run, drive: null })
    : Effect.promise(async () =>
      (await later<typeof import("../core/fast/mod.ts")>(
        "../core/fast/mod.ts",
      )).fastPath()
    );
