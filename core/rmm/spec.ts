/**
 * The specification's letter where TF-RMM differs: the switches it moves, as
 * data.
 *
 * Source: rmm.md §9; disputes.md.
 *
 * @module
 */

import type { RmmProfile } from "./profile.ts";

/** What both texts say and TF-RMM does otherwise. */
const both: Partial<RmmProfile> = {
  isv_test: true,
  il_on_nonemulatable: true,
  store_masked: false,
  load_extended: false,
  outside_ipa: "address-size-fault",
  wfx_ti: "full",
  hvc_elr: "hvc",
  pan_on_inject: "keep",
  unjustified_sea: "ignore",
};

/** The switches each specification moves, by the layout of its run page. */
export const spec_switches: Readonly<
  Record<RmmProfile["layout"], Partial<RmmProfile>>
> = {
  "1.0": both,
  "2.0": { ...both, wnr_on_nonemulatable: true },
};

/** An RMM that follows the letter of the specification its profile implements. */
export const specOf = (profile: RmmProfile): RmmProfile => ({
  ...profile,
  ...spec_switches[profile.layout],
});
