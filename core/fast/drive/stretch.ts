/**
 * Stretches: how the budget of compiled code and the accesses it passed become
 * steps, runs and instructions of the ride.
 *
 * @module
 */

import { CELL } from "../engine/layout.ts";
import { DEVICE } from "../engine/device.ts";
import { syndrome_class } from "../engine/syndrome.ts";
import { countTrips } from "../protocol/common.ts";
import { settle } from "../protocol/serve.ts";
import { giveRetired, giveSys } from "./registers.ts";
import type { Ride } from "./ride.ts";

/** Budget of one stretch: small enough to be quick to count with. */
const given_max = 0x3fff_ffff;

/** A stretch begins; the budget compiled code gets. */
export const beginStretch = (ride: Ride): number => {
  const { stretch, s: { m }, left, enough } = ride;
  const given = Math.min(ride.turns, given_max);
  const gained = m.retired - ride.from;
  stretch.given = given;
  stretch.mark = given;
  // A road is passed while more than enough steps are left after it.
  stretch.floor = Math.max(0, given - Math.max(0, left - gained - enough));
  stretch.extra = 0;
  stretch.fresh = gained === 0;
  stretch.user = 0;
  stretch.kernel = 0;
  return given;
};

/** Runs ended with the accesses that passed, and another is under way. */
const takeRuns = (ride: Ride): void => {
  const { stretch, s: { m } } = ride;
  const { given, mark, extra, user, kernel } = stretch;
  ride.left -= m.retired - ride.from + given - mark;
  m.retired += given - mark - extra;
  ride.from = m.retired;
  ride.runs += user + kernel;
  ride.turns = Math.min(ride.limits.run_budget, ride.left);
};

/** What the roads left behind, which the last one decides. */
const leaveTraces = (ride: Ride): void => {
  const { f, stretch, devices, s: { m } } = ride;
  const { user, kernel, entry } = stretch;
  giveRetired(f.r, m.retired);
  giveSys(ride);
  settle(
    f,
    user > 0,
    syndrome_class | stretch.iss,
    devices[entry + DEVICE.TAG]! & ~0xfff | stretch.offset,
    devices[entry + DEVICE.TAG_HIGH] as number,
    devices[entry + DEVICE.HPFAR] as number,
    devices[entry + DEVICE.HPFAR_HIGH] as number,
  );
  countTrips(f, true, user);
  countTrips(f, false, kernel);
  m.trap_wfi = false;
  m.trap_wfe = false;
  // The return to the realm opens the monitor.
  m.monitor = null;
};

/** The stretch is over: its accesses, and the instructions since the last of them. */
export const endStretch = (ride: Ride): void => {
  const { stretch, words, s: { m } } = ride;
  if (stretch.user + stretch.kernel > 0) {
    takeRuns(ride);
    leaveTraces(ride);
  }
  const done = stretch.mark - (words[CELL.left * 2] as number);
  m.retired += done;
  ride.turns -= done;
};
