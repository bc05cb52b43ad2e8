/**
 * The registers a road needs and changes, between the machine that executes
 * and the arrays of the road. X0 to X30 are the same memory for both.
 *
 * @module
 */

import { readPstate, writePstate } from "../../realm/machine.ts";
import { heed } from "../engine/slow.ts";
import { D, REG, W } from "../protocol/layout.ts";
import { loadSys } from "../protocol/load_parts.ts";
import { get, put } from "../protocol/words.ts";
import type { Ride } from "./ride.ts";

/** Instructions retired, in halves. */
export const giveRetired = (r: Int32Array, retired: number): void => {
  r[REG.RETIRED] = retired;
  r[REG.RETIRED + 1] = retired / 0x1_0000_0000;
};

/** The system registers, where they are not those the road knows. */
export const giveSys = (ride: Ride): void => {
  const { sys } = ride.s.m;
  if (ride.sys === sys) return;
  ride.sys = sys;
  loadSys(ride.f, sys);
};

/** All that the road reads, as the instruction that trapped left it. */
export const give = (ride: Ride): void => {
  const { m } = ride.s;
  const { r } = ride.f;
  put(r, REG.PC, m.cpu.pc);
  put(r, REG.PSTATE, readPstate(m));
  r[REG.MONITOR] = m.monitor === null ? 0 : 1;
  giveRetired(r, m.retired);
  giveSys(ride);
};

/** What an injection wrote. */
const takeSys = ({ s: { m }, f: { r } }: Ride): void => {
  m.sys = {
    ...m.sys,
    esr_el1: get(r, REG.ESR_EL1),
    far_el1: get(r, REG.FAR_EL1),
    elr_el1: get(r, REG.ELR_EL1),
    spsr_el1: get(r, REG.SPSR_EL1),
  };
};

/** Takes over what the road changed. */
export const take = (ride: Ride): void => {
  const { s: { e, m }, f: { r, s } } = ride;
  const { drops } = e.pages;
  if ((s[W.DIRTY] & D.SYS) !== 0) takeSys(ride);
  m.cpu.pc = get(r, REG.PC);
  if (r[REG.MONITOR] === 0) m.monitor = null;
  const pstate = get(r, REG.PSTATE);
  if (pstate !== readPstate(m)) writePstate(m, pstate);
  // Another exception level or PAN is another context.
  heed(e, drops);
  m.trap_wfi = s[W.TRAP_WFI] !== 0;
  m.trap_wfe = s[W.TRAP_WFE] !== 0;
  s[W.DIRTY] &= ~(D.X | D.PC | D.SYS);
};
