/**
 * `recrun run`: a guest or a scenario, from its file to an exit code.
 *
 * @module
 */

import * as Effect from "effect/Effect";
import { boot } from "../core/boot.ts";
import { boards } from "../core/device/board.ts";
import { revisions } from "../core/host/revision.ts";
import { type Image, parseElf } from "../core/realm/elf.ts";
import { profiles } from "../core/rmm/profile.ts";
import type { World } from "../core/world.ts";
import * as Account from "./account.ts";
import type { Main } from "./command.ts";
import { integer, isBad, readFlags } from "./flags.ts";
import { loop, type Observer } from "./loop.ts";
import {
  choices,
  default_options,
  option_flags,
  option_usage,
  readOptions,
  type RunOptions,
} from "./run_options.ts";
import { parseScenario, type Scenario } from "./scenario.ts";
import { type BadInput, badInput, Files, Terminal } from "./services.ts";
import { traceLine } from "./trace.ts";

const encoder = new TextEncoder();

/** One parsed `recrun run`. */
interface RunCommand {
  readonly path: string;
  /** Options given on the command line; the rest come from the scenario or the defaults. */
  readonly options: Partial<RunOptions>;
  readonly steps_max: number;
  /** Path of the trace to write, or null. */
  readonly trace: string | null;
}

/** Instructions and exceptions after which a run is stopped unless told otherwise. */
const default_steps = 100_000_000;

/** What `recrun run --help` prints. */
export const usage = `\
recrun run GUEST.elf|SCENARIO.json [options]

Runs a guest until it calls PSCI SYSTEM_OFF. The guest's UART is standard
output; what happened is told on standard error. Standard input, unless it is
a terminal, is read to its end and fed to the UART.

${option_usage}
  --steps N        stop after N instructions and exceptions (default ${default_steps})
  --trace FILE     write one line per event
`;

const parse = (args: readonly string[]): RunCommand | BadInput => {
  const flags = readFlags(args, {
    string: [...option_flags, "steps", "trace"],
  });
  if (isBad(flags)) return flags;
  const [path, ...more] = flags.rest;
  if (path === undefined || more.length > 0) {
    return badInput(
      `expected run to be given one GUEST.elf or SCENARIO.json but found ${flags.rest.length}`,
    );
  }
  const options = readOptions(flags);
  if (isBad(options)) return options;
  const steps_max = integer(
    "steps",
    flags.values["steps"] ?? String(default_steps),
    1,
    Number.MAX_SAFE_INTEGER,
  );
  if (isBad(steps_max)) return steps_max;
  return { path, options, steps_max, trace: flags.values["trace"] ?? null };
};

const byName = <T extends { readonly name: string }>(
  what: keyof typeof choices,
  table: readonly T[],
  name: string,
): Effect.Effect<T, BadInput> => {
  const row = table.find((candidate) => candidate.name === name);
  if (row !== undefined) return Effect.succeed(row);
  return Effect.fail(badInput(
    `expected ${what} to be one of ${choices[what].join(", ")} but found ${
      JSON.stringify(name)
    }`,
  ));
};

const directory = (path: string): string =>
  path.slice(0, path.lastIndexOf("/") + 1);

/** What the file on the command line turned out to be. */
interface Source {
  /** Path and bytes of the guest, or null for a scenario without one. */
  readonly guest: { readonly path: string; readonly bytes: Uint8Array } | null;
  readonly scenario: Scenario;
}

const readSource = Effect.fnUntraced(function* (path: string) {
  const files = yield* Files;
  const bytes = yield* files.read(path);
  if (!path.endsWith(".json")) {
    const source: Source = {
      guest: { path, bytes },
      scenario: { options: {} },
    };
    return source;
  }
  const scenario = yield* parseScenario(new TextDecoder().decode(bytes), path);
  if (scenario.guest === undefined) {
    if (scenario.events === undefined) {
      return yield* Effect.fail(badInput(
        `${path}: expected "guest" or "events" but found neither`,
      ));
    }
    const source: Source = { guest: null, scenario };
    return source;
  }
  const guest = scenario.guest.startsWith("/")
    ? scenario.guest
    : directory(path) + scenario.guest;
  const source: Source = {
    guest: { path: guest, bytes: yield* files.read(guest) },
    scenario,
  };
  return source;
});

const build = Effect.fnUntraced(
  function* (source: Source, options: RunOptions) {
    const board = yield* byName("board", boards, options.board);
    const rmm = yield* byName("rmm", Object.values(profiles), options.rmm);
    const kvm = yield* byName("kvm", revisions, options.kvm);
    let image: Image | null = null;
    if (source.guest !== null) {
      const parsed = parseElf(source.guest.bytes, board.ram);
      if (parsed.tag === "Refused") {
        return yield* Effect.fail(
          badInput(`${source.guest.path}: ${parsed.what}`),
        );
      }
      image = parsed;
    }
    const { devices, ipa_bits, recs } = options;
    const booted = boot({ board, rmm, kvm, devices, ipa_bits, recs, image });
    if (booted.tag === "Refused") {
      return yield* Effect.fail(badInput(booted.what));
    }
    return booted.world;
  },
);

const inputOf = Effect.fnUntraced(function* (scenario: Scenario) {
  if (scenario.input !== undefined) return encoder.encode(scenario.input);
  if (scenario.events !== undefined) return new Uint8Array();
  const terminal = yield* Terminal;
  return yield* terminal.input;
});

/** Runs to the end, keeping the account and, where asked for, the trace. */
const play = Effect.fnUntraced(function* (
  world: World,
  source: Source,
  command: RunCommand,
) {
  const files = yield* Files;
  const { scenario } = source;
  const input = yield* inputOf(scenario);
  const sink = command.trace === null ? null : yield* files.create(
    command.trace,
  );
  let account = Account.opened;
  let index = 0;
  const observe: Observer = (before, event, result) => {
    account = Account.entered(account, before, event, result);
    if (sink === null) return null;
    const line = traceLine(index++, before, event, result);
    return sink.write(`${line}\n`);
  };
  const finish = yield* loop(world, {
    steps_max: command.steps_max,
    input,
    events: scenario.events ?? null,
    observe,
  });
  if (sink !== null) yield* sink.close;
  return { finish, account };
});

/** Runs a guest or a scenario; 0 when it ended as it should, 1 when it did not. */
export const main: Main = Effect.fnUntraced(function* (args) {
  const terminal = yield* Terminal;
  const command = parse(args);
  if (isBad(command)) return yield* Effect.fail(command);
  const source = yield* readSource(command.path);
  const world = yield* build(source, {
    ...default_options,
    ...source.scenario.options,
    ...command.options,
  });
  const { finish, account } = yield* play(world, source, command);
  for (const line of Account.summary(account, finish)) {
    yield* terminal.err(line);
  }
  return Account.isDone(finish.end) ? 0 : 1;
});
