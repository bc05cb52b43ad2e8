/**
 * `recrun lint`: the instructions of a guest whose access to a device nobody
 * could emulate.
 *
 * @module
 */

import * as Effect from "effect/Effect";
import { hex } from "../core/arch/word.ts";
import { esrField } from "../core/arch/esr.ts";
import {
  type Findings,
  type Form,
  type Hit,
  lintCode,
} from "../core/lint/forms.ts";
import { liner, readLines } from "../core/lint/lines.ts";
import { codeTest, type Named, namer } from "../core/lint/places.ts";
import { readElfSections, type Sections } from "../core/lint/sections.ts";
import { columns } from "./columns.ts";
import type { Main } from "./command.ts";
import { isBad, readFlags } from "./flags.ts";
import { readText } from "./lines.ts";
import { type BadInput, badInput, Files, Terminal } from "./services.ts";
import { walk } from "./walk.ts";

/** What `recrun lint --help` prints. */
export const usage = `\
recrun lint GUEST.elf [options]

Lists every instruction that, by its form, would reach a device with ISV=0:
pairs, writeback, exclusives, atomics, FP and SIMD. No host can emulate such an
access for a realm. Each line: address, symbol, source line where the file has
one, instruction, form. A store to the stack has the same form and does no
harm; whether an address is a device is not known before a run.

  --symbol NAME    only in this function
  --no-stack       leave out those whose base register is SP
  --recording FILE only those that aborted with ISV=0 in a recording of recrun
                   run, with how often they did
  --trace FILE     the same from a trace of recrun run

exit codes: 0 nothing listed, 1 something listed, 2 bad usage or input
`;

const encoder = new TextEncoder();

/** The ISV=0 data aborts of a trace, counted by PC. */
const abortsOf = (trace: string): ReadonlyMap<bigint, number> => {
  const counts = new Map<bigint, number>();
  const shape = /^\d+ rec\d+ Dabt pc (0x[0-9a-f]+) .*? esr (0x[0-9a-f]+) /;
  for (const line of trace.split("\n")) {
    const [, pc, esr] = shape.exec(line) ?? [];
    if (pc === undefined || esr === undefined) continue;
    if (esrField(BigInt(esr), "ISV") === 1) continue;
    counts.set(BigInt(pc), (counts.get(BigInt(pc)) ?? 0) + 1);
  }
  return counts;
};

/** The same of a recording, played again. */
const abortsPlayed = Effect.fnUntraced(function* (path: string) {
  const counts = new Map<bigint, number>();
  const plan = {
    path,
    options: {},
    steps_max: Number.MAX_SAFE_INTEGER,
    stdin: false,
  };
  yield* walk(plan, (before, event) => {
    if (event.tag !== "Dabt" || esrField(event.esr, "ISV") === 1) return null;
    const pc = before.realm.recs[event.rec]?.pc ?? 0n;
    counts.set(pc, (counts.get(pc) ?? 0) + 1);
    return null;
  });
  return counts;
});

/** How often which instruction aborted, where the user named a run; null where not. */
const abortsSeen = Effect.fnUntraced(function* (scope: Scope) {
  if (scope.recording !== null) return yield* abortsPlayed(scope.recording);
  return scope.trace === null ? null : abortsOf(yield* readText(scope.trace));
});

const place = ({ name, offset }: Named): string =>
  offset === 0n ? name : `${name}+${hex(offset)}`;

/** Rows as aligned lines. */
const aligned = (rows: readonly (readonly string[])[]): string =>
  columns(rows).map((line) => `${line}\n`).join("");

const summary = (
  path: string,
  found: Findings,
  hits: readonly Hit[],
): string => {
  const forms = new Map<Form, number>();
  for (const { form } of hits) forms.set(form, (forms.get(form) ?? 0) + 1);
  const counts = [...forms].map(([form, count]) => `${count} ${form}`);
  const rest = found.unknown === 0
    ? ""
    : `; ${found.unknown} words are no instruction this model knows`;
  return `recrun: ${path}: ${hits.length} of ${found.words} instructions` +
    ` would report ISV=0${
      counts.length === 0 ? "" : `: ${counts.join(", ")}`
    }` +
    rest;
};

/** What the command looks at and how far. */
interface Scope {
  readonly path: string;
  readonly symbol: string | null;
  readonly trace: string | null;
  readonly recording: string | null;
  readonly stack: boolean;
}

const parse = (args: readonly string[]): Scope | BadInput => {
  const flags = readFlags(args, {
    string: ["symbol", "trace", "recording"],
    boolean: ["no-stack"],
  });
  if (isBad(flags)) return flags;
  const [path, ...more] = flags.rest;
  if (path === undefined || more.length > 0) {
    return badInput(
      `expected lint to be given one GUEST.elf but found ${flags.rest.length}`,
    );
  }
  const { symbol = null, trace = null, recording = null } = flags.values;
  if (trace !== null && recording !== null) {
    return badInput("expected --trace or --recording but found both");
  }
  return {
    path,
    symbol,
    trace,
    recording,
    stack: !flags.given.has("no-stack"),
  };
};

const report = (
  hits: readonly Hit[],
  sections: Sections,
  counts: ReadonlyMap<bigint, number> | null,
): string => {
  const name = namer(sections.symbols);
  const lines = readLines(sections.sections);
  const source = liner(lines.tag === "Lines" ? lines.rows : []);
  const sourced = lines.tag === "Lines";
  return aligned(hits.map(({ at, text, form }) => {
    const named = name(at);
    const row = source(at);
    return [
      hex(at),
      named === null ? "?" : place(named),
      ...(sourced ? [row === null ? "?" : `${row.file}:${row.line}`] : []),
      text,
      form,
      ...(counts === null ? [] : [`${counts.get(at)} aborts`]),
    ];
  }));
};

/** Lints a guest; 0 when nothing is listed, 1 when something is. */
export const main: Main = Effect.fnUntraced(function* (args) {
  const terminal = yield* Terminal;
  const files = yield* Files;
  const scope = parse(args);
  if (isBad(scope)) return yield* Effect.fail(scope);
  const { path, symbol } = scope;
  const sections = readElfSections(yield* files.read(path));
  if (sections.tag === "Refused") {
    return yield* Effect.fail(badInput(`${path}: ${sections.what}`));
  }
  const known = sections.symbols.map((found) => found.name);
  if (symbol !== null && !known.includes(symbol)) {
    return yield* Effect.fail(badInput(
      `${path}: expected one of its ${known.length} symbols but found ${
        JSON.stringify(symbol)
      }`,
    ));
  }
  const counts = yield* abortsSeen(scope);
  const found = lintCode(sections.code, codeTest(sections.symbols));
  const name = namer(sections.symbols);
  const hits = found.hits.filter(({ at, stack }) =>
    (scope.stack || !stack) &&
    (symbol === null || name(at)?.name === symbol) &&
    (counts === null || counts.has(at))
  );
  yield* terminal.out(encoder.encode(report(hits, sections, counts)));
  const lines = readLines(sections.sections);
  if (lines.tag === "NoLines" && lines.why !== "no .debug_line") {
    yield* terminal.err(`recrun: ${path}: no source lines: ${lines.why}`);
  }
  yield* terminal.err(summary(path, found, hits));
  return hits.length === 0 ? 0 : 1;
});
