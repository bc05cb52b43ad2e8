/**
 * What the RMM keeps to itself: realm and REC state at R-EL2.
 *
 * @module
 */

import type { Ripas, Stage2 } from "./stage2.ts";

/** An exception taken to R-EL2: the three syndrome registers. */
export interface Syndrome {
  /** ESR_EL2. */
  readonly esr: bigint;
  /** FAR_EL2. */
  readonly far: bigint;
  /** HPFAR_EL2. */
  readonly hpfar: bigint;
}

/** Realm states (rmm.md §5.2). */
export type RealmState = "NEW" | "ACTIVE" | "SYSTEM_OFF" | "ZOMBIE";

/** A RIPAS change the realm asked for and the host has not answered yet. */
export interface RipasRequest {
  /** First IPA. */
  readonly base: bigint;
  /** First IPA beyond. */
  readonly top: bigint;
  /** Next address to process; the host advances it with RTT_SET_RIPAS. */
  readonly addr: bigint;
  /** State asked for: EMPTY or RAM. */
  readonly ripas: Ripas;
  /** The realm lets DESTROYED granules change too. */
  readonly change_destroyed: boolean;
}

/** A REC's vGIC state as the host gave it. */
export interface VgicState {
  /** The host's bits of ICH_HCR_EL2. */
  readonly hcr: bigint;
  /** ICH_LR<n>_EL2, the implemented ones. */
  readonly lrs: readonly bigint[];
}

/** What the RMM keeps about one REC. */
export interface RmmRec {
  /** Inside RMI_REC_ENTER now (reference count 1). */
  readonly running: boolean;
  /** May be entered. */
  readonly runnable: boolean;
  /** TF-RMM's private memory of the last exit; far and hpfar go stale, esr is reset at entry. */
  readonly last_run_info: Syndrome;
  /** A PSCI call waits for RMI_PSCI_COMPLETE. */
  readonly psci_pending: boolean;
  /** A host call waits for its completion at the next entry. */
  readonly host_call_pending: boolean;
  /** The RIPAS change asked for, or null. */
  readonly ripas_request: RipasRequest | null;
  /** The vGIC state the last entry brought (profiles whose vGIC travels in RecRun), or null. */
  readonly vgic: VgicState | null;
  /** The REC's FP and SIMD registers are live: it used them since it was entered. */
  readonly simd_live: boolean;
  /** HCR_EL2.TWI as the last entry set it. */
  readonly trap_wfi: boolean;
  /** HCR_EL2.TWE as the last entry set it. */
  readonly trap_wfe: boolean;
  /** VSESR_EL2 of a pending virtual SError, or null. */
  readonly vserror: bigint | null;
  /** An exception the REC took to R-EL2 in a `Run` and the RMM has not handled yet. */
  readonly trap: Syndrome | null;
}

/** The RMM's slice of the world: one realm and its RECs. */
export interface Rmm {
  /** Where the realm is in its life. */
  readonly state: RealmState;
  /** Realm IPA width in bits. */
  readonly ipa_bits: number;
  /** RIPAS and HIPAS of the Protected half. */
  readonly stage2: Stage2;
  /** RECs by number. */
  readonly recs: readonly RmmRec[];
}

/** A REC that was just created and never entered. */
export const created: RmmRec = {
  running: false,
  runnable: true,
  last_run_info: { esr: 0n, far: 0n, hpfar: 0n },
  psci_pending: false,
  host_call_pending: false,
  ripas_request: null,
  vgic: null,
  simd_live: false,
  trap_wfi: false,
  trap_wfe: false,
  vserror: null,
  trap: null,
};
