import { assert, assertEquals, assertStrictEquals } from "@std/assert";
import { codeOf } from "../core/arch/sysreg.ts";
import { pageAt as page, read } from "../core/realm/memory.ts";
import { run } from "../core/realm/run.ts";
import type { World } from "../core/world.ts";
import {
  A64,
  alias,
  mapped,
  mmuOn,
  mrsWord,
  msrWord,
  pageAt,
  ram,
  ran,
  runOf,
  vectors,
  withRmm,
  worldOf,
} from "./realm_fixture.ts";

const pc = BigInt(ram);

Deno.test("run() returns the same world when there is nothing to run", () => {
  const world = worldOf({ words: [A64.NOP] });
  assertStrictEquals(run(world, 1, 10).world, world);
  const trapped = withRmm(world, { trap: { esr: 1n, far: 2n, hpfar: 3n } });
  assertStrictEquals(run(trapped, 0, 10).world, trapped);
});

Deno.test("run() shares every page it did not write and leaves its world alone", () => {
  const world = worldOf({
    words: [A64.STR_X0_X1, A64.STR_X0_X1],
    x: { 0: 7n, 1: 0x4004_0000n },
  });
  const before = structuredClone(world);
  const { world: after } = ran(world, 2);
  assertEquals(world, before);
  assertStrictEquals(
    page(after.realm.memory, 0),
    page(world.realm.memory, 0),
  );
  assertEquals(read(after.realm.memory, 0x4004_0000, 1)[0], 7);
  assertStrictEquals(after.bus, world.bus);
  assertStrictEquals(after.host, world.host);
  assertStrictEquals(after.rmm, world.rmm);
});

Deno.test("run() executes exactly its budget", () => {
  for (let budget = 0; budget < 5; budget++) {
    const { rec } = runOf({ words: [A64.NOP, A64.NOP, A64.B_SELF] }, budget);
    assertEquals(rec.retired, budget);
    assertEquals(rec.pc, pc + 4n * BigInt(Math.min(budget, 2)));
  }
});

Deno.test("run() stops at a trap with the budget unspent", () => {
  const { rec, trap } = runOf({ words: [A64.NOP, A64.SMC, A64.NOP] }, 100);
  assertEquals(trap?.esr, 0x5e000055n);
  assertEquals([rec.pc, rec.retired], [pc + 4n, 1]);
});

/*
 * A program with something of everything: page tables rewritten without
 * TLBI, code rewritten without IC, exceptions, exclusives, the counter.
 */
const [FLIP, CODE, LOCK] = [0x4005_0000, 0x4006_0000, 0x4005_0100];
const busy = worldOf({
  words: [
    0xf9400023, // 0: LDR X3, [X1]         through the flipping page
    0xf9400044, // 1: LDR X4, [X2]         its descriptor
    0xca050084, // 2: EOR X4, X4, X5       another page
    0xf9000044, // 3: STR X4, [X2]         no TLBI
    0x8b030108, // 4: ADD X8, X8, X3
    0xc85f7cc9, // 5: LDXR X9, [X6]
    0x91000529, // 6: ADD X9, X9, #1
    0xc80a7cc9, // 7: STXR W10, X9, [X6]
    mrsWord(codeOf("cntvct_el0"), 11),
    0xca0b0108, // 9: EOR X8, X8, X11
    A64.SVC, // 10
    0xb94000ec, // 11: LDR W12, [X7]       the code at CODE
    0x1100818c, // 12: ADD W12, W12, #32: MOVZ of one more
    0xb90000ec, // 13: STR W12, [X7]
    0xd63f00e0, // 14: BLR X7
    0x17fffff1, // 15: B 0
  ],
  data: [
    ...mapped([[FLIP, pageAt(0x4007_0000)]]),
    [0x4007_0000, 3n],
    [0x4007_1000, 5n],
    [Number(vectors) + 0x200, BigInt(A64.ERET)],
    [CODE, 0xd65f03c0_d2800000n], // MOVZ X0, #0; RET
  ],
  sys: mmuOn,
  x: {
    1: BigInt(FLIP),
    2: BigInt(0x4001_3000 + 0x50 * 8),
    5: 0x1000n,
    6: BigInt(LOCK),
    7: BigInt(CODE),
  },
});

