/**
 * Snapshots: a world as text. The same world has the same text, whichever way
 * it came about.
 *
 * ```json
 * { "recrun_snapshot": 1, "digest": "0x...", "world": { ... } }
 * ```
 *
 * The world is plain data with every field by its name; memory is its pages
 * that are not all zero, in order, each with its number and base64. The digest
 * is the world's own, so that no damage goes unnoticed.
 *
 * @module
 */

import * as Effect from "effect/Effect";
import * as Schema from "effect/Schema";
import { digest, digestText } from "../../core/history/digest.ts";
import {
  chunk_pages,
  draft,
  type Memory,
  page_bytes,
  seal,
  zeroed,
} from "../../core/realm/memory.ts";
import type { World } from "../../core/world.ts";
import { decoder, parseJson } from "../decode.ts";
import { type BadInput, badInput } from "../services.ts";
import { fromBase64, fromJson, type Json, toBase64, toJson } from "./plain.ts";

/** The version this build writes, and the only one it reads. */
export const snapshot_version = 1;

const memoryJson = (memory: Memory): Json => {
  const pages: Json[] = [];
  memory.chunks.forEach((chunk, at) =>
    chunk?.forEach((page, within) => {
      if (page === undefined || page.every((byte) => byte === 0)) return;
      pages.push([at * chunk_pages + within, toBase64(page)]);
    })
  );
  return { base: memory.base, bytes: memory.bytes, pages };
};

/** A world as JSON-ready data. */
export const worldJson = (world: World): Json => {
  const { realm, ...rest } = world;
  return toJson({
    ...rest,
    realm: { ...realm, memory: memoryJson(realm.memory) },
  });
};

/** A world as the text of a snapshot. */
export const snapshotText = (world: World): string => {
  const head = `{"recrun_snapshot":${snapshot_version},"digest":"${
    digestText(digest(world))
  }","world":`;
  return `${head}${JSON.stringify(worldJson(world))}}\n`;
};

const Pages = Schema.Struct({
  base: Schema.Int,
  bytes: Schema.Int,
  pages: Schema.Array(Schema.Tuple([Schema.Int, Schema.String])),
});

const Parts = Schema.Struct({
  profile: Schema.Record(Schema.String, Schema.Unknown),
  realm: Schema.Struct({
    recs: Schema.Array(Schema.Unknown),
    memory: Pages,
  }),
  rmm: Schema.Record(Schema.String, Schema.Unknown),
  runs: Schema.Array(Schema.Unknown),
  host: Schema.Record(Schema.String, Schema.Unknown),
  bus: Schema.Record(Schema.String, Schema.Unknown),
});

const decodeParts = decoder(
  Parts as unknown as Schema.Codec<typeof Parts.Type, unknown>,
);

const memoryOf = (
  { base, bytes, pages }: typeof Pages.Type,
  where: string,
): Effect.Effect<Memory, BadInput> => {
  const open = draft(zeroed(base, bytes));
  for (const [index, text] of pages) {
    const page = fromBase64(text);
    const inside = 0 <= index && index < bytes / page_bytes;
    if (page?.length !== page_bytes || !inside) {
      return Effect.fail(badInput(
        `${where}: ["realm"]["memory"]: expected page ${index} of RAM as ${page_bytes} bytes of base64 but found something else`,
      ));
    }
    open.owned.set(index, page);
  }
  return Effect.succeed(seal(open));
};

/** The world of JSON-ready data whose digest must be `expected`. */
export const worldOf: (
  json: unknown,
  expected: string,
  where: string,
) => Effect.Effect<World, BadInput> = Effect.fnUntraced(
  function* (json, expected, where) {
    const { realm, ...rest } = yield* decodeParts(json, where);
    const memory = yield* memoryOf(realm.memory, where);
    const recs = fromJson(realm.recs as Json);
    const plain = fromJson(rest as Json) as Omit<World, "realm">;
    const world = { ...plain, realm: { recs, memory } } as World;
    const found = digestText(digest(world));
    if (found === expected) return world;
    return yield* Effect.fail(badInput(
      `${where}: expected a world with digest ${expected} but found ${found}; the file is damaged`,
    ));
  },
);

const Head = Schema.StructWithRest(
  Schema.Struct({ recrun_snapshot: Schema.Int }),
  [Schema.Record(Schema.String, Schema.Unknown)],
);

const decodeHead = decoder(
  Head as unknown as Schema.Codec<typeof Head.Type, unknown>,
);

const Snapshot = Schema.Struct({
  recrun_snapshot: Schema.Int,
  digest: Schema.String,
  world: Schema.Unknown,
});

const decodeSnapshot = decoder(
  Snapshot as unknown as Schema.Codec<typeof Snapshot.Type, unknown>,
);

/** The world of a snapshot's text; `path` is named in refusals. */
export const parseSnapshot: (
  text: string,
  path: string,
) => Effect.Effect<World, BadInput> = Effect.fnUntraced(
  function* (text, path) {
    const json = yield* parseJson(text, path);
    const { recrun_snapshot: version } = yield* decodeHead(json, path);
    if (version !== snapshot_version) {
      return yield* Effect.fail(badInput(
        `${path}: expected a snapshot of version ${snapshot_version} but found version ${version}`,
      ));
    }
    const { digest, world } = yield* decodeSnapshot(json, path);
    return yield* worldOf(world, digest, path);
  },
);
