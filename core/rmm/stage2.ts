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

/** The level at which every walk ends. */
export const walk_level = 3;

/** Bytes that one level 3 table maps; RMI and RSI range commands stop at its end. */
export const table_bytes = 0x20_0000n;

/** Realm IPA state. */
export type Ripas = "empty" | "ram" | "destroyed" | "dev";

/** RIPAS as RSI and RecRun number it (rmm.md §5.4). */
export const RIPAS: Readonly<Record<Ripas, bigint>> = {
  empty: 0n,
  ram: 1n,
  destroyed: 2n,
  dev: 3n,
};

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

/** The state of one granule. */
export interface GranuleState {
  /** Realm IPA state. */
  readonly ripas: Ripas;
  /** HIPAS: true when ASSIGNED. */
  readonly assigned: boolean;
}

const initial: GranuleState = { ripas: "empty", assigned: false };

/** The state of the granule at a Protected IPA. */
export const stateAt = (stage2: Stage2, ipa: bigint): GranuleState => {
  for (const extent of stage2) {
    if (extent.base <= ipa && ipa < extent.top) return extent;
  }
  return initial;
};

/** The state at `base` and how far, up to `top`, it reaches unchanged. */
export const runAt = (
  stage2: Stage2,
  base: bigint,
  top: bigint,
): GranuleState & { readonly top: bigint } => {
  for (const extent of stage2) {
    if (base < extent.base) {
      return { ...initial, top: extent.base < top ? extent.base : top };
    }
    if (base < extent.top) {
      const { ripas, assigned } = extent;
      return { ripas, assigned, top: extent.top < top ? extent.top : top };
    }
  }
  return { ...initial, top };
};

/** The end of the level 3 table that maps `ipa`. */
export const tableEnd = (ipa: bigint): bigint =>
  (ipa / table_bytes + 1n) * table_bytes;

const isInitial = ({ ripas, assigned }: GranuleState): boolean =>
  ripas === "empty" && !assigned;

/** Extents in order, neighbours of equal state merged, initial ones left out. */
const normalize = (extents: readonly Extent[]): Stage2 => {
  const merged: Extent[] = [];
  for (const extent of extents) {
    if (extent.top <= extent.base || isInitial(extent)) continue;
    const last = merged.at(-1);
    const joins = last !== undefined && last.top === extent.base &&
      last.ripas === extent.ripas && last.assigned === extent.assigned;
    if (joins) merged.splice(-1, 1, { ...last, top: extent.top });
    else merged.push(extent);
  }
  return merged;
};

/**
 * The stage 2 with RIPAS `ripas` for `[base, top)`; HIPAS stays as it was.
 * Extents are split at the ends of the range and merged where they now agree.
 */
export const setRipas = (
  stage2: Stage2,
  base: bigint,
  top: bigint,
  ripas: Ripas,
): Stage2 => {
  const changed: Extent[] = [];
  for (let at = base; at < top;) {
    const run = runAt(stage2, at, top);
    changed.push({ base: at, top: run.top, ripas, assigned: run.assigned });
    at = run.top;
  }
  const cut = (extent: Extent): readonly Extent[] => [
    { ...extent, top: extent.top < base ? extent.top : base },
    { ...extent, base: top < extent.base ? extent.base : top },
  ];
  const kept = stage2.flatMap(cut).filter(({ base, top }) => base < top);
  const all = [...kept, ...changed].sort((a, b) => a.base < b.base ? -1 : 1);
  return normalize(all);
};
