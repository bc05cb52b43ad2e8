/**
 * Bursts of a drive: compiled code from PC until it stops for something other
 * than an access that could be passed to its device.
 *
 * @module
 */

import { attend, copyIn, copyOut, startOf } from "../engine/burst.ts";
import { EXIT } from "../engine/layout.ts";
import type { Session } from "../engine/state.ts";
import { slow } from "../engine/slow.ts";
import { isIdle } from "../protocol/common.ts";
import { pass } from "./pass.ts";
import { listen, type Ride } from "./ride.ts";
import { beginStretch, endStretch } from "./stretch.ts";

/** AArch32, which only the events themselves know. */
const AARCH32 = 0x10n;

/** True while an access needs no more than its device. */
const isOpen = ({ s: { m }, f }: Ride): boolean =>
  (m.pstate & AARCH32) === 0n && isIdle(f);

/** Does what may be a turn of the machine, which asks behind what was sent so far. */
const aside = <T>(ride: Ride, turn: (s: Session) => T): T => {
  const { s } = ride;
  // Each `Run` tells of what is unsupported anew.
  if (ride.told !== ride.runs) s.m.told.clear();
  ride.told = ride.runs;
  const result = turn(s);
  if (ride.heard < s.m.asks.length) listen(ride);
  return result;
};

/** Runs compiled code from a record, over the accesses that pass; why it stopped. */
const execute = (ride: Ride, record: number): number => {
  const { e } = ride.s;
  const open = isOpen(ride);
  let exit = e.run(record);
  while (open && (exit === EXIT.read || exit === EXIT.write)) {
    const next = pass(ride, exit);
    if (next === 0) break;
    exit = e.run(next);
  }
  endStretch(ride);
  return exit;
};

/** One burst of the `Run` event under way. */
export const rideBurst = (ride: Ride): void => {
  const { s } = ride;
  const record = startOf(s);
  if (record === null) {
    aside(ride, slow);
    ride.turns -= 1;
    return;
  }
  copyIn(s, beginStretch(ride));
  const exit = execute(ride, record);
  copyOut(s, exit);
  if (aside(ride, () => attend(s, exit))) ride.turns -= 1;
};
