import { assertEquals } from "@std/assert";
import { codeOf } from "../core/arch/sysreg.ts";
import { run } from "../core/realm/run.ts";
import type { World } from "../core/world.ts";
import {
  A64,
  mapped,
  mmuOn,
  mrsWord,
  msrWord,
  pageAt,
  ram,
  tables,
  vectors,
  worldOf,
} from "./realm_fixture.ts";

/*
 * A run of one instruction starts without lookups, so a run cut into single
 * instructions is what the machine does without them. Random programs, made
 * of what could make a lookup stale, must not be able to tell the difference.
 */

/** A linear congruential generator; the seed of a failure is in its message. */
const dice = (seed: number): (sides: number) => number => {
  let state = seed;
  return (sides) => {
    state = (Math.imul(state, 1103515245) + 12345) >>> 0;
    return Math.floor(state / 65536) % sides;
  };
};

const [USER, FLIP, FRESH, WRITABLE_CODE] = [
  0x4005_0000,
  0x4005_1000,
  0x4005_2000,
  0x4005_3000,
];

const rn = (word: number, n: number): number => (word | n << 5) >>> 0;

/** Instructions over X1 USER, X2 FLIP, X3 FRESH, X4 code, X5 FLIP's descriptor, X6 its two values. */
const menu: readonly number[] = [
  ...[1, 2, 3, 4].flatMap((n) => [
    rn(0xf9400000, n), // LDR X0
    rn(0xf9000008, n), // STR X8
    rn(0xf8400800, n), // LDTR X0
    rn(0xf8000808, n), // STTR X8
    rn(0xf8290000, n), // LDADD X9, X0
    rn(0xf9002008, n), // STR X8, [Xn, #64]
    rn(0xc85f7c00, n), // LDXR X0
    rn(0xc80e7c08, n), // STXR W14, X8
  ]),
  0xd50b7423, // DC ZVA, X3
  0xf9400000 | 5 << 5, // LDR X0, [X5]
  0xca0700c6, // EOR X6, X6, X7
  0xf90000a6, // STR X6, [X5]
  0xf90000a6,
  0x8b000108, // ADD X8, X8, X0
  0x91000529, // ADD X9, X9, #1
  0xb900008d, // STR W13, [X4]: a NOP into the code
  0xb900048f, // STR W15, [X4, #4]: an ADD
  0xd500419f, // MSR PAN, #1
  0xd500409f, // MSR PAN, #0
  0xd500417f, // MSR UAO, #1
  0xd500407f, // MSR UAO, #0
  A64.SVC,
  A64.SVC,
];

/** Every exception skips an instruction and changes over between EL1 and EL0. */
const handler = [
  mrsWord(codeOf("elr_el1"), 10),
  0x9100114a, // ADD X10, X10, #4
  msrWord(codeOf("elr_el1"), 10),
  mrsWord(codeOf("spsr_el1"), 11),
  0xca0c016b, // EOR X11, X11, X12
  msrWord(codeOf("spsr_el1"), 11),
  A64.ERET,
  A64.NOP,
];

const at = (base: number): readonly (readonly [number, bigint])[] =>
  [0, 2, 4, 6].map((n) => [
    base + n * 4,
    BigInt(handler[n]!) | BigInt(handler[n + 1]!) << 32n,
  ]);

const length = 24;

const programOf = (roll: (sides: number) => number): World => {
  // Some programs have few kinds of instruction, so that these meet often.
  const kinds = Array.from(
    { length: 4 + roll(20) },
    () => menu[roll(menu.length)]!,
  );
  const body = Array.from({ length }, () => kinds[roll(kinds.length)]!);
  const back = (from: number): number => 0x14000000 | (-from & 0x3ffffff);
  const world = worldOf({
    words: [...body, back(length), back(length + 1)],
    recs: 2,
    sys: mmuOn,
    data: [
      ...mapped([
        [ram, pageAt(ram) | 3n << 6n],
        [USER, pageAt(USER) | 1n << 6n | 1n << 53n],
        [FLIP, pageAt(0x4006_0000)],
        [WRITABLE_CODE, pageAt(ram)],
      ]),
      ...at(Number(vectors) + 0x200),
      ...at(Number(vectors) + 0x400),
    ],
    x: {
      1: BigInt(USER),
      2: BigInt(FLIP),
      3: BigInt(FRESH),
      4: BigInt(WRITABLE_CODE + 4 * roll(length)),
      5: BigInt(tables[3]! + 0x51 * 8),
      6: pageAt(0x4006_0000),
      7: 0x1000n | BigInt(roll(2)) << 6n,
      8: 1n,
      12: 5n,
      13: BigInt(A64.NOP),
      15: 0x91000529n,
    },
  });
  const page = [USER, 0x4006_0000, 0x4006_1000][roll(3)]!;
  const monitor = { ipa: BigInt(page + 64 * roll(3)), bytes: 8 };
  const other = { ...world.realm.recs[1]!, monitor };
  const recs = world.realm.recs.with(1, other);
  return { ...world, realm: { ...world.realm, recs } };
};

Deno.test("run() with its lookups is what it is without, for 700 random programs", () => {
  const budget = 100;
  for (let seed = 1; seed <= 700; seed++) {
    const world = programOf(dice(seed));
    let single = world;
    for (let n = 0; n < budget; n++) single = run(single, 0, 1).world;
    const whole = run(world, 0, budget).world;
    assertEquals(whole.realm, single.realm, `seed ${seed}`);
    assertEquals(whole.rmm, single.rmm);
  }
});

Deno.test("the random programs reach both levels, faults and both mappings", () => {
  const seen = new Set<string>();
  for (let seed = 1; seed <= 700; seed++) {
    let world = programOf(dice(seed));
    for (let n = 0; n < 50; n++) {
      world = run(world, 0, 1).world;
      const rec = world.realm.recs[0]!;
      seen.add(`el${rec.pstate >> 2n & 3n}`);
      seen.add(`ec ${rec.sys.esr_el1 >> 26n}`);
      if (world.realm.recs[1]!.monitor === null) seen.add("monitor opened");
      if (rec.x[6] !== pageAt(0x4006_0000)) seen.add("flipped");
    }
  }
  assertEquals(
    [...seen].sort(),
    [
      "ec 0",
      "ec 21",
      "ec 24",
      "ec 36",
      "ec 37",
      "el0",
      "el1",
      "flipped",
      "monitor opened",
    ],
  );
});
