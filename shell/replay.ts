/**
 * `recrun replay`: a recording played again and held against its digests.
 *
 * @module
 */

import * as Effect from "effect/Effect";
import { digest, digestText } from "../core/history/digest.ts";
import { step } from "../core/step.ts";
import type { Step, World } from "../core/world.ts";
import type { Main } from "./command.ts";
import { integer, isBad, readFlags } from "./flags.ts";
import { type BadInput, badInput, Terminal } from "./services.ts";
import { type Opened, openRecording } from "./tape.ts";
import { traceLine } from "./trace.ts";

/** What `recrun replay --help` prints. */
export const usage = `\
recrun replay RECORDING [--to N]

Plays a recording made by recrun run --record again, whole or its first N
events, and compares the digest of the world with every digest in it. The
guest's UART is standard output. Ends with 1 and the first event that differs
if any does. A recording without its last line (the run was interrupted) is
played as far as it goes; a damaged or truncated one is refused, and --to
plays the part that is good.
`;

const parse = (
  args: readonly string[],
): { readonly path: string; readonly to: number } | BadInput => {
  const flags = readFlags(args, { string: ["to"] });
  if (isBad(flags)) return flags;
  const [path, ...more] = flags.rest;
  if (path === undefined || more.length > 0) {
    return badInput(
      `expected replay to be given one RECORDING but found ${flags.rest.length}`,
    );
  }
  const text = flags.values["to"];
  if (text === undefined) return { path, to: Infinity };
  const to = integer("to", text, 0, Number.MAX_SAFE_INTEGER);
  return isBad(to) ? to : { path, to };
};

/** How a replay ended. */
export type Replayed =
  | {
    readonly tag: "Same";
    readonly events: number;
    /** Digests compared. */
    readonly digests: number;
    readonly world: World;
  }
  | {
    readonly tag: "Differs";
    /** Events before this one are the same. */
    readonly first: number;
    /** The event after which the digest differs. */
    readonly event: number;
    readonly expected: string;
    readonly found: string;
    readonly before: World;
    readonly result: Step;
  };

/** Plays a tape and compares; `each` is told of every step. */
const replayed = Effect.fnUntraced(function* (
  { tape, digests }: Opened,
  each: (result: Step) => Effect.Effect<void> | null,
) {
  let world = tape.start;
  let compared = 0;
  let same = 0;
  for (const [event, what] of tape.events.entries()) {
    const result = step(world, what);
    const told = each(result);
    if (told !== null) yield* told;
    const expected = digests[event] ?? null;
    if (expected !== null) {
      const found = digestText(digest(result.world));
      if (found !== expected) {
        const outcome: Replayed = {
          tag: "Differs",
          first: same,
          event,
          expected,
          found,
          before: world,
          result,
        };
        return outcome;
      }
      compared += 1;
      same = event + 1;
    }
    world = result.world;
  }
  const outcome: Replayed = {
    tag: "Same",
    events: tape.events.length,
    digests: compared,
    world,
  };
  return outcome;
});

const plural = (count: number, what: string): string =>
  `${count} ${what}${count === 1 ? "" : "s"}`;

const report = (opened: Opened, outcome: Replayed): readonly string[] => {
  if (outcome.tag === "Same") {
    const { events, digests } = outcome;
    const end = opened.end === null
      ? "the recording has no end: the run was interrupted, or --to cut it"
      : `the run ended: ${opened.end}`;
    return [
      `recrun: ${plural(events, "event")} replayed, ${
        plural(digests, "digest")
      } equal; ${end}`,
    ];
  }
  const { first, event, expected, found, before, result } = outcome;
  const which = first === event
    ? `event ${event} is the first that differs`
    : `the first event that differs is one of ${first} to ${event}`;
  const what = opened.tape.events[event];
  return [
    `recrun: ${which}: expected digest ${expected} but found ${found}`,
    ...(what === undefined ? [] : [traceLine(event, before, what, result)]),
  ];
};

/** Replays a recording; 0 when it is the same to the last bit, 1 when it is not. */
export const main: Main = Effect.fnUntraced(function* (args) {
  const command = parse(args);
  if (isBad(command)) return yield* Effect.fail(command);
  const terminal = yield* Terminal;
  const opened = yield* openRecording(command.path, command.to);
  const outcome = yield* replayed(opened, (result) => {
    if (result.tag === "Refused") return null;
    const bytes = result.asks.flatMap((ask) =>
      ask.tag === "UartTx" ? [ask.byte] : []
    );
    return bytes.length === 0 ? null : terminal.out(new Uint8Array(bytes));
  });
  for (const line of report(opened, outcome)) yield* terminal.err(line);
  return outcome.tag === "Same" ? 0 : 1;
});
