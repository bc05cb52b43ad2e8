import { assert, assertEquals } from "@std/assert";
import { runOn } from "../core/fast/engine.ts";
import { CELL, cells } from "../core/fast/engine/layout.ts";
import type { Engine } from "../core/fast/engine/state.ts";
import type { World } from "../core/world.ts";
import { agree, both, engineFor, slices } from "./fast_engine_compare.ts";
import { trial } from "./fast_engine_hunt.ts";
import { programOf } from "./fast_engine_program.ts";
import {
  A64,
  mapped,
  mmuOn,
  pageAt,
  ram,
  tableAt,
  tables,
  vectors,
  worldOf,
} from "./realm_fixture.ts";

/** Counts to 40 in X3, calls its hypervisor, and would count on. */
const callsOut = worldOf({
  words: [
    0x9100_0463, // 1: add x3, x3, #1
    0xf100_04a5, // subs x5, x5, #1
    0x54ff_ffc1, // b.ne 1b
    A64.HVC,
    0x9100_0463, // 2: add x3, x3, #1
    0x17ff_ffff, // b 2b
  ],
  x: { 5: 40n },
});

Deno.test("runOn() ends where an exception reaches R-EL2, whatever is left of the budget", () => {
  // Compiled code counts in 32 bits, some of it signed.
  const budgets = [121, 122, 1000, 2 ** 31, 2 ** 32, 2 ** 32 + 5, Infinity];
  for (const hot of [0, 2]) {
    for (const budget of budgets) {
      const e = engineFor(callsOut, hot);
      const { world, wrong } = both(e, callsOut, budget);
      assertEquals(wrong, null, `budget ${budget}`);
      const [{ x, retired }] = world.realm.recs as [World["realm"]["recs"][0]];
      assertEquals([x[3], retired], [40n, 121]);
      assert(world.rmm.recs[0]!.trap !== null);
      // And stays there while the exception waits.
      assertEquals(runOn(e, world, 0, budget).world, world);
    }
  }
});

Deno.test("runOn() goes from the last word of the address space to the first", () => {
  // Each table leads to the next from its last entry too: the page is RAM's second.
  const last = [1, 2, 3].map((at) =>
    [tables[at - 1]! + 8 * 511, tableAt(tables[at]!)] as const
  );
  const world = worldOf({
    data: [
      ...mapped([]),
      ...last,
      [tables[3]! + 8 * 511, pageAt(ram + 0x1000)],
      [ram + 0x1ff0, 0x9100_0463_9100_0463n], // add x3, x3, #1
      [ram + 0x1ff8, 0x9100_0463_9100_0463n],
      [Number(vectors) + 0x200, 0x1400_0000n], // b .
    ],
    sys: mmuOn,
    rec: { pc: 2n ** 64n - 16n },
  });
  for (const slice of slices) {
    const e = engineFor(world, 2);
    const { x, sys } = agree(e, world, 12, slice).realm.recs[0]!;
    assertEquals([x[3], sys.elr_el1, sys.far_el1], [4n, 0n, 0n]);
  }
});

/** Pages of code that jump to one another in a ring. */
const ring_pages = 5;

const ring = worldOf({
  data: Array.from({ length: ring_pages }, (_, page) => {
    const to = page + 1 < ring_pages ? 0x1000 - 4 : -0x1000 * page - 4;
    const jump = 0x1400_0000 | (to / 4 & 0x3ff_ffff);
    return [ram + 0x1000 * page, BigInt(jump) << 32n | 0x9100_0463n] as const;
  }),
});

Deno.test("runOn() forgets pages of code when it has no room for another", () => {
  for (const hot of [0, 2]) {
    for (const slice of slices) {
      const e = engineFor(ring, hot);
      e.rooms.splice(2);
      const { x } = agree(e, ring, 200, slice).realm.recs[0]!;
      assertEquals([x[3], e.code.size + e.rooms.length], [100n, 2]);
    }
  }
});

/** Leaves an engine with this many cells for constants. */
const fill = (e: Engine, left: number): void => {
  const { constants } = e.shapes;
  // No constant is negative, so these only take room.
  for (let n = -1n; constants.size < cells - CELL.constants - left; n--) {
    constants.set(n, CELL.constants + constants.size);
  }
};

Deno.test("runOn() goes the slow way with words whose constants find no cell", () => {
  const first = programOf(1).world;
  // ADD X3, X3, #(2 + n), 64 of them and again.
  const sums = Array.from({ length: 64 }, (_, n) => 0x9100_0863 + (n << 10));
  const adding = worldOf({ words: [...sums, 0x17ff_ffc0] });
  for (const hot of [0, 2]) {
    const e = engineFor(first, hot);
    fill(e, 24);
    agree(e, adding, 200, 50);
    for (let seed = 1; seed <= 12; seed++) {
      assertEquals(trial(e, programOf(seed).world, seed).found, null);
    }
    assert(CELL.constants + e.shapes.constants.size <= cells);
  }
});

Deno.test("runOn() runs words anew that were forgotten with all others", () => {
  for (const hot of [0, 2]) {
    const e = engineFor(programOf(1).world, hot);
    for (let seed = 1; seed <= 12; seed++) {
      // The next word that is new finds no room.
      e.words.count = e.words.word.length;
      assertEquals(trial(e, programOf(seed).world, seed).found, null);
      assert(e.words.count < 1000);
    }
  }
});
