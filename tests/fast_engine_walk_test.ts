import { assertEquals } from "@std/assert";
import { PSTATE } from "../core/arch/pstate.ts";
import type { World } from "../core/world.ts";
import { agree, engineFor, slices } from "./fast_engine_compare.ts";
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

const data = BigInt(ram + 0x8000);

/** Runs a world in slices of every size, with handlers only and with regions; REC 0 of the last. */
const agreed = (world: World, instructions: number) => {
  let last = world;
  for (const hot of [0, 2]) {
    const e = engineFor(world, hot);
    for (const slice of slices) last = agree(e, world, instructions, slice);
  }
  return last.realm.recs[0]!;
};

/** B to itself, at the vector of an exception without a change of level. */
const stays = [Number(vectors) + 0x200, 0x1400_0000n] as const;

/** A table for the 2 MiB above those of `mapped`, which maps itself nowhere else. */
const level3 = ram + 0x1_4000;
const above = BigInt(ram + 0x20_0000);
const beyond = [tables[2]! + 8, tableAt(level3)] as const;

Deno.test("runOn() sees a table that only the second half of a pair was walked by", () => {
  const world = worldOf({
    words: [
      0xf940_0022, // 1: ldr x2, [x1]
      0xf900_00c7, // str x7, [x6]
      0xd280_0060, // mov x0, #3
      0xa940_2422, // 2: ldp x2, x9, [x1]
      0xf100_0400, // subs x0, x0, #1
      0x54ff_ffc1, // b.ne 2b
      0x8b09_0063, // add x3, x3, x9
      0xf900_00c8, // str x8, [x6]
      0xd280_0060, // mov x0, #3
      0xa940_2422, // 3: ldp x2, x9, [x1]
      0xf100_0400, // subs x0, x0, #1
      0x54ff_ffc1, // b.ne 3b
      0x8b09_2063, // add x3, x3, x9, lsl #8
      0xf100_04a5, // subs x5, x5, #1
      0x54ff_fe41, // b.ne 1b
      0x1400_0000, // b .
    ],
    x: {
      1: above - 8n,
      5: 20n,
      6: BigInt(level3),
      7: pageAt(data + 0x1000n),
      8: pageAt(data + 0x2000n),
    },
    data: [
      ...mapped([[Number(above) - 0x1000, pageAt(data)]]),
      beyond,
      [Number(data) + 0x1000, 1n],
      [Number(data) + 0x2000, 2n],
    ],
    sys: mmuOn,
  });
  assertEquals(agreed(world, 600).x[3], 20n * 0x201n);
});

Deno.test("runOn() sees a table that only code was found by", () => {
  const [one, two] = [ram + 0x4000, ram + 0x5000];
  const world = worldOf({
    words: [
      0xd63f_0140, // blr x10
      0xd63f_0160, // blr x11
      0xf900_00c7, // 1: str x7, [x6]
      0xd63f_0020, // blr x1
      0xf900_00c8, // str x8, [x6]
      0xd63f_0020, // blr x1
      0xf100_04a5, // subs x5, x5, #1
      0x54ff_ff61, // b.ne 1b
      0x1400_0000, // b .
    ],
    x: {
      // In the TLB of code no other page of this program is in its place.
      1: above + 0x3000n,
      5: 20n,
      6: BigInt(level3) + 3n * 8n,
      7: pageAt(one),
      8: pageAt(two),
      10: BigInt(one),
      11: BigInt(two),
    },
    data: [
      ...mapped([]),
      beyond,
      [one, 0xd65f_03c0_9100_0463n], // add x3, x3, #1; ret
      [two, 0xd65f_03c0_9108_0463n], // add x3, x3, #0x201; ret
    ],
    sys: mmuOn,
  });
  assertEquals(agreed(world, 250).x[3], 21n * 0x202n);
});

Deno.test("runOn() goes on after a store that unmaps its own page", () => {
  const world = worldOf({
    words: [
      0xf900_00df, // str xzr, [x6]
      A64.WFE,
      0x9100_0463, // 1: add x3, x3, #1
      0x17ff_ffff, // b 1b
    ],
    x: { 6: BigInt(tables[3]! + (tables[3]! - ram) / 0x1000 * 8) },
    data: [...mapped([]), stays],
    sys: mmuOn,
  });
  assertEquals(agreed(world, 20).x[3], 9n);
});

Deno.test("runOn() asks at EL0 for code that EL0 may execute", () => {
  const apart = ram + 0x4000;
  const [user, uxn, pxn] = [3n << 6n, 1n << 54n, 1n << 53n];
  const rows = [[uxn, 0n], [pxn, 1n], [uxn | pxn, 0n]] as const;
  for (const [never, counted] of rows) {
    const world = worldOf({
      words: [0xd63f_0140, 0x1400_0000], // blr x10; b .
      x: { 10: BigInt(apart) },
      data: [
        ...mapped([
          [ram, pageAt(ram) | user],
          [apart, pageAt(apart) | user | never],
        ]),
        [apart, 0xd65f_03c0_9100_0463n], // add x3, x3, #1; ret
        [Number(vectors) + 0x400, 0x1400_0000n], // b .
      ],
      sys: mmuOn,
      rec: { pstate: 0x3c0n },
    });
    assertEquals(agreed(world, 20).x[3], counted);
  }
});

