/**
 * `recrun snapshot`: the world at one event of a recording, as a file.
 *
 * @module
 */

import * as Effect from "effect/Effect";
import { digest, digestText } from "../core/history/digest.ts";
import { opened as openedAt, seek } from "../core/history/history.ts";
import { snapshotText } from "./codec/world.ts";
import type { Main } from "./command.ts";
import { isBad, readFlags } from "./flags.ts";
import { type BadInput, badInput, Files, Terminal } from "./services.ts";
import { type Opened, openTape } from "./tape.ts";

/** What `recrun snapshot --help` prints. */
export const usage = `\
recrun snapshot FILE@EVENT --save OUT

Saves the world as it is before event EVENT of a recording, a scenario or a
guest: plain JSON, the same text for the same world. EVENT counts from 0; the
number of events stands for the end. recrun run --from OUT goes on from it.
`;

/** Instructions and events a guest or scenario is played for. */
export const played_steps_max = 100_000_000;

/** A file and an event of it, as `FILE@EVENT` names them. */
export const placeOf = (
  text: string,
): { readonly path: string; readonly event: number } | null => {
  const match = /^(.+)@([0-9]{1,15})$/.exec(text);
  if (match === null) return null;
  return { path: match[1] ?? "", event: Number(match[2]) };
};

const parse = (
  args: readonly string[],
):
  | { readonly path: string; readonly event: number; readonly save: string }
  | BadInput => {
  const flags = readFlags(args, { string: ["save"] });
  if (isBad(flags)) return flags;
  const { rest, values } = flags;
  const [text = "", ...more] = rest;
  const place = placeOf(text);
  if (place === null || more.length > 0) {
    return badInput(
      `expected snapshot to be given one FILE@EVENT but found ${
        rest.length === 0 ? "none" : rest.join(" ")
      }`,
    );
  }
  const save = values["save"];
  if (save === undefined) {
    return badInput("expected snapshot to be given --save OUT but found none");
  }
  return { ...place, save };
};

/** The world before an event; refused where the tape is shorter or its digest differs. */
const worldAt = (
  { tape, digests }: Opened,
  path: string,
  event: number,
) => {
  const { now } = seek(openedAt(tape), { event });
  if (now.event < event) {
    return Effect.fail(badInput(
      `${path}: expected an event from 0 to ${now.event} but found ${event}`,
    ));
  }
  const expected = digests[event - 1] ?? null;
  const found = digestText(digest(now.world));
  if (expected === null || expected === found) return Effect.succeed(now.world);
  return Effect.fail(badInput(
    `${path}: expected digest ${expected} after event ${
      event - 1
    } but found ${found}; recrun replay names the first that differs`,
  ));
};

/** Saves a snapshot. */
export const main: Main = Effect.fnUntraced(function* (args) {
  const command = parse(args);
  if (isBad(command)) return yield* Effect.fail(command);
  const { path, event, save } = command;
  const opened = yield* openTape(path, {
    events_max: event,
    steps_max: played_steps_max,
  });
  const world = yield* worldAt(opened, path, event);
  const files = yield* Files;
  const sink = yield* files.create(save);
  yield* sink.write(snapshotText(world));
  yield* sink.close;
  const terminal = yield* Terminal;
  yield* terminal.err(
    `recrun: ${save}: the world before event ${event}, digest ${
      digestText(digest(world))
    }`,
  );
  return 0;
});
