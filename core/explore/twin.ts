/**
 * The twin of a step: the same world to the host, with other secrets inside.
 *
 * @module
 */

import { ESR, esrField } from "../arch/esr.ts";
import { NZCV } from "../arch/pstate.ts";
import { mask, put } from "../arch/word.ts";
import { read, write } from "../realm/memory.ts";
import type { Rec } from "../realm/rec.ts";
import type { RmmRec } from "../rmm/state.ts";
import type { Event, World } from "../world.ts";
import type { Transition } from "./transition.ts";

/** What a step may release: these registers, and these bits of the faulting address. */
export interface Released {
  /** Numbers of general registers that keep their value. */
  readonly x: readonly number[];
  /** Bits of FAR_EL2 that keep their value. */
  readonly far: bigint;
}

/** An SMC's function and its parameters, which decide what is released. */
const smc_registers = [0, 1, 2, 3, 4];

/** What the step may release, or null when it takes nothing out of the realm. */
export const secretsOf = (t: Transition): Released | null => {
  const { event, taken } = t;
  switch (event.tag) {
    case "Dabt": {
      const fault = taken?.fault ?? null;
      if (fault?.emulatable !== true) return { x: [], far: 0n };
      const { esr } = fault.syndrome;
      const rt = esrField(esr, "SRT");
      return { x: fault.write ? [rt] : [], far: mask(12) };
    }
    case "Smc":
      return { x: smc_registers, far: 0n };
    case "SysregTrap":
      return { x: [Number((event.esr >> 5n) & 31n)], far: 0n };
    case "Iabt":
    case "Wfx":
    case "Hvc":
    case "Sync":
    case "Irq":
    case "Fiq":
    case "Serror":
    case "RecEnter":
    case "RmiRecEnter":
      return { x: smc_registers, far: 0n };
    default:
      return null;
  }
};

const flip = 0xa5a5_5a5a_a5a5_5a5an;

/** Registers of which only those released agree; timers agree, for every exit shows them. */
const otherRegs = (regs: Rec, kept: Released): Rec => ({
  ...regs,
  x: regs.x.map((x, n) => kept.x.includes(n) ? x : x ^ flip),
  sp_el0: regs.sp_el0 ^ flip,
  sp_el1: regs.sp_el1 ^ flip,
  pc: regs.pc ^ 0x5550_0000n,
  pstate: regs.pstate ^ NZCV,
  sys: {
    ...regs.sys,
    ttbr0_el1: regs.sys.ttbr0_el1 ^ flip,
    vbar_el1: regs.sys.vbar_el1 ^ 0x5550_0000n,
    elr_el1: regs.sys.elr_el1 ^ flip,
    far_el1: regs.sys.far_el1 ^ flip,
    tpidr_el0: regs.sys.tpidr_el0 ^ flip,
  },
});

/** What the RMM saved of the last abort, with what the host was not shown changed. */
const otherSaved = (rec: RmmRec): RmmRec => {
  const { esr, far, hpfar } = rec.last_run_info;
  const emulatable = esrField(esr, "ISV") === 1;
  return {
    ...rec,
    last_run_info: {
      esr: emulatable ? put(esr, ESR.SSE, 1 - esrField(esr, "SSE")) : esr,
      far: far ^ (flip & ~mask(12)),
      hpfar,
    },
  };
};

/** A word of the realm's memory that no call of the alphabet points at. */
const secret_offset = 0x5000;

/** The realm's memory with a secret changed, where the step can look at memory at all. */
const otherMemory = (t: Transition): World["realm"]["memory"] => {
  const { memory } = t.before.realm;
  const pending = t.before.rmm.recs[t.rec]?.host_call_pending === true;
  if (t.event.tag !== "Smc" && !pending) return memory;
  const at = memory.base + secret_offset;
  const bytes = read(memory, at, 8).map((byte) => byte ^ 0xa5);
  return write(memory, at, bytes);
};

/** The event with what the host may not learn of its syndrome changed. */
const otherEvent = (t: Transition, kept: Released): Event => {
  const { event } = t;
  if (event.tag !== "Dabt") return event;
  const far = event.far ^ (flip & ~kept.far);
  const write = t.taken?.fault?.write === true;
  const sse = put(event.esr, ESR.SSE, 1 - esrField(event.esr, "SSE"));
  // A load's register is a secret; a store's is the one whose value is released.
  const esr = write
    ? sse
    : put(sse, ESR.SRT, (esrField(event.esr, "SRT") + 1) % 31);
  return { ...event, far, esr };
};

/** The step's twin: its world with other secrets, and its event as they would have it. */
export const withOtherSecrets = (
  t: Transition,
  kept: Released,
): { readonly world: World; readonly event: Event } => {
  const { before, rec } = t;
  const { realm, rmm } = before;
  const recs = realm.recs.map((regs, index) =>
    otherRegs(regs, index === rec ? kept : { x: smc_registers, far: 0n })
  );
  const world = {
    ...before,
    realm: { recs, memory: otherMemory(t) },
    rmm: { ...rmm, recs: rmm.recs.map(otherSaved) },
  };
  return { world, event: otherEvent(t, kept) };
};
