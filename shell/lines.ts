/**
 * Reading text files line by line, plain or gzip-compressed.
 *
 * @module
 */

import * as Effect from "effect/Effect";
import { type BadInput, badInput, Files } from "./services.ts";

const gzip_magic = [0x1f, 0x8b] as const;

const inflate = (
  bytes: Uint8Array,
  path: string,
): Effect.Effect<Uint8Array, BadInput> =>
  Effect.tryPromise({
    try: () => {
      const copy = new Uint8Array(bytes);
      const stream = new Blob([copy]).stream()
        .pipeThrough(new DecompressionStream("gzip"));
      return new Response(stream).bytes();
    },
    catch: (error) =>
      badInput(
        `${path}: expected gzip data but found ${
          error instanceof Error ? error.message : String(error)
        }`,
      ),
  });

/** Reads a UTF-8 text file; one that starts with gzip's magic is inflated first. */
export const readText: (
  path: string,
) => Effect.Effect<string, BadInput, Files> = Effect.fnUntraced(
  function* (path) {
    const files = yield* Files;
    const bytes = yield* files.read(path);
    const packed = gzip_magic.every((byte, index) => bytes[index] === byte);
    const plain = packed ? yield* inflate(bytes, path) : bytes;
    return yield* Effect.try({
      try: () => new TextDecoder("utf-8", { fatal: true }).decode(plain),
      catch: () =>
        badInput(`${path}: expected UTF-8 text but found other bytes`),
    });
  },
);
