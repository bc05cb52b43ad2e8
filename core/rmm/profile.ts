/**
 * RMM profiles: what differs between specification versions and between
 * TF-RMM and the specification, as data.
 *
 * Source: rmm.md §0.2, §9, §10.
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

/** One row of the profile table. */
export interface RmmProfile {
  readonly name: "rmm-1.0" | "rmm-2.0";
  readonly features: readonly Feature[];
}
