/**
 * A grant: bits of a field of RecExit that the host may see, and why.
 *
 * @module
 */

import { type Field, hex, mask } from "../arch/word.ts";
import type { RecExit } from "../rmm/recrun.ts";

/** A field of RecExit; the arrays by index. */
export type ExitField =
  | Exclude<keyof RecExit, "gprs" | "gicv3_lrs">
  | `gprs[${number}]`
  | `gicv3_lrs[${number}]`;

/** Bits of a field the host may see. */
export interface Grant {
  /** What they tell, in a few words. */
  readonly what: string;
  readonly field: ExitField;
  readonly bits: bigint;
  /** Why they may be shown. */
  readonly rule: string;
  /** The bits as people read them. */
  readonly show: (value: bigint) => string;
  /** Zero tells something too. */
  readonly always: boolean;
}

/** The bits of a field, in place. */
export const bitsOf = ({ high, low }: Field): bigint =>
  mask(high - low + 1) << BigInt(low);

/** A grant of bits whose zero tells nothing. */
export const grant = (
  what: string,
  field: ExitField,
  bits: bigint,
  rule: string,
  show: Grant["show"] = hex,
): Grant => ({ what, field, bits, rule, show, always: false });

/** The same grant where zero tells something too. */
export const even = (given: Grant): Grant => ({ ...given, always: true });
