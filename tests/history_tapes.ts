/**
 * Tapes of guest programs, played once for every test that looks at them.
 *
 * @module
 */

import * as Effect from "effect/Effect";
import type { Tape } from "../core/history/play.ts";
import { badInput, Files, Terminal } from "../shell/services.ts";
import { openTape } from "../shell/tape.ts";

const files = Files.of({
  read: (path) =>
    Effect.tryPromise({
      try: () => Deno.readFile(path),
      catch: () => badInput(path),
    }),
  create: (path) => Effect.fail(badInput(path)),
});

const terminal = Terminal.of({
  out: () => Effect.void,
  err: () => Effect.void,
  input: Effect.succeed(new Uint8Array()),
  elapsed_ms: Effect.succeed(0),
});

/** The tape of `tests/guests/NAME.elf`, played for at most `steps_max` steps. */
export const tapeOf = async (
  guest: string,
  steps_max: number,
): Promise<Tape> => {
  const path = `tests/guests/${guest}.elf`;
  const opened = await Effect.runPromise(
    openTape(path, { steps_max }).pipe(
      Effect.provideService(Files, files),
      Effect.provideService(Terminal, terminal),
    ),
  );
  return opened.tape;
};
