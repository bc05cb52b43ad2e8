/**
 * Expanding a state: where each of its moves leads.
 *
 * @module
 */

import { number } from "./collapse.ts";
import { isUntouched, type RecPart, recPart, sharedPart } from "./part.ts";
import type { Move } from "./move.ts";
import { play } from "./play.ts";
import { glance, glance_bits } from "./reach.ts";
import {
  type Known,
  type Local,
  localMoves,
  nodeOf,
  type Space,
} from "./space.ts";
import type { Row } from "./visited.ts";

/** What is told of each successor: the move, the row it leads to (valid until it returns), and the invariant it violates, or -1. */
export type Emit = (
  action: number,
  rec: number,
  row: Row,
  wrong: number,
) => void;

/** A glance at every REC but `rec`, as one number. */
const glanceAt = (space: Space, row: Row, rec: number): number => {
  let seen = 0;
  for (let other = 0; other < space.recs; other++) {
    if (other === rec) continue;
    const part = space.tables.values[row[1 + other] ?? 0] as RecPart;
    seen = seen * 2 ** glance_bits + glance(part);
  }
  return seen;
};

/** Plays a move on the whole world into `next`; true when it changed no other REC. */
const playWhole = (
  space: Space,
  row: Row,
  { action, rec }: Move,
  next: Row,
): { readonly alone: boolean; readonly wrong: number } => {
  const node = nodeOf(space, row);
  const events = space.actions[action]?.events(node.world, rec) ?? [];
  const { node: after, wrong } = play(space, node, events);
  let alone = true;
  next[0] = number(space.tables, sharedPart(after.world));
  for (let other = 0; other < space.recs; other++) {
    const kept = isUntouched(node.world, after.world, other) &&
      node.ghosts[other] === after.ghosts[other];
    if (kept) continue;
    next[1 + other] = number(space.tables, recPart(after, other));
    if (other !== rec) alone = false;
  }
  return { alone, wrong };
};

/** Leads `next` where a move goes; returns the invariant it violates, or -1. */
const follow = (space: Space, row: Row, move: Local, next: Row): number => {
  const { rec } = move;
  let known: Known | undefined;
  if (move.tag === "Known") known = move;
  else {
    const seen = glanceAt(space, row, rec);
    known = move.known.get(seen);
    if (known === undefined) {
      const { alone, wrong } = playWhole(space, row, move, next);
      const [shared = 0] = next;
      const part = next[1 + rec] ?? 0;
      if (alone) move.known.set(seen, { tag: "Known", shared, part, wrong });
      return wrong;
    }
  }
  next[0] = known.shared;
  if (0 <= rec) next[1 + rec] = known.part;
  return known.wrong;
};

/** Emits every successor of a state, RECs in order and the board last; returns how many. */
export const expand = (space: Space, row: Row, emit: Emit): number => {
  let count = 0;
  const next = row.slice();
  for (let turn = 0; turn <= space.recs; turn++) {
    const rec = turn < space.recs ? turn : -1;
    const moves = localMoves(space, row, rec);
    count += moves.length;
    for (const move of moves) {
      const wrong = follow(space, row, move, next);
      emit(move.action, rec, next, wrong);
      // Only a move that reaches other RECs leaves more behind than the next one overwrites.
      if (move.tag === "Whole") next.set(row);
    }
    next.set(row);
  }
  return count;
};
