import { assert, assertEquals, assertStrictEquals } from "@std/assert";
import { deferred, looked } from "../core/realm/deferred.ts";
import { digestOf } from "../core/history/digest.ts";
import {
  draft,
  type Memory,
  pageAt,
  read,
  seal,
  write,
  zeroed,
} from "../core/realm/memory.ts";

const made = write(zeroed(0x1000, 1 << 20), 0x3008, new Uint8Array([1, 2, 3]));

/** A memory equal to `made`, and how often it was worked out. */
const later = (): { readonly memory: Memory; readonly count: () => number } => {
  let count = 0;
  const work = (from: Memory) => {
    count += 1;
    return from.chunks;
  };
  const memory = deferred(made.base, made.bytes, work, made);
  return { memory, count: () => count };
};

/** Everything the house does with a memory. */
const looks: readonly (readonly [string, (memory: Memory) => unknown])[] = [
  ["pageAt", (memory) => pageAt(memory, 2)],
  ["pageAt, no page", (memory) => pageAt(memory, 200) ?? null],
  ["read", (memory) => read(memory, 0x3000, 32)],
  ["write", (memory) => write(memory, 0x5000, new Uint8Array([9]))],
  ["seal", (memory) => seal(draft(memory)).chunks],
  ["digestOf", digestOf],
  ["spread", (memory) => ({ ...memory })],
  ["a spread, read", (memory) => read({ ...memory }, 0x3000, 32)],
  ["JSON", (memory) => JSON.stringify(memory)],
  ["keys", ({ chunks }) => Object.keys(chunks)],
  ["entries", (memory) => Object.entries(memory)],
  ["length", ({ chunks }) => chunks.length],
  ["in", ({ chunks }) => [0 in chunks, 9 in chunks]],
  ["items", ({ chunks }) => [...chunks]],
  ["slice", ({ chunks }) => chunks.slice()],
  ["descriptors", ({ chunks }) => Object.getOwnPropertyDescriptors(chunks)],
  ["a descriptor", ({ chunks }) => Object.getOwnPropertyDescriptor(chunks, 0)],
  ["itself", (memory) => memory],
];

Deno.test("deferred() makes a memory that is like any other, whatever one does with it first", () => {
  for (const [name, look] of looks) {
    const { memory, count } = later();
    const { chunks } = memory;
    assertEquals(look(memory), look(made), name);
    assertEquals(look(memory), look(made), name);
    // A list that was taken out before the first look shows the same.
    assertEquals(chunks, made.chunks, name);
    assertEquals([...chunks], [...made.chunks], name);
    assert(count() <= 1, name);
  }
});

Deno.test("deferred() works the chunks out at the first look, once, or never", () => {
  const { memory, count } = later();
  const copy = { ...memory };
  assertEquals([memory.base, memory.bytes, count()], [0x1000, 1 << 20, 0]);
  looked(memory);
  assertEquals(count(), 1);
  assertEquals(copy, made);
  assertEquals(memory, made);
  assertEquals(count(), 1);
});

Deno.test("deferred() leaves a plain list behind", () => {
  const { memory } = later();
  looked(memory);
  // Only plain data can be cloned.
  assertEquals(structuredClone(memory), made);
  assertStrictEquals(memory.chunks[0], made.chunks[0]);
});

Deno.test("deferred() makes a memory that can be frozen before anybody looks", () => {
  const frozen: readonly ((memory: Memory) => unknown)[] = [
    (memory) => Object.freeze(memory),
    ({ chunks }) => Object.freeze(chunks),
    (memory) => Object.freeze(Object.freeze(memory).chunks),
    ({ chunks }) => Object.seal(chunks),
  ];
  for (const freeze of frozen) {
    const { memory, count } = later();
    freeze(memory);
    assertEquals(read(memory, 0x3000, 32), read(made, 0x3000, 32));
    assertEquals(memory, made);
    assertEquals(count(), 1);
  }
});
