/**
 * `recrun run`: a guest or a scenario, from its file to an exit code.
 *
 * @module
 */

import * as Effect from "effect/Effect";
import type { World } from "../core/world.ts";
import * as Account from "./account.ts";
import type { Main } from "./command.ts";
import { enginesOf } from "./engine.ts";
import { isBad } from "./flags.ts";
import type { Head } from "./head.ts";
import { readText } from "./lines.ts";
import { loop, type Observer } from "./loop.ts";
import { later } from "./later.ts";
import type { Recorder, Start } from "./record.ts";
import { default_options } from "./run_options.ts";
import { parseRun, type RunCommand } from "./run_command.ts";
import type { Scenario } from "./scenario.ts";
import { badInput, Files, Terminal, type TextSink } from "./services.ts";
import { traceLine } from "./trace.ts";

export { usage } from "./run_command.ts";

const encoder = new TextEncoder();

/** Where a run starts, what it plays and what it is recorded as. */
interface Opening {
  readonly world: World;
  readonly scenario: Scenario;
  readonly start: Start;
  /** What was already taken of it, or null. */
  readonly head: Head | null;
}

/** A plain run that began while the rest was loaded; it is not recorded. */
const openingAt = (head: Head): Opening => ({
  world: head.start,
  scenario: { options: {} },
  start: { tag: "World" },
  head,
});

const openingOf = Effect.fnUntraced(function* (command: RunCommand) {
  if (command.path === null) {
    const from = command.from ?? "";
    const { parseSnapshot } = yield* Effect.promise(() =>
      later<typeof import("./codec/world.ts")>("./codec/world.ts")
    );
    const world = yield* parseSnapshot(yield* readText(from), from);
    const opening: Opening = {
      world,
      scenario: { options: {} },
      start: { tag: "World" },
      head: null,
    };
    return opening;
  }
  const { build, readSource } = yield* Effect.promise(() =>
    later<typeof import("./source.ts")>("./source.ts")
  );
  const { guest, scenario } = yield* readSource(command.path);
  const options = {
    ...default_options,
    ...scenario.options,
    ...command.options,
  };
  const opening: Opening = {
    world: yield* build(guest, options),
    scenario,
    start: { tag: "Boot", options, guest },
    head: null,
  };
  return opening;
});

const inputOf: (
  scenario: Scenario,
) => Effect.Effect<Uint8Array, never, Terminal> = Effect.fnUntraced(
  function* (scenario: Scenario) {
    if (scenario.input !== undefined) return encoder.encode(scenario.input);
    if (scenario.events !== undefined) return new Uint8Array();
    const terminal = yield* Terminal;
    return yield* terminal.input;
  },
);

/** The observer that writes the trace and the recording that were asked for. */
const writer = (
  trace: TextSink | null,
  recording: Recorder | null,
): Observer | null => {
  if (trace === null && recording === null) return null;
  let index = 0;
  return Effect.fnUntraced(function* (before, event, result) {
    if (trace !== null) {
      const line = traceLine(index++, before, event, result);
      yield* trace.write(`${line}\n`);
    }
    if (recording !== null) yield* recording.event(event, result.world);
  });
};

/** The watch on the invariant a scenario names; the explorer's rules are loaded for it alone. */
const watchOf = Effect.fnUntraced(
  function* (world: World, { invariant }: Scenario) {
    if (invariant === undefined) return null;
    const { watching } = yield* Effect.promise(() =>
      later<typeof import("./explore/watch.ts")>("./explore/watch.ts")
    );
    const watch = watching(world, invariant);
    if (watch !== null) return watch;
    return yield* Effect.fail(badInput(
      `expected "invariant" to be the id of an invariant but found ${
        JSON.stringify(invariant)
      }`,
    ));
  },
);

/** The recorder a command asks for; what it writes with is loaded for it alone. */
const recorderOf = Effect.fnUntraced(function* (
  { record, digest_every }: RunCommand,
  { start, world }: Opening,
) {
  if (record === null) return null;
  const { recorder } = yield* Effect.promise(() =>
    later<typeof import("./record.ts")>("./record.ts")
  );
  return yield* recorder(record, start, world, digest_every);
});

/** Runs to the end, keeping the account and, where asked for, trace and recording. */
const play = Effect.fnUntraced(function* (
  opening: Opening,
  command: RunCommand,
) {
  const { world, scenario, head } = opening;
  const files = yield* Files;
  const input = head?.input ?? (yield* inputOf(scenario));
  const { trace } = command;
  const sink = trace === null ? null : yield* files.create(trace);
  const recording = yield* recorderOf(command, opening);
  const watch = yield* watchOf(world, scenario);
  let account = Account.opened;
  const write = writer(sink, recording);
  const observe: Observer = (before, event, result) => {
    account = Account.entered(account, before, event, result);
    watch?.observe(before, event, result);
    return write === null ? null : write(before, event, result);
  };
  const over = head !== null && head.halt !== null;
  const { execute, drive } = yield* enginesOf(over ? "pure" : command.engine);
  const isSeen = write !== null || watch !== null;
  const finish = yield* loop(world, {
    steps_max: command.steps_max,
    execute,
    input,
    events: scenario.events ?? null,
    observe,
    ...(drive === null || isSeen ? {} : {
      ahead: {
        drive,
        // The first access is shown event by event.
        may: () => account.followed,
        taken: (counts) => {
          account = Account.driven(account, counts);
        },
      },
    }),
  }, head);
  if (sink !== null) yield* sink.close;
  if (recording !== null) yield* recording.end(finish.end.tag);
  return { finish, account, broken: watch?.broken() ?? null };
});

/** Runs a guest or a scenario; 0 when it ended as it should, 1 when it did not. */
export const main: Main = Effect.fnUntraced(function* (args, head = null) {
  const terminal = yield* Terminal;
  const command = parseRun(args);
  if (isBad(command)) return yield* Effect.fail(command);
  const opening = head === null ? yield* openingOf(command) : openingAt(head);
  const { finish, account, broken } = yield* play(opening, command);
  for (const line of Account.summary(account, finish)) {
    yield* terminal.err(line);
  }
  if (broken !== null) {
    yield* terminal.err(`recrun: ${broken}`);
    return 1;
  }
  return Account.isDone(finish.end) ? 0 : 1;
});
