/**
 * Closing a machine into the world that follows the one it was opened from.
 *
 * @module
 */

import type { Rmm, RmmRec } from "../rmm/state.ts";
import type { World } from "../world.ts";
import { type Machine, readPstate } from "./machine.ts";
import { type Memory, seal } from "./memory.ts";
import type { Rec } from "./rec.ts";

const recOf = (m: Machine, x: readonly bigint[]): Rec => ({
  x,
  sp_el0: m.cpu.sp[0],
  sp_el1: m.cpu.sp[1],
  pc: m.cpu.pc,
  pstate: readPstate(m),
  sys: m.sys,
  monitor: m.monitor,
  retired: m.retired,
});

/** The RMM's state after a run. */
const rmmAfter = (rmm: Rmm, m: Machine): Rmm => {
  const kept = rmm.recs[m.rec];
  if (kept === undefined) return rmm;
  if (kept.trap === m.trap && kept.vserror === m.vserror) return rmm;
  const next: RmmRec = { ...kept, trap: m.trap, vserror: m.vserror };
  return { ...rmm, recs: rmm.recs.with(m.rec, next) };
};

/** Closes the machine into the world that follows `world`; `x` and `memory` are what it came to. */
export const closeWith = (
  world: World,
  m: Machine,
  x: readonly bigint[],
  memory: Memory,
): World => {
  const recs = world.realm.recs.slice();
  recs[m.rec] = recOf(m, x);
  for (let at = 0; at < recs.length; at++) {
    const monitor = m.others[at] ?? null;
    const rec = recs[at]!;
    if (at === m.rec || rec.monitor === monitor) continue;
    recs[at] = { ...rec, monitor };
  }
  // Field by field, which is several times faster than a spread.
  return {
    profile: world.profile,
    realm: { recs, memory },
    rmm: rmmAfter(world.rmm, m),
    runs: world.runs,
    host: world.host,
    bus: world.bus,
  };
};

/** Closes the machine into the world that follows `world`. */
export const close = (world: World, m: Machine): World =>
  closeWith(world, m, m.cpu.x, seal(m.memory));
