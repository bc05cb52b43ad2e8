/**
 * The well-behaved host: what happens next when nothing goes wrong.
 *
 * @module
 */

import type { Vcpu } from "./host/state.ts";
import { syncTag } from "./rec_exit.ts";
import type { Event, World } from "./world.ts";

/** What the VMM's thread does: what it owes first, and nothing while the vCPU is off. */
const inUserSpace = (vcpu: Vcpu, rec: number): Event | null => {
  switch (vcpu.owed) {
    case "MmioComplete":
      return { tag: "MmioComplete", rec, data: null };
    case "VmmHandle":
      return { tag: "VmmHandle", rec };
    case "PowerOn":
    case "Nothing":
      return null;
    case null:
      return vcpu.stopped
        ? null
        : { tag: "KvmRun", rec, immediate_exit: false };
  }
};

/**
 * The event a correct host and a running realm bring about next on `rec`, or
 * null when its vCPU has nothing to do; `budget` bounds a `Run`.
 */
export const next = (
  world: World,
  rec: number,
  budget: number,
): Event | null => {
  const vcpu = world.host.vcpus[rec];
  if (vcpu === undefined) return null;
  switch (vcpu.at) {
    case "enter":
      return { tag: "RecEnter", rec };
    case "exit":
      return { tag: "RecExit", rec };
    case "guest": {
      const trap = world.rmm.recs[rec]?.trap ?? null;
      if (trap === null) return { tag: "Run", rec, budget };
      return { tag: syncTag(trap.esr), rec, ...trap };
    }
    case "user":
      return inUserSpace(vcpu, rec);
  }
};
