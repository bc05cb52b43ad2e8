import { assert, assertEquals } from "@std/assert";
import type { Engine } from "../core/fast/engine/state.ts";
import type { World } from "../core/world.ts";
import { runOn } from "../core/fast/engine.ts";
import { read } from "../core/realm/memory.ts";
import { run } from "../core/realm/run.ts";
import { agree, both, engineFor, slices } from "./fast_engine_compare.ts";
import * as Snippet from "./fast_engine_snippets.ts";
import {
  mapped,
  mmuOn,
  pageAt,
  ram,
  type Setup,
  tableAt,
  tables,
  withRmm,
  worldOf,
} from "./realm_fixture.ts";

const data = BigInt(ram + 0x8000);
const mmu: Setup = { data: mapped([]), sys: mmuOn };

/** Runs a world in slices of every size, with handlers only and with regions; the last world. */
const agreed = (world: World, instructions: number): World => {
  let last = world;
  for (const hot of [0, 2]) {
    const e = engineFor(world, hot);
    for (const slice of slices) last = agree(e, world, instructions, slice);
  }
  return last;
};

const regionsOf = (e: Engine): number =>
  [...e.code.values()].reduce((sum, page) => sum + page.regions.length, 0);

Deno.test("runOn() stops at every budget, in the middle of regions too", () => {
  const world = worldOf({ words: Snippet.calls, x: { 1: 40n } });
  const e = engineFor(world, 2);
  for (let budget = 0; budget <= 520; budget++) {
    assertEquals(both(e, world, budget).wrong, null);
  }
  assert(regionsOf(e) > 0);
});

Deno.test("runOn() takes a budget for what run() takes it for, whatever number it is", () => {
  // 40 calls, then the REC leaves: it comes back from a budget without end too.
  const world = worldOf({
    words: Snippet.calls.with(6, 0xd400_0002), // HVC in place of the spin
    x: { 1: 40n },
  });
  const odd = [-1, 0.5, 1.5, 99.25, 2 ** 31, 2 ** 32 + 5, Infinity, NaN];
  for (const budget of odd) {
    for (const hot of [0, 2]) {
      const { wrong } = both(engineFor(world, hot), world, budget);
      assertEquals(wrong, null, `${budget}`);
    }
  }
});

Deno.test("runOn() takes an abort in the middle of a region precisely", () => {
  const beyond = ram + 0xa000;
  const world = worldOf({
    words: Snippet.walkUp,
    x: { 1: data },
    // The handler stays where it is: B to itself.
    data: [...mapped([[beyond, 0n]]), [ram + 0x8_0200, 0x1400_0000n]],
    sys: mmuOn,
  });
  const done = agreed(world, 6000);
  const { x, sys } = done.realm.recs[0]!;
  assertEquals(x[3], 1025n);
  assertEquals(sys.far_el1, BigInt(beyond));
  assertEquals(sys.elr_el1, BigInt(ram) + 4n);
});

Deno.test("runOn() leaves with the flags as they are, however they were set", () => {
  for (const [name, setter] of Snippet.flag_setters) {
    for (let seed = 0n; seed < 4n; seed++) {
      const world = worldOf({
        words: Snippet.flagsThenLoad(setter),
        x: {
          1: data + 64n * seed,
          3: 0x9e37_79b9_7f4a_7c15n * (2n * seed + 1n) & (2n ** 64n - 1n),
          10: 0x2545_f491_4f6c_dd1dn,
        },
        data: mapped([[ram + 0x9000, 0n]]),
        sys: mmuOn,
      });
      const e = engineFor(world, 2);
      for (const slice of [1000, 61]) {
        const done = agree(e, world, 600, slice);
        assertEquals(done.realm.recs[0]!.sys.far_el1, data + 0x1000n, name);
      }
    }
  }
});

