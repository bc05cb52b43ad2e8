/**
 * The visited set: rows of numbers, each once, in the order they were found.
 *
 * Rows are compared in full; the hash only says where to look. A row costs
 * its numbers, its parent, its move and its share of the table.
 *
 * @module
 */

/** A row: numbers, of which a set looks at the first `stride`. */
export type Row = Int32Array;

/** Rows of `stride` numbers; private to one exploration. */
export interface Visited {
  readonly stride: number;
  count: number;
  rows: Int32Array;
  /** Index of the row each was first reached from; -1 for the first. */
  parents: Int32Array;
  /** The move each was first reached by. */
  moves: Uint16Array;
  /** Open-addressed: 0 for empty, else index + 1. */
  table: Int32Array;
}

const rows_first = 1024;

/** An empty set. */
export const visited = (stride: number): Visited => ({
  stride,
  count: 0,
  rows: new Int32Array(rows_first * stride),
  parents: new Int32Array(rows_first),
  moves: new Uint16Array(rows_first),
  table: new Int32Array(2 * rows_first),
});

/** Bytes the set has allocated. */
export const visitedBytes = (set: Visited): number =>
  set.rows.byteLength + set.parents.byteLength + set.moves.byteLength +
  set.table.byteLength;

/** Row `index`. */
export const rowAt = (set: Visited, index: number): Row =>
  set.rows.slice(index * set.stride, (index + 1) * set.stride);

/** Copies row `index` into `row`. */
export const loadRow = (set: Visited, index: number, row: Row): void => {
  const from = index * set.stride;
  for (let at = 0; at < set.stride; at++) row[at] = set.rows[from + at] ?? 0;
};

const mix = (hash: number, word: number): number => {
  const mixed = Math.imul(hash ^ word, 0x9e37_79b1);
  return mixed ^ (mixed >>> 15);
};

const hashOf = (row: Row): number => {
  let hash = 0x811c_9dc5;
  for (let at = 0; at < row.length; at++) hash = mix(hash, row[at] ?? 0);
  return hash >>> 0;
};

const equals = (
  set: Visited,
  index: number,
  row: Row,
): boolean => {
  const from = index * set.stride;
  for (let at = 0; at < set.stride; at++) {
    if (set.rows[from + at] !== row[at]) return false;
  }
  return true;
};

/** The slot of a row: where it is, or where it would go. */
const slotOf = (set: Visited, row: Row): number => {
  const last = set.table.length - 1;
  let slot = hashOf(row) & last;
  for (;;) {
    const found = set.table[slot] ?? 0;
    if (found === 0 || equals(set, found - 1, row)) return slot;
    slot = (slot + 1) & last;
  }
};

const growRows = (set: Visited): void => {
  const capacity = Math.ceil(set.parents.length * 1.5);
  const rows = new Int32Array(capacity * set.stride);
  rows.set(set.rows);
  const parents = new Int32Array(capacity);
  parents.set(set.parents);
  const moves = new Uint16Array(capacity);
  moves.set(set.moves);
  Object.assign(set, { rows, parents, moves });
};

const growTable = (set: Visited): void => {
  set.table = new Int32Array(2 * set.table.length);
  const row = new Int32Array(set.stride);
  for (let index = 0; index < set.count; index++) {
    loadRow(set, index, row);
    set.table[slotOf(set, row)] = index + 1;
  }
};

/** Adds a row unless it is there; true when it is new. */
export const add = (
  set: Visited,
  row: Row,
  parent: number,
  move: number,
): boolean => {
  const slot = slotOf(set, row);
  if (set.table[slot] !== 0) return false;
  if (set.count === set.parents.length) growRows(set);
  const index = set.count++;
  set.rows.set(row, index * set.stride);
  set.parents[index] = parent;
  set.moves[index] = move;
  set.table[slot] = index + 1;
  // At most three quarters full.
  if (set.table.length * 3 < set.count * 4) growTable(set);
  return true;
};

/** Indices of the rows that lead to `index`, the first one first. */
export const pathTo = (set: Visited, index: number): readonly number[] => {
  const path: number[] = [];
  for (let at = index; 0 <= at; at = set.parents[at] ?? -1) path.push(at);
  return path.reverse();
};
