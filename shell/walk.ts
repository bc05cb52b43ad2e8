/**
 * A run that is only looked at: the run loop with its observer, and nothing
 * of the guest's own on standard output.
 *
 * @module
 */

import * as Effect from "effect/Effect";
import type { Event, World } from "../core/world.ts";
import { endText } from "./account.ts";
import { default_engine, enginesOf } from "./engine.ts";
import { type Finish, loop, type Observer } from "./loop.ts";
import { default_options, type RunOptions } from "./run_options.ts";
import { type BadInput, badInput, Files, Terminal } from "./services.ts";
import { build, readSource } from "./source.ts";
import { isRecording, openRecording } from "./tape.ts";

const encoder = new TextEncoder();

/** What is looked at: a guest, scenario or recording, the options given, and a limit. */
export interface Walk {
  readonly path: string;
  readonly options: Partial<RunOptions>;
  readonly steps_max: number;
  /** The guest may read standard input; else it finds none. */
  readonly stdin: boolean;
}

/** How a walk ended. */
export interface Walked {
  readonly finish: Finish;
  /** Why, as people say it. */
  readonly told: string;
}

/** Where a walk starts, and what drives it. */
interface Start {
  readonly world: World;
  readonly input: Uint8Array;
  readonly events: readonly Event[] | null;
  /** How a recorded run ended; null for one that is played live. */
  readonly recorded: string | null;
}

const ofRecording = Effect.fnUntraced(function* ({ path, options }: Walk) {
  if (Object.keys(options).length > 0) {
    return yield* Effect.fail(badInput(
      `${path}: expected a recording without run options but found ${
        Object.keys(options).join(", ")
      }: it has its own`,
    ));
  }
  const { tape, end } = yield* openRecording(path);
  const start: Start = {
    world: tape.start,
    input: new Uint8Array(),
    events: tape.events,
    recorded: end ?? "it was interrupted",
  };
  return start;
});

const ofSource = Effect.fnUntraced(function* (plan: Walk) {
  const terminal = yield* Terminal;
  const { guest, scenario } = yield* readSource(plan.path);
  const world = yield* build(guest, {
    ...default_options,
    ...scenario.options,
    ...plan.options,
  });
  const asked = scenario.input === undefined &&
    scenario.events === undefined && plan.stdin;
  const start: Start = {
    world,
    input: asked ? yield* terminal.input : encoder.encode(scenario.input ?? ""),
    events: scenario.events ?? null,
    recorded: null,
  };
  return start;
});

/** Runs a guest, a scenario or a recording to its end with `observe` told of every step. */
export const walk: (
  plan: Walk,
  observe: Observer,
) => Effect.Effect<Walked, BadInput, Files | Terminal> = Effect.fnUntraced(
  function* (plan, observe) {
    const terminal = yield* Terminal;
    const files = yield* Files;
    const recording = isRecording(yield* files.read(plan.path));
    const { world, input, events, recorded } = recording
      ? yield* ofRecording(plan)
      : yield* ofSource(plan);
    const muted = Terminal.of({ ...terminal, out: () => Effect.void });
    const { execute } = yield* enginesOf(default_engine);
    const finish = yield* loop(world, {
      execute,
      steps_max: plan.steps_max,
      input,
      events,
      observe,
    }).pipe(Effect.provideService(Terminal, muted));
    const told = recorded === null
      ? endText(finish.end)
      : `the recording is played; its run ended: ${recorded}`;
    return { finish, told };
  },
);
