/**
 * What a run starts from: a guest or a scenario read from its file, and the
 * world built from it.
 *
 * @module
 */

import * as Effect from "effect/Effect";
import type { World } from "../core/world.ts";
import { type BadInput, badInput, isBad } from "./bad_input.ts";
import { type Guest, worldFrom } from "./build.ts";
import type { RunOptions } from "./options.ts";
import type { Scenario } from "./scenario.ts";
import { Files } from "./services.ts";

export type { Guest } from "./build.ts";

const directory = (path: string): string =>
  path.slice(0, path.lastIndexOf("/") + 1);

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
  const { parseScenario } = yield* Effect.promise(() =>
    import("./scenario.ts")
  );
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
export const build = (
  guest: Guest | null,
  options: RunOptions,
): Effect.Effect<World, BadInput> => {
  const world = worldFrom(guest, options);
  return isBad(world) ? Effect.fail(world) : Effect.succeed(world);
};
