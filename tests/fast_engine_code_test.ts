import { assertEquals } from "@std/assert";
import { agree, engineFor } from "./fast_engine_compare.ts";
import {
  mapped,
  mmuOn,
  pageAt,
  ram,
  tableAt,
  tables,
  vectors,
  worldOf,
} from "./realm_fixture.ts";

const page_words = 1024;

/** Calls the word at X3, stores W2 there by X1, calls it again; on to the next, X5 times. */
const patchEvery: readonly number[] = [
  0xd63f_0060, // 1: blr x3
  0xb900_0022, // str w2, [x1]
  0xd63f_0060, // blr x3
  0x9100_1021, // add x1, x1, #4
  0x9100_1063, // add x3, x3, #4
  0xf100_04a5, // subs x5, x5, #1
  0x54ff_ff41, // b.ne 1b
  0x1400_0000, // b .
];

/** Counts in X0, stores W2 at X1 each time X5 is down; from 32 on the arm at the end is taken. */
const coldArm: readonly number[] = [
  0x9100_0400, // 1: add x0, x0, #1
  0x3728_00e0, // tbnz x0, #5, 3f
  0xf100_04a5, // 2: subs x5, x5, #1
  0x54ff_ffa1, // b.ne 1b
  0xb900_0022, // str w2, [x1]
  0xd280_03c5, // mov x5, #30
  0x17ff_fffa, // b 1b
  0x1400_0000, // b .
  0x9100_0484, // 3: add x4, x4, #1
  0x17ff_fff9, // b 2b
];

/** RET, in every word of a page and the first of the next. */
const rets = Array.from(
  { length: page_words / 2 + 1 },
  (_, n) => [ram + 0x4000 + 8 * n, 0xd65f_03c0_d65f_03c0n] as const,
);

Deno.test("runOn() sees every word of a page stored over, by its own address and by another", () => {
  const elsewhere = ram + 0x2_0000;
  for (const at of [ram + 0x4000, elsewhere]) {
    const world = worldOf({
      words: patchEvery,
      x: {
        1: BigInt(at),
        2: 0x9100_4084n, // add x4, x4, #16
        3: BigInt(ram + 0x4000),
        5: BigInt(page_words),
      },
      data: [...mapped([[elsewhere, pageAt(ram + 0x4000)]]), ...rets],
      sys: mmuOn,
    });
    for (const hot of [0, 2]) {
      const e = engineFor(world, hot);
      const { x } = agree(e, world, 10 * page_words, 700).realm.recs[0]!;
      assertEquals([x[4], x[5]], [16n * BigInt(page_words), 0n]);
    }
  }
});

Deno.test("runOn() sees a word stored over that was compiled before it was ever reached", () => {
  const world = worldOf({
    words: coldArm,
    x: { 1: BigInt(ram) + 32n, 2: 0x9100_4084n, 5: 16n }, // add x4, x4, #16
  });
  for (const hot of [0, 2]) {
    for (const slice of [1000, 7]) {
      const e = engineFor(world, hot);
      const { x } = agree(e, world, 160, slice).realm.recs[0]!;
      assertEquals(x[4], 6n * 16n);
    }
  }
});

Deno.test("runOn() sees the one word of code there is become zero", () => {
  const apart = ram + 0x4000;
  const programs = [
    // The page holds nothing else that was executed.
    { words: [0xd63f_0060, 0xb900_0022, 0xd63f_0060], at: apart },
    // The region holds nothing else that was not.
    { words: coldArm.with(8, 0x17ff_fffa), at: ram + 32 }, // b 2b
  ];
  for (const { words, at } of programs) {
    const world = worldOf({
      words,
      x: { 1: BigInt(at), 2: 0n, 3: BigInt(at), 5: 16n },
      data: [
        [apart, 0xd65f_03c0n], // ret
        [Number(vectors) + 0x200, 0x1400_0000n], // b .
      ],
    });
    for (const hot of [0, 2]) {
      const e = engineFor(world, hot);
      const { sys } = agree(e, world, 160, 160).realm.recs[0]!;
      assertEquals(sys.elr_el1, BigInt(at));
    }
  }
});

Deno.test("runOn() sees code stored over where the slow way stored before it was code", () => {
  const [apart, other] = [ram + 0x4000, ram + 0x5000];
  const world = worldOf({
    words: [
      0xb900_0022, // str w2, [x1]
      0xd63f_0140, // blr x10: a new page of code
      0xb900_0022, // str w2, [x1]
      0xd63f_0020, // blr x1
      0xb900_0029, // str w9, [x1]
      0xd63f_0020, // blr x1
      0x1400_0000, // b .
    ],
    x: {
      1: BigInt(apart),
      2: 0x9100_0463n, // add x3, x3, #1
      9: 0x9100_4063n, // add x3, x3, #16
      10: BigInt(other),
    },
    data: [[apart, 0xd65f_03c0_0000_0000n], [other, 0xd65f_03c0n]], // ret
  });
  for (const slice of [20, 1]) {
    const e = engineFor(world, 2);
    assertEquals(agree(e, world, 20, slice).realm.recs[0]!.x[3], 17n);
  }
});

Deno.test("runOn() goes over the end of a page to where the next address leads", () => {
  const at = ram + 0x20_0000;
  const [here, there, level3] = [ram + 0x4000, ram + 0x7000, ram + 0x1_4000];
  const world = worldOf({
    // ldr x6, [x7]: what lies behind the page; br x11
    words: [0xf940_00e6, 0xd61f_0160],
    data: [
      ...mapped([]),
      [tables[2]! + 8, tableAt(level3)],
      [level3, pageAt(here)],
      [level3 + 8, pageAt(there)],
      [here + 0xff0, 0x9100_0484n << 32n], // 1: add x4, x4, #1
      // ands x5, x4, #3; b.ne 1b
      [here + 0xff8, 0x54ff_ffc1_f240_0485n],
      // add x3, x3, #256 or #1; br x11
      [here + 0x1000, 0xd61f_0160_9104_0063n],
      [there, 0xd61f_0160_9100_0463n],
    ],
    x: { 7: BigInt(here + 0x1000), 11: BigInt(at) + 0xff4n },
    sys: mmuOn,
  });
  for (const hot of [0, 2]) {
    const e = engineFor(world, hot);
    const { x } = agree(e, world, 2 + 14 * 20, 141).realm.recs[0]!;
    assertEquals(x[3], 20n);
  }
});
