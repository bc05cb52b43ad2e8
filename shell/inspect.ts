/**
 * `recrun inspect`: a run looked at moment by moment, the realm's truth beside
 * what the host knows.
 *
 * @module
 */

import * as Effect from "effect/Effect";
import { conditionOf } from "../core/history/condition.ts";
import { differences, differenceText } from "../core/history/diff.ts";
import { least, type Size } from "../core/history/frame.ts";
import { opened as openedAt, seek } from "../core/history/history.ts";
import { press } from "../core/history/keys.ts";
import { emptyLedger, ledgerLines, ledgerTo } from "../core/history/ledger.ts";
import { begin, type Session } from "../core/history/session.ts";
import type { Main } from "./command.ts";
import { type Flags, integer, isBad, readFlags } from "./flags.ts";
import { frameText, interact, raw, terminalScreen } from "./screen.ts";
import { type BadInput, badInput, Terminal } from "./services.ts";
import { type Opened, openTape } from "./tape.ts";
import { traceLine } from "./trace.ts";

/** Instructions and events a guest or scenario is played for unless told otherwise. */
const default_steps = 10_000_000;

/** What `recrun inspect --help` prints. */
export const usage = `\
recrun inspect FILE [options]

Shows a recording, a scenario or a guest moment by moment: the road as a
timeline and, side by side, the realm's truth and what the host knows. Steps
forward and back by realm instruction, event or exit, runs to a condition
either way, says who last changed a register, an address or a flag, lists what
differs between two moments and what the host has learnt. ? lists the keys.

  --at N           start at event N (default 0)
  --rec N          show REC N (default 0)
  --until COND     start where a condition is first met at or after --at, for
                   example pc==0x40080000, x5, EMUL_MMIO, Dabt or exit
  --steps N        play a guest or scenario for N steps (default ${default_steps})
  --ledger         print what the host has learnt up to the start, and end
  --diff N         print what differs between the start and event N, and end
  --who NAME       print who last changed x5, 0x40081000:4, EMUL_MMIO, and end
  --frame          print one frame as text, and end
  --size 80x24     its size, columns by rows
  --keys KEYS      press these keys first
`;

/** One parsed `recrun inspect`. */
interface InspectCommand {
  readonly path: string;
  readonly at: number;
  readonly rec: number;
  readonly until: string | null;
  readonly steps_max: number;
  readonly ledger: boolean;
  readonly diff: number | null;
  readonly who: string | null;
  readonly frame: boolean;
  readonly size: Size;
  readonly keys: string;
}

const sizeOf = (text: string): Size | BadInput => {
  const match = /^(\d{1,4})x(\d{1,4})$/.exec(text);
  const [columns, rows] = [Number(match?.[1]), Number(match?.[2])];
  return 0 < columns && 0 < rows ? { columns, rows } : badInput(
    `expected --size such as 80x24 but found ${JSON.stringify(text)}`,
  );
};

const numbers = (
  { values }: Flags,
):
  | Pick<InspectCommand, "at" | "rec" | "steps_max" | "diff" | "size">
  | BadInput => {
  const most = Number.MAX_SAFE_INTEGER;
  const at = integer("at", values["at"] ?? "0", 0, most);
  if (isBad(at)) return at;
  const rec = integer("rec", values["rec"] ?? "0", 0, 15);
  if (isBad(rec)) return rec;
  const steps = values["steps"] ?? String(default_steps);
  const steps_max = integer("steps", steps, 1, most);
  if (isBad(steps_max)) return steps_max;
  const diff = values["diff"] === undefined
    ? null
    : integer("diff", values["diff"], 0, most);
  if (isBad(diff)) return diff;
  const { columns, rows } = least;
  const size = sizeOf(values["size"] ?? `${columns}x${rows}`);
  if (isBad(size)) return size;
  return { at, rec, steps_max, diff, size };
};

