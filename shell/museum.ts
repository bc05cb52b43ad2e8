/**
 * `recrun museum`: historical bugs, each planted in a correct profile, and the
 * invariants that kill them.
 *
 * @module
 */

import * as Effect from "effect/Effect";
import type { Exhibit } from "../core/museum/exhibit.ts";
import { plantedOf, worldOf } from "../core/museum/exhibit.ts";
import { museum_invariants } from "../core/museum/invariants.ts";
import {
  exhibits,
  isSettled,
  judge,
  killers,
  type Verdict,
} from "../core/museum/museum.ts";
import { step } from "../core/step.ts";
import type { Event } from "../core/world.ts";
import { columns } from "./columns.ts";
import type { Main } from "./command.ts";
import { isBad, readFlags } from "./flags.ts";
import { badInput, Terminal } from "./services.ts";
import { traceLine } from "./trace.ts";

/** What `recrun museum --help` prints. */
export const usage = `\
recrun museum [EXHIBIT]

Prints the kill matrix: a line for each bug, a column for each invariant that
kills one. Every bug is one switch moved on a correct profile, which must
survive the same events. A bug marked * was deduced and is found by this
model: a claim, not an established fact about Linux or TF-RMM.

With the name of an exhibit: what it was, where it was made public, the switch,
a shortest counterexample, and what its last event breaks.

Exit code 1 if a bug survives or a correct profile is killed.
`;

const nameText = ({ name, claim }: Exhibit): string =>
  claim === "published" ? name : `${name} *`;

/** The kill matrix as lines. */
const matrixText = (verdicts: readonly Verdict[]): readonly string[] => {
  const killed = verdicts.map(({ planted }) => killers(planted));
  const ids = museum_invariants.map(({ id }) => id).filter((id) =>
    killed.some((one) => one.includes(id))
  );
  const rows = verdicts.map(({ exhibit, correct }, index) => [
    nameText(exhibit),
    ...ids.map((id) => killed[index]?.includes(id) ? "x" : "."),
    killers(correct).join(" ") || "holds",
  ]);
  return columns([["", ...ids, "correct"], ...rows]);
};

const switchText = ({ moved }: Exhibit): string =>
  Object.entries(moved.to).map(([name, value]) =>
    `${moved.actor}.${name} = ${JSON.stringify(value)}`
  ).join(", ");

/** The events of a counterexample, as a trace. */
const traceOf = (
  exhibit: Exhibit,
  events: readonly Event[],
): readonly string[] => {
  let world = worldOf(exhibit, plantedOf(exhibit));
  return events.map((event, index) => {
    const result = step(world, event);
    const line = traceLine(index, world, event, result);
    world = result.world;
    return line;
  });
};

/** All there is to say of one exhibit. */
const exhibitText = (verdict: Verdict): readonly string[] => {
  const { exhibit, planted, correct } = verdict;
  const { kvm, rmm } = plantedOf(exhibit);
  const broken = planted.broken.map(({ id, wrong }) => [id, wrong]);
  const rules = museum_invariants.filter(({ id }) =>
    killers(planted).includes(id)
  );
  const held = correct.broken.length === 0
    ? "without the switch the same events break nothing"
    : `without the switch they break ${killers(correct).join(", ")}`;
  return [
    `${exhibit.name}: ${exhibit.was}`,
    `${exhibit.claim}: ${exhibit.source}`,
    `switch: ${switchText(exhibit)} on ${rmm.name} and KVM ${kvm.name}`,
    "",
    ...traceOf(exhibit, planted.events),
    "",
    ...columns(broken),
    ...rules.map(({ id, rule, source }) => `${id}: ${rule} (${source})`),
    held,
  ];
};

const findVerdict = (
  name: string,
): Effect.Effect<Verdict, ReturnType<typeof badInput>> => {
  const exhibit = exhibits.find((row) => row.name === name);
  if (exhibit !== undefined) return Effect.succeed(judge(exhibit));
  const names = exhibits.map((row) => row.name).join(", ");
  return Effect.fail(badInput(
    `expected an exhibit (${names}) but found ${JSON.stringify(name)}`,
  ));
};

const summaryText = (verdicts: readonly Verdict[]): string => {
  const killed = verdicts.filter(({ planted }) => planted.broken.length > 0);
  const wrong = verdicts.filter(({ correct }) => correct.broken.length > 0);
  return `recrun: ${verdicts.length} bugs, ${killed.length} killed; ${wrong.length} correct profiles killed`;
};

/** Prints the kill matrix or one exhibit; 1 when a bug survives or a correct profile does not. */
export const main: Main = Effect.fnUntraced(function* (args) {
  const terminal = yield* Terminal;
  const flags = readFlags(args, {});
  if (isBad(flags)) return yield* Effect.fail(flags);
  const [name, ...more] = flags.rest;
  if (more.length > 0) {
    return yield* Effect.fail(badInput(
      `expected museum to be given one exhibit at most but found ${
        more.length + 1
      }`,
    ));
  }
  const verdicts = name === undefined
    ? exhibits.map(judge)
    : [yield* findVerdict(name)];
  const lines = name === undefined
    ? matrixText(verdicts)
    : verdicts.flatMap(exhibitText);
  const text = lines.map((line) => `${line}\n`).join("");
  yield* terminal.out(new TextEncoder().encode(text));
  if (name === undefined) yield* terminal.err(summaryText(verdicts));
  return verdicts.every(isSettled) ? 0 : 1;
});