const runs = (world: World, cuts: readonly number[]): World =>
  cuts.reduce((now, budget) => run(now, 0, budget).world, world);

Deno.test("run(n) then run(m) is run(n + m), for every cut of a program that rewrites tables and code", () => {
  const total = 120;
  const whole = runs(busy, [total]);
  const rec = whole.realm.recs[0]!;
  assert(rec.retired > 110);
  for (let n = 0; n <= total; n++) {
    assertEquals(runs(busy, [n, total - n]), whole);
  }
  assertEquals(runs(busy, Array.from({ length: total }, () => 1)), whole);
});

Deno.test("a rewritten descriptor is seen by the next access, with or without TLBI", () => {
  const { rec } = ran(busy, 20);
  // First 3 through one page, then 5 through the other.
  assertEquals(rec.x[3], 5n);
});

Deno.test("rewritten code is what runs", () => {
  const { rec } = ran(busy, 17);
  assertEquals([rec.pc, rec.x[0]], [BigInt(CODE) + 4n, 1n]);
  const code = read(busy.realm.memory, CODE, 4);
  assertEquals(new DataView(code.buffer).getUint32(0, true), 0xd2800000);
});

Deno.test("turning the MMU on takes effect at the next fetch", () => {
  const setup = {
    words: [msrWord(codeOf("sctlr_el1"), 1), A64.NOP],
    x: { 1: mmuOn.sctlr_el1! },
    sys: { ...mmuOn, sctlr_el1: 0n },
  };
  const good = runOf({ ...setup, data: mapped([]) }, 2);
  assertEquals([good.rec.pc, good.rec.sys.esr_el1], [pc + 8n, 0n]);
  const bad = runOf({ ...setup, data: mapped([[ram, 0n]]) }, 2);
  assertEquals(bad.rec.sys.esr_el1, 0x86000007n);
  assertEquals(bad.rec.sys.elr_el1, pc + 4n);
});

Deno.test("a change of TTBR0_EL1, TCR_EL1 or MAIR_EL1 is seen by the next access", () => {
  const at = 0x4004_0001n;
  const load = 0xf9400043; // LDR X3, [X2]
  const change = (
    name: "ttbr0_el1" | "tcr_el1" | "mair_el1",
    value: bigint,
  ): bigint =>
    runOf({
      words: [load, msrWord(codeOf(name), 1), load],
      x: { 1: value, 2: at },
      sys: mmuOn,
      data: mapped([]),
    }, 3).rec.sys.esr_el1;
  assertEquals(change("ttbr0_el1", mmuOn.ttbr0_el1!), 0n);
  assertEquals(change("ttbr0_el1", 0x4004_0000n), 0x86000004n);
  assertEquals(change("tcr_el1", mmuOn.tcr_el1! | 1n << 7n), 0x86000004n);
  assertEquals(change("mair_el1", 0n), 0x96000021n);
});

const [LDXR, STXR] = [A64.LDXR_X0_X1, A64.STXR_W2_X0_X1];

/** W2, the last status, after words that find X1 at a lock and X3 at another. */
const status = (
  words: readonly number[],
  world?: (w: World) => World,
): bigint => {
  const made = worldOf({
    words,
    recs: 2,
    x: { 1: 0x4004_0000n, 2: 9n, 3: 0x4004_0040n },
    sys: mmuOn,
    data: mapped([]),
  });
  return ran(world === undefined ? made : world(made), words.length).rec.x[2]!;
};

Deno.test("a store-exclusive passes only under its own load-exclusive", () => {
  const CLREX = 0xd5033f5f;
  const LDXR_W = 0x885f7c20;
  const LDXR_X3 = 0xc85f7c60;
  assertEquals(status([LDXR, STXR]), 0n);
  assertEquals(status([STXR]), 1n);
  assertEquals(status([LDXR, STXR, STXR]), 1n);
  assertEquals(status([LDXR, CLREX, STXR]), 1n);
  assertEquals(status([LDXR_W, STXR]), 1n);
  assertEquals(status([LDXR_X3, STXR]), 1n);
  assertEquals(status([LDXR, LDXR_X3, STXR]), 1n);
  // A plain store of the same REC leaves its monitor alone.
  assertEquals(status([LDXR, A64.STR_X0_X1, STXR]), 0n);
});

