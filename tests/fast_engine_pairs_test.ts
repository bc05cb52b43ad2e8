import { assert, assertEquals } from "@std/assert";
import { agree, engineFor } from "./fast_engine_compare.ts";
import * as Snippet from "./fast_engine_snippets.ts";
import { mapped, mmuOn, ram, worldOf } from "./realm_fixture.ts";

const data = BigInt(ram + 0x8000);

/** One that sets the flags for each kind they are kept in, by its name. */
const kinds: readonly (readonly [string, number])[] = [
  ["adds x6, x3, x4", 0xab04_0066],
  ["adds w6, w3, w4", 0x2b04_0066],
  ["subs x6, x3, x4", 0xeb04_0066],
  ["subs w6, w3, w4", 0x6b04_0066],
  ["ands x6, x3, x4", 0xea04_0066],
  ["ands w6, w3, w4", 0x6a04_0066],
  ["adcs x6, x3, x4", 0xba04_0066],
];

Deno.test("runOn() leaves with the flags of the last that set them, whatever kind they were of before", () => {
  for (const [first, setter] of Snippet.flag_setters) {
    for (const [then, other] of kinds) {
      const words = Snippet.flagsThenLoad(setter);
      const world = worldOf({
        // The other one before the branch back, which is a word further now.
        words: [...words.slice(0, -1), other, words.at(-1)! - 1],
        x: {
          1: data,
          3: 0x9e37_79b9_7f4a_7c15n,
          10: 0x2545_f491_4f6c_dd1dn,
        },
        data: mapped([[ram + 0x9000, 0n]]),
        sys: mmuOn,
      });
      const e = engineFor(world, 2);
      for (const slice of [1000, 61]) {
        const { far_el1 } = agree(e, world, 500, slice).realm.recs[0]!.sys;
        assertEquals(far_el1, data + 0x1000n, `${first}, ${then}`);
      }
    }
  }
});

/** Forms that work with what is theirs for one instruction, by their name. */
const forms: readonly (readonly [string, number])[] = [
  ["ldr x2, [x1], #8", 0xf840_8422],
  ["ldr x2, [x1, #8]!", 0xf840_8c22],
  ["ldr x2, [x1, x8, lsl #3]", 0xf868_7822],
  ["ldrsh w2, [x1], #2", 0x78c0_2422],
  ["str x2, [x1], #8", 0xf800_8422],
  ["ldp x2, x9, [x1], #16", 0xa8c1_2422],
  ["ldp x2, x9, [x1, #16]!", 0xa9c1_2422],
  ["ldpsw x2, x9, [x1], #8", 0x68c1_2422],
  ["stp x2, x9, [x1], #16", 0xa881_2422],
  ["stp w2, w9, [x1, #8]!", 0x2981_2422],
  ["udiv x2, x3, x9", 0x9ac9_0862],
  ["smulh x2, x3, x9", 0x9b49_7c62],
  ["crc32x w2, w3, x9", 0x9ac9_4c62],
  ["rbit x2, x3", 0xdac0_0062],
  ["adcs x2, x3, x9", 0xba09_0062],
  ["ccmp x3, x9, #5, hi", 0xfa49_8065],
  ["csel x2, x3, x9, lt", 0x9a89_b062],
];

const filled = [0, 1, 2, 3, 4, 5].map((n) =>
  [Number(data) + 8 * n, 0x0123_4567_89ab_cdefn * BigInt(n + 1)] as const
);

