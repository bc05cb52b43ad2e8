/**
 * What a run starts from: a guest or a scenario read from its file, and the
 * world built from it.
 *
 * @module
 */

import * as Effect from "effect/Effect";
import { boot } from "../core/boot.ts";
import { boards } from "../core/device/board.ts";
import { revisions } from "../core/host/revision.ts";
import { type Image, parseElf } from "../core/realm/elf.ts";
import { specOf } from "../core/rmm/spec.ts";
import { profiles } from "../core/rmm/profile.ts";
import type { World } from "../core/world.ts";
import { choices, type RunOptions } from "./run_options.ts";
import { parseScenario, type Scenario } from "./scenario.ts";
import { type BadInput, badInput, Files } from "./services.ts";

const byName = <T extends { readonly name: string }>(
  what: keyof typeof choices,
  table: readonly T[],
  name: string,
): Effect.Effect<T, BadInput> => {
  const row = table.find((candidate) => candidate.name === name);
  if (row !== undefined) return Effect.succeed(row);
  return Effect.fail(badInput(
    `expected ${what} to be one of ${choices[what].join(", ")} but found ${
      JSON.stringify(name)
    }`,
  ));
};

const directory = (path: string): string =>
  path.slice(0, path.lastIndexOf("/") + 1);

/** A guest program as its file holds it. */
export interface Guest {
  readonly path: string;
  readonly bytes: Uint8Array;
}

/** What the file on the command line turned out to be. */
export interface Source {
  /** The guest, or null for a scenario without one. */
  readonly guest: Guest | null;
  readonly scenario: Scenario;
}

/** Reads a guest or a scenario; a scenario's guest is found beside it. */
export const readSource: (
  path: string,
) => Effect.Effect<Source, BadInput, Files> = Effect.fnUntraced(function* (
  path,
) {
  const files = yield* Files;
  const bytes = yield* files.read(path);
  if (!path.endsWith(".json")) {
    const source: Source = {
      guest: { path, bytes },
      scenario: { options: {} },
    };
    return source;
  }
  const scenario = yield* parseScenario(new TextDecoder().decode(bytes), path);
  if (scenario.guest === undefined) {
    if (scenario.events === undefined) {
      return yield* Effect.fail(badInput(
        `${path}: expected "guest" or "events" but found neither`,
      ));
    }
    const source: Source = { guest: null, scenario };
    return source;
  }
  const guest = scenario.guest.startsWith("/")
    ? scenario.guest
    : directory(path) + scenario.guest;
  const source: Source = {
    guest: { path: guest, bytes: yield* files.read(guest) },
    scenario,
  };
  return source;
});

/** Builds the world a guest, or none, starts in. */
export const build: (
  guest: Guest | null,
  options: RunOptions,
) => Effect.Effect<World, BadInput> = Effect.fnUntraced(
  function* (guest, options) {
    const board = yield* byName("board", boards, options.board);
    const row = yield* byName("rmm", Object.values(profiles), options.rmm);
    const rmm = options.spec ? specOf(row) : row;
    const kvm = yield* byName("kvm", revisions, options.kvm);
    let image: Image | null = null;
    if (guest !== null) {
      const parsed = parseElf(guest.bytes, board.ram);
      if (parsed.tag === "Refused") {
        return yield* Effect.fail(
          badInput(`${guest.path}: ${parsed.what}`),
        );
      }
      image = parsed;
    }
    const { devices, ipa_bits, recs } = options;
    const booted = boot({ board, rmm, kvm, devices, ipa_bits, recs, image });
    if (booted.tag === "Refused") {
      return yield* Effect.fail(badInput(booted.what));
    }
    return booted.world;
  },
);
