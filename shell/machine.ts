/**
 * The services as this machine provides them, through Deno.
 *
 * @module
 */

import * as Effect from "effect/Effect";
import * as Layer from "effect/Layer";
import { badInput, Files, Terminal, type TextSink } from "./services.ts";

const encoder = new TextEncoder();

const reason = (error: unknown): string => {
  if (error instanceof Deno.errors.NotFound) return "no such file";
  if (error instanceof Deno.errors.IsADirectory) return "a directory";
  return error instanceof Error ? error.message : String(error);
};

const read = (path: string): ReturnType<Files["read"]> =>
  Effect.tryPromise({
    try: () => Deno.readFile(path),
    catch: (error) =>
      badInput(`${path}: expected a readable file but found ${reason(error)}`),
  });

const sink = (file: Deno.FsFile, path: string): TextSink => {
  const attempt = (work: () => void) =>
    Effect.try({
      try: work,
      catch: (error) =>
        badInput(`${path}: expected to write but found ${reason(error)}`),
    });
  const writeAll = (bytes: Uint8Array): void => {
    let done = 0;
    while (done < bytes.length) done += file.writeSync(bytes.subarray(done));
  };
  return {
    write: (text) => attempt(() => writeAll(encoder.encode(text))),
    close: attempt(() => file.close()),
  };
};

const create = (path: string): ReturnType<Files["create"]> =>
  Effect.tryPromise({
    try: async () =>
      sink(
        await Deno.open(path, { write: true, create: true, truncate: true }),
        path,
      ),
    catch: (error) =>
      badInput(`${path}: expected a writable file but found ${reason(error)}`),
  });

/** What a shell reports of a program that SIGPIPE ended. */
const sigpipe_exit = 141;

/** Writes to a standard stream; a reader that went away ends the program quietly, as in a pipe. */
const writeAll = (to: { writeSync(bytes: Uint8Array): number }) =>
(
  bytes: Uint8Array,
): Effect.Effect<void> =>
  Effect.sync(() => {
    try {
      let done = 0;
      while (done < bytes.length) done += to.writeSync(bytes.subarray(done));
    } catch (error) {
      if (error instanceof Deno.errors.BrokenPipe) Deno.exit(sigpipe_exit);
      throw error;
    }
  });

const input = Effect.promise(async () =>
  Deno.stdin.isTerminal()
    ? new Uint8Array()
    : await new Response(Deno.stdin.readable).bytes()
);

/** Files and standard streams of this machine. */
export const machine: Layer.Layer<Files | Terminal> = Layer.mergeAll(
  Layer.succeed(Files, { read, create }),
  Layer.succeed(Terminal, {
    out: writeAll(Deno.stdout),
    err: (line) => writeAll(Deno.stderr)(encoder.encode(`${line}\n`)),
    input,
    elapsed_ms: Effect.sync(() => Math.round(performance.now())),
  }),
);
