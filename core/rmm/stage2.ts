/**
 * The realm's stage 2 translation as far as this model needs it: which
 * Protected IPAs have which RIPAS and whether they are assigned (HIPAS).
 *
 * The Protected half starts as UNASSIGNED and EMPTY and ranges override it;
 * the Unprotected half is UNASSIGNED_NS throughout. Tables always exist down
 * to level 3, so a translation fault is a level 3 fault (FSC 0x07).
 *
 * Source: DEN0137 A5.2, A5.3; rmm.md §2.6, §5.4.
 *
 * @module
 */

/** Realm IPA state. */
export type Ripas = "empty" | "ram" | "destroyed" | "dev";

/** A run of granules in one state. */
export interface Extent {
  /** First IPA; granule aligned. */
  readonly base: bigint;
  /** First IPA beyond; granule aligned. */
  readonly top: bigint;
  /** Realm IPA state. */
  readonly ripas: Ripas;
  /** HIPAS: true when ASSIGNED, false when UNASSIGNED. */
  readonly assigned: boolean;
}

/** Extents in ascending order, disjoint; anything else is EMPTY, UNASSIGNED. */
export type Stage2 = readonly Extent[];

/** The state of the granule at a Protected IPA. */
export const stateAt = (
  stage2: Stage2,
  ipa: bigint,
): { readonly ripas: Ripas; readonly assigned: boolean } => {
  for (const extent of stage2) {
    if (extent.base <= ipa && ipa < extent.top) return extent;
  }
  return { ripas: "empty", assigned: false };
};
