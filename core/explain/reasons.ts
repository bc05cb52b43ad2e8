/**
 * Situations in which RMI commands fail: each is played by the model, and its
 * answer is what the model gives.
 *
 * @module
 */

import { enter } from "../rmm/enter.ts";
import { psciComplete } from "../rmm/psci.ts";
import { FLAG, zero_enter } from "../rmm/recrun.ts";
import type { RmiFailure } from "../rmm/rmi.ts";
import { rttSetRipas } from "../rmm/ripas.ts";
import type { RealmState, RmmRec } from "../rmm/state.ts";
import type { World } from "../world.ts";
import { exitedWorlds } from "./samples.ts";
import { fresh, type Setting } from "./scene.ts";

/** A command in a situation, and what it answered. */
export interface Tried {
  readonly command:
    | "RMI_REC_ENTER"
    | "RMI_RTT_SET_RIPAS"
    | "RMI_PSCI_COMPLETE";
  readonly when: string;
  readonly failure: RmiFailure | null;
}

const entering = (
  world: World,
  when: string,
  flags = 0n,
  rec = 0,
  hcr = 0n,
): Tried => {
  const half = { ...zero_enter, flags, gicv3_hcr: hcr };
  const runs = world.runs.map((run) => ({ ...run, enter: half }));
  const outcome = enter({ ...world, runs }, rec);
  return {
    command: "RMI_REC_ENTER",
    when,
    failure: outcome.tag === "Failed" ? outcome : null,
  };
};

const withRec = (world: World, parts: Partial<RmmRec>): World => ({
  ...world,
  rmm: {
    ...world.rmm,
    recs: world.rmm.recs.map((rec) => ({ ...rec, ...parts })),
  },
});

const withState = (world: World, state: RealmState): World => ({
  ...world,
  rmm: { ...world.rmm, state },
});

/** Situations that do not depend on the last exit. */
const states = (world: World): readonly Tried[] => [
  entering(world, "X1 is no REC", 0n, world.rmm.recs.length),
  entering(withState(world, "NEW"), "the realm is NEW"),
  entering(withState(world, "SYSTEM_OFF"), "the realm is SYSTEM_OFF"),
  entering(withState(world, "ZOMBIE"), "the realm is terminated"),
  entering(withRec(world, { running: true }), "the REC runs elsewhere"),
  entering(withRec(world, { runnable: false }), "the REC is not runnable"),
  entering(
    withRec(world, { psci_pending: true }),
    "a PSCI call waits for RMI_PSCI_COMPLETE",
  ),
  entering(
    world,
    "gicv3_hcr has a bit the host may not set",
    0n,
    0,
    1n,
  ),
];

const flagged = (setting: Setting): readonly Tried[] =>
  exitedWorlds(setting).flatMap(({ name, world }) => [
    entering(world, `EMUL_MMIO after: ${name}`, FLAG.EMUL_MMIO),
    entering(world, `INJECT_SEA after: ${name}`, FLAG.INJECT_SEA),
  ]);

const ripas = (setting: Setting): readonly Tried[] => {
  const asking = exitedWorlds(setting)
    .find(({ world }) => world.rmm.recs[0]?.ripas_request !== null)?.world;
  if (asking === undefined) return [];
  const request = asking.rmm.recs[0]?.ripas_request;
  if (request === null || request === undefined) return [];
  const { base, top } = request;
  const destroyed = {
    ...asking,
    rmm: {
      ...asking.rmm,
      stage2: [{ base, top, ripas: "destroyed" as const, assigned: false }],
    },
  };
  const set = (when: string, world: World, from: bigint, to: bigint): Tried => {
    const outcome = rttSetRipas(world, 0, from, to);
    return {
      command: "RMI_RTT_SET_RIPAS",
      when,
      failure: outcome.tag === "Failed" ? outcome : null,
    };
  };
  return [
    set("top is not granule aligned", asking, base, top + 8n),
    set(
      "base is not the next address of the request",
      asking,
      base - 0x1000n,
      top,
    ),
    set("top is beyond the request", asking, base, top + 0x1000n),
    set("the REC runs", withRec(asking, { running: true }), base, top),
    set(
      "the first granule is DESTROYED and the realm forbade it",
      destroyed,
      base,
      top,
    ),
  ];
};

const psci = (world: World): readonly Tried[] => {
  const outcome = psciComplete(world, 0, 0, 0);
  return [{
    command: "RMI_PSCI_COMPLETE",
    when: "no call is pending, or it names another REC",
    failure: outcome.tag === "Done" ? null : outcome,
  }];
};

/** Every situation, and what the commands answer in this setting. */
export const tried = (setting: Setting): readonly Tried[] => {
  const world = fresh(setting);
  return world === null ? [] : [
    ...states(world),
    ...flagged(setting),
    ...ripas(setting),
    ...psci(world),
  ];
};
