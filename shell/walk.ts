/**
 * A run that is only looked at: the run loop with its observer, and nothing
 * of the guest's own on standard output.
 *
 * @module
 */

import * as Effect from "effect/Effect";
import { type Finish, loop, type Observer } from "./loop.ts";
import { default_options, type RunOptions } from "./run_options.ts";
import { type BadInput, type Files, Terminal } from "./services.ts";
import { build, readSource } from "./source.ts";

const encoder = new TextEncoder();

/** What is looked at: a guest or scenario, the options given, and a limit. */
export interface Walk {
  readonly path: string;
  readonly options: Partial<RunOptions>;
  readonly steps_max: number;
  /** The guest may read standard input; else it finds none. */
  readonly stdin: boolean;
}

/** Runs a guest or a scenario to its end with `observe` told of every step. */
export const walk: (
  plan: Walk,
  observe: Observer,
) => Effect.Effect<Finish, BadInput, Files | Terminal> = Effect.fnUntraced(
  function* (plan, observe) {
    const terminal = yield* Terminal;
    const { guest, scenario } = yield* readSource(plan.path);
    const world = yield* build(guest, {
      ...default_options,
      ...scenario.options,
      ...plan.options,
    });
    const asked = scenario.input === undefined &&
      scenario.events === undefined && plan.stdin;
    const input = asked
      ? yield* terminal.input
      : encoder.encode(scenario.input ?? "");
    const muted = Terminal.of({ ...terminal, out: () => Effect.void });
    return yield* loop(world, {
      steps_max: plan.steps_max,
      input,
      events: scenario.events ?? null,
      observe,
    }).pipe(Effect.provideService(Terminal, muted));
  },
);
