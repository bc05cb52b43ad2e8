/**
 * Recordings: a run as lines of JSON that stand alone.
 *
 * ```
 * {"recrun_recording":1,"recrun":"0.1.0","digest":"0x...","digest_every":1,"start":{...}}
 * {"tag":"KvmRun","rec":0,"immediate_exit":false,"digest":"0x..."}
 * ...
 * {"end":"SystemOff","events":991}
 * ```
 *
 * The first line holds all a run starts from: the options and the program
 * itself with its SHA-256, or a snapshot. There is no seed, for nothing in a
 * run is drawn at random; input is in the events. Every `digest_every`th event
 * carries the digest of the world after it. A run that was interrupted leaves
 * no last line.
 *
 * @module
 */

import * as Effect from "effect/Effect";
import * as Schema from "effect/Schema";
import { digestText } from "../../core/history/digest.ts";
import type { Event } from "../../core/world.ts";
import { decoder, parseJson, within } from "../decode.ts";
import { type BadInput, badInput } from "../services.ts";
import { eventReader, eventText } from "./event.ts";

/** The version this build writes, and the only one it reads. */
export const recording_version = 1;

const Options = Schema.Struct({
  rmm: Schema.String,
  kvm: Schema.String,
  board: Schema.String,
  devices: Schema.Literals(["user", "kernel"]),
  ipa_bits: within(32, 48),
  recs: within(1, 16),
  spec: Schema.Boolean,
});

const Program = Schema.Struct({
  path: Schema.String,
  sha256: Schema.String,
  gzip: Schema.String,
});

const Boot = Schema.Struct({
  options: Options,
  program: Schema.NullOr(Program),
});

const Header = Schema.Struct({
  recrun_recording: Schema.Int,
  recrun: Schema.String,
  digest: Schema.String,
  digest_every: within(1, 1_000_000_000),
  start: Schema.Union([Boot, Schema.Struct({ world: Schema.Unknown })]),
});

/** The first line of a recording. */
export type Header = typeof Header.Type;

/** A program as a recording carries it: base64 of its gzip-compressed bytes. */
export type Program = typeof Program.Type;

const Version = Schema.StructWithRest(
  Schema.Struct({ recrun_recording: Schema.Int }),
  [Schema.Record(Schema.String, Schema.Unknown)],
);

const decodeVersion = decoder(
  Version as unknown as Schema.Codec<typeof Version.Type, unknown>,
);

const decodeHeader = decoder(
  Header as unknown as Schema.Codec<Header, unknown>,
);

const End = Schema.Struct({ end: Schema.String, events: Schema.Int });

const decodeEnd = decoder(End as Schema.Codec<typeof End.Type, unknown>);

/** The first line. */
export const headerText = (header: Header): string =>
  `${JSON.stringify(header)}\n`;

/** The line of an event, with the digest of the world after it where there is one. */
export const eventLine = (event: Event, digest: bigint | null): string => {
  const text = eventText(event);
  return digest === null
    ? `${text}\n`
    : `${text.slice(0, -1)},"digest":"${digestText(digest)}"}\n`;
};

/** The last line: why the run ended and after how many events. */
export const endText = (end: string, events: number): string =>
  `${JSON.stringify({ end, events })}\n`;

/** A recording as its file says it, before anything was played. */
export interface Recording {
  readonly header: Header;
  readonly events: readonly Event[];
  /** Digest of the world after each event, as text, or null. */
  readonly digests: readonly (string | null)[];
  /** Why the run ended; null when it was interrupted or reading stopped early. */
  readonly end: string | null;
}

const digest_part = /,"digest":"(0x[0-9a-f]{16})"\}$/;

const readHeader = Effect.fnUntraced(function* (line: string, where: string) {
  const json = yield* parseJson(line, where);
  const { recrun_recording: version } = yield* decodeVersion(json, where);
  if (version !== recording_version) {
    return yield* Effect.fail(badInput(
      `${where}: expected a recording of version ${recording_version} but found version ${version}; this build reads none of its events`,
    ));
  }
  return yield* decodeHeader(json, where);
});

/** Says how far a recording is good beside what is wrong with it. */
const damaged = (good: number) => ({ line }: BadInput): BadInput =>
  badInput(`${line}; the recording is good up to event ${good}`);

const readEnd = Effect.fnUntraced(
  function* (line: string, where: string, events: number, more: boolean) {
    const end = yield* decodeEnd(yield* parseJson(line, where), where);
    if (end.events === events && !more) return end.end;
    return yield* Effect.fail(badInput(
      more
        ? `${where}: expected the last line but found lines after it`
        : `${where}: expected ${end.events} events but found ${events}`,
    ));
  },
);

/**
 * Reads a recording, or its first `events_max` events and nothing after them.
 * Errors: a damaged, truncated or newer file is refused with one line that
 * says how far it is good.
 */
export const parseRecording: (
  text: string,
  path: string,
  events_max?: number,
) => Effect.Effect<Recording, BadInput> = Effect.fnUntraced(
  function* (text, path, events_max = Infinity) {
    const first = text.indexOf("\n");
    const cut = (at: number) =>
      badInput(`${path}:${at}: expected a whole line but found the file's end`);
    if (first < 0) return yield* Effect.fail(damaged(0)(cut(1)));
    const header = yield* readHeader(text.slice(0, first), `${path}:1`);
    const reader = eventReader();
    const events: Event[] = [];
    const digests: (string | null)[] = [];
    let from = first + 1;
    while (from < text.length && events.length < events_max) {
      const number = events.length + 2;
      const where = `${path}:${number}`;
      const to = text.indexOf("\n", from);
      if (to < 0) {
        return yield* Effect.fail(damaged(events.length)(cut(number)));
      }
      const line = text.slice(from, to);
      from = to + 1;
      if (line.startsWith('{"end":')) {
        const end = yield* readEnd(
          line,
          where,
          events.length,
          from < text.length,
        ).pipe(Effect.mapError(damaged(events.length)));
        return { header, events, digests, end };
      }
      const digest = digest_part.exec(line);
      const body = digest === null ? line : `${line.slice(0, digest.index)}}`;
      const read = reader.read(body, where);
      events.push(
        !Effect.isEffect(read)
          ? read
          : yield* read.pipe(Effect.mapError(damaged(events.length))),
      );
      digests.push(digest?.[1] ?? null);
    }
    return { header, events, digests, end: null };
  },
);
