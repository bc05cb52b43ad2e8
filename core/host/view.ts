/**
 * What the host can know: the world without the realm's secrets.
 *
 * @module
 */

import type { Bus } from "../device/bus.ts";
import type { RecRun } from "../rmm/recrun.ts";
import type { RealmState, RipasRequest, RmmRec } from "../rmm/state.ts";
import type { Stage2 } from "../rmm/stage2.ts";
import type { World } from "../world.ts";
import type { Host } from "./state.ts";

/** What RMI commands and exits tell the host about one REC. */
export interface RecView {
  /** Inside RMI_REC_ENTER. */
  readonly running: boolean;
  /** May be entered. */
  readonly runnable: boolean;
  /** Waits for RMI_PSCI_COMPLETE. */
  readonly psci_pending: boolean;
  /** Waits for the completion of a host call. */
  readonly host_call_pending: boolean;
  /** The request as RecExit shows it and as RTT_SET_RIPAS has advanced it; null when none. */
  readonly ripas_request: Omit<RipasRequest, "change_destroyed"> | null;
}

/** The world as the host sees it. */
export interface HostView {
  /** Which RMM and which KVM this is. */
  readonly profile: World["profile"];
  /** The RecRun pages. */
  readonly runs: readonly RecRun[];
  /** The host's own slice. */
  readonly host: Host;
  /** The devices. */
  readonly bus: Bus;
  /** What the host knows of the realm. */
  readonly realm: {
    readonly state: RealmState;
    readonly ipa_bits: number;
    /** RIPAS and HIPAS, which RTT_READ_ENTRY returns. */
    readonly stage2: Stage2;
    readonly recs: readonly RecView[];
  };
}

const requestOf = (rec: RmmRec): RecView["ripas_request"] => {
  if (rec.ripas_request === null) return null;
  const { base, top, addr, ripas } = rec.ripas_request;
  return { base, top, addr, ripas };
};

const recView = (rec: RmmRec): RecView => ({
  running: rec.running,
  runnable: rec.runnable,
  psci_pending: rec.psci_pending,
  host_call_pending: rec.host_call_pending,
  ripas_request: requestOf(rec),
});

/**
 * Everything the host can know, as plain data: two worlds that differ only in
 * a realm's registers, memory or what the RMM keeps to itself have deeply
 * equal views.
 */
export const hostView = (world: World): HostView => ({
  profile: world.profile,
  runs: world.runs,
  host: world.host,
  bus: world.bus,
  realm: {
    state: world.rmm.state,
    ipa_bits: world.rmm.ipa_bits,
    stage2: world.rmm.stage2,
    recs: world.rmm.recs.map(recView),
  },
});
