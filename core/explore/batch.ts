/**
 * Expanding a level in several places: batches of states out, their
 * successors back, merged in the order one place would have found them.
 *
 * A replica has tables of its own, so a part has one number here and another
 * there. What is sent names parts by the search's numbers and brings the
 * parts the replica does not know; what comes back brings those the search
 * may not know.
 *
 * @module
 */

import { number } from "./collapse.ts";
import { packMove } from "./move.ts";
import { absorb, ended, type Search } from "./search.ts";
import { expand } from "./expand.ts";
import type { Space } from "./space.ts";
import { type Row, rowAt } from "./visited.ts";

/** States to expand. */
export interface Order {
  /** For each: its index, then its row. */
  readonly words: Int32Array;
  /** Parts the replica does not know yet, by the search's numbers. */
  readonly parts: readonly (readonly [id: number, part: unknown])[];
  /** The search's numbers of the fresh parts of the last batch. */
  readonly assigned: readonly number[];
}

/** What a replica found. */
export interface Batch {
  /** For each successor: the state's index, the move or -1 for none, the invariant violated or -1, the row; a negative number -n names fresh part n - 1. */
  readonly words: Int32Array;
  /** Parts the replica has no number of the search's for. */
  readonly fresh: readonly unknown[];
  /** Which invariants had something to say. */
  readonly exercised: readonly boolean[];
}

/** A place where states are expanded; private to it. */
export interface Replica {
  readonly space: Space;
  /** Own numbers of parts by the search's. */
  readonly inward: Map<number, number>;
  /** The search's numbers of parts by own. */
  readonly outward: Map<number, number>;
  /** Own numbers of the parts sent as fresh and not assigned yet. */
  unassigned: number[];
}

/** A replica with empty tables. */
export const replica = (space: Space): Replica => ({
  space,
  inward: new Map(),
  outward: new Map(),
  unassigned: [],
});

const know = (at: Replica, theirs: number, own: number): void => {
  at.inward.set(theirs, own);
  at.outward.set(own, theirs);
};

const head_words = 3;

/** Expands the states of an order. */
export const expandOrder = (at: Replica, order: Order): Batch => {
  order.assigned.forEach((id, index) => {
    const own = at.unassigned[index];
    if (own !== undefined) know(at, id, own);
  });
  for (const [id, part] of order.parts) {
    know(at, id, number(at.space.tables, part));
  }
  const stride = 1 + at.space.recs;
  const words: number[] = [];
  const fresh = new Map<number, number>();
  const named = (own: number): number => {
    const known = at.outward.get(own);
    if (known !== undefined) return known;
    const place = fresh.get(own) ?? fresh.size;
    fresh.set(own, place);
    return -1 - place;
  };
  for (let from = 0; from < order.words.length; from += 1 + stride) {
    const index = order.words[from] ?? 0;
    const row = order.words.slice(from + 1, from + 1 + stride).map((id) =>
      at.inward.get(id) ?? 0
    );
    const ways = expand(at.space, row, (action, rec, next, wrong) => {
      words.push(index, packMove(action, rec), wrong);
      for (let part = 0; part < stride; part++) {
        words.push(named(next[part] ?? 0));
      }
    });
    if (ways === 0) words.push(index, -1, -1, ...row.map(named));
  }
  at.unassigned = [...fresh.keys()];
  return {
    words: Int32Array.from(words),
    fresh: at.unassigned.map((own) => at.space.tables.values[own]),
    exercised: at.space.exercised,
  };
};

/** The order for states `from` to `to`, of which the replica knows the parts in `known`. */
export const orderFor = (
  search: Search,
  from: number,
  to: number,
  known: Set<number>,
  assigned: readonly number[],
): Order => {
  for (const id of assigned) known.add(id);
  const { stride } = search.set;
  const words = new Int32Array((to - from) * (1 + stride));
  const parts: (readonly [number, unknown])[] = [];
  for (let index = from; index < to; index++) {
    const row = rowAt(search.set, index);
    const at = (index - from) * (1 + stride);
    words[at] = index;
    words.set(row, at + 1);
    for (const id of row) {
      if (known.has(id)) continue;
      known.add(id);
      parts.push([id, search.space.tables.values[id]]);
    }
  }
  return { words, parts, assigned };
};

/** Takes a batch in, in order; returns the numbers of its fresh parts. */
export const absorbBatch = (
  search: Search,
  batch: Batch,
): readonly number[] => {
  const { tables, exercised } = search.space;
  const assigned = batch.fresh.map((part) => number(tables, part));
  batch.exercised.forEach((said, index) => {
    if (said) exercised[index] = true;
  });
  const { stride } = search.set;
  const row: Row = new Int32Array(stride);
  const { words } = batch;
  for (let at = 0; at < words.length; at += head_words + stride) {
    if (search.reach !== null) break;
    const [index = 0, move = 0, wrong = -1] = words.subarray(at, at + 3);
    for (let part = 0; part < stride; part++) {
      const id = words[at + head_words + part] ?? 0;
      row[part] = id < 0 ? assigned[-1 - id] ?? 0 : id;
    }
    if (move < 0) ended(search, index);
    else absorb(search, index, move, wrong, row);
  }
  return assigned;
};