const parse = (args: readonly string[]): InspectCommand | BadInput => {
  const flags = readFlags(args, {
    string: ["at", "rec", "until", "steps", "diff", "who", "size", "keys"],
    boolean: ["ledger", "frame"],
  });
  if (isBad(flags)) return flags;
  const { rest, values, given } = flags;
  const [path, ...more] = rest;
  if (path === undefined || more.length > 0) {
    return badInput(
      `expected inspect to be given one FILE but found ${rest.length}`,
    );
  }
  const read = numbers(flags);
  if (isBad(read)) return read;
  return {
    path,
    ...read,
    until: values["until"] ?? null,
    ledger: given.has("ledger"),
    who: values["who"] ?? null,
    frame: given.has("frame"),
    keys: values["keys"] ?? "",
  };
};

/** Presses keys given as text; `~` stands for enter. */
const pressed = (session: Session, keys: string): Session => {
  let now = session;
  for (const key of keys) now = press(now, key === "~" ? "enter" : key) ?? now;
  return now;
};

/** The session at the place the command line names. */
const started = (
  { tape, digests }: Opened,
  command: InspectCommand,
): Session | BadInput => {
  const { path, at, rec, until, keys } = command;
  const last = tape.events.length;
  const recs = tape.start.realm.recs.length;
  if (last < at) {
    return badInput(`expected --at to be from 0 to ${last} but found ${at}`);
  }
  if (recs <= rec) {
    return badInput(
      `expected --rec to be from 0 to ${recs - 1} but found ${rec}`,
    );
  }
  const name = path.slice(path.lastIndexOf("/") + 1);
  const session = { ...begin(name, tape, digests, at, traceLine), rec };
  if (until === null) return pressed(session, keys);
  const condition = conditionOf(until, rec);
  if (condition.tag === "Refused") {
    return badInput(`--until: ${condition.what}`);
  }
  const there = pressed(session, `r${until}~`);
  if (there.message === "") return pressed(there, keys);
  return badInput(`--until: ${there.message} after event ${at} of ${path}`);
};

/** What the flags that print and end ask for, or null for the screen itself. */
const printed = (
  session: Session,
  { ledger, diff, who, frame, size }: InspectCommand,
): readonly string[] | BadInput | null => {
  const { tape, now } = session.history;
  if (ledger) {
    return ledgerLines(ledgerTo(tape, emptyLedger(tape), now.event));
  }
  if (diff !== null) {
    const last = tape.events.length;
    if (last < diff) {
      return badInput(
        `expected --diff to be from 0 to ${last} but found ${diff}`,
      );
    }
    const other = seek(openedAt(tape), { event: diff }).now;
    const [a, b] = now.steps <= other.steps ? [now, other] : [other, now];
    return differences(a.world, b.world).map(differenceText);
  }
  if (who !== null) {
    const { message } = pressed(session, `w${who}~`);
    return message.startsWith("expected ")
      ? badInput(`--who: ${message}`)
      : [message];
  }
  return frame ? [frameText(session, size).trimEnd()] : null;
};

/** Shows a run, or prints one thing about it. */
export const main: Main = Effect.fnUntraced(function* (args) {
  const command = parse(args);
  if (isBad(command)) return yield* Effect.fail(command);
  const { path, steps_max } = command;
  const opened = yield* openTape(path, { steps_max });
  const session = started(opened, command);
  if (isBad(session)) return yield* Effect.fail(session);
  const lines = printed(session, command);
  if (isBad(lines)) return yield* Effect.fail(lines);
  if (lines !== null) {
    const terminal = yield* Terminal;
    const text = lines.map((line) => `${line}\n`).join("");
    yield* terminal.out(new TextEncoder().encode(text));
    return 0;
  }
  const screen = terminalScreen();
  if (screen === null) {
    return yield* Effect.fail(badInput(
      "expected inspect to run in a terminal but found none; --frame, --ledger, --diff and --who print without one",
    ));
  }
  yield* Effect.promise(() => raw(() => interact(session, screen)));
  return 0;
});
