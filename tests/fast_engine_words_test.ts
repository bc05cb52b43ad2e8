import { assert, assertEquals } from "@std/assert";
import { endsAfter, entryOf, noWords } from "../core/fast/engine/words.ts";

const brk = 0xd420_0000;
const add = 0x9100_0000;

Deno.test("entryOf() gives every word an entry of its own and keeps it", () => {
  const words = noWords();
  const list = Array.from({ length: 4096 }, (_, n) => add | n << 10);
  const entries = list.map((word) => entryOf(words, word));
  assertEquals(new Set(entries).size, list.length);
  assertEquals(list.map((word) => entryOf(words, word)), entries);
  assertEquals(words.count, list.length);
});

Deno.test("entryOf() forgets all words when there are too many", () => {
  const words = noWords();
  for (let n = 0; n < 1 << 16; n++) entryOf(words, brk | n << 5);
  assertEquals(words.count, 1 << 16);
  const fresh = entryOf(words, add);
  assertEquals([fresh, words.count], [0, 1]);
  assertEquals(entryOf(words, add), fresh);
  assertEquals(entryOf(words, brk), 1);
  assert(endsAfter(words, 1) && !endsAfter(words, fresh));
  // The index has room for others again.
  assertEquals(words.index.filter((at) => at !== 0).length, 2);
});

Deno.test("endsAfter() is true of what never goes on to the next word", () => {
  const words = noWords();
  const ends: readonly (readonly [number, boolean])[] = [
    [0x1400_0002, true], // b
    [0xd61f_0000, true], // br x0
    [0xd65f_03c0, true], // ret
    [0xd69f_03e0, true], // eret
    [0xd400_0001, true], // svc #0
    [0x0000_0000, true], // udf #0
    [0x5400_0040, false], // b.eq
    [0xb400_0040, false], // cbz
    [0xf940_0000, false], // ldr
    [0xd503_201f, false], // nop
  ];
  for (const [word, expected] of ends) {
    assertEquals(
      [word, endsAfter(words, entryOf(words, word))],
      [word, expected],
    );
  }
});