Deno.test("the monitor outlives a run and closes with a trap to R-EL2", () => {
  const world = worldOf({ words: [LDXR, STXR], x: { 1: 0x4004_0000n } });
  const first = ran(world);
  assertEquals(first.rec.monitor, { ipa: 0x4004_0000n, bytes: 8 });
  const second = ran(first.world);
  assertEquals([second.rec.monitor, second.rec.x[2]], [null, 0n]);
  assertEquals(
    runOf({ words: [LDXR, A64.SMC], x: { 1: pc } }, 2).rec.monitor,
    null,
  );
});

Deno.test("a store opens the other RECs' monitors over its 64-byte block, and no others", () => {
  const STXR_X3 = 0xc8027c60;
  const zva = 0xd50b7421;
  const stores: readonly (readonly [number, number])[] = [
    [A64.STR_X0_X1, 1],
    [A64.LDADD_X2_X0_X1, 1],
    [zva, 1],
    [STXR_X3, 1],
  ];
  for (const [word] of stores) {
    for (let offset = 0x4003_ffc0; offset < 0x4004_0080; offset += 16) {
      const made = worldOf({
        words: [A64.NOP, word],
        recs: 2,
        x: { 1: 0x4004_0000n, 3: 0x4004_0000n },
        sys: mmuOn,
        data: mapped([]),
        rec: { monitor: { ipa: 0x4004_0000n, bytes: 8 } },
      });
      const monitor = { ipa: BigInt(offset), bytes: 8 };
      const other = { ...made.realm.recs[1]!, monitor };
      const recs = made.realm.recs.with(1, other);
      const { world } = ran({ ...made, realm: { ...made.realm, recs } }, 2);
      const hit = 0x4004_0000 <= offset && offset < 0x4004_0040;
      assertEquals(world.realm.recs[1]!.monitor, hit ? null : monitor);
      if (!hit) assertStrictEquals(world.realm.recs[1], other);
    }
  }
});

Deno.test("the second store to a block is seen by a monitor set in between", () => {
  const made = worldOf({
    words: [A64.STR_X0_X1, A64.STR_X0_X1],
    recs: 2,
    x: { 1: 0x4004_0000n },
  });
  const first = ran(made).world;
  const monitor = { ipa: 0x4004_0000n, bytes: 8 };
  const recs = first.realm.recs.with(1, { ...first.realm.recs[1]!, monitor });
  const { world } = ran({ ...first, realm: { ...first.realm, recs } });
  assertEquals(world.realm.recs[1]!.monitor, null);
});

Deno.test("run() asks once per address and run for what it leaves out", () => {
  const world = worldOf({
    words: [A64.FADD, mrsWord(codeOf("fpcr"), 3)],
    // The handler goes back to the FADD for ever.
    data: [[Number(vectors) + 0x200, BigInt(A64.ERET)]],
  });
  const { asks } = run(world, 0, 9);
  assertEquals(ran(world).rec.sys.esr_el1, 0x02000000n);
  const insn = A64.FADD;
  const ask = { tag: "Unsupported", rec: 0, pc, insn, why: "fp-simd" } as const;
  assertEquals(asks, [ask]);
  const later = { ...world.realm.recs[0]!, pc: pc + 4n };
  const moved = { ...world, realm: { ...world.realm, recs: [later] } };
  assertEquals(run(moved, 0, 1).asks.length, 1);
});

Deno.test("a fault leaves no register changed", () => {
  const x = Object.fromEntries(
    Array.from({ length: 31 }, (_, n) => [n, alias + BigInt(n * 8)]),
  );
  for (const word of [0xf8408420, 0xf8408c20, 0xa9c10820, A64.LDADD_X2_X0_X1]) {
    const { rec } = runOf({ words: [word], x });
    assertEquals(rec.x, Object.values(x));
  }
});