Deno.test("runOn() goes from the last word of a page to the next page", () => {
  const at = ram + 0x2000 - 4 * Snippet.runOff.length;
  const pairs: [number, bigint][] = [];
  for (let n = 0; n < Snippet.runOff.length; n += 2) {
    const [low, high] = [Snippet.runOff[n]!, Snippet.runOff[n + 1]!];
    pairs.push([at + 4 * n, BigInt(high) << 32n | BigInt(low)]);
  }
  // What follows goes back to the start: B.
  const back = 0x1400_0000 | (-Snippet.runOff.length & 0x3ff_ffff);
  pairs.push([ram + 0x2000, BigInt(back)]);
  const world = worldOf({
    data: [...mapped([]), ...pairs],
    sys: mmuOn,
    x: { 5: 30n },
    rec: { pc: BigInt(at) },
  });
  const done = agreed(world, 400);
  assert(done.realm.recs[0]!.x[3]! > 60n);
});

Deno.test("runOn() sees code that was stored over, in this page and by another address", () => {
  const add16 = 0x9100_4084n; // add x4, x4, #16
  const code = BigInt(ram) + 4n;
  const elsewhere = ram + 0x2_0000;
  const programs = [
    Snippet.patch,
    Snippet.patchMaintained,
    Snippet.patchExclusive,
  ];
  for (const words of programs) {
    for (const at of [code, BigInt(elsewhere) + 4n]) {
      const world = worldOf({
        words,
        x: {
          1: at,
          2: add16,
          5: 20n,
          7: data,
          9: data + 0x1000n,
          10: data + 0x2000n,
        },
        data: mapped([[elsewhere, pageAt(ram)]]),
        sys: mmuOn,
      });
      const done = agreed(world, 400);
      assert(done.realm.recs[0]!.x[4]! > 20n * 16n);
    }
  }
});

Deno.test("runOn() executes a word stored by the instruction before it", () => {
  const added = Array.from({ length: 64 }, (_, n) => 0x9100_0084 | n << 10);
  const pairs = Array.from({ length: 32 }, (_, n) =>
    [
      Number(data) + 8 * n,
      BigInt(added[2 * n + 1]!) << 32n | BigInt(added[2 * n]! >>> 0),
    ] as const);
  const world = worldOf({
    words: Snippet.patchAtOnce,
    data: pairs.map(([at, value]) => [at, BigInt.asUintN(64, value)] as const),
    x: { 1: BigInt(ram) + 8n, 5: 64n, 6: data },
  });
  const done = agreed(world, 350);
  assertEquals(done.realm.recs[0]!.x[4], 63n * 64n / 2n);
});

Deno.test("runOn() sees code stored over after its page was stored to elsewhere", () => {
  const world = worldOf({
    words: Snippet.storeBeside,
    x: {
      1: BigInt(ram) + 4n,
      2: 0x9100_4084n,
      5: 20n,
      6: BigInt(ram) + 0x800n,
    },
  });
  const done = agreed(world, 300);
  assert(done.realm.recs[0]!.x[4]! > 20n * 16n);
});

Deno.test("runOn() follows a descriptor as soon as it is stored, maintained or not", () => {
  const level3 = BigInt(ram + 0x1_3000);
  for (const words of [Snippet.remap, Snippet.remapMaintained]) {
    const world = worldOf({
      words,
      x: { 1: data, 5: 20n, 6: level3 + 8n * 8n, 7: pageAt(data + 0x1000n) },
      data: [
        ...mapped([]),
        [Number(data), 1n],
        [Number(data) + 0x1000, 0x100n],
      ],
      sys: mmuOn,
    });
    const done = agreed(world, 200);
    assert(done.realm.recs[0]!.x[3]! >= 20n + 20n * 0x100n);
  }
});

Deno.test("runOn() sees stores to a page it already wrote become descriptors", () => {
  // A table of its own for X1, which is written through the TLB before it is walked.
  const level3 = ram + 0x1_4000;
  const world = worldOf({
    words: Snippet.swapDescriptors,
    x: {
      1: BigInt(ram + 0x20_0000),
      5: 50n,
      6: BigInt(level3),
      7: pageAt(data + 0x1000n),
      8: pageAt(data + 0x2000n),
    },
    data: [
      ...mapped([]),
      [tables[2]! + 8, tableAt(level3)],
      [Number(data) + 0x1000, 1n],
      [Number(data) + 0x2000, 2n],
    ],
    sys: mmuOn,
  });
  const done = agreed(world, 500);
  assertEquals(done.realm.recs[0]!.x[3], 50n * 0x201n);
});

