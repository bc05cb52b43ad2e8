/**
 * What a command of the command line is.
 *
 * @module
 */

import type * as Effect from "effect/Effect";
import type { Head } from "./head.ts";
import type { BadInput, Files, Terminal } from "./services.ts";

/** A command's work: arguments in, an exit code out; `run` goes on from a head start. */
export type Main = (
  args: readonly string[],
  head?: Head | null,
) => Effect.Effect<number, BadInput, Files | Terminal>;

/** What the module of a command exports; `usage` is its own help. */
export interface Loaded {
  readonly main: Main;
  readonly usage: string;
}

/** One row of the command table. */
export interface Command {
  /** Arguments, as help shows them. */
  readonly args: string;
  /** What it does, in a few words. */
  readonly does: string;
  /** Its module, beside this one; loaded when it is asked for. */
  readonly module: string;
}
