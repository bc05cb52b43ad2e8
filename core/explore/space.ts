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

import { EXIT } from "../rmm/recrun.ts";
import { step } from "../step.ts";
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
import { recOf, track, transition } from "./transition.ts";
import type { Row } from "./visited.ts";

/** A way on from a state. */
export interface Move {
  /** Index of the action. */
  readonly action: number;
  /** The REC that acts, or -1. */
  readonly rec: number;
}

/** A move of one REC and where it leads, or that other RECs matter to it. */
type Local =
  & Move
  & (
    | {
      readonly tag: "Known";
      readonly shared: number;
      /** The REC's part afterwards; -1 for a move of the board. */
      readonly part: number;
      /** Index of the invariant it violates, or -1. */
      readonly wrong: number;
    }
    | { readonly tag: "Whole" }
  );

/** One exploration's tables; private to it. */
export interface Space {
  readonly actions: readonly Action[];
  readonly invariants: readonly Invariant[];
  readonly recs: number;
  readonly tables: Collapse;
  /** Moves of REC `rec` by its part and the shared part; the last entry is the board's. */
  readonly moves: readonly Map<number, Map<number, readonly Local[]>>[];
  /** Invariants that had something to say, by index. */
  readonly exercised: boolean[];
}

/** What is told of each successor: the move, the row it leads to (valid until it returns), and the invariant it violates, or -1. */
export type Emit = (
  action: number,
  rec: number,
  row: Row,
  wrong: number,
) => void;

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

/**
 * True for an event that reads or writes another REC than its own: PSCI
 * calls, whether they come as a PSCI exit or in a host call.
 */
export const reachesOthers = (world: World, event: Event): boolean => {
  if (event.tag === "RmiPsciComplete") return true;
  if (event.tag !== "RecExit") return false;
  const reason = world.runs[event.rec]?.exit.exit_reason;
  return reason === EXIT.PSCI || reason === EXIT.HOST_CALL;
};

/** What came of an action: the node after it and the invariant it violates, or -1. */
export interface Taken {
  readonly node: Node;
  readonly wrong: number;
}

const judge = (
  space: Pick<Space, "invariants" | "exercised">,
  t: ReturnType<typeof transition>,
): number => {
  let wrong = -1;
  for (const [index, { check }] of space.invariants.entries()) {
    const verdict = check(t);
    if (verdict === null) continue;
    space.exercised[index] = true;
    if (verdict !== true && wrong < 0) wrong = index;
  }
  return wrong;
};

/** Plays events on a node, up to the first that violates an invariant. */
export const play = (
  space: Pick<Space, "invariants" | "exercised">,
  node: Node,
  events: readonly Event[],
): Taken => {
  let { world, ghosts } = node;
  for (const event of events) {
    const rec = recOf(event);
    const result = step(world, event);
    const t = transition(world, event, result, ghosts[rec] ?? fresh);
    const wrong = judge(space, t);
    world = result.world;
    if (0 <= rec) ghosts = ghosts.with(rec, track(t));
    if (0 <= wrong) return { node: { world, ghosts }, wrong };
  }
  return { node: { world, ghosts }, wrong: -1 };
};

const local = (
  space: Space,
  node: Node,
  move: Move,
  events: readonly Event[],
): Local => {
  const { world } = node;
  if (events.some((event) => reachesOthers(world, event))) {
    return { tag: "Whole", ...move };
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
const localMoves = (
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

/** A move in which several RECs matter: played on the whole world each time. */
const whole = (
  space: Space,
  row: Row,
  { action, rec }: Move,
): { readonly row: Row; readonly wrong: number } => {
  const node = nodeOf(space, row);
  const events = space.actions[action]?.events(node.world, rec) ?? [];
  const taken = play(space, node, events);
  return { row: rowOf(space, taken.node), wrong: taken.wrong };
};

/** Emits every successor of a state, RECs in order and the board last; returns how many. */
export const expand = (space: Space, row: Row, emit: Emit): number => {
  let count = 0;
  const next = row.slice();
  for (let turn = 0; turn <= space.recs; turn++) {
    const rec = turn < space.recs ? turn : -1;
    const at = turn + 1;
    const moves = localMoves(space, row, rec);
    count += moves.length;
    for (const move of moves) {
      if (move.tag === "Whole") {
        const led = whole(space, row, move);
        emit(move.action, rec, led.row, led.wrong);
        continue;
      }
      next[0] = move.shared;
      if (0 <= rec) next[at] = move.part;
      emit(move.action, rec, next, move.wrong);
    }
    next.set(row);
  }
  return count;
};