Deno.test("runOn() sees every store to a table whose own descriptors map it", () => {
  // The store itself walks the table it goes to, the second as the first.
  const level3 = BigInt(ram + 0x1_3000);
  const world = worldOf({
    words: Snippet.swapDescriptors,
    x: {
      1: data,
      5: 50n,
      6: level3 + 8n * 8n,
      7: pageAt(data + 0x1000n),
      8: pageAt(data + 0x2000n),
    },
    data: [
      ...mapped([]),
      [Number(data) + 0x1000, 1n],
      [Number(data) + 0x2000, 2n],
    ],
    sys: mmuOn,
  });
  const done = agreed(world, 500);
  assertEquals(done.realm.recs[0]!.x[3], 50n * 0x201n);
});

Deno.test("runOn() sees a store through the address that the store before it mapped elsewhere", () => {
  // STR X7, [X6]; STR X2, [X1]; B to itself. The first is to the descriptor of its own page.
  const level3 = BigInt(ram + 0x1_3000);
  const world = worldOf({
    words: [0xf900_00c7, 0xf900_0022, 0x1400_0000],
    x: {
      1: level3 + 0x800n,
      2: 7n,
      6: level3 + 8n * 0x13n,
      7: pageAt(data + 0x1000n),
    },
    ...mmu,
  });
  const done = agreed(world, 20);
  assertEquals(read(done.realm.memory, Number(data) + 0x1800, 1)[0], 7);
});

Deno.test("runOn() obeys TTBR0, TCR, SCTLR and MAIR from the write on", () => {
  const other = ram + 0x3_0000;
  // A second set of tables, in which the page of data is another one.
  const maps: (readonly [number, bigint])[] = [
    [other, tableAt(other + 0x1000)],
    [other + 0x1008, tableAt(other + 0x2000)],
    [other + 0x2000, tableAt(other + 0x3000)],
    [other + 0x3000, pageAt(ram)],
    [other + 0x3040, pageAt(data + 0x1000n)],
    [Number(data), 1n],
    [Number(data) + 0x1000, 0x100n],
  ];
  const tbi = 1n << 37n;
  const rows = [
    { words: Snippet.setTtbr0, x: { 7: BigInt(other) }, tcr: 0n },
    { words: Snippet.setTcr, x: { 1: 0xaan << 56n | data }, tcr: tbi },
    { words: Snippet.setSctlr, x: { 7: 0x00c5_0878n }, tcr: 0n },
    { words: Snippet.setMair, x: { 1: data + 1n, 7: 0n }, tcr: 0n },
  ];
  for (const { words, x, tcr } of rows) {
    const world = worldOf({
      words,
      x: { 1: data, 5: 20n, 7: mmuOn.tcr_el1!, ...x },
      data: [...mapped([[Number(data), pageAt(data + 0x1000n)]]), ...maps],
      sys: { ...mmuOn, tcr_el1: mmuOn.tcr_el1! | tcr },
    });
    const done = agreed(world, 300);
    assert(done.realm.recs[0]!.x[3]! > 0n);
  }
});

Deno.test("runOn() keeps exclusives and atomics whole", () => {
  const world = worldOf({
    words: Snippet.exclusive,
    x: { 1: data, 5: 30n, 6: data + 64n },
    ...mmu,
  });
  const done = agreed(world, 300);
  assertEquals(done.realm.recs[0]!.x[2], 30n);
});

