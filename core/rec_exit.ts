/**
 * REC exit as an event: an exception reaches R-EL2 while a REC runs, and the
 * host sees RMI_REC_ENTER return if the RMM lets it.
 *
 * @module
 */

import { EC, ec } from "./arch/esr.ts";
import { hex } from "./arch/word.ts";
import { recReturned } from "./host/entry.ts";
import { type Exception, exit } from "./rmm/exit.ts";
import type { Step, Sync, World } from "./world.ts";

/** The exception class each event name stands for; `Sync` is every other one. */
const classes: Readonly<Record<Exclude<Sync["tag"], "Sync">, number>> = {
  Dabt: EC.DABT_LOW,
  Iabt: EC.IABT_LOW,
  Wfx: EC.WFX,
  SysregTrap: EC.SYS64,
  Smc: EC.SMC64,
  Hvc: EC.HVC64,
};

/** The event name of an exception class. */
export const syncTag = (esr: bigint): Sync["tag"] => {
  const found = ec(esr);
  for (const [tag, value] of Object.entries(classes)) {
    if (value === found) return tag as Sync["tag"];
  }
  return "Sync";
};

/** Hands an exception to the RMM; a panic is a refusal. */
export const take = (world: World, rec: number, exception: Exception): Step => {
  const outcome = exit(world, rec, exception);
  switch (outcome.tag) {
    case "Resumed":
      return { tag: "Stepped", world: outcome.world, asks: [] };
    case "Exited":
      return {
        tag: "Stepped",
        world: recReturned(outcome.world, rec, "RMI_SUCCESS", 0),
        asks: [],
      };
    case "Panic":
      return {
        tag: "Refused",
        world,
        why: { tag: "RmmPanic", name: outcome.name },
      };
  }
};

/** Hands over a synchronous exception whose event name must fit its syndrome. */
export const takeSync = (world: World, event: Sync): Step => {
  const { rec, esr, far, hpfar } = event;
  const expected = syncTag(esr);
  if (expected !== event.tag) {
    return {
      tag: "Refused",
      world,
      why: {
        tag: "BadSyndrome",
        expected: `${event.tag}, not esr ${hex(esr)}`,
        found: expected,
      },
    };
  }
  return take(world, rec, { tag: "Sync", esr, far, hpfar });
};
