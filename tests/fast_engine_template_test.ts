import { assert, assertEquals } from "@std/assert";
import { RECORD, records_base, SLOT } from "../core/fast/engine/layout.ts";
import { create } from "../core/fast/engine/create.ts";
import type { Engine } from "../core/fast/engine/state.ts";
import { stamp } from "../core/fast/engine/template.ts";
import { batch, recordFor } from "../core/fast/engine/word.ts";
import { entryOf, record_words } from "../core/fast/engine/words.ts";

const engine = (): Engine => {
  const e = create(65536, { hot: 0 });
  if (e === null) throw new Error("expected room");
  return e;
};

const heat = RECORD.heat / 4;
const record = records_base / 4;

/** A record without its heat. */
const recordIn = (from: Uint32Array, at: number): readonly number[] =>
  [...from.subarray(at, at + record_words)].filter((_, n) => n !== heat);

/** Compares a word's stamped record with the one made by decoding it; true where it was stamped. */
const agrees = (e: Engine, into: ReturnType<typeof batch>, word: number) => {
  e.u32.fill(0, record, record + record_words);
  if (!stamp(e, word, record, into)) return false;
  const stamped = recordIn(e.u32, record);
  const made = recordFor(e, entryOf(e.words, word), 0, into);
  const decoded = recordIn(e.words.records, made);
  if (stamped.join() !== decoded.join()) {
    assertEquals([word.toString(16), ...stamped], [
      word.toString(16),
      ...decoded,
    ]);
  }
  return true;
};

/** Bits of each class beside its registers and immediate, in all their values. */
const classes: readonly (readonly number[])[] = [
  // sf op S 100010 sh
  Array.from(
    { length: 16 },
    (_, n) => ((n >> 1) << 29 | 0x11 << 24 | (n & 1) << 22) >>> 0,
  ),
  // size 111001 opc
  Array.from(
    { length: 16 },
    (_, n) => ((n >> 2) << 30 | 0x39 << 24 | (n & 3) << 22) >>> 0,
  ),
];

/** Loads of 4 and 8 bytes that no word encodes. */
const unallocated = ["b9c00000", "f9c00000"];

for (
  const [name, kinds] of [["add", classes[0]!], ["load", classes[1]!]] as const
) {
  Deno.test(`stamp() makes of every immediate what decoding makes of it, ${name}`, () => {
    const none: string[] = [];
    for (const kind of kinds) {
      const e = engine();
      const into = batch();
      let stamped = 0;
      for (const registers of [0x000, 0x022, 0x3e5, 0x0bf, 0x3ff]) {
        for (let imm = 0; imm < 4096; imm++) {
          const word = (kind | imm << 10 | registers) >>> 0;
          if (agrees(e, into, word)) stamped += 1;
        }
      }
      if (stamped === 0) none.push(kind.toString(16));
      else assert(stamped >= 5 * 4094, `${kind}: ${stamped}`);
    }
    assertEquals(none, name === "add" ? [] : unallocated);
  });

  Deno.test(`stamp() makes of all registers what decoding makes of them, ${name}`, () => {
    const e = engine();
    const into = batch();
    for (const kind of kinds) {
      for (let registers = 0; registers < 1024; registers++) {
        for (const imm of [2, 0xabc]) {
          agrees(e, into, (kind | imm << 10 | registers) >>> 0);
        }
      }
    }
    assert(into.slots.every((slot) => SLOT.first <= slot));
  });
}

Deno.test("stamp() leaves constants that are no operands, and other classes", () => {
  const e = engine();
  const into = batch();
  for (
    const word of [
      0x9100_0020, // add x0, x1, #0
      0x9100_0420, // add x0, x1, #1
      0xf940_0020, // ldr x0, [x1]
      0x3940_0420, // ldrb w0, [x1, #1]
      0xf9c0_0820, // unallocated
      0x3d40_0820, // ldr b0, [x1, #2]
      0x9240_0820, // and x0, x1, #7
      0xd280_0040, // mov x0, #2
    ]
  ) {
    assert(!stamp(e, word, record, into));
  }
});
