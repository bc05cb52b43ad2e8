/**
 * The command line of `recrun run`.
 *
 * @module
 */

import { default_engine, type Engine, engines } from "./engine.ts";
import { type Flags, integer, isBad, oneOf, readFlags } from "./flags.ts";
import {
  option_flags,
  option_switches,
  option_usage,
  readOptions,
  type RunOptions,
} from "./run_options.ts";
import { type BadInput, badInput } from "./services.ts";

/** One parsed `recrun run`. */
export interface RunCommand {
  /** The guest or scenario; null when the run starts from a snapshot. */
  readonly path: string | null;
  /** Path of the snapshot to start from, or null. */
  readonly from: string | null;
  /** Options given on the command line; the rest come from the scenario or the defaults. */
  readonly options: Partial<RunOptions>;
  /** The engine that executes the realm's instructions. */
  readonly engine: Engine;
  readonly steps_max: number;
  /** Path of the trace to write, or null. */
  readonly trace: string | null;
  /** Path of the recording to write, or null. */
  readonly record: string | null;
  /** Events from one digest in the recording to the next. */
  readonly digest_every: number;
}

/** Instructions and exceptions after which a run is stopped unless told otherwise. */
const default_steps = 100_000_000;

/** What `recrun run --help` prints. */
export const usage = `\
recrun run GUEST.elf|SCENARIO.json [options]
recrun run --from SNAPSHOT [options]

Runs a guest until it calls PSCI SYSTEM_OFF. The guest's UART is standard
output; what happened is told on standard error. Standard input, unless it is
a terminal, is read to its end and fed to the UART.

${option_usage}
  --engine NAME    instructions by the ${
  engines.join(" or ")
} engine (default ${default_engine})
  --steps N        stop after N instructions and exceptions (default ${default_steps})
  --trace FILE     write one line per event
  --record FILE    write a recording as the run goes; see recrun replay --help
  --digest-every N events from one digest in it to the next (default 1)
  --from SNAPSHOT  start from a snapshot, with the profiles and devices it holds
`;

/** Checks that a run has one thing to start from. */
const startIn = (
  { rest, values, given }: Flags,
): Pick<RunCommand, "path" | "from"> | BadInput => {
  const from = values["from"] ?? null;
  const [path, ...more] = rest;
  if (from === null) {
    if (path !== undefined && more.length === 0) return { path, from };
    return badInput(
      `expected run to be given one GUEST.elf or SCENARIO.json but found ${rest.length}`,
    );
  }
  const chosen = [
    ...rest,
    ...option_flags.filter((name) => values[name] !== undefined),
    ...given,
  ][0];
  if (chosen === undefined) return { path: null, from };
  return badInput(
    `expected no guest and no option of its own with --from, which has them, but found ${chosen}`,
  );
};

/** Reads the arguments of `recrun run`. */
export const parseRun = (args: readonly string[]): RunCommand | BadInput => {
  const flags = readFlags(args, {
    string: [
      ...option_flags,
      "engine",
      "steps",
      "trace",
      "record",
      "digest-every",
      "from",
    ],
    boolean: option_switches,
  });
  if (isBad(flags)) return flags;
  const start = startIn(flags);
  if (isBad(start)) return start;
  const options = readOptions(flags);
  if (isBad(options)) return options;
  const engine = oneOf(
    "engine",
    flags.values["engine"] ?? default_engine,
    engines,
  );
  if (isBad(engine)) return engine;
  const steps_max = integer(
    "steps",
    flags.values["steps"] ?? String(default_steps),
    1,
    Number.MAX_SAFE_INTEGER,
  );
  if (isBad(steps_max)) return steps_max;
  const digest_every = integer(
    "digest-every",
    flags.values["digest-every"] ?? "1",
    1,
    1_000_000_000,
  );
  if (isBad(digest_every)) return digest_every;
  return {
    ...start,
    options,
    engine,
    steps_max,
    trace: flags.values["trace"] ?? null,
    record: flags.values["record"] ?? null,
    digest_every,
  };
};
