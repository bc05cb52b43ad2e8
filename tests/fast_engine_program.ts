/**
 * Random programs for the engine: words of every class, operands that often
 * hit RAM, page tables on or off, and handlers that go on after an exception.
 *
 * @module
 */

import { decode } from "../core/a64/decode.ts";
import { encode } from "../core/a64/encode.ts";
import type { Insn } from "../core/a64/encoding.ts";
import { rows } from "../core/a64/encoding/row.ts";
import type { World } from "../core/world.ts";
import {
  mapped,
  mmuOn,
  pageAt,
  ram,
  tables,
  worldOf,
} from "./realm_fixture.ts";

/** Numbers below a bound, from a seed; the same every time. */
export type Draw = (bound: number) => number;

/** Mulberry32. */
export const drawFrom = (seed: number): Draw => {
  let state = seed >>> 0;
  return (bound) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let z = state;
    z = Math.imul(z ^ (z >>> 15), z | 1);
    z ^= z + Math.imul(z ^ (z >>> 7), z | 61);
    return ((z ^ (z >>> 14)) >>> 0) % bound;
  };
};

/** Classes by how often they are drawn; those not named, rarely. */
const weights: Readonly<Record<string, number>> = {
  addSubImm: 8,
  addSubShifted: 8,
  addSubExtended: 4,
  addSubCarry: 4,
  logicalImm: 4,
  logicalShifted: 6,
  bitfield: 6,
  moveWide: 4,
  compareReg: 4,
  compareImm: 4,
  conditionalSelect: 6,
  dataOne: 4,
  dataTwo: 6,
  dataThree: 6,
  branchCond: 10,
  compareBranch: 6,
  testBranch: 6,
  branchImm: 6,
  unsignedOffset: 8,
  unscaled: 6,
  registerOffset: 4,
  postIndex: 4,
  preIndex: 4,
  pair: 8,
  udf: 0,
  simd: 0,
  sve: 0,
};

const bag = rows.flatMap((row) =>
  Array.from({ length: weights[row.tag] ?? 1 }, () => row)
);

const registers = new Set(["rd", "rn", "rm", "rt", "rt2", "ra", "rs"]);

/** X9 to X15 hold addresses and seldom change; SP is 31. */
const register = (draw: Draw, name: string): number => {
  if (name === "rn") return [9, 10, 11, 12, 13, 31][draw(8)] ?? draw(32);
  return draw(16) === 0 ? draw(32) : draw(9);
};

/** A branch over at most 8 words either way. */
const short = (draw: Draw, bits: number): number =>
  (draw(17) - 8) & (2 ** bits - 1);

const fieldOf = (draw: Draw, name: string, ones: number): number => {
  if (registers.has(name)) return register(draw, name);
  if (name === "imm14") return short(draw, 14);
  if (name === "imm19") return short(draw, 19);
  if (name === "imm26") return short(draw, 26);
  if (name === "imm12" && draw(2) === 0) return draw(32);
  return draw(ones + 1);
};

/** A word that decodes. */
export const wordFrom = (draw: Draw): number => {
  for (;;) {
    const row = bag[draw(bag.length)]!;
    const insn: Record<string, string | number> = { tag: row.tag };
    for (const { name, ones } of row.slots) {
      insn[name] = fieldOf(draw, name, ones);
    }
    const word = encode(insn as unknown as Insn);
    if (decode(word) !== null) return word;
  }
};

const data = ram + 0x8000;

const value = (draw: Draw): bigint => {
  const half = () => BigInt(draw(0x1_0000_0000));
  switch (draw(8)) {
    case 0:
    case 1:
      return BigInt(draw(256));
    case 2:
    case 3:
      return BigInt.asUintN(64, -BigInt(draw(256)));
    case 4:
      return pageAt(data + 4096 * draw(4));
    default:
      return half() << 32n | half();
  }
};

/** An address in a few pages of data, mostly aligned, sometimes by a page's end, seldom in the code or their table. */
const address = (draw: Draw): bigint => {
  const page = data + 4096 * draw(4);
  switch (draw(8)) {
    case 0:
      return BigInt(page + 4096 - 16 + draw(16));
    case 1:
      return draw(2) === 0
        ? BigInt(ram + 8 * draw(64))
        : BigInt(tables[3]! + (page - ram) / 512);
    case 2:
      return BigInt(page + draw(4096));
    default:
      return BigInt(page + 16 * draw(256));
  }
};

/** MRS X20, ELR_EL1; ADD X20, X20, #4; MSR ELR_EL1, X20; ERET. */
const handler = [0xd538_4034, 0x9100_1294, 0xd518_4034, 0xd69f_03e0];

const pairOf = (low: number, high: number): bigint =>
  BigInt(high) << 32n | BigInt(low);

const vectors = ram + 0x8_0000;

/** Handlers at every vector: whatever happens, the next instruction follows. */
const handlers = Array.from({ length: 16 }, (_, n) => vectors + n * 0x80)
  .flatMap((at) =>
    [
      [at, pairOf(handler[0]!, handler[1]!)],
      [at + 8, pairOf(handler[2]!, handler[3]!)],
    ] as const
  );

/** One program. */
export interface Program {
  readonly words: readonly number[];
  readonly world: World;
}

/** Descriptor bits: read-only at EL1, EL0 too, and Device memory. */
const odd_pages = [1n << 7n, 1n << 6n, 3n << 6n, 1n << 2n, 0n] as const;

/** EL1h, EL1t and EL0. */
const modes = [5n, 5n, 5n, 4n, 0n] as const;

/** The world of a program of `words`, its state drawn. */
export const worldFrom = (draw: Draw, words: readonly number[]): World => {
  const x: Record<number, bigint> = {};
  for (let n = 0; n < 31; n++) {
    x[n] = 9 <= n && n <= 15 ? address(draw) : value(draw);
  }
  const mmu = draw(2) === 1;
  const pages = [0, 1, 2, 3].map((n) =>
    [
      data + n * 4096,
      pageAt(data + n * 4096) | odd_pages[draw(odd_pages.length)]!,
    ] as const
  );
  const user = modes[draw(modes.length)]!;
  // EL0 executes only what stage 1 lets it: its code page is open to it.
  const code = [ram, pageAt(ram) | (user === 0n ? 3n << 6n : 0n)] as const;
  const sctlr = 0x00c5_0878n | (mmu ? 1n : 0n) | (draw(4) === 0 ? 2n : 0n);
  return worldOf({
    words,
    x,
    data: [...handlers, ...mapped([...pages, code])],
    sys: { ...mmuOn, sctlr_el1: draw(8) === 0 ? sctlr & ~0x18n : sctlr },
    rec: {
      pstate: 0x3c0n | user | BigInt(draw(16)) << 28n,
      sp_el0: address(draw) & ~15n,
      sp_el1: address(draw) & ~15n,
    },
  });
};

/** Words of a program; a branch from the last to the first follows. */
const program_words = 40;

/** The program of a seed. */
export const programOf = (seed: number): Program => {
  const draw = drawFrom(seed);
  const words = Array.from({ length: program_words }, () => wordFrom(draw));
  words.push((0x1400_0000 | (-program_words & 0x3ff_ffff)) >>> 0);
  return { words, world: worldFrom(draw, words) };
};
