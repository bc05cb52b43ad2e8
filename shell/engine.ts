/**
 * Which engine executes the realm's instructions.
 *
 * @module
 */

import * as Effect from "effect/Effect";
import { run } from "../core/realm/run.ts";
import type { Execute } from "../core/step.ts";
import { later } from "./later.ts";

/** The engines by name: the pure evaluator, which judges, and the fast one. */
export const engines = ["fast", "pure"] as const;

/** An engine's name. */
export type Engine = (typeof engines)[number];

/** The engine a run uses unless told otherwise. */
export const default_engine: Engine = "fast";

/** The engine of that name; both give the same worlds. The fast one is loaded for its own runs alone. */
export const executeOf = (engine: Engine): Effect.Effect<Execute> =>
  engine === "pure"
    ? Effect.succeed(run)
    : Effect.promise(async () =>
      (await later<typeof import("../core/fast/engine.ts")>(
        "../core/fast/engine.ts",
      )).fastEngine()
    );
