/**
 * What `recrun explore` can be told.
 *
 * @module
 */

import type { Action } from "../../core/explore/action.ts";
import { actions, choose, sets } from "../../core/explore/alphabet.ts";
import type { Invariant } from "../../core/explore/invariant.ts";
import { invariantNamed, invariants } from "../../core/explore/invariants.ts";
import type { Bounds } from "../../core/explore/search.ts";
import { integer, isBad, readFlags } from "../flags.ts";
import {
  default_options,
  option_flags,
  option_switches,
  option_usage,
  readOptions,
  type RunOptions,
} from "../run_options.ts";
import { type BadInput, badInput } from "../services.ts";

/** One parsed `recrun explore`. */
export interface ExploreCommand {
  readonly options: RunOptions;
  readonly actions: readonly Action[];
  readonly invariants: readonly Invariant[];
  readonly bounds: Bounds;
  readonly workers: number;
  /** Path of the scenario to write a counterexample to, or null. */
  readonly save: string | null;
}

const mib = 1024 * 1024;

/** What bounds a search unless told otherwise. */
const defaults = {
  recs: "2",
  depth: "1000",
  states: "20000000",
  memory: "2048",
  workers: "1",
  events: "default",
} as const;

const table = (rows: readonly (readonly [string, string])[]): string => {
  const width = Math.max(...rows.map(([name]) => name.length)) + 2;
  return rows.map(([name, what]) => `  ${name.padEnd(width)}${what}`).join(
    "\n",
  );
};

/** What `recrun explore --help` prints. */
export const usage = `\
recrun explore [options]

Explores every interleaving of a realm, its RMM, KVM and the VMM, breadth
first, and checks every invariant on every step. Ends with "holds" and how far
it looked, or with a shortest counterexample. The realm has no code: it does
anything of the alphabet at any time.

${option_usage}
  --recs N         RECs, 1 to 16 (default ${defaults.recs})
  --events LIST    actions and sets of them, by name (default ${defaults.events})
  --invariants LIST  check these only, by id (default all)
  --depth N        look no further than N moves (default ${defaults.depth})
  --states N       stop after N unique states (default ${defaults.states})
  --memory N       stop at N MiB (default ${defaults.memory})
  --workers N      expand states in N workers, 1 to 64; the counts stay the same
  --save FILE      write a counterexample as a scenario that recrun run replays

sets of actions:
${
  table(
    Object.entries(sets).map(([name, members]) => [name, members.join(" ")]),
  )
}

actions:
${table(actions.map(({ name, does }) => [name, does]))}
`;

const listOf = (text: string): readonly string[] =>
  text.split(",").map((name) => name.trim()).filter((name) => name !== "");

const readActions = (text: string): readonly Action[] | BadInput => {
  const chosen = choose(listOf(text));
  if (chosen.tag === "Unknown") {
    return badInput(
      `expected --events to name actions or sets (recrun explore --help lists them) but found ${
        JSON.stringify(chosen.name)
      }`,
    );
  }
  return chosen.actions.length > 0
    ? chosen.actions
    : badInput("expected --events to name at least one action but found none");
};

const readInvariants = (
  text: string | undefined,
): readonly Invariant[] | BadInput => {
  if (text === undefined) return invariants;
  const found: Invariant[] = [];
  for (const id of listOf(text)) {
    const row = invariantNamed(id);
    if (row === undefined) {
      return badInput(
        `expected --invariants to name invariants (${
          invariants.map((one) => one.id).join(" ")
        }) but found ${JSON.stringify(id)}`,
      );
    }
    found.push(row);
  }
  return found.length > 0
    ? found
    : badInput("expected --invariants to name at least one but found none");
};

/** The numeric flags, their least and their greatest value. */
const limits = {
  recs: [1, 16],
  depth: [1, 1_000_000],
  states: [1, 500_000_000],
  memory: [1, 1_000_000],
  workers: [1, 64],
} as const;

type Limit = keyof typeof limits;

const readLimits = (
  values: Readonly<Record<string, string>>,
): Readonly<Record<Limit, number>> | BadInput => {
  const found: Partial<Record<Limit, number>> = {};
  for (const name of Object.keys(limits) as Limit[]) {
    const [least, most] = limits[name];
    const value = integer(name, values[name] ?? defaults[name], least, most);
    if (isBad(value)) return value;
    found[name] = value;
  }
  return found as Readonly<Record<Limit, number>>;
};

/** Reads the arguments of `recrun explore`. */
export const parse = (args: readonly string[]): ExploreCommand | BadInput => {
  const flags = readFlags(args, {
    string: [
      ...option_flags,
      ...Object.keys(limits),
      "events",
      "invariants",
      "save",
    ],
    boolean: [...option_switches],
  });
  if (isBad(flags)) return flags;
  const { values, rest } = flags;
  if (rest.length > 0) {
    return badInput(`expected only flags but found ${JSON.stringify(rest[0])}`);
  }
  const options = readOptions(flags);
  if (isBad(options)) return options;
  const found = readLimits(values);
  if (isBad(found)) return found;
  const chosen = readActions(values["events"] ?? defaults.events);
  if (isBad(chosen)) return chosen;
  const checked = readInvariants(values["invariants"]);
  if (isBad(checked)) return checked;
  const { recs, depth, states, memory, workers } = found;
  return {
    options: { ...default_options, ...options, recs },
    actions: chosen as readonly Action[],
    invariants: checked as readonly Invariant[],
    bounds: { depth, states, bytes: memory * mib },
    workers,
    save: values["save"] ?? null,
  };
};
