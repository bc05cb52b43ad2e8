/**
 * RMM profiles: what differs between specification versions and between
 * TF-RMM and the specification, as data.
 *
 * A row is one RMM. A historical bug, or the letter of the specification, is
 * a row with one switch moved. Code reads switches and never a row's name.
 *
 * Source: rmm.md §0.2, §2.4, §9, §10; disputes.md.
 *
 * @module
 */

import type { Feature } from "./feature.ts";
import { type IdRegisters, modelled_pe } from "./idregs.ts";

export type { Feature } from "./feature.ts";

/** One row of the profile table. */
export interface RmmProfile {
  /** What a user calls the row. */
  readonly name: "rmm-1.0" | "rmm-2.0";
  /** Optional features of the PE. */
  readonly features: readonly Feature[];
  /** ID registers of the PE. */
  readonly pe: IdRegisters;
  /** The realm was created with SVE. */
  readonly sve: boolean;
  /** Which fields a RecRun page has (§1). */
  readonly layout: "1.0" | "2.0";
  /** Highest RSI revision; every minor revision below it is supported too (§6.2). */
  readonly rsi_version: bigint;

  /** A data abort without a valid syndrome is not emulatable (§2.2 step 5); builds before v0.9.0 never looked. */
  readonly isv_test: boolean;
  /** IL is reported for a non-emulatable abort at an Unprotected IPA (D5). */
  readonly il_on_nonemulatable: boolean;
  /** WnR is reported for a non-emulatable abort at an Unprotected IPA (D5, 2.0-bet3 text). */
  readonly wnr_on_nonemulatable: boolean;
  /** The saved ESR loses ISV when the reported one lost it; builds before v0.6.0 kept it (known-bugs 2A.1). */
  readonly saved_isv_follows: boolean;
  /** A store's value reaches the host; Islet showed none (known-bugs 2C.37). */
  readonly store_shown: boolean;
  /** A store's value is cut to the access size (D3). */
  readonly store_masked: boolean;
  /** Where the IPA space ends for a data abort; TF-RMM before 228d0280 never looked, Islet takes 2^w for inside. */
  readonly outside_from: "width" | "above-width" | "never";
  /** What an access beyond the IPA space takes (D7, §8 row 25). */
  readonly outside_ipa: "sea" | "address-size-fault";
  /** What a stage 2 permission fault on a fetch takes (§2.5). */
  readonly iabt_permission: "sea" | "zero-exit";
  /** TI of a trapped WFx: its low bit, or both bits with the timeout in gprs[0] (§2.7). */
  readonly wfx_ti: "low-bit" | "full";
  /** ELR_EL1 of the UNDEF that answers an HVC: the next instruction or the HVC (§4.3). */
  readonly hvc_elr: "next" | "hvc";
  /** PSTATE.PAN of an injected exception when SCTLR_EL1.SPAN is 1 (§4.2). */
  readonly pan_on_inject: "clear" | "keep";
  /** Rt stays in the reported ESR of a trapped register access (§2.7). */
  readonly sysreg_exit: "raw" | "rt-cleared";
  /** A trapped GIC register write shows its value in gprs[0] (§2.7); P10 is said to hide it. */
  readonly sysreg_write_shown: boolean;
  /** GIC registers the RMM expects to trap: any, or writes of SGI0R, SGI1R and DIR (asserted). */
  readonly icc_traps: "any" | "sgi-and-dir-writes";

  /** A load takes the low bytes of gprs[0], extended as it asks, and not all of gprs[0] (D4). */
  readonly load_extended: boolean;
  /** EMUL_MMIO needs an emulatable abort; Islet once took it after any exit (known-bugs 2A.7). */
  readonly emul_checked: boolean;
  /** INJECT_SEA injects; Islet once only accepted it (known-bugs 2A.8). */
  readonly sea_injected: boolean;
  /** SCTLR2_EL1.EASE moves an SEA to the SError vector (D8); TF-RMM once ignored it. */
  readonly ease: boolean;
  /** What an INJECT_SEA that nothing justifies does (D1). */
  readonly unjustified_sea: "refuse" | "ignore";
  /** EMUL_MMIO is dropped when INJECT_SEA is set; builds before v0.5.0 did both (known-bugs 2A.2). */
  readonly sea_wins: boolean;
  /** Index of RMI_ERROR_REALM when the realm is neither NEW nor ACTIVE (§8 row 46). */
  readonly system_off_index: 0 | 1;
  /** Where the host's vGIC state travels: in RecRun, checked at entry, or in registers (§7). */
  readonly vgic: "recrun" | "registers";
  /** The host call is completed before the RIPAS change and the register read (§3.1). */
  readonly host_call_before_ripas: boolean;
  /** RTT_SET_RIPAS may take DESTROYED to EMPTY without the realm's leave (§8 row 54). */
  readonly destroyed_to_empty_freely: boolean;
}

/** RMM specification 2.0 as TF-RMM v0.9.0 behaves. */
export const rmm_2_0: RmmProfile = {
  name: "rmm-2.0",
  features: [],
  pe: modelled_pe,
  sve: false,
  layout: "2.0",
  rsi_version: 0x1_0001n,
  isv_test: true,
  il_on_nonemulatable: true,
  wnr_on_nonemulatable: false,
  saved_isv_follows: true,
  store_shown: true,
  store_masked: true,
  outside_from: "width",
  outside_ipa: "sea",
  iabt_permission: "sea",
  wfx_ti: "low-bit",
  hvc_elr: "next",
  pan_on_inject: "clear",
  sysreg_exit: "rt-cleared",
  sysreg_write_shown: true,
  icc_traps: "any",
  load_extended: true,
  emul_checked: true,
  sea_injected: true,
  ease: true,
  unjustified_sea: "refuse",
  sea_wins: true,
  system_off_index: 0,
  vgic: "registers",
  host_call_before_ripas: true,
  destroyed_to_empty_freely: true,
};

/** RMM specification 1.0 as TF-RMM v0.6.0 and v0.7.0 behave. */
export const rmm_1_0: RmmProfile = {
  ...rmm_2_0,
  name: "rmm-1.0",
  layout: "1.0",
  rsi_version: 0x1_0000n,
  isv_test: false,
  il_on_nonemulatable: false,
  iabt_permission: "zero-exit",
  sysreg_exit: "raw",
  sysreg_write_shown: false,
  icc_traps: "sgi-and-dir-writes",
  system_off_index: 1,
  vgic: "recrun",
  host_call_before_ripas: false,
  destroyed_to_empty_freely: false,
};

/** Every profile by its name. */
export const profiles: Readonly<Record<RmmProfile["name"], RmmProfile>> = {
  "rmm-1.0": rmm_1_0,
  "rmm-2.0": rmm_2_0,
};
