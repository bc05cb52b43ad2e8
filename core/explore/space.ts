/**
 * The state space: what can follow a state, by running the model.
 *
 * A state is a row of numbers: the shared part's, then one per REC. What a
 * REC can do depends on its own part and the shared one, except where
 * `reachesOthers` says so; it is worked out once for each such pair and then
 * looked up, whatever the other RECs are doing meanwhile.
 *
 * @module
 */

import type { Event, World } from "../world.ts";
import type { Action } from "./action.ts";
import { type Collapse, collapse, number } from "./collapse.ts";
import { fresh } from "./ghost.ts";
import type { Invariant } from "./invariant.ts";
import {
  isUntouched,
  join,
  type Node,
  type RecPart,
  recPart,
  type SharedPart,
  sharedPart,
} from "./part.ts";
import type { Move } from "./move.ts";
import { type Jury, play } from "./play.ts";
import { reachesOthers } from "./reach.ts";
import type { Row } from "./visited.ts";

/** Where a move of one REC leads. */
export interface Known {
  readonly tag: "Known";
  readonly shared: number;
  /** The REC's part afterwards; -1 for a move of the board. */
  readonly part: number;
  /** Index of the invariant it violates, or -1. */
  readonly wrong: number;
}

/** A move of one REC and where it leads, or that other RECs matter to it. */
export type Local =
  & Move
  & (
    | Known
    | {
      readonly tag: "Whole";
      /** Where it leads when it changes no other REC, by a glance at them. */
      readonly known: Map<number, Known>;
    }
  );

/** One exploration's tables; private to it. */
export interface Space extends Jury {
  readonly actions: readonly Action[];
  readonly recs: number;
  readonly tables: Collapse;
  /** Moves of REC `rec` by its part and the shared part; the last entry is the board's. */
  readonly moves: readonly Map<number, Map<number, readonly Local[]>>[];
}

/** Opens the space of worlds with `recs` RECs. */
export const openSpace = (
  recs: number,
  actions: readonly Action[],
  invariants: readonly Invariant[],
): Space => ({
  actions,
  invariants,
  recs,
  tables: collapse(),
  moves: Array.from({ length: recs + 1 }, () => new Map()),
  exercised: invariants.map(() => false),
});

/** The node a path starts from. */
export const startNode = (world: World): Node => ({
  world,
  ghosts: world.realm.recs.map(() => fresh),
});

/** The row of a node. */
export const rowOf = (space: Space, node: Node): Row =>
  Int32Array.of(
    number(space.tables, sharedPart(node.world)),
    ...node.ghosts.map((_, rec) => number(space.tables, recPart(node, rec))),
  );

/** The node of a row. */
export const nodeOf = (space: Space, row: Row): Node => {
  const [shared, ...parts] = Array.from(row, (id) => space.tables.values[id]);
  return join(shared as SharedPart, parts as RecPart[]);
};

const local = (
  space: Space,
  node: Node,
  move: Move,
  events: readonly Event[],
): Local => {
  const { world } = node;
  if (events.some((event) => reachesOthers(world, event))) {
    return { tag: "Whole", ...move, known: new Map() };
  }
  const { node: after, wrong } = play(space, node, events);
  const shared = number(space.tables, sharedPart(after.world));
  const { rec } = move;
  const part = rec < 0 ? -1 : number(space.tables, recPart(after, rec));
  for (const [other] of world.realm.recs.entries()) {
    if (other !== rec && !isUntouched(world, after.world, other)) {
      throw new Error(
        `expected ${
          events.at(-1)?.tag
        } on REC ${rec} to leave REC ${other} alone`,
      );
    }
  }
  return { tag: "Known", ...move, shared, part, wrong };
};

/** Every move of one REC, or of the board for -1, in the alphabet's order. */
export const localMoves = (
  space: Space,
  row: Row,
  rec: number,
): readonly Local[] => {
  const table = space.moves[rec < 0 ? space.recs : rec];
  const shared = row[0] ?? 0;
  const part = rec < 0 ? -1 : row[1 + rec] ?? 0;
  const known = table?.get(part)?.get(shared);
  if (known !== undefined || table === undefined) return known ?? [];
  const node = nodeOf(space, row);
  const moves: Local[] = [];
  for (const [action, { per_rec, events }] of space.actions.entries()) {
    if (per_rec !== 0 <= rec) continue;
    const found = events(node.world, rec);
    if (found === null) continue;
    moves.push(local(space, node, { action, rec }, found));
  }
  const byShared = table.get(part) ?? new Map<number, readonly Local[]>();
  byShared.set(shared, moves);
  table.set(part, byShared);
  return moves;
};
