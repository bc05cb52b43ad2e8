/**
 * The two services the command line needs from its surroundings, so that
 * every command can be tested without touching the machine.
 *
 * @module
 */

import * as Context from "effect/Context";
import type * as Effect from "effect/Effect";
import type { BadInput } from "./bad_input.ts";

export { type BadInput, badInput } from "./bad_input.ts";

/** A text file being written. */
export interface TextSink {
  /** Appends text. */
  readonly write: (text: string) => Effect.Effect<void, BadInput>;
  /** Flushes and closes the file. */
  readonly close: Effect.Effect<void, BadInput>;
}

/** Files of the machine. */
export interface Files {
  /** Reads a whole file. */
  readonly read: (path: string) => Effect.Effect<Uint8Array, BadInput>;
  /** Creates or truncates a text file. */
  readonly create: (path: string) => Effect.Effect<TextSink, BadInput>;
}

/** The key of the `Files` service. */
export const Files: Context.Service<Files, Files> = Context.Service<Files>(
  "recrun/Files",
);

/** Standard input, output and error. */
export interface Terminal {
  /** Writes bytes to standard output. */
  readonly out: (bytes: Uint8Array) => Effect.Effect<void>;
  /** Writes one line to standard error. */
  readonly err: (line: string) => Effect.Effect<void>;
  /** Reads standard input to its end; nothing when it is a terminal. */
  readonly input: Effect.Effect<Uint8Array>;
  /** Milliseconds since the process started, for progress lines only. */
  readonly elapsed_ms: Effect.Effect<number>;
}

/** The key of the `Terminal` service. */
export const Terminal: Context.Service<Terminal, Terminal> = Context.Service<
  Terminal
>("recrun/Terminal");
