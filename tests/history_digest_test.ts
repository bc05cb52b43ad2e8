import { assert, assertEquals, assertNotEquals } from "@std/assert";
import { digest, digestOf, digestText } from "../core/history/digest.ts";
import { opened, seek } from "../core/history/history.ts";
import { write, zeroed } from "../core/realm/memory.ts";
import type { World } from "../core/world.ts";
import { tapeOf } from "./history_tapes.ts";

/** A deep copy that shares nothing, with every object's keys turned around. */
const mirrored = (value: unknown): unknown => {
  if (value instanceof Uint8Array) return value.slice();
  if (Array.isArray(value)) return value.map(mirrored);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).reverse().map(([key, of]) => [key, mirrored(of)]),
  );
};

const { now: { world } } = seek(opened(await tapeOf("mmu", 3_000)), {
  event: Infinity,
});

Deno.test("digest() of a copy that shares nothing, keys turned around, is the same", () => {
  assertEquals(digest(mirrored(world) as World), digest(world));
});

/** Every world that differs from `value` in one leaf. */
const changed = function* (value: unknown): Generator<unknown> {
  if (value instanceof Uint8Array) return;
  if (typeof value === "bigint") yield value ^ 1n;
  if (typeof value === "number") yield value + 1;
  if (typeof value === "boolean") yield !value;
  if (typeof value === "string") yield `${value}x`;
  if (value === null) yield 0;
  if (Array.isArray(value)) {
    for (const [index, item] of value.entries()) {
      for (const other of changed(item)) yield value.with(index, other);
    }
  } else if (typeof value === "object" && value !== null) {
    for (const [key, field] of Object.entries(value)) {
      for (const other of changed(field)) yield { ...value, [key]: other };
    }
  }
};

Deno.test("digest() tells apart every change of one leaf of a world", () => {
  const { realm, ...rest } = world;
  const { memory, ...others } = realm;
  const small = { ...rest, realm: others, ram: [memory.base, memory.bytes] };
  const seen = new Set([digestOf(small)]);
  let count = 1;
  for (const other of changed(small)) {
    seen.add(digestOf(other));
    count += 1;
  }
  assert(count > 4_000, `${count}`);
  assertEquals(seen.size, count);
});

Deno.test("digest() takes pages of zeros for pages never written", () => {
  const empty = zeroed(0x4000_0000, 1 << 20);
  const zeros = write(empty, 0x4000_2000, new Uint8Array(8192));
  const one = write(zeros, 0x4000_2fff, Uint8Array.of(1));
  const back = write(one, 0x4000_2fff, Uint8Array.of(0));
  assertEquals(digestOf(zeros), digestOf(empty));
  assertEquals(digestOf(back), digestOf(empty));
  assertNotEquals(digestOf(one), digestOf(empty));
});

Deno.test("digest() tells where a byte is, in its page and among pages", () => {
  const empty = zeroed(0x4000_0000, 1 << 20);
  const seen = new Set<bigint>();
  for (let at = 0; at < 1 << 20; at += 509) {
    seen.add(digestOf(write(empty, 0x4000_0000 + at, Uint8Array.of(7))));
  }
  assertEquals(seen.size, Math.ceil((1 << 20) / 509));
});

Deno.test("digest() tells null, false, 0, 0n, empty text, list and object apart", () => {
  const values = [null, false, true, 0, 0n, 1, 1n, "", "0", [], [0], {}, {
    a: 0,
  }];
  assertEquals(new Set(values.map(digestOf)).size, values.length);
});

Deno.test("digestText() writes 16 digits", () => {
  assertEquals(digestText(0x1fn), "0x000000000000001f");
});
