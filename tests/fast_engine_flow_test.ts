import { assert } from "@std/assert";
import type { Engine } from "../core/fast/engine/state.ts";
import type { World } from "../core/world.ts";
import { agree, engineFor } from "./fast_engine_compare.ts";
import { type Draw, drawFrom } from "./fast_engine_program.ts";
import { ram, worldOf } from "./realm_fixture.ts";

/** A word of a branch at word `from` to word `to`, its distance in `bits` from bit `low` on. */
const branch = (
  base: number,
  from: number,
  to: number,
  bits: number,
  low: number,
): number => (base | ((to - from) & (2 ** bits - 1)) << low) >>> 0;

/** MADD X10, X10, X11, X12: the next random number. */
const madd = 0x9b0b_314a;

const ret = 0xd65f_03c0;

/** How a block at word `at`, its last, goes on: mostly by a bit of X10 or the flags. */
const endOf = (draw: Draw, at: number, to: number): number => {
  switch (draw(8)) {
    case 0:
      return branch(0x1400_0000, at, to, 26, 0); // b
    case 1:
      return branch(0x9400_0000, at, to, 26, 0); // bl
    case 2:
      return ret;
    case 3:
    case 4: // b.cond
      return branch(0x5400_0000 | draw(14), at, to, 19, 5);
    default: // tbnz x10, #(32 + n)
      return branch(0xb700_000a | draw(32) << 19, at, to, 14, 5);
  }
};

/** What sets the flags from X10 and X12, or nothing. */
const setters = [
  0xab00_0000, // adds x15, x10, x12
  0x2b00_0000, // adds w15, w10, w12
  0xeb00_0000, // subs x15, x10, x12
  0x6b00_0000, // subs w15, w10, w12
  0xea00_0000, // ands x15, x10, x12
  0x6a00_0000, // ands w15, w10, w12
  0xba00_0000, // adcs x15, x10, x12
].map((word) => (word | 12 << 16 | 10 << 5 | 15) >>> 0);

const NOP = 0xd503_201f;

/** Words of a block: count, draw, set the flags or not, go on. */
const block_words = 4;

/** Blocks that go on wherever, each counted in a register of its own. */
const mazeOf = (draw: Draw, blocks: number): World => {
  const words = Array.from({ length: blocks }, (_, n) => {
    const at = n * block_words + 3;
    const to = draw(blocks) * block_words;
    return [
      0x9100_0400 | n << 5 | n,
      madd,
      setters[draw(2 * setters.length)] ?? NOP,
      endOf(draw, at, to),
    ];
  }).flat();
  // Whoever falls out at the end begins again.
  const end = words.length;
  return worldOf({
    words: [...words, branch(0x1400_0000, end, 0, 26, 0)],
    x: {
      10: BigInt(draw(2 ** 31)),
      11: 0x5851_f42d_4c95_7f2dn,
      12: 0x1405_7b7e_f767_814fn,
      30: BigInt(ram),
    },
  });
};

const regionsOf = (e: Engine): number =>
  [...e.code.values()].reduce((sum, page) => sum + page.regions.length, 0);

Deno.test("runOn() finds its way in whatever flow of control", () => {
  let regions = 0;
  for (let seed = 1; seed <= 240; seed++) {
    const draw = drawFrom(seed);
    const world = mazeOf(draw, 2 + draw(8));
    const e = engineFor(world, 2);
    for (const slice of [400, 29]) {
      try {
        agree(e, world, 800, slice);
      } catch (wrong) {
        throw new Error(`seed ${seed}: ${(wrong as Error).message}`);
      }
    }
    regions += regionsOf(e);
  }
  assert(regions > 400);
});
