/**
 * Tapes from files: a recording as it was written, or a guest or scenario
 * played once to see what happens.
 *
 * @module
 */

import * as Effect from "effect/Effect";
import { digest, digestText } from "../core/history/digest.ts";
import type { Tape } from "../core/history/play.ts";
import type { Event, World } from "../core/world.ts";
import { default_engine, enginesOf } from "./engine.ts";
import { fromBase64 } from "./codec/plain.ts";
import {
  type Header,
  parseRecording,
  type Program,
  type Recording,
} from "./codec/recording.ts";
import { worldOf } from "./codec/world.ts";
import { readText } from "./lines.ts";
import { loop } from "./loop.ts";
import { inflated, sha256 } from "./record.ts";
import { default_options } from "./run_options.ts";
import { type BadInput, badInput, Files, Terminal } from "./services.ts";
import { build, type Guest, readSource } from "./source.ts";

/** A tape and what its file says of it. */
export interface Opened {
  readonly tape: Tape;
  /** Digest of the world after each event, as text, where the file has one. */
  readonly digests: readonly (string | null)[];
  /** Why the run ended, or null when its recording does not say. */
  readonly end: string | null;
}

/** How much of a file is wanted. */
export interface Wanted {
  /** Events at most. */
  readonly events_max?: number;
  /** Instructions and events a guest or scenario is played for. */
  readonly steps_max: number;
}

const unpacked = Effect.fnUntraced(function* (
  program: Program,
  where: string,
) {
  const gzip = fromBase64(program.gzip);
  const bytes = gzip === null ? null : yield* inflated(gzip);
  const found = bytes === null ? "none" : yield* sha256(bytes);
  if (bytes === null || found !== program.sha256) {
    return yield* Effect.fail(badInput(
      `${where}: expected the program with SHA-256 ${program.sha256} but found ${found}; the recording is good up to event 0`,
    ));
  }
  const guest: Guest = { path: program.path, bytes };
  return guest;
});

/** The world a recording starts from; refused when this build makes another. */
const firstWorld = Effect.fnUntraced(function* (header: Header, path: string) {
  const { start } = header;
  const where = `${path}:1`;
  if ("world" in start) {
    return yield* worldOf(start.world, header.digest, where);
  }
  const { options, program } = start;
  const guest = program === null ? null : yield* unpacked(program, where);
  const world = yield* build(guest, options);
  const found = digestText(digest(world));
  if (found === header.digest) return world;
  return yield* Effect.fail(badInput(
    `${where}: expected a first world with digest ${header.digest} but this build makes ${found}; the recording is good up to event 0`,
  ));
});

const ofRecording = Effect.fnUntraced(
  function* (recording: Recording, path: string) {
    const start = yield* firstWorld(recording.header, path);
    const opened: Opened = {
      tape: { start, events: recording.events },
      digests: recording.digests,
      end: recording.end,
    };
    return opened;
  },
);

/** Plays a world with nobody watching and keeps the events. */
const played = Effect.fnUntraced(function* (
  start: World,
  input: Uint8Array,
  scripted: readonly Event[] | null,
  wanted: Wanted,
) {
  const events: Event[] = [];
  const terminal = yield* Terminal;
  const silent = {
    ...terminal,
    out: () => Effect.void,
    err: () => Effect.void,
  };
  const { execute } = yield* enginesOf(default_engine);
  const finish = yield* loop(start, {
    execute,
    steps_max: wanted.steps_max,
    input,
    events: scripted,
    observe: (_, event) => {
      events.push(event);
      return null;
    },
  }).pipe(Effect.provideService(Terminal, silent));
  const kept = events.slice(0, wanted.events_max);
  const opened: Opened = {
    tape: { start, events: kept },
    digests: [],
    end: finish.end.tag,
  };
  return opened;
});

const header_start = '{"recrun_recording":';
const gzip_magic = 0x1f;

/** True for the bytes of a recording, plain or gzipped. */
export const isRecording = (bytes: Uint8Array): boolean =>
  bytes[0] === gzip_magic ||
  new TextDecoder().decode(bytes.subarray(0, header_start.length)) ===
    header_start;

/**
 * Reads the recording at `path`. Errors: refused when the file is anything
 * else, damaged, or starts from a world this build does not make.
 */
export const openRecording: (
  path: string,
  events_max?: number,
) => Effect.Effect<Opened, BadInput, Files> = Effect.fnUntraced(
  function* (path, events_max) {
    const files = yield* Files;
    if (!isRecording(yield* files.read(path))) {
      return yield* Effect.fail(badInput(
        `${path}: expected a recording, which starts ${header_start}, but found something else`,
      ));
    }
    const text = yield* readText(path);
    return yield* ofRecording(
      yield* parseRecording(text, path, events_max),
      path,
    );
  },
);

/** Reads a recording, or plays a guest or scenario; which it is shows in its bytes. */
export const openTape: (
  path: string,
  wanted: Wanted,
) => Effect.Effect<Opened, BadInput, Files | Terminal> = Effect.fnUntraced(
  function* (path, wanted) {
    const files = yield* Files;
    if (isRecording(yield* files.read(path))) {
      return yield* openRecording(path, wanted.events_max);
    }
    const { guest, scenario } = yield* readSource(path);
    const options = { ...default_options, ...scenario.options };
    const world = yield* build(guest, options);
    const input = new TextEncoder().encode(scenario.input ?? "");
    return yield* played(world, input, scenario.events ?? null, wanted);
  },
);
