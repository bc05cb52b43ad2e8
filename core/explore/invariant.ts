/**
 * What an invariant is: a pure predicate over one transition and the path's
 * memory.
 *
 * @module
 */

import type { Rec } from "../realm/rec.ts";
import type { Transition } from "./transition.ts";

/** What an invariant says: nothing, because it is about something else; that it holds; or what is wrong. */
export type Verdict = null | true | string;

/** One invariant. */
export interface Invariant {
  /** Its number, a letter for its family. */
  readonly id: string;
  /** The rule in one sentence. */
  readonly rule: string;
  /** Where the rule comes from. */
  readonly source: string;
  readonly check: (t: Transition) => Verdict;
}

/** The first thing wrong, or true when nothing is. */
export const all = (...found: readonly (true | string)[]): true | string =>
  found.find((one) => one !== true) ?? true;

/** True, or the sentence when the condition fails. */
export const must = (
  condition: boolean,
  wrong: () => string,
): true | string => condition ? true : wrong();

/** True when `found` equals `expected`, else a sentence that says so about `what`. */
export const equal = (
  what: string,
  expected: bigint | number | string | boolean,
  found: bigint | number | string | boolean | undefined,
): true | string =>
  expected === found ||
  `expected ${what} to be ${shown(expected)} but found ${shown(found)}`;

/** A value as people read it. */
export const shown = (
  value: bigint | number | string | boolean | undefined,
): string =>
  typeof value === "bigint" ? `0x${value.toString(16)}` : String(value);

/** The REC's registers before and after the step. */
export const regsOf = (
  t: Transition,
): { readonly from: Rec; readonly to: Rec } => ({
  from: t.before.realm.recs[t.rec] as Rec,
  to: t.after.realm.recs[t.rec] as Rec,
});

/** True when the host has the exception this step took. */
export const exited = (t: Transition): boolean => t.taken?.outcome === "exited";

/** True when this step let the REC run. */
export const entered = (t: Transition): boolean =>
  t.entry?.outcome === "entered";
