/**
 * The run loop: asks the schedule for the next event, takes the step, performs
 * what the world asks for, and stops for a stated reason.
 *
 * @module
 */

import * as Effect from "effect/Effect";
import type { Ask, Halt } from "../core/device/ask.ts";
import type { Counts, Drive } from "../core/fast/drive.ts";
import { type Execute, stepOn } from "../core/step.ts";
import type { Event, Refusal, Step, World } from "../core/world.ts";
import type { Head } from "./head.ts";
import {
  advance,
  begun,
  choose,
  type Course,
  type Progress,
  retired,
  run_budget,
} from "./progress.ts";
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

/** Many events in one go, where nobody wants to see each. */
export interface Ahead {
  readonly drive: Drive;
  /** True when the events to come need not be observed. */
  readonly may: () => boolean;
  /** Told how often each event was taken. */
  readonly taken: (counts: Counts) => void;
}

/** What a run needs beside the world it starts from. */
export interface Plan extends Course {
  /** The engine behind `Run`. */
  readonly execute: Execute;
  readonly observe: Observer;
  /** What goes ahead of the observer, if anything may. */
  readonly ahead?: Ahead;
}

/** Events in a row that retire no instruction before a run counts as stuck. */
const barren_events_max = 10_000;

/** Milliseconds between progress lines. */
const progress_ms = 2_000;

const unsupported = (
  ask: Ask & { readonly tag: "Unsupported" },
): string =>
  `recrun: REC ${ask.rec} at 0x${ask.pc.toString(16)}: instruction 0x${
    ask.insn.toString(16).padStart(8, "0")
  } is not modelled (${ask.why}); the guest took an UNDEF`;

/** Performs asks in their order; the halt among them, if any. */
const perform = Effect.fnUntraced(function* (asks: readonly Ask[]) {
  const terminal = yield* Terminal;
  let halt: Halt | null = null;
  let bytes: number[] = [];
  for (const ask of asks) {
    switch (ask.tag) {
      case "UartTx":
        bytes.push(ask.byte);
        break;
      case "Halt":
        halt = ask.why;
        break;
      case "Unsupported":
        if (bytes.length > 0) yield* terminal.out(new Uint8Array(bytes));
        bytes = [];
        yield* terminal.err(unsupported(ask));
        break;
    }
  }
  if (bytes.length > 0) yield* terminal.out(new Uint8Array(bytes));
  return halt;
});

/** True when one REC runs on its own and nobody has to see how. */
const isFree = (plan: Plan, now: Progress): boolean =>
  plan.events === null && now.fed === plan.input.length &&
  now.world.realm.recs.length === 1 && plan.ahead?.may() === true;

/** Goes ahead of the observer as far as a drive gets; what it asks for, or null where it gets nowhere. */
const goAhead = (plan: Plan, now: Progress): readonly Ask[] | null => {
  const { ahead } = plan;
  if (ahead === undefined || !isFree(plan, now)) return null;
  const ran = ahead.drive(now.world, 0, {
    steps: plan.steps_max - now.steps,
    slice: run_budget,
    run_budget,
    barren: now.barren,
    barren_max: barren_events_max,
  });
  if (ran.steps === 0) return null;
  ahead.taken(ran.events);
  now.world = ran.world;
  now.steps += ran.steps;
  now.barren = ran.barren;
  return ran.asks;
};

/** When the last progress line was told. */
interface Told {
  ms: number;
}

/** One line on standard error every `progress_ms`, so that a long run is seen to live. */
const tell = Effect.fnUntraced(function* (now: Progress, told: Told) {
  const terminal = yield* Terminal;
  const elapsed_ms = yield* terminal.elapsed_ms;
  if (elapsed_ms - told.ms < progress_ms) return;
  told.ms = elapsed_ms;
  const pc = now.world.realm.recs[now.turn]?.pc ?? 0n;
  yield* terminal.err(
    `recrun: ${retired(now.world)} instructions, pc 0x${pc.toString(16)}`,
  );
});

/** Tells the observer of the steps a head start took. */
const tellHead = Effect.fnUntraced(function* (head: Head, plan: Plan) {
  for (const { before, event, result } of head.taken) {
    const observed = plan.observe(before, event, result);
    if (observed !== null) yield* observed;
  }
});

/**
 * Runs a world until it ends for one of the reasons of `End`; what a head
 * start already took of the run is told and not done again.
 */
export const loop: (
  world: World,
  plan: Plan,
  head?: Head | null,
) => Effect.Effect<Finish, BadInput, Terminal> = Effect.fnUntraced(
  function* (world, plan, head = null) {
    const terminal = yield* Terminal;
    const now: Progress = head === null ? begun(world) : { ...head.progress };
    const told: Told = { ms: yield* terminal.elapsed_ms };
    const scripted = plan.events !== null;
    const finish = (end: End): Finish => ({
      end,
      world: now.world,
      steps: now.steps,
    });
    if (head !== null) yield* tellHead(head, plan);
    if (head !== null && head.halt !== null) return finish(head.halt);
    for (;;) {
      let asks = goAhead(plan, now);
      if (asks === null) {
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
        advance(now, result.world);
        asks = result.tag === "Stepped" ? result.asks : [];
      }
      const halt = asks.length > 0 ? yield* perform(asks) : null;
      if (halt !== null && !scripted) return finish(halt);
      if (!(now.steps < plan.steps_max)) return finish({ tag: "OutOfSteps" });
      if (now.barren > barren_events_max) return finish({ tag: "Stuck" });
      yield* tell(now, told);
    }
  },
);
