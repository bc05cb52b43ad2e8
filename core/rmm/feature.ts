/**
 * Optional features of the PE, by the names the profile table uses.
 *
 * @module
 */

/** Optional architecture features that shape an injected exception's PSTATE. */
export type Feature =
  | "ssbs"
  | "nmi"
  | "mte2"
  | "ebep"
  | "sebep"
  | "gcs"
  | "sctlr2";
