/**
 * `recrun conform`: holds reference vectors against the model.
 *
 * @module
 */

import * as Effect from "effect/Effect";
import { judgeKvm } from "./conform/kvm.ts";
import { judgeRmm } from "./conform/rmm.ts";
import { judgeRoundtrip } from "./conform/roundtrip.ts";
import type { Verdict } from "./conform/verdict.ts";
import { parseJson } from "./decode.ts";
import type { Main } from "./command.ts";
import { isBad, readFlags } from "./flags.ts";
import { readText } from "./lines.ts";
import { badInput, Terminal } from "./services.ts";

type Judge = (vector: unknown) => Verdict;

const has = (value: unknown, ...path: readonly string[]): boolean => {
  let here = value;
  for (const key of path) {
    if (typeof here !== "object" || here === null) return false;
    here = (here as Record<string, unknown>)[key];
  }
  return here !== undefined;
};

/** The judge for a vector, recognised by the fields only its kind has. */
const judgeFor = (vector: unknown): Judge | null => {
  if (has(vector, "variant")) return judgeKvm;
  if (has(vector, "out", "kvm")) return judgeRoundtrip;
  if (has(vector, "ops") || has(vector, "in", "exc")) return judgeRmm;
  return null;
};

const encoder = new TextEncoder();

const judgeLine = Effect.fnUntraced(
  function* (line: string, where: string) {
    const vector = yield* parseJson(line, where);
    const judge = judgeFor(vector);
    if (judge === null) {
      return yield* Effect.fail(badInput(
        `${where}: expected a vector with "variant", "ops", "in.exc" or "out.kvm" but found none of them`,
      ));
    }
    const verdict = judge(vector);
    if (verdict.tag === "Malformed") {
      return yield* Effect.fail(badInput(`${where}: ${verdict.what}`));
    }
    if (verdict.tag === "Passed") return null;
    const { id, cat } = vector as { id?: unknown; cat?: unknown };
    const kind = cat === undefined ? "" : ` (${String(cat)})`;
    return `${where}: vector ${String(id)}${kind}: ${verdict.difference}`;
  },
);

const judgeFile = Effect.fnUntraced(function* (path: string) {
  const terminal = yield* Terminal;
  const lines = (yield* readText(path)).split("\n");
  let passed = 0;
  let failed = 0;
  for (const [index, line] of lines.entries()) {
    if (line.trim() === "") continue;
    const failure = yield* judgeLine(line, `${path}:${index + 1}`);
    if (failure === null) passed += 1;
    else {
      failed += 1;
      yield* terminal.out(encoder.encode(`${failure}\n`));
    }
  }
  if (passed + failed === 0) {
    return yield* Effect.fail(
      badInput(`${path}: expected vectors, one a line, but found none`),
    );
  }
  return { passed, failed };
});

/** What `recrun conform --help` prints. */
export const usage = `\
recrun conform VECTORS.jsonl[.gz] ...

Holds reference vectors against the model. The kind of a vector is recognised
from its fields. Each failing vector is printed with its id and its first
difference; the last line reads "N passed, N failed".
`;

/** Judges every vector of the files; 0 only if none failed. */
export const main: Main = Effect.fnUntraced(function* (args) {
  const terminal = yield* Terminal;
  const flags = readFlags(args, {});
  if (isBad(flags)) return yield* Effect.fail(flags);
  if (flags.rest.length === 0) {
    return yield* Effect.fail(badInput(
      "expected conform to be given VECTORS.jsonl but found none",
    ));
  }
  let passed = 0;
  let failed = 0;
  for (const path of flags.rest) {
    const tally = yield* judgeFile(path);
    passed += tally.passed;
    failed += tally.failed;
  }
  yield* terminal.out(encoder.encode(`${passed} passed, ${failed} failed\n`));
  return failed === 0 ? 0 : 1;
});
