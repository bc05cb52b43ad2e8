/**
 * The run loop: asks the schedule for the next event, takes the step, performs
 * what the world asks for, and stops for a stated reason.
 *
 * @module
 */

import * as Effect from "effect/Effect";
import type { Ask, Halt } from "../core/device/ask.ts";
import { rxRoom } from "../core/device/bus.ts";
import { next } from "../core/schedule.ts";
import { type Execute, stepOn } from "../core/step.ts";
import type { Event, Refusal, Step, World } from "../core/world.ts";
import { type BadInput, Terminal } from "./services.ts";

/** Why a run came to its end. */
export type End =
  | Halt
  /** The step limit was reached. */
  | { readonly tag: "OutOfSteps" }
  /** Exception after exception and not one instruction executed. */
  | { readonly tag: "Stuck" }
  /** The RMM would have stopped the machine, or the model refused an event of its own. */
  | { readonly tag: "Refused"; readonly why: Refusal }
  /** Every vCPU is off and nothing can wake one. */
  | { readonly tag: "Idle" }
  /** A scenario's events were all played. */
  | { readonly tag: "Played" };

/** How a run ended and where. */
export interface Finish {
  readonly end: End;
  readonly world: World;
  /** Instructions retired and events that retired none. */
  readonly steps: number;
}

/** What is told of every event, in order; what it returns is performed. */
export type Observer = (
  before: World,
  event: Event,
  result: Step,
) => Effect.Effect<void, BadInput> | null;

/** What a run needs beside the world it starts from. */
export interface Plan {
  readonly steps_max: number;
  /** Bytes for the UART's receiver, fed as its FIFO has room. */
  readonly input: Uint8Array;
  /** The engine behind `Run`. */
  readonly execute: Execute;
  /** The exact events to play, or null to let the well-behaved host decide. */
  readonly events: readonly Event[] | null;
  readonly observe: Observer;
}

/** Instructions one `Run` event may execute. */
const run_budget = 1_000_000;

/** Events in a row that retire no instruction before a run counts as stuck. */
const barren_events_max = 10_000;

/** Milliseconds between progress lines. */
const progress_ms = 2_000;

const retired = (world: World): number =>
  world.realm.recs.reduce((sum, rec) => sum + rec.retired, 0);

/** The progress of one run; private to it. */
interface Progress {
  world: World;
  steps: number;
  barren: number;
  fed: number;
  played: number;
  turn: number;
  told_ms: number;
}

/** The next event: input first while there is room, then each REC in turn. */
const choose = (plan: Plan, now: Progress): Event | null => {
  if (plan.events !== null) return plan.events[now.played++] ?? null;
  const room = Math.min(
    rxRoom(now.world.bus),
    plan.input.length - now.fed,
  );
  if (room > 0) {
    const bytes = [...plan.input.subarray(now.fed, now.fed + room)];
    now.fed += room;
    return { tag: "UartRx", bytes };
  }
  const count = now.world.realm.recs.length;
  const budget = Math.min(run_budget, plan.steps_max - now.steps);
  for (let tried = 0; tried < count; tried++) {
    const event = next(now.world, now.turn, budget);
    if (event !== null) return event;
    now.turn = (now.turn + 1) % count;
  }
  return null;
};

const unsupported = (
  ask: Ask & { readonly tag: "Unsupported" },
): string =>
  `recrun: REC ${ask.rec} at 0x${ask.pc.toString(16)}: instruction 0x${
    ask.insn.toString(16).padStart(8, "0")
  } is not modelled (${ask.why}); the guest took an UNDEF`;

/** Performs the asks of one step; the halt among them, if any. */
const perform = Effect.fnUntraced(function* (asks: readonly Ask[]) {
  const terminal = yield* Terminal;
  let halt: Halt | null = null;
  const bytes: number[] = [];
  for (const ask of asks) {
    switch (ask.tag) {
      case "UartTx":
        bytes.push(ask.byte);
        break;
      case "Halt":
        halt = ask.why;
        break;
      case "Unsupported":
        yield* terminal.err(unsupported(ask));
        break;
    }
  }
  if (bytes.length > 0) yield* terminal.out(new Uint8Array(bytes));
  return halt;
});

/** One line on standard error every `progress_ms`, so that a long run is seen to live. */
const tell = Effect.fnUntraced(function* (now: Progress) {
  const terminal = yield* Terminal;
  const elapsed_ms = yield* terminal.elapsed_ms;
  if (elapsed_ms - now.told_ms < progress_ms) return;
  now.told_ms = elapsed_ms;
  const pc = now.world.realm.recs[now.turn]?.pc ?? 0n;
  yield* terminal.err(
    `recrun: ${retired(now.world)} instructions, pc 0x${pc.toString(16)}`,
  );
});

const account = (now: Progress, after: World): void => {
  const gained = retired(after) - retired(now.world);
  now.steps += Math.max(1, gained);
  now.barren = gained > 0 ? 0 : now.barren + 1;
  now.world = after;
};

/** Runs a world until it ends for one of the reasons of `End`. */
export const loop: (
  world: World,
  plan: Plan,
) => Effect.Effect<Finish, BadInput, Terminal> = Effect.fnUntraced(
  function* (world, plan) {
    const terminal = yield* Terminal;
    const now: Progress = {
      world,
      steps: 0,
      barren: 0,
      fed: 0,
      played: 0,
      turn: 0,
      told_ms: yield* terminal.elapsed_ms,
    };
    const scripted = plan.events !== null;
    const finish = (end: End): Finish => ({
      end,
      world: now.world,
      steps: now.steps,
    });
    for (;;) {
      const event = choose(plan, now);
      if (event === null) {
        return finish({ tag: scripted ? "Played" : "Idle" });
      }
      const result = stepOn(plan.execute, now.world, event);
      const observed = plan.observe(now.world, event, result);
      if (observed !== null) yield* observed;
      if (result.tag === "Refused" && !scripted) {
        return finish({ tag: "Refused", why: result.why });
      }
      account(now, result.world);
      const halt = result.tag === "Stepped" && result.asks.length > 0
        ? yield* perform(result.asks)
        : null;
      if (halt !== null && !scripted) return finish(halt);
      if (!(now.steps < plan.steps_max)) return finish({ tag: "OutOfSteps" });
      if (now.barren > barren_events_max) return finish({ tag: "Stuck" });
      yield* tell(now);
    }
  },
);