Deno.test("runOn() keeps apart what two instructions of a region work with", () => {
  for (const [first, one] of forms) {
    for (const [then, two] of forms) {
      const world = worldOf({
        words: [
          one,
          two,
          0xca02_0063, // eor x3, x3, x2
          0x8b01_0063, // add x3, x3, x1
          0xaa07_03e1, // mov x1, x7
          0xf100_04a5, // subs x5, x5, #1
          0x54ff_ff41, // b.ne to the start
          0x1400_0000, // b .
        ],
        x: {
          1: data,
          3: 0x9e37_79b9_7f4a_7c15n,
          5: 9n,
          7: data,
          8: 1n,
          9: 0x2545_f491_4f6c_dd1dn,
        },
        data: [...mapped([]), ...filled],
        sys: mmuOn,
      });
      const e = engineFor(world, 2);
      const { x } = agree(e, world, 70, 70).realm.recs[0]!;
      assertEquals(x[5], 0n, `${first}; ${then}`);
      const [page] = e.code.values();
      assert(page!.regions.length > 0);
    }
  }
});

/** Forms that read flags, and set them or not, by their name. */
const readers: readonly (readonly [string, number])[] = [
  ["adc x3, x3, x4", 0x9a04_0063],
  ["csel x3, x4, x9, lt", 0x9a89_b083],
  ["csinc x3, x3, x3, hi", 0x9a83_8463],
  ["adcs xzr, x3, x4", 0xba04_007f],
  ["sbcs wzr, w3, w4", 0x7a04_007f],
  ["ccmp x3, x4, #5, hi", 0xfa44_8065],
  ["mrs x3, nzcv", 0xd53b_4203],
  ["b.mi, over the next", 0x5400_0044],
];

Deno.test("runOn() reads flags that were set before a region was entered", () => {
  const x3 = 0x9e37_79b9_7f4a_7c15n;
  // The second sum is all ones without a carry, and zero with one.
  for (const x4 of [0xc545_f491_cf6c_dd1dn, BigInt.asUintN(64, ~x3)]) {
    for (const [then, setter] of kinds) {
      for (const [form, reader] of readers) {
        const world = worldOf({
          words: [
            setter,
            reader, // 1:
            0x9100_0529, // add x9, x9, #1
            0x17ff_fffe, // b 1b
          ],
          x: { 3: x3, 4: x4, 9: 1n },
        });
        for (const hot of [0, 2]) {
          const e = engineFor(world, hot);
          for (const budget of [2, 40]) {
            const { x } = agree(e, world, budget, budget).realm.recs[0]!;
            assert(1n <= x[9]!, `${then}; ${form}`);
          }
        }
      }
    }
  }
});

/** Words next to where carries, signs and zeros change, at both widths. */
const edges = [
  0n,
  1n,
  0x7fff_ffffn,
  0x8000_0000n,
  0xffff_ffffn,
  0x7fff_ffff_ffff_ffffn,
  0x8000_0000_0000_0000n,
  0xffff_ffff_ffff_ffffn,
];

Deno.test("runOn() knows every condition of every kind of flags", () => {
  // CSINC X9, XZR, XZR, cond; EOR X6, X9, X6, ROR #63.
  const tests = Array.from(
    { length: 16 },
    (_, cond) => [0x9a9f_07e9 | cond << 12, 0xcac6_fd26],
  ).flat();
  const pairs = edges.flatMap((a) => edges.flatMap((b) => [a, b]));
  for (const [, setter] of kinds) {
    const words = [
      0xa8c1_1023, // ldp x3, x4, [x1], #16
      (setter & ~31 | 15) >>> 0,
      ...tests.map((word) => word >>> 0),
      0xf100_04a5, // subs x5, x5, #1
    ];
    const back = -words.length & 0x7_ffff;
    const world = worldOf({
      words: [...words, (0x5400_0001 | back << 5) >>> 0, 0x1400_0000],
      x: { 1: data, 5: BigInt(pairs.length / 2) },
      data: [
        ...mapped([]),
        ...pairs.map((word, n) => [Number(data) + 8 * n, word] as const),
      ],
      sys: mmuOn,
    });
    const e = engineFor(world, 2);
    for (const slice of [2600, 170]) {
      const { x } = agree(e, world, 2600, slice).realm.recs[0]!;
      assertEquals(x[5], 0n);
    }
  }
});
