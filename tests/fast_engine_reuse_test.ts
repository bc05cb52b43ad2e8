import { assertEquals } from "@std/assert";
import { fastEngine } from "../core/fast/engine.ts";
import {
  type Memory,
  pageAt as bytesAt,
  write,
  zeroed,
} from "../core/realm/memory.ts";
import { run } from "../core/realm/run.ts";
import type { World } from "../core/world.ts";
import { agree, difference, engineFor } from "./fast_engine_compare.ts";
import {
  mapped,
  mmuOn,
  pageAt,
  ram,
  type Setup,
  tables,
  worldOf,
} from "./realm_fixture.ts";

const data = ram + 0x8000;

const doubleword = (value: bigint): Uint8Array =>
  new Uint8Array(BigUint64Array.of(value).buffer);

/** The pages of a memory in one of another place and size. */
const moved = (from: Memory, base: number, bytes: number): Memory => {
  let to = zeroed(base, bytes);
  for (let index = 0; index < from.bytes / 4096; index++) {
    const page = bytesAt(from, index);
    if (page !== undefined) to = write(to, from.base + index * 4096, page);
  }
  return to;
};

const withMemory = (world: World, memory: Memory): World => ({
  ...world,
  realm: { ...world.realm, memory },
});

/** RAM that begins where the fixture's does, and a megabyte more of it. */
const high = ram + 0x18_0000;

/** Adds up what is at X1 and at `high`. */
const summing = (setup: Setup): World => {
  const world = worldOf({
    ...setup,
    words: [
      0xf940_0022, // 1: ldr x2, [x1]
      0x8b02_0063, // add x3, x3, x2
      0xf900_0083, // str x3, [x4]
      0xf940_00c2, // ldr x2, [x6]
      0x8b02_0063, // add x3, x3, x2
      0x17ff_fffb, // b 1b
    ],
    x: { 1: BigInt(data), 4: BigInt(data + 0x1000), 6: BigInt(high) },
  });
  const base = BigInt(ram);
  const extent = { base, top: base + 0x20_0000n, assigned: true } as const;
  const stage2 = [{ ...extent, ripas: "ram" }] as const;
  return { ...world, rmm: { ...world.rmm, stage2 } };
};

/** The same realm in RAM of its own, with other code, data and, in its tables, another page of data. */
const elsewhere = (
  world: World,
  base: number,
  bytes: number,
  n: bigint,
): World => {
  const changes = [
    [ram + 4, 0xf900_0083_8b02_1063n], // add x3, x3, x2, lsl #4
    [tables[3]! + 8 * 8, pageAt(data + 0x2000)],
    [data, world.realm.recs[0]!.sys.sctlr_el1 & 1n ? 0xffffn : n],
    [data + 0x2000, n],
    [high, n << 8n],
  ] as const;
  const memory = changes.reduce(
    (to, [at, value]) => write(to, at, doubleword(value)),
    moved(world.realm.memory, base, bytes),
  );
  return withMemory(world, memory);
};

Deno.test("runOn() runs realms that only their RAM tells apart, of other sizes and at other places", () => {
  const flat = summing({});
  const mmu = summing({
    data: mapped([[high, pageAt(high)]]),
    sys: mmuOn,
  });
  for (const first of [flat, mmu]) {
    const large = elsewhere(first, ram, 0x21_0000, 1n);
    const lower = elsewhere(first, ram - 0x1_0000, 0x21_0000, 2n);
    for (const hot of [0, 2]) {
      const e = engineFor(lower, hot);
      // The first has nothing at `high`: an exception ends it there.
      for (const world of [first, large, first, lower, large, lower, first]) {
        agree(e, world, 60, 60);
      }
      const { x } = agree(e, lower, 60, 20).realm.recs[0]!;
      assertEquals(x[3], 10n * (2n << 4n) + 10n * (2n << 8n));
    }
  }
});

Deno.test("fastEngine() makes an engine with more room for a realm that needs it", () => {
  const first = summing({});
  const large = elsewhere(first, ram, 0x20_0000, 1n);
  const execute = fastEngine();
  for (const world of [first, large, first]) {
    const [fast, pure] = [execute(world, 0, 60), run(world, 0, 60)];
    assertEquals(difference(fast.world, pure.world, world), null);
    assertEquals(fast.asks, pure.asks);
  }
});

