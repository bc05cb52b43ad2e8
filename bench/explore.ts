/**
 * Unique states a second on one core, and bytes per state.
 *
 * Every space is explored in full, or to the bound its row names, with every
 * invariant checked; rounds are interleaved and the median is told. The heap is
 * weighed at the end, after a collection where `--expose-gc` allows one.
 *
 *     deno run --v8-flags=--expose-gc bench/explore.ts [ROUNDS]
 *
 * @module
 */

import { choose } from "../core/explore/alphabet.ts";
import { invariants } from "../core/explore/invariants.ts";
import {
  advance,
  type Exploration,
  findings,
  openSearch,
  type Search,
} from "../core/explore/search.ts";
import { visitedBytes } from "../core/explore/visited.ts";
import { print } from "./table.ts";
import { bootedWith } from "./world.ts";

/** A space to explore. */
interface Row {
  readonly name: string;
  readonly events: readonly string[];
  readonly recs: number;
  readonly states: number;
}

const rows: readonly Row[] = [
  { name: "default", events: ["default"], recs: 2, states: 1e8 },
  {
    name: "default and immediate_exit",
    events: ["default", "run-immediate"],
    recs: 2,
    states: 1e8,
  },
  { name: "default, 3 RECs", events: ["default"], recs: 3, states: 3e6 },
  {
    name: "every access",
    events: ["accesses", "correct", "irq", "rx"],
    recs: 1,
    states: 1e8,
  },
];

const planOf = ({ events, recs, states }: Row): Exploration => {
  const chosen = choose(events);
  if (chosen.tag === "Unknown") throw new Error(chosen.name);
  const bounds = { depth: 1e6, states, bytes: 1e12 };
  const { actions } = chosen;
  return { start: bootedWith(null, recs), actions, invariants, bounds };
};

const collect = (): void => {
  const { gc } = globalThis as { readonly gc?: () => void };
  gc?.();
};

const heapBytes = (): number => {
  collect();
  return Deno.memoryUsage().heapUsed;
};

/** One exploration, timed and weighed. */
interface Measured {
  readonly per_second: number;
  readonly transitions_per_second: number;
  readonly heap_bytes: number;
  readonly visited_bytes: number;
  readonly unique: number;
  readonly computed: number;
}

/** Moves that were worked out by running the model, not looked up. */
const computed = ({ space }: Search): number =>
  space.moves.flatMap((table) => [...table.values()])
    .flatMap((byShared) => [...byShared.values()])
    .reduce((sum, moves) => sum + moves.length, 0);

const measure = (row: Row): Measured => {
  const search = openSearch(planOf(row));
  const begun = performance.now();
  while (search.reach === null) advance(search, 4096);
  const seconds = (performance.now() - begun) / 1000;
  const { unique, transitions } = findings(search);
  return {
    unique,
    per_second: unique / seconds,
    transitions_per_second: transitions / seconds,
    heap_bytes: heapBytes() / unique,
    visited_bytes: visitedBytes(search.set) / unique,
    computed: computed(search) / transitions,
  };
};

const median = (list: readonly number[]): number =>
  list.toSorted((a, b) => a - b)[Math.floor(list.length / 2)] ?? 0;

const thousands = (value: number): string => `${Math.round(value / 1000)} k`;

const line = (name: string, taken: readonly Measured[]): string => {
  const of = (key: keyof Measured): number =>
    median(taken.map((one) => one[key]));
  return [
    `${name}: ${of("unique")} unique states`,
    `${thousands(of("per_second"))} unique states/s`,
    `${thousands(of("transitions_per_second"))} transitions/s`,
    `${of("visited_bytes").toFixed(1)} bytes/state in the visited set`,
    `${of("heap_bytes").toFixed(1)} in the heap of the whole process`,
    `${(100 * of("computed")).toFixed(1)} % of transitions worked out`,
  ].join(", ");
};

if (import.meta.main) {
  const rounds = Number(Deno.args[0] ?? 5);
  const taken = rows.map((): Measured[] => []);
  for (let round = 0; round < rounds; round++) {
    rows.forEach((row, index) => taken[index]?.push(measure(row)));
  }
  rows.forEach(({ name }, at) => print(line(name, taken[at] ?? [])));
}
