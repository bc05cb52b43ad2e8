/**
 * The services as this machine provides them, through Deno.
 *
 * @module
 */

import * as Effect from "effect/Effect";
import * as Layer from "effect/Layer";
import { badInput, Files, Terminal, type TextSink } from "./services.ts";
import { append, readInput, writeAll } from "./streams.ts";

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
  return {
    write: (text) => attempt(() => append(file, encoder.encode(text))),
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

/** Files and standard streams of this machine. */
export const machine: Layer.Layer<Files | Terminal> = Layer.mergeAll(
  Layer.succeed(Files, { read, create }),
  Layer.succeed(Terminal, {
    out: (bytes) => Effect.sync(() => writeAll(Deno.stdout, bytes)),
    err: (line) =>
      Effect.sync(() => writeAll(Deno.stderr, encoder.encode(`${line}\n`))),
    input: Effect.sync(readInput),
    elapsed_ms: Effect.sync(() => Math.round(performance.now())),
  }),
);
