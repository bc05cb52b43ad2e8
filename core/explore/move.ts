/**
 * A move: which action, by which REC.
 *
 * @module
 */

/** A way on from a state. */
export interface Move {
  /** Index of the action. */
  readonly action: number;
  /** The REC that acts, or -1. */
  readonly rec: number;
}

/** Moves are kept in 16 bits: an action, and a REC or the board. */
const movers = 17;

/** A move as one number. */
export const packMove = (action: number, rec: number): number =>
  action * movers + rec + 1;

/** The move of a number. */
export const unpackMove = (packed: number): Move => ({
  action: Math.floor(packed / movers),
  rec: packed % movers - 1,
});
