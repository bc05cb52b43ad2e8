/**
 * RMI_REC_ENTER by whoever calls it: KVM, a host that is not KVM, or one whose
 * call fails.
 *
 * @module
 */

import { recEntered, recEnterSync, recReturned } from "./host/entry.ts";
import { refused, stepped } from "./outcome.ts";
import { enter } from "./rmm/enter.ts";
import { zero_enter } from "./rmm/recrun.ts";
import type { Event, Step, World } from "./world.ts";

/** RMI_REC_ENTER as KVM calls it; KVM sees the status, whatever it is. */
export const enterByKvm = (world: World, rec: number): Step => {
  const synced = recEnterSync(world, rec);
  const outcome = enter(synced, rec);
  switch (outcome.tag) {
    case "Entered":
      return stepped(recEntered(outcome.world, rec));
    case "Returned":
      return stepped(recReturned(outcome.world, rec, "RMI_SUCCESS", 0));
    case "Failed":
      return stepped(
        recReturned(synced, rec, outcome.status, outcome.index),
      );
  }
};

/** RMI_REC_ENTER by KVM that fails whatever the RMM would have said. */
export const failEnter = (
  world: World,
  event: Event & { readonly tag: "FailRecEnter" },
): Step => {
  const { rec, status, index } = event;
  const synced = recEnterSync(world, rec);
  return stepped(recReturned(synced, rec, status, index));
};

/** RMI_REC_ENTER as any other host may call it, with an enter half of its own. */
export const enterByHost = (
  world: World,
  event: Event & { readonly tag: "RmiRecEnter" },
): Step => {
  const { rec, flags, gprs } = event;
  const page = world.runs[rec];
  if (page === undefined) return refused(world, { tag: "NoRec", rec });
  const half = { ...zero_enter, flags, gprs };
  const runs = world.runs.with(rec, { ...page, enter: half });
  const outcome = enter({ ...world, runs }, rec);
  switch (outcome.tag) {
    case "Entered":
      return stepped(recEntered(outcome.world, rec));
    case "Returned":
      return stepped(recReturned(outcome.world, rec, "RMI_SUCCESS", 0));
    case "Failed": {
      const { status, index } = outcome;
      return refused(world, { tag: "RmiError", status, index });
    }
  }
};
