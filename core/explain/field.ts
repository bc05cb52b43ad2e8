/**
 * One field of a syndrome, and how to say what it holds.
 *
 * @module
 */

import type { Field } from "../arch/word.ts";

/** One field: its name, where it is and what its value means. */
export interface SyndromeField {
  readonly name: string;
  readonly at: Field;
  readonly means: (value: number, esr: bigint) => string;
}

/** What a value means, in a few words. */
export type Means = SyndromeField["means"];

/** A field whose value says enough. */
export const plain: Means = (): string => "";

/** A field of one bit: what it means set, and clear. */
export const when = (yes: string, no = ""): Means => (value) =>
  value === 1 ? yes : no;
