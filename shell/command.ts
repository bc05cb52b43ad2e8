/**
 * What a command of the command line is.
 *
 * @module
 */

import type * as Effect from "effect/Effect";
import type { BadInput, Files, Terminal } from "./services.ts";

/** A command's work: arguments in, an exit code out. */
export type Main = (
  args: readonly string[],
) => Effect.Effect<number, BadInput, Files | Terminal>;

/** One row of the command table. */
export interface Command {
  /** Arguments, as help shows them. */
  readonly args: string;
  /** What it does, in a few words. */
  readonly does: string;
  /** Its module, loaded when it is asked for; `usage` is its own help. */
  readonly load: () => Promise<{ readonly main: Main; readonly usage: string }>;
}
