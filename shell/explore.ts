/**
 * `recrun explore`: every interleaving, and what it says about the invariants.
 *
 * @module
 */

import * as Effect from "effect/Effect";
import {
  advance,
  type Exploration,
  findings,
  openSearch,
  type Search,
  searchBytes,
} from "../core/explore/search.ts";
import { eventsOf, shrunk } from "../core/explore/replay.ts";
import type { Main } from "./command.ts";
import { type ExploreCommand, parse, usage } from "./explore/options.ts";
import { advanceIn, hireAll } from "./explore/pool.ts";
import {
  type Counterexample,
  countLines,
  reachText,
  violationLines,
} from "./explore/report.ts";
import { scenarioText } from "./explore/save.ts";
import { isBad } from "./flags.ts";
import { Files, Terminal } from "./services.ts";
import { build } from "./source.ts";

export { usage };

const encoder = new TextEncoder();

/** States between two looks at the clock. */
const look_states = 4096;

/** Milliseconds between progress lines. */
const progress_ms = 2_000;

const speedText = (search: Search, elapsed_ms: number): string => {
  const { unique, depth } = findings(search);
  const rate = Math.round(unique / Math.max(1, elapsed_ms) * 1000);
  const bytes = searchBytes(search);
  return `depth ${depth}, ${unique} unique states in ${
    (elapsed_ms / 1000).toFixed(1)
  } s, ${rate} a second, ${(bytes / unique).toFixed(1)} bytes each, ${
    (bytes / 1024 / 1024).toFixed(1)
  } MiB`;
};

/** Runs a search to its end, telling how far it is every `progress_ms`. */
const search = Effect.fnUntraced(
  function* (exploration: Exploration, workers: number) {
    const terminal = yield* Terminal;
    const begun_ms = yield* terminal.elapsed_ms;
    const found = openSearch(exploration);
    const { space } = found;
    const hands = workers === 1 ? [] : yield* hireAll(workers, {
      recs: space.recs,
      actions: space.actions.map(({ name }) => name),
      invariants: space.invariants.map(({ id }) => id),
    });
    let told_ms = begun_ms;
    while (found.reach === null) {
      if (hands.length === 0) advance(found, look_states);
      else yield* advanceIn(found, hands);
      const now_ms = yield* terminal.elapsed_ms;
      if (now_ms - told_ms < progress_ms) continue;
      told_ms = now_ms;
      yield* terminal.err(`recrun: ${speedText(found, now_ms - begun_ms)}`);
    }
    const elapsed_ms = (yield* terminal.elapsed_ms) - begun_ms;
    yield* terminal.err(`recrun: ${speedText(found, elapsed_ms)}`);
    return found;
  },
  Effect.scoped,
);

const say = Effect.fnUntraced(function* (lines: readonly string[]) {
  const terminal = yield* Terminal;
  yield* terminal.out(encoder.encode(`${lines.join("\n")}\n`));
});

const save = Effect.fnUntraced(function* (
  { save: path, options }: ExploreCommand,
  { invariant, events }: Counterexample,
) {
  if (path === null) return;
  const files = yield* Files;
  const sink = yield* files.create(path);
  yield* sink.write(scenarioText(options, invariant.id, events));
  yield* sink.close;
});

/** Explores; 0 when every invariant holds as far as it looked, 1 when one does not. */
export const main: Main = Effect.fnUntraced(function* (args) {
  const terminal = yield* Terminal;
  const command = parse(args);
  if (isBad(command)) return yield* Effect.fail(command);
  const { actions, invariants, bounds, workers } = command;
  const start = yield* build(null, command.options);
  const exploration = { start, actions, invariants, bounds };
  const found = findings(yield* search(exploration, workers));
  const { reach, violation } = found;
  const counts = countLines(command, found);
  if (violation !== null) {
    const { invariant, moves } = violation;
    const events = shrunk(start, eventsOf(start, actions, moves), invariant);
    const counterexample = { start, events, invariant };
    yield* say([...violationLines(counterexample), ...counts]);
    yield* save(command, counterexample);
    return 1;
  }
  const stopped = reach?.tag === "Stopped";
  yield* say([
    `holds: ${reach === null ? "" : reachText(reach)}${
      stopped ? "; this is a partial result" : ""
    }`,
    ...counts,
  ]);
  if (reach?.tag !== "Stopped" || reach.by !== "memory") return 0;
  yield* terminal.err(
    `recrun: stopped at the memory limit of ${
      bounds.bytes / 1024 / 1024
    } MiB; more needs --memory`,
  );
  return 2;
});
