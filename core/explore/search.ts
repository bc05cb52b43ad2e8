/**
 * Breadth-first search: levels, limits, and the first thing that goes wrong.
 *
 * States are numbered in the order they are found: by parent, then by REC,
 * then by action. Whoever expands them, merging successors in that order
 * gives the same numbers, counts and verdict.
 *
 * @module
 */

import type { World } from "../world.ts";
import type { Action } from "./action.ts";
import type { Invariant } from "./invariant.ts";
import { type Move, packMove, unpackMove } from "./move.ts";
import { deadlock_id } from "./invariants.ts";
import { isDeadlock } from "./invariants/liveness.ts";
import { type Emit, expand } from "./expand.ts";
import { nodeOf, openSpace, rowOf, type Space, startNode } from "./space.ts";
import {
  add,
  loadRow,
  pathTo,
  type Row,
  rowAt,
  type Visited,
  visited,
  visitedBytes,
} from "./visited.ts";

/** How far to look. */
export interface Bounds {
  /** Moves from the start. */
  readonly depth: number;
  /** Unique states. */
  readonly states: number;
  /** Bytes, by `searchBytes`. */
  readonly bytes: number;
}

/** What is explored. */
export interface Exploration {
  readonly start: World;
  readonly actions: readonly Action[];
  readonly invariants: readonly Invariant[];
  readonly bounds: Bounds;
}

/** How far the search looked. */
export type Reach =
  /** Every reachable state was expanded. */
  | { readonly tag: "Complete" }
  /** Every state up to this depth was found. */
  | { readonly tag: "Bounded"; readonly depth: number }
  /** A limit was hit before either. */
  | { readonly tag: "Stopped"; readonly by: "states" | "memory" }
  /** A counterexample ended it. */
  | { readonly tag: "Violated" };

/** A shortest way to break an invariant. */
export interface Violation {
  readonly invariant: Invariant;
  /** The moves from the start; the last one breaks it. */
  readonly moves: readonly Move[];
}

/** A search under way; private to it. */
export interface Search {
  readonly exploration: Exploration;
  readonly space: Space;
  readonly set: Visited;
  /** Index of the first state that is not expanded. */
  head: number;
  /** Index after the last state of the level being expanded. */
  level: number;
  depth: number;
  transitions: number;
  reach: Reach | null;
  violation: Violation | null;
}

/** Opens a search at its start. */
export const openSearch = (exploration: Exploration): Search => {
  const { start, actions, invariants } = exploration;
  const local = invariants.filter(({ id }) => id !== deadlock_id);
  const space = openSpace(start.realm.recs.length, actions, local);
  const set = visited(1 + space.recs);
  add(set, rowOf(space, startNode(start)), -1, 0);
  return {
    exploration,
    space,
    set,
    head: 0,
    level: 1,
    depth: 0,
    transitions: 0,
    reach: null,
    violation: null,
  };
};

/** Bytes one collapsed value takes, roughly: its entries in the tables and itself. */
export const value_bytes = 200;

/** Bytes the search holds: the visited set as allocated, and collapsed values at `value_bytes` each. */
export const searchBytes = ({ set, space }: Search): number =>
  visitedBytes(set) + value_bytes * space.tables.values.length;

const movesTo = (search: Search, index: number): readonly Move[] =>
  pathTo(search.set, index).slice(1).map((at) =>
    unpackMove(search.set.moves[at] ?? 0)
  );

const violated = (
  search: Search,
  invariant: Invariant | undefined,
  moves: readonly Move[],
): void => {
  if (invariant === undefined) return;
  search.violation = { invariant, moves };
  search.reach = { tag: "Violated" };
};

/** Takes one successor in; false when the search is over. */
export const absorb = (
  search: Search,
  parent: number,
  move: number,
  wrong: number,
  row: Row,
): boolean => {
  search.transitions += 1;
  if (0 <= wrong) {
    const moves = [...movesTo(search, parent), unpackMove(move)];
    violated(search, search.space.invariants[wrong], moves);
    return false;
  }
  const { bounds } = search.exploration;
  if (!add(search.set, row, parent, move)) return true;
  if (bounds.states < search.set.count) {
    search.reach = { tag: "Stopped", by: "states" };
    return false;
  }
  return true;
};

/** A state without a way on: fine when all is done, else a deadlock. */
export const ended = (search: Search, index: number): void => {
  const node = nodeOf(search.space, rowAt(search.set, index));
  if (!node.ghosts.every(({ honest }) => honest)) return;
  if (!isDeadlock(node.world)) return;
  const { invariants } = search.exploration;
  const row = invariants.find(({ id }) => id === deadlock_id);
  violated(search, row, movesTo(search, index));
};

/** Ends a level: the next one begins, or there is none to look at. */
export const endLevel = (search: Search): void => {
  if (search.reach !== null || search.head < search.level) return;
  const { bounds } = search.exploration;
  if (search.level === search.set.count) {
    search.reach = { tag: "Complete" };
    return;
  }
  search.depth += 1;
  search.level = search.set.count;
  if (bounds.bytes < searchBytes(search)) {
    search.reach = { tag: "Stopped", by: "memory" };
  } else if (search.depth === bounds.depth) {
    search.reach = { tag: "Bounded", depth: search.depth };
  }
};

/** Expands up to `states` states; the search is over when `reach` is no longer null. */
export const advance = (search: Search, states: number): void => {
  const row = new Int32Array(search.set.stride);
  let index = 0;
  const emit: Emit = (action, rec, next, wrong) => {
    if (search.reach !== null) return;
    absorb(search, index, packMove(action, rec), wrong, next);
  };
  for (let done = 0; done < states && search.reach === null; done++) {
    index = search.head++;
    loadRow(search.set, index, row);
    const ways = expand(search.space, row, emit);
    if (ways === 0) ended(search, index);
    endLevel(search);
  }
};

/** What a search found so far. */
export interface Findings {
  readonly reach: Reach | null;
  readonly violation: Violation | null;
  /** States generated, counting each as often as it was found. */
  readonly states: number;
  readonly unique: number;
  readonly transitions: number;
  /** Moves from the start to the deepest state found. */
  readonly depth: number;
  /** Ids of the invariants that had something to say. */
  readonly exercised: readonly string[];
}

/** Sums a search up. */
export const findings = (search: Search): Findings => ({
  reach: search.reach,
  violation: search.violation,
  states: search.transitions + 1,
  unique: search.set.count,
  transitions: search.transitions,
  depth: search.set.count > search.level ? search.depth + 1 : search.depth,
  exercised: search.space.invariants
    .filter((_, index) => search.space.exercised[index])
    .map(({ id }) => id),
});

/** Explores to the end. */
export const explore = (exploration: Exploration): Findings => {
  const search = openSearch(exploration);
  while (search.reach === null) advance(search, 1024);
  return findings(search);
};
