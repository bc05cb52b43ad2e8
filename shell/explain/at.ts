/**
 * `recrun explain FILE@EVENT`: an event found again, by playing the run up to
 * it or by its line in a trace.
 *
 * @module
 */

import * as Effect from "effect/Effect";
import { explainTaken } from "../../core/explain/event.ts";
import { entrySection, flagSection } from "../../core/explain/flags.ts";
import { inside, type Setting } from "../../core/explain/scene.ts";
import { statusOf, statusSections } from "../../core/explain/refusal.ts";
import {
  type Answer,
  exceptionEvent,
  explainException,
  page,
  type Taken,
} from "../../core/explain/syndrome.ts";
import { FLAG } from "../../core/rmm/recrun.ts";
import type { Syndrome } from "../../core/rmm/state.ts";
import { step } from "../../core/step.ts";
import { readText } from "../lines.ts";
import type { RunOptions } from "../run_options.ts";
import { type BadInput, badInput, Files, type Terminal } from "../services.ts";
import { isRecording } from "../tape.ts";
import { traceLine } from "../trace.ts";
import { walk } from "../walk.ts";

/** Instructions and exceptions after which the search for an event gives up. */
const steps_max = 100_000_000;

const noEvent = (path: string, wanted: number, count: number): BadInput =>
  badInput(
    `${path}: expected an event number below ${count} but found ${wanted}`,
  );

/** The event as the answer's first section: its trace line. */
const headed = (line: string, answer: Answer): Answer => ({
  ...answer,
  sections: [{ title: line, rows: [] }, ...answer.sections],
});

/** Ends a run early: raised by the observer at the event, caught by the search. */
const reached: BadInput = badInput("the event is reached");

const fromRun = Effect.fnUntraced(function* (
  path: string,
  wanted: number,
  options: Partial<RunOptions>,
) {
  let count = 0;
  let found: Taken | null = null;
  yield* walk(
    { path, options, steps_max, stdin: false },
    (before, event, result) => {
      if (count++ !== wanted) return null;
      found = { before, event, result };
      return Effect.fail(reached);
    },
  ).pipe(
    Effect.catch((why) => why === reached ? Effect.void : Effect.fail(why)),
  );
  if (found === null) return yield* Effect.fail(noEvent(path, wanted, count));
  const { before, event, result }: Taken = found;
  return headed(
    traceLine(wanted, before, event, result),
    explainTaken({ before, event, result }),
  );
});

const syndromeOf = (line: string): Syndrome | null => {
  const shape = / {2}esr (0x[0-9a-f]+) far (0x[0-9a-f]+) hpfar (0x[0-9a-f]+) /;
  const [, esr, far, hpfar] = shape.exec(`${line} `) ?? [];
  if (esr === undefined || far === undefined || hpfar === undefined) {
    return null;
  }
  return { esr: BigInt(esr), far: BigInt(far), hpfar: BigInt(hpfar) };
};

const flagsOf = (text: string): bigint =>
  text.split("|").reduce(
    (sum, name) =>
      sum | ((FLAG as Readonly<Record<string, bigint>>)[name] ?? 0n),
    0n,
  );

/** An entry's trace line explained after the last exit of its REC that the trace shows. */
const entryOf = (
  line: string,
  lines: readonly string[],
  rec: string,
  setting: Setting,
): Answer | null => {
  const shape = /flags (\S+) gprs\[0\] (0x[0-9a-f]+) -> (\S+)(?: index (\d+))?/;
  const [, flags, gpr0, to = "", index] = shape.exec(line) ?? [];
  if (flags === undefined || gpr0 === undefined) return null;
  const before = lines.findLast((text) =>
    text.split(" ")[1] === rec && text.includes("-> exit ")
  );
  const syndrome = before === undefined ? null : syndromeOf(before);
  const world = inside(setting);
  const word = flagsOf(flags);
  const status = statusOf(to);
  if (world === null) return null;
  const exited = syndrome === null
    ? world
    : step(world, exceptionEvent(0, syndrome)).world;
  return page(
    flagSection(word),
    ...(syndrome === null ? [] : [entrySection(exited, 0, word, BigInt(gpr0))]),
    ...(status === null
      ? []
      : statusSections(setting, status.status, Number(index ?? 0))),
  );
};

const fromTrace = (
  text: string,
  path: string,
  wanted: number,
  setting: Setting,
): Effect.Effect<Answer, BadInput> => {
  const lines = text.split("\n").filter((line) => /^\d+ \w+ \w+/.test(line));
  const at = lines.findIndex((line) => line.startsWith(`${wanted} `));
  const line = lines[at];
  if (line === undefined) {
    return Effect.fail(noEvent(path, wanted, lines.length));
  }
  const [, rec = "", tag = ""] = line.split(" ");
  const syndrome = syndromeOf(line);
  const world = inside(setting);
  if (syndrome !== null && world !== null) {
    return Effect.succeed(headed(line, explainException(world, 0, syndrome)));
  }
  const entry = /^R(ec|miRec)Enter$/.test(tag)
    ? entryOf(line, lines.slice(0, at), rec, setting)
    : null;
  return Effect.succeed(headed(line, entry ?? page()));
};

/** Explains `FILE@EVENT`. */
export const explainAt: (
  asked: string,
  options: Partial<RunOptions>,
  setting: Setting,
) => Effect.Effect<Answer, BadInput, Files | Terminal> = Effect.fnUntraced(
  function* (asked, options, setting) {
    const cut = asked.lastIndexOf("@");
    const path = asked.slice(0, cut);
    const wanted = Number(asked.slice(cut + 1));
    const files = yield* Files;
    const bytes = yield* files.read(path);
    const elf = bytes[0] === 0x7f && bytes[1] === 0x45;
    if (elf || path.endsWith(".json") || isRecording(bytes)) {
      return yield* fromRun(path, wanted, options);
    }
    const text = yield* readText(path);
    if (!/^\d+ \w+ \w+/m.test(text)) {
      return yield* Effect.fail(badInput(
        `${path}: expected a scenario, a guest, a recording or a trace of recrun run but found none of them`,
      ));
    }
    return yield* fromTrace(text, path, wanted, setting);
  },
);
