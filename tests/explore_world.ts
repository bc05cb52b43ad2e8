/**
 * Worlds, a naive enumeration and hand-made steps for the explorer's tests.
 *
 * The enumeration shares nothing with the explorer but the model itself and
 * the path's memory: whole worlds as text in a map, no parts and no numbers.
 *
 * @module
 */

import { boot } from "../core/boot.ts";
import { virt } from "../core/device/board.ts";
import type { Action } from "../core/explore/action.ts";
import { choose } from "../core/explore/alphabet.ts";
import type { Ghost } from "../core/explore/ghost.ts";
import type { Exploration } from "../core/explore/search.ts";
import { invariants } from "../core/explore/invariants.ts";
import { ghostsOf } from "../core/explore/replay.ts";
import {
  recOf,
  track,
  type Transition,
  transition,
} from "../core/explore/transition.ts";
import { revisionNamed, sync } from "../core/host/revision.ts";
import { profiles, type RmmProfile } from "../core/rmm/profile.ts";
import { step } from "../core/step.ts";
import type { World } from "../core/world.ts";

/** What a test may choose. */
export interface Choices {
  readonly recs?: number;
  readonly kvm?: string;
  readonly rmm?: RmmProfile;
}

/** The world an exploration starts from. */
export const startWorld = (choices: Choices = {}): World => {
  const booted = boot({
    board: virt,
    rmm: choices.rmm ?? profiles["rmm-2.0"],
    kvm: revisionNamed(choices.kvm ?? "sync") ?? sync,
    devices: "user",
    ipa_bits: 40,
    recs: choices.recs ?? 1,
    image: null,
  });
  if (booted.tag === "Refused") throw new Error(booted.what);
  return booted.world;
};

/** The actions of a comma-separated list. */
export const actionsOf = (names: string): readonly Action[] => {
  const chosen = choose(names.split(","));
  if (chosen.tag === "Unknown") throw new Error(chosen.name);
  return chosen.actions;
};

/** An exploration of `names` without bounds that matter, but for those given. */
export const exploration = (
  names: string,
  choices: Choices = {},
  bounds: Partial<Exploration["bounds"]> = {},
): Exploration => ({
  start: startWorld(choices),
  actions: actionsOf(names),
  invariants,
  bounds: { depth: 1e6, states: 1e8, bytes: 1e12, ...bounds },
});

/** Any world and memory as text; KVM's copy of the PC and its warnings left out. */
const textOf = (world: World, ghosts: readonly Ghost[]): string => {
  const vcpus = world.host.vcpus.map((vcpu) => ({ ...vcpu, pc: 0, warns: 0 }));
  const bare = { ...world, profile: null, host: { ...world.host, vcpus } };
  return JSON.stringify(
    [bare, ghosts],
    (_, value: unknown) =>
      typeof value === "bigint"
        ? `0x${value.toString(16)}`
        : value instanceof Uint8Array
        ? value.toHex()
        : value,
  );
};

/** What the naive enumeration counted. */
export interface Counted {
  readonly unique: number;
  readonly transitions: number;
  /** Unique states first found at each depth. */
  readonly levels: readonly number[];
  /** Every step taken, each once per path memory. */
  readonly steps: readonly Transition[];
}

/** Enumerates every state up to `depth`, stopping the growth at `states_max` states. */
export const enumerate = (
  names: string,
  choices: Choices,
  depth: number,
  states_max = Infinity,
): Counted => {
  const start = startWorld(choices);
  const actions = actionsOf(names);
  const seen = new Set([textOf(start, ghostsOf(start))]);
  let level = [{ world: start, ghosts: ghostsOf(start) }];
  const levels = [1];
  const steps: Transition[] = [];
  let transitions = 0;
  while (level.length > 0 && levels.length <= depth) {
    const found: typeof level = [];
    for (const node of level) {
      const whos = [...node.world.realm.recs.keys(), -1];
      for (const rec of whos) {
        for (const { per_rec, events } of actions) {
          if (per_rec !== rec >= 0) continue;
          const list = events(node.world, rec);
          if (list === null) continue;
          transitions += 1;
          let { world, ghosts } = node;
          for (const event of list) {
            const mine = recOf(event);
            const ghost = ghosts[mine] ?? ghostsOf(world)[0] as Ghost;
            const t = transition(world, event, step(world, event), ghost);
            steps.push(t);
            world = t.after;
            if (mine >= 0) ghosts = ghosts.with(mine, track(t));
          }
          const text = textOf(world, ghosts);
          if (seen.has(text) || seen.size >= states_max) continue;
          seen.add(text);
          found.push({ world, ghosts });
        }
      }
    }
    if (found.length > 0) levels.push(found.length);
    level = found;
  }
  return { unique: seen.size, transitions, levels, steps };
};
