/**
 * Programs whose loads and stores often go to a device: worlds, random
 * programs, and a search for one on which drive and fold differ.
 *
 * @module
 */

import { virt } from "../core/device/board.ts";
import type { Placement } from "../core/device/bus.ts";
import type { Drive } from "../core/fast/drive.ts";
import { write } from "../core/realm/memory.ts";
import type { World } from "../core/world.ts";
import {
  apart,
  driven,
  folded,
  type Stand,
  standing,
} from "./fast_drive_compare.ts";
import {
  type Draw,
  drawFrom,
  wordFrom,
  worldFrom,
} from "./fast_engine_program.ts";
import {
  alias,
  mapped,
  mmuOn,
  pageAt,
  ram,
  type Setup,
  tables,
  vectors,
  worldOf,
} from "./realm_fixture.ts";

/** First IPAs of the board's devices, in the low half. */
export const device_bases = [
  virt.uart.base,
  virt.rtc.base,
  virt.test.base,
] as const;

/** A virtual page the programs reach their device at with the MMU on. */
export const device_va = BigInt(ram + 0x9000);

/** The Unprotected page of a device. */
export const devicePage = (base: number): bigint => alias | BigInt(base);

/** The world with every device in user space or in the kernel. */
export const placed = (world: World, placement: Placement): World => ({
  ...world,
  bus: { slots: world.bus.slots.map((slot) => ({ ...slot, placement })) },
});

/** MRS X20, ELR_EL1; ADD X20, X20, #4; MSR ELR_EL1, X20; ERET: at every vector. */
export const handlers = Array.from(
  { length: 16 },
  (_, n) => Number(vectors) + n * 0x80,
).flatMap((at) =>
  [
    [at, 0x9100_1294_d538_4034n],
    [at + 8, 0xd69f_03e0_d518_4034n],
  ] as const
);

/** A branch from the end of `words` to their start. */
export const loopOf = (words: readonly number[]): readonly number[] => [
  ...words,
  (0x1400_0000 | (-words.length & 0x3ff_ffff)) >>> 0,
];

/** A world whose X1 is an address in a device: at its Unprotected IPA, or, with `page`, through a page with these descriptor bits. */
export const deviceWorld = (
  words: readonly number[],
  { base, offset = 0, page = null, setup = {} }: {
    readonly base: number;
    readonly offset?: number;
    readonly page?: bigint | null;
    readonly setup?: Setup;
  },
): World => {
  const at = page === null ? devicePage(base) : device_va;
  const descriptor = page === null ? 0n : pageAt(devicePage(base)) | page;
  return worldOf({
    ...setup,
    words,
    x: { 1: at + BigInt(offset), ...setup.x },
    data: [
      ...handlers,
      ...mapped([[Number(device_va), descriptor]]),
      ...setup.data ?? [],
    ],
    sys: { ...(page === null ? {} : mmuOn), ...setup.sys },
  });
};

/** Bits of a page's descriptor: read-only, EL0 too, both, Device memory, none. */
const odd_pages = [1n << 7n, 1n << 6n, 3n << 6n, 1n << 2n, 0n] as const;

const doubleword = (value: bigint): Uint8Array =>
  new Uint8Array(BigUint64Array.of(value).buffer);

/** The world of a program: half of its addresses are a device's. */
const driverWorld = (draw: Draw, words: readonly number[]): World => {
  const world = worldFrom(draw, words);
  const base = () => device_bases[draw(3)]!;
  let { memory } = world.realm;
  for (const page of [8, 9]) {
    const bits = odd_pages[draw(odd_pages.length)]!;
    const entry = tables[3]! + page * 8;
    const descriptor = pageAt(devicePage(base())) | bits;
    memory = write(memory, entry, doubleword(descriptor));
  }
  const own = world.realm.recs[0]!;
  const flat = (own.sys.sctlr_el1 & 1n) === 0n;
  const x = own.x.map((value, n) =>
    flat && 9 <= n && n <= 13 && draw(2) === 0
      ? devicePage(base()) + BigInt(4 * draw(32) + (draw(8) === 0 ? 1 : 0))
      : value
  );
  const recs = world.realm.recs.with(0, { ...own, x });
  const made = { ...world, realm: { recs, memory } };
  return placed(made, draw(2) === 0 ? "user" : "kernel");
};

/** Words of a program; a branch to the first follows. */
const program_words = 24;

/** Loads and stores with one register and an immediate: what a driver is made of. */
const driverWord = (draw: Draw): number => {
  if (draw(2) === 0) return wordFrom(draw);
  const size = draw(4);
  const opc = draw(size === 3 ? 2 : size === 2 ? 3 : 4);
  const imm = draw(8);
  const rn = 9 + draw(5);
  return (size << 30 | 0x3900_0000 | opc << 22 | imm << 10 | rn << 5 |
    draw(9)) >>> 0;
};

/** The program of a seed, with some of its words replaced by NOP. */
export const driverOf = (
  seed: number,
  gone: ReadonlySet<number> = new Set(),
): { readonly words: readonly number[]; readonly world: World } => {
  const draw = drawFrom(seed);
  const drawn = Array.from(
    { length: program_words },
    (_, n) => gone.has(n) ? (driverWord(draw), 0xd503_201f) : driverWord(draw),
  );
  const words = loopOf(drawn);
  return { words, world: driverWorld(draw, words) };
};

/** Cuts of a run, drawn from its seed; how it differs, or null. */
export const trial = (
  drive: Drive,
  start: World,
  seed: number,
): { readonly end: Stand; readonly wrong: string | null } => {
  const draw = drawFrom(~seed);
  let at = standing(start);
  for (let n = 0; n < 12 && !at.over; n++) {
    const cut = at.steps + (draw(4) === 0 ? 1 + draw(9) : 40 + draw(500));
    const slice = draw(3) === 0 ? 1 + draw(60) : Infinity;
    const pure = folded(at, cut);
    const fast = driven(drive, at, cut, slice);
    const wrong = apart(fast, pure, at.world);
    if (wrong !== null) return { end: at, wrong: `to step ${cut}: ${wrong}` };
    at = fast;
  }
  return { end: at, wrong: null };
};

/** What differs on a seed, the seed itself, and the fewest words that differ too. */
export const report = (
  make: (world: World) => Drive,
  seed: number,
  wrong: string,
): string => {
  let gone: ReadonlySet<number> = new Set();
  for (let at = 0; at < program_words; at++) {
    const fewer = new Set([...gone, at]);
    const { world } = driverOf(seed, fewer);
    if (trial(make(world), world, seed).wrong !== null) gone = fewer;
  }
  const words = driverOf(seed, gone).words
    .map((word, at) => gone.has(at) ? "-" : word.toString(16));
  return `seed ${seed}: ${wrong}\nwords ${words.join(" ")}`;
};
