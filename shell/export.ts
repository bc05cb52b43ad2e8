/**
 * `recrun export`: a run as a sequence diagram, a trace for Perfetto, or JSON
 * lines.
 *
 * @module
 */

import * as Effect from "effect/Effect";
import { isDone } from "./account.ts";
import type { Main } from "./command.ts";
import { jsonl } from "./export/jsonl.ts";
import { perfetto } from "./export/perfetto.ts";
import { mermaid, plantuml, type Writer } from "./export/sequence.ts";
import { type Taken, takenAfter } from "./export/taken.ts";
import { integer, isBad, oneOf, readFlags } from "./flags.ts";
import {
  option_flags,
  option_switches,
  option_usage,
  readOptions,
  type RunOptions,
} from "./run_options.ts";
import { type BadInput, badInput, Terminal } from "./services.ts";
import { walk } from "./walk.ts";

const formats = ["mermaid", "plantuml", "perfetto", "jsonl"] as const;
type Format = typeof formats[number];

/** Instructions and exceptions after which a run is stopped unless told otherwise. */
const default_steps = 100_000_000;

/** What `recrun export --help` prints. */
export const usage = `\
recrun export GUEST.elf|SCENARIO.json|RECORDING --format FORMAT [options]

Runs a guest or a scenario, or plays a recording, and writes what happened to standard output. Time is
counted in instructions; an event that retires none counts as one.

  --format FORMAT  mermaid, plantuml: sequence diagrams; perfetto: Chrome trace
                   events, one track per actor; jsonl: one object per event
  --from N         leave out the events before number N
  --to N           leave out the events after number N
${option_usage}
  --steps N        stop after N instructions and exceptions (default ${default_steps})
`;

const encoder = new TextEncoder();

interface Asked {
  readonly path: string;
  readonly format: Format;
  readonly from: number;
  readonly to: number;
  readonly options: Partial<RunOptions>;
  readonly steps_max: number;
}

const most = Number.MAX_SAFE_INTEGER;

const parse = (args: readonly string[]): Asked | BadInput => {
  const flags = readFlags(args, {
    string: [...option_flags, "format", "from", "to", "steps"],
    boolean: option_switches,
  });
  if (isBad(flags)) return flags;
  const { rest, values } = flags;
  const [path] = rest;
  if (path === undefined || rest.length > 1) {
    return badInput(
      `expected export to be given one GUEST.elf, SCENARIO.json or RECORDING but found ${rest.length}`,
    );
  }
  if (values["format"] === undefined) {
    return badInput(
      `expected --format to be one of ${formats.join(", ")} but found none`,
    );
  }
  const format = oneOf("format", values["format"], formats);
  if (isBad(format)) return format;
  const from = integer("from", values["from"] ?? "0", 0, most);
  if (isBad(from)) return from;
  const to = integer("to", values["to"] ?? String(most), from, most);
  if (isBad(to)) return to;
  const options = readOptions(flags);
  if (isBad(options)) return options;
  const steps = values["steps"] ?? String(default_steps);
  const steps_max = integer("steps", steps, 1, most);
  if (isBad(steps_max)) return steps_max;
  return { path, format, from, to, options, steps_max };
};

const writerOf = (format: Format): Writer => {
  switch (format) {
    case "mermaid":
      return mermaid;
    case "plantuml":
      return plantuml;
    case "perfetto":
      return perfetto();
    case "jsonl":
      return jsonl;
  }
};

/** Exports a run; 0 when it ended as it should, 1 when it did not. */
export const main: Main = Effect.fnUntraced(function* (args) {
  const terminal = yield* Terminal;
  const asked = parse(args);
  if (isBad(asked)) return yield* Effect.fail(asked);
  const { path, format, from, to, options, steps_max } = asked;
  const writer = writerOf(format);
  const say = (text: string): Effect.Effect<void> =>
    terminal.out(encoder.encode(text));
  const seen: { last: Taken | null } = { last: null };
  const { finish, told } = yield* walk(
    { path, options, steps_max, stdin: true },
    (before, event, result) => {
      const head = seen.last === null ? writer.head(before) : "";
      const taken = takenAfter(seen.last, before, event, result);
      seen.last = taken;
      const shown = from <= taken.index && taken.index <= to;
      const text = head + (shown ? writer.step(taken) : "");
      return text === "" ? null : say(text);
    },
  );
  const { last } = seen;
  const head = last === null ? writer.head(finish.world) : "";
  const time = last === null ? 0 : last.time + last.cost;
  yield* say(head + writer.tail(time));
  yield* terminal.err(`recrun: ${told}`);
  return isDone(finish.end) ? 0 : 1;
});
