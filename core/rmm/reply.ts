/**
 * How the RMM answers an SMC of the realm.
 *
 * @module
 */

import { advance, type Frame, type Handled, resume, setX } from "./frame.ts";

/** RSI status codes. */
export const RSI = {
  SUCCESS: 0n,
  ERROR_INPUT: 1n,
  ERROR_STATE: 2n,
  INCOMPLETE: 3n,
} as const;

/** The frame with X0 to X3 set to the results, zero where there is none; X4 and up stay (§6.1). */
export const withResults = (
  frame: Frame,
  results: readonly bigint[],
): Frame =>
  [0, 1, 2, 3].reduce((next, n) => setX(next, n, results[n] ?? 0n), frame);

/** Returns to the realm after its SMC with these results. */
export const reply = (frame: Frame, results: readonly bigint[]): Handled =>
  resume(advance(withResults(frame, results)));
