/**
 * How far an event reaches: its own REC and what RECs share, or further.
 *
 * @module
 */

import { EXIT } from "../rmm/recrun.ts";
import type { Event, World } from "../world.ts";
import type { RecPart } from "./part.ts";

/**
 * True for an event that reads or writes another REC than its own: PSCI
 * calls, whether they come as a PSCI exit or in a host call.
 */
export const reachesOthers = (world: World, event: Event): boolean => {
  if (event.tag === "RmiPsciComplete") return true;
  if (event.tag !== "RecExit") return false;
  const reason = world.runs[event.rec]?.exit.exit_reason;
  return reason === EXIT.PSCI || reason === EXIT.HOST_CALL;
};

/** What an event that reaches other RECs may look at of each, in `glance_bits` bits. */
export const glance = ({ vcpu, state }: RecPart): number =>
  Number(vcpu.stopped) + 2 * Number(state.running) + 4 * Number(state.runnable);

/** Bits of a glance. */
export const glance_bits = 3;