Deno.test("runOn() opens another REC's monitor, also one set after the page was mapped", () => {
  const world = worldOf({
    words: Snippet.storeUp,
    x: { 1: data, 2: 7n, 5: 400n },
    recs: 2,
    ...mmu,
  });
  for (const hot of [0, 2]) {
    const e = engineFor(world, hot);
    const warm = agree(e, world, 40, 40);
    const [own, other] = warm.realm.recs;
    const ipa = data + 0x100n;
    const marked = { ...other!, monitor: { ipa, bytes: 8 } };
    const recs = [own!, marked];
    const now = { ...warm, realm: { ...warm.realm, recs } };
    const before = agree(e, now, 60, 30);
    assertEquals(before.realm.recs[1]!.monitor, marked.monitor);
    const after = agree(e, before, 200, 50);
    assertEquals(after.realm.recs[1]!.monitor, null);
  }
});

Deno.test("runOn() gets unaligned and page-crossing accesses right", () => {
  const sctlr = mmuOn.sctlr_el1!;
  const filled = Array.from({ length: 80 }, (_, n) =>
    [
      Number(data) + 0xe00 + 8 * n,
      0x0123_4567_89ab_cdefn * BigInt(n + 1) & (2n ** 64n - 1n),
    ] as const);
  const cases: readonly Setup[] = [
    { data: [...mapped([]), ...filled], sys: mmuOn },
    {
      data: [...mapped([]), ...filled],
      sys: { ...mmuOn, sctlr_el1: sctlr | 2n },
    },
    { data: filled }, // MMU off: Device memory
    // The second page is read-only, then not there.
    {
      data: [...mapped([[Number(data) + 0x1000, pageAt(data) | 0x80n]])],
      sys: mmuOn,
    },
    { data: mapped([[Number(data) + 0x1000, 0n]]), sys: mmuOn },
  ];
  for (const setup of cases) {
    for (const words of [Snippet.everyOffset, Snippet.pairsUp]) {
      const world = worldOf({
        ...setup,
        words,
        x: { 1: data + 0xfa0n, 5: 100n },
      });
      agreed(world, 1900);
    }
  }
});

Deno.test("runOn() checks the alignment of SP where SCTLR_EL1.SA asks for it", () => {
  for (const sa of [0n, 8n]) {
    const world = worldOf({
      words: Snippet.spUp,
      x: { 6: 8n },
      rec: { sp_el1: data },
      data: mapped([]),
      sys: { ...mmuOn, sctlr_el1: mmuOn.sctlr_el1! & ~8n | sa },
    });
    const done = agreed(world, 200);
    assertEquals(done.realm.recs[0]!.x[3] === 1n, sa === 8n);
  }
});

Deno.test("runOn() asks for permission again after a change of EL and of PAN", () => {
  const user = pageAt(data) | 1n << 6n;
  const code = [ram, pageAt(ram) | 3n << 6n] as const;
  const left = worldOf({
    words: Snippet.leave,
    x: { 1: data, 5: 20n },
    data: mapped([code]),
    sys: { ...mmuOn, elr_el1: BigInt(ram), spsr_el1: 0n },
  });
  assertEquals(agreed(left, 200).realm.recs[0]!.sys.far_el1, data);
  const pan = worldOf({
    words: Snippet.pan,
    x: { 1: data, 5: 20n },
    data: mapped([[Number(data), user]]),
    sys: mmuOn,
  });
  assertEquals(agreed(pan, 200).realm.recs[0]!.sys.far_el1, data);
});

Deno.test("runOn() checks LDTR as an access from EL0", () => {
  const world = worldOf({
    words: Snippet.unprivileged,
    x: { 1: data, 5: 20n },
    ...mmu,
  });
  assertEquals(agreed(world, 120).realm.recs[0]!.sys.far_el1, data);
});

Deno.test("runOn() returns to where the link register says", () => {
  for (const ahead of [0n, 4n]) {
    const world = worldOf({
      words: Snippet.returnAhead,
      x: { 5: 30n, 7: ahead },
    });
    const { x } = agreed(world, 300).realm.recs[0]!;
    assertEquals([x[3], x[4]], [ahead === 0n ? 30n : 0n, 30n]);
  }
});

