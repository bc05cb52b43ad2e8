/**
 * Recording a run: each event is written before the next is taken, so that
 * an interrupted run leaves all that happened.
 *
 * @module
 */

import * as Effect from "effect/Effect";
import { digest, digestText } from "../core/history/digest.ts";
import type { Event, World } from "../core/world.ts";
import { toBase64 } from "./codec/plain.ts";
import {
  endText,
  eventLine,
  type Header,
  headerText,
  type Program,
  recording_version,
} from "./codec/recording.ts";
import { worldJson } from "./codec/world.ts";
import type { RunOptions } from "./run_options.ts";
import { type BadInput, Files } from "./services.ts";
import type { Guest } from "./source.ts";
import { version } from "./version.ts";

/** What a recorded run starts from: options and a guest, or a world as it stands. */
export type Start =
  | {
    readonly tag: "Boot";
    readonly options: RunOptions;
    readonly guest: Guest | null;
  }
  | { readonly tag: "World" };

/** A recording being written. */
export interface Recorder {
  /** Writes an event and, at every interval, the digest of the world after it. */
  readonly event: (event: Event, after: World) => Effect.Effect<void, BadInput>;
  /** Writes why the run ended, and closes the file. */
  readonly end: (why: string) => Effect.Effect<void, BadInput>;
}

/** Bytes through a compression stream. */
const through = (
  bytes: Uint8Array,
  stream: CompressionStream | DecompressionStream,
): Promise<Uint8Array> =>
  new Response(new Blob([new Uint8Array(bytes)]).stream().pipeThrough(stream))
    .bytes();

/** The SHA-256 of bytes, in hex. */
export const sha256 = (bytes: Uint8Array): Effect.Effect<string> =>
  Effect.promise(async () =>
    new Uint8Array(
      await crypto.subtle.digest("SHA-256", new Uint8Array(bytes)),
    ).toHex()
  );

/** A guest as a recording carries it: a recording stands alone. */
const packed = Effect.fnUntraced(function* ({ path, bytes }: Guest) {
  const gzip = yield* Effect.promise(() =>
    through(bytes, new CompressionStream("gzip"))
  );
  const program: Program = {
    path,
    sha256: yield* sha256(bytes),
    gzip: toBase64(gzip),
  };
  return program;
});

/** The bytes of a gzip stream, or null when it is damaged. */
export const inflated = (
  bytes: Uint8Array,
): Effect.Effect<Uint8Array | null> =>
  Effect.promise(() =>
    through(bytes, new DecompressionStream("gzip")).catch(() => null)
  );

const startOf = Effect.fnUntraced(function* (start: Start, world: World) {
  if (start.tag === "World") return { world: worldJson(world) };
  const { options, guest } = start;
  const program = guest === null ? null : yield* packed(guest);
  return { options, program };
});

/** Creates the file `path` and writes its first line. */
export const recorder: (
  path: string,
  start: Start,
  world: World,
  digest_every: number,
) => Effect.Effect<Recorder, BadInput, Files> = Effect.fnUntraced(
  function* (path, start, world, digest_every) {
    const files = yield* Files;
    const header: Header = {
      recrun_recording: recording_version,
      recrun: version,
      digest: digestText(digest(world)),
      digest_every,
      start: yield* startOf(start, world),
    };
    const sink = yield* files.create(path);
    yield* sink.write(headerText(header));
    let events = 0;
    return {
      event: (event, after) => {
        events += 1;
        const due = events % digest_every === 0;
        return sink.write(eventLine(event, due ? digest(after) : null));
      },
      end: Effect.fnUntraced(function* (why) {
        yield* sink.write(endText(why, events));
        yield* sink.close;
      }),
    };
  },
);