Deno.test("runOn() stores to where an address leads once the MMU is off", () => {
  const world = worldOf({
    words: [
      0xf900_0022, // 1: str x2, [x1]
      0x9100_0442, // add x2, x2, #1
      0xf100_04a5, // subs x5, x5, #1
      0x54ff_ffa1, // b.ne 1b
      0xd518_1007, // msr sctlr_el1, x7
      0xd280_0145, // mov x5, #10
      0x17ff_fffa, // b 1b
    ],
    x: { 1: data, 2: 1n, 5: 10n, 7: mmuOn.sctlr_el1! & ~1n },
    data: mapped([[Number(data), pageAt(data + 0x1000n)]]),
    sys: mmuOn,
  });
  assertEquals(agreed(world, 100).x[2], 25n);
});

Deno.test("runOn() asks stage 2 again for a page it used, when stage 2 changed between its runs", () => {
  const base = BigInt(ram);
  const rest = { base: base + 0x9000n, top: base + 0x10_0000n } as const;
  const page = { base: data, top: rest.base } as const;
  const states = [
    { ripas: "empty", assigned: true },
    { ripas: "destroyed", assigned: true },
    { ripas: "ram", assigned: false },
  ] as const;
  const ram_state = { ripas: "ram", assigned: true } as const;
  for (const access of [0xf940_0022, 0xf900_0022]) {
    const world = worldOf({
      words: [access, 0x9100_0463, 0x17ff_fffe], // 1: x2, [x1]; add x3, x3, #1; b 1b
      x: { 1: data },
    });
    for (const state of states) {
      const stage2 = [
        { base, top: data, ...ram_state },
        { ...page, ...state },
        { ...rest, ...ram_state },
      ];
      for (const hot of [0, 2]) {
        const e = engineFor(world, hot);
        const warm = agree(e, world, 30, 30);
        // A register that changed keeps the run from going on as if nothing had.
        const own = warm.realm.recs[0]!;
        const recs = [{ ...own, x: own.x.with(3, 0n) }];
        const realm = { ...warm.realm, recs };
        const after = agree(
          e,
          { ...warm, realm, rmm: { ...warm.rmm, stage2 } },
          30,
          30,
        );
        assertEquals(after.realm.recs[0]!.x[3], 0n);
      }
    }
  }
});

Deno.test("runOn() asks for permission again when PSTATE changed between its runs", () => {
  const user = 1n << 6n;
  const cases = [
    // EL0 has no business in the page.
    { page: 0n, pstate: 0x3c0n },
    // PAN keeps EL1 out of EL0's.
    { page: user, pstate: 0x3c5n | PSTATE.PAN },
  ];
  for (const access of [0xf940_0022, 0xf900_0022]) {
    for (const { page, pstate } of cases) {
      const world = worldOf({
        words: [access, 0x9100_0463, 0x17ff_fffe], // 1: x2, [x1]; add x3, x3, #1; b 1b
        x: { 1: data },
        data: [
          // Code that both levels execute: without EL0's write permission.
          ...mapped([
            [ram, pageAt(ram) | 3n << 6n],
            [Number(data), pageAt(data) | page],
          ]),
          stays,
          [Number(vectors) + 0x400, 0x1400_0000n],
        ],
        sys: mmuOn,
      });
      for (const hot of [0, 2]) {
        const e = engineFor(world, hot);
        const warm = agree(e, world, 30, 30);
        const own = warm.realm.recs[0]!;
        const recs = [{ ...own, pstate }];
        const realm = { ...warm.realm, recs };
        const { x } = agree(e, { ...warm, realm }, 30, 30).realm.recs[0]!;
        assertEquals(x[3], own.x[3]);
      }
    }
  }
});

Deno.test("runOn() branches to where a register says, tagged or not aligned", () => {
  const apart = BigInt(ram + 0x4000);
  const tbi = 1n << 37n;
  const rows = [
    [BigInt(ram) + 6n, 0n, 0n], // in the page it comes from
    [apart + 1n, 0n, 0n],
    [apart + 2n, 0n, 0n],
    [apart + 6n, tbi, 0n],
    [0xaan << 56n | apart, tbi, 1n],
    [0xaan << 56n | apart, 0n, 0n],
  ] as const;
  for (const [to, tcr, counted] of rows) {
    const world = worldOf({
      words: [
        0xd61f_0140, // br x10
        0x9100_0484, // 1: add x4, x4, #1
        0x17ff_ffff, // b 1b
      ],
      x: { 10: to, 11: BigInt(ram) + 4n },
      data: [
        ...mapped([]),
        stays,
        [Number(apart), 0xd61f_0160_9100_0463n], // add x3, x3, #1; br x11
      ],
      sys: { ...mmuOn, tcr_el1: mmuOn.tcr_el1! | tcr },
    });
    const { x, sys } = agreed(world, 20);
    assertEquals([x[3], x[4]! > 0n], [counted, counted === 1n]);
    assertEquals(sys.elr_el1, counted === 1n ? 0n : to);
  }
});
