/**
 * One REC's road as typed arrays, and the parts of the world they came from.
 *
 * @module
 */

import type { Bus } from "../../device/bus.ts";
import type { Host, Vcpu } from "../../host/state.ts";
import type { Rec } from "../../realm/rec.ts";
import type { RecRun } from "../../rmm/recrun.ts";
import type { Rmm, RmmRec, VgicState } from "../../rmm/state.ts";
import type { World } from "../../world.ts";
import type { EVENT, REG, W, Words } from "./layout.ts";

/** The parts of a world that the arrays stand for, as last loaded or stored. */
export interface Seen {
  readonly profile: World["profile"];
  readonly vmm: Host["vmm"];
  readonly vm: Host["vm"];
  readonly stage2: Rmm["stage2"];
  readonly state: Rmm["state"];
  readonly ipa_bits: number;
  readonly rec: Rec;
  readonly rmm_rec: RmmRec;
  readonly run: RecRun;
  readonly vcpu: Vcpu;
  readonly bus: Bus;
}

/** Everything the fast protocol works on. */
export interface Fast {
  /** Number of the REC. */
  readonly rec: number;
  /** X0 to X30, two words each; may lie in an executor's memory. */
  x: Int32Array;
  /** The other registers, see `REG`; may lie in an executor's memory. */
  r: Words<typeof REG>;
  /** Run page, vCPU and the RMM's REC; see `W`. */
  readonly s: Words<typeof W>;
  /** Realm: 2^(w-1) and where its IPA space ends; VM: 2^ia_bits. */
  readonly limits: Float64Array;
  /** Stage 2 extents: base, top, RIPAS. */
  stage2: Float64Array;
  /** Memory slots: base, top, read-only. */
  slots: Float64Array;
  /** Devices: first address, first address beyond. */
  bounds: Float64Array;
  /** Devices: `device_words` words each, see `DEV`. */
  devices: Int32Array;
  /** Bytes of the test devices. */
  memory: Uint8Array;
  /** Log entries of the test devices. */
  log: Int32Array;
  /** Bytes the UARTs have sent since the caller last set `sent` to 0. */
  tx: Uint8Array;
  /** How many. */
  sent: number;
  /** The vGIC state of the enter half. */
  enter_vgic: VgicState;
  /** The vGIC state the RMM keeps. */
  rec_vgic: VgicState | null;
  /** The vGIC state the exit half shows. */
  exit_vgic: VgicState | null;
  /** How often a road took each event since the caller last cleared it; see `EVENT`. */
  readonly events: Words<typeof EVENT>;
  /** Where all this came from. */
  seen: Seen | null;
}