Deno.test("runOn() keeps a store that follows one which faulted", () => {
  // At EL0 the page is not there to write; the handler, at EL1, writes it.
  const stores = 0xf900_0023n; // str x3, [x1]
  const handler = ram + 0x8_0400;
  const world = worldOf({
    words: Snippet.storeUp,
    x: { 1: data, 2: 7n, 3: 9n, 5: 9n },
    data: [
      ...mapped([[ram, pageAt(ram) | 3n << 6n]]),
      [handler, 0x1400_0000n << 32n | stores],
    ],
    sys: mmuOn,
    rec: { pstate: 0x3c0n },
  });
  agreed(world, 40);
});

Deno.test("runOn() leaves out a page whose only store was not aligned", () => {
  const world = worldOf({ words: Snippet.storeUp, x: { 1: data, 5: 99n } });
  for (const hot of [0, 2]) {
    const e = engineFor(world, hot);
    const warm = agree(e, world, 40, 20);
    const rec = warm.realm.recs[0]!;
    const x = rec.x.with(1, data + 1n);
    const recs = [{ ...rec, x, pc: BigInt(ram) }];
    agree(e, { ...warm, realm: { ...warm.realm, recs } }, 10, 10);
  }
});

Deno.test("runOn() takes a pending SError before the next instruction once it is unmasked", () => {
  const world = worldOf({ words: Snippet.unmask, x: { 5: 50n } });
  const pending = withRmm(world, { vserror: 0x1n });
  const done = agreed(pending, 400);
  assertEquals(done.rmm.recs[0]!.vserror, null);
  assertEquals(done.realm.recs[0]!.x[4], 0n);
});

Deno.test("runOn() takes an illegal state before the next instruction", () => {
  const world = worldOf({
    words: Snippet.walkUp,
    x: { 1: data },
    rec: { pstate: 0x3c5n | 1n << 20n },
  });
  const done = agreed(world, 20);
  assertEquals(done.realm.recs[0]!.x[3], 0n);
});

Deno.test("runOn() moves big-endian data where SCTLR_EL1.EE asks for it", () => {
  const world = worldOf({
    words: Snippet.pairsUp,
    x: { 1: data, 5: 200n },
    data: [[Number(data), 0x0123_4567_89ab_cdefn]],
    sys: { sctlr_el1: 0x00c5_0878n | 1n << 25n },
  });
  agreed(world, 900);
});

Deno.test("runOn() shows the counter every instruction, compiled or not", () => {
  agreed(worldOf({ words: Snippet.clock }), 900);
});

Deno.test("runOn() gives the same world whatever the engine ran before", () => {
  const first = worldOf({
    words: Snippet.patch,
    x: { 1: BigInt(ram) + 4n, 2: 0x9100_4084n, 5: 20n },
    ...mmu,
  });
  const second = worldOf({
    words: Snippet.walkUp,
    x: { 1: data },
    data: [...mapped([]), [Number(data) + 64, 5n]],
    sys: mmuOn,
  });
  const third = worldOf({
    words: Snippet.walkUp,
    x: { 1: data },
    data: [
      ...mapped([[Number(data), pageAt(data + 0x1000n)]]),
      [Number(data) + 0x1000, 9n],
    ],
    sys: mmuOn,
  });
  const e = engineFor(first, 2);
  const middle = run(first, 0, 90).world;
  for (const world of [first, second, middle, third, first, third, second]) {
    agree(e, world, 300, 100);
    agree(e, world, 300, 300);
  }
});

Deno.test("runOn() shares the pages that were not written and leaves the old world alone", () => {
  const world = worldOf({
    words: Snippet.storeUp,
    x: { 1: data, 2: 7n, 5: 100_000n },
    data: [[Number(data) + 0x4000, 1n]],
  });
  const e = engineFor(world, 2);
  const one = runOn(e, world, 0, 3600).world;
  const kept = one.realm.memory.chunks[0]!.map((page) => page?.slice());
  const two = runOn(e, one, 0, 400).world;
  const [before, after] = [one, two].map((at) => at.realm.memory.chunks[0]!);
  const fresh = after!.flatMap((page, at) => page === before![at] ? [] : [at]);
  assertEquals(fresh, [9]);
  assertEquals(before!.map((page) => page?.slice()), kept);
});
