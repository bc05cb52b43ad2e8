/**
 * What can happen next: a row per action, each with the moment it belongs to.
 *
 * An action is what one actor does at once: the events of one transition of
 * the explorer. A realm's action starts with the `Script` that brings the REC
 * to the instruction, which nobody outside the realm can see.
 *
 * @module
 */

import type { Vcpu } from "../host/state.ts";
import type { Event, World } from "../world.ts";

/** Who acts. */
export type Actor =
  | "realm"
  | "hardware"
  | "kvm"
  | "vmm"
  | "host"
  | "board";

/** One row of the alphabet. */
export interface Action {
  /** What the command line calls it. */
  readonly name: string;
  readonly actor: Actor;
  /** What happens, in a few words. */
  readonly does: string;
  /** False when it concerns no REC, as time passing does. */
  readonly per_rec: boolean;
  /** The events on REC `rec`, or null when this is not their moment. */
  readonly events: (world: World, rec: number) => readonly Event[] | null;
}

/** True while REC `rec` executes instructions. */
export const inRealm = (world: World, rec: number): boolean =>
  world.host.vcpus[rec]?.at === "guest" &&
  (world.rmm.recs[rec]?.trap ?? null) === null;

/** An action that consists of one event on a REC whose vCPU is at `at`, where `allowed`. */
export const when = (
  row: Pick<Action, "name" | "actor" | "does">,
  at: Vcpu["at"],
  event: (rec: number, world: World) => Event,
  allowed: (vcpu: Vcpu, world: World, rec: number) => boolean = () => true,
): Action => ({
  ...row,
  per_rec: true,
  events: (world, rec) => {
    const vcpu = world.host.vcpus[rec];
    if (vcpu?.at !== at || !allowed(vcpu, world, rec)) return null;
    return [event(rec, world)];
  },
});