Deno.test("runOn() sees the first page of a chunk the host wrote between its runs", () => {
  const far = ram + 0x9_0000;
  const start = worldOf({
    words: [
      0xf940_0022, // 1: ldr x2, [x1]
      0x8b02_0063, // add x3, x3, x2
      0x17ff_fffe, // b 1b
    ],
    x: { 1: BigInt(far) },
  });
  const e = engineFor(start, 2);
  const warm = agree(e, start, 30, 10);
  const memory = write(warm.realm.memory, far, doubleword(3n));
  assertEquals(warm.realm.memory.chunks.length < memory.chunks.length, true);
  const after = agree(e, withMemory(warm, memory), 30, 30);
  assertEquals(after.realm.recs[0]!.x[3], 30n);
});

Deno.test("runOn() reads by the slow way what compiled code stored since it last looked", () => {
  const world = worldOf({
    words: [
      0xf900_00c3, // 1: str x3, [x6]
      0xf100_04a5, // subs x5, x5, #1
      0x54ff_ffc1, // b.ne 1b
      0xa940_2422, // 2: ldp x2, x9, [x1]
      0x8b09_0084, // add x4, x4, x9
      0x9100_0463, // add x3, x3, #1
      0xf900_00c3, // str x3, [x6]
      0x17ff_fffc, // b 2b
    ],
    // The pair ends where the stores go, at the start of a page.
    x: { 1: BigInt(data + 0xff8), 3: 1n, 5: 10n, 6: BigInt(data + 0x1000) },
  });
  for (const hot of [0, 2]) {
    for (const slice of [50, 7]) {
      const e = engineFor(world, hot);
      const written = agree(e, world, 30, 30);
      const { x } = agree(e, written, 100, slice).realm.recs[0]!;
      assertEquals(x[4], 210n);
    }
  }
});

Deno.test("runOn() gives out a register of which only half changed, there and back", () => {
  for (const [bit, word] of [[32n, 0xd260_0063], [0n, 0xd240_0063]] as const) {
    const world = worldOf({
      words: [word, 0x17ff_ffff], // 1: eor x3, x3, #(1 << 32) or #1; b 1b
      x: { 3: 7n },
    });
    for (const slice of [1, 2, 4]) {
      const e = engineFor(world, 2);
      const { x } = agree(e, world, 14, slice).realm.recs[0]!;
      assertEquals(x[3], 7n ^ 1n << bit);
    }
  }
});

/** The world with PC elsewhere and one register changed. */
const set = (world: World, pc: number, n: number, value: bigint): World => {
  const own = world.realm.recs[0]!;
  const recs = [{ ...own, pc: BigInt(pc), x: own.x.with(n, value) }];
  return { ...world, realm: { ...world.realm, recs } };
};

Deno.test("runOn() leaves a page alone that a smaller store could have written", () => {
  const page = BigInt(data + 0x1000);
  const x = { 1: BigInt(data), 6: page };
  // In a region: str x2, [x6]; strb w2, [x1]; b to the start.
  const inRegion = worldOf({
    words: [0xf900_00c2, 0x3900_0022, 0x17ff_fffe],
    x,
  });
  const one = engineFor(inRegion, 2);
  const warm = set(agree(one, inRegion, 30, 30), ram + 4, 6, page);
  const byte = agree(one, warm, 1, 1);
  agree(one, set(byte, ram + 8, 6, page + 1n), 20, 20);
  // By a handler, after a byte a region stored: where X10 leads is never hot.
  const apart = ram + 0x4000;
  const byHandler = worldOf({
    words: [
      0x3900_0022, // 1: strb w2, [x1]
      0xf100_04a5, // subs x5, x5, #1
      0x54ff_ffc1, // b.ne 1b
      0xd61f_0140, // br x10
    ],
    x: { ...x, 5: 9n, 10: BigInt(apart), 11: BigInt(ram) },
    data: [
      [apart, 0xd280_0125_f900_00c2n], // str x2, [x6]; mov x5, #9
      [apart + 8, 0xd61f_0160n], // br x11
    ],
  });
  const two = engineFor(byHandler, 10);
  const warmed = agree(two, byHandler, 31 * 4, 31 * 4);
  agree(two, set(warmed, ram, 6, page + 1n), 40, 40);
});
