/**
 * Prepares the registers a load, store or branch needs to land where its
 * effect can be seen.
 *
 * @module
 */

import type { Insn, InsnOf } from "../../core/a64/encoding.ts";
import {
  imm9Offset,
  pairBytes,
  pairOffset,
} from "../../core/a64/encoding/offset.ts";
import {
  code_base,
  data_base,
  page_bytes,
  type State,
  window_bytes,
  window_offset,
} from "../a64/vector.ts";
import type { Loose, Random } from "./fields.ts";

const window_base = data_base + BigInt(window_offset);

const setRegister = (state: State, n: number, value: bigint): void => {
  if (n === 31) state.sp = value;
  else state.x[n] = value;
};

/** What an access covers, whether it must be aligned, and how far it is from its base. */
interface Reach {
  readonly bytes: number;
  readonly aligned: boolean;
  readonly offset: number;
  /** Which refusals a vector may ask for. */
  readonly refusals: "none" | "unmapped" | "any";
}

const anywhere = (bytes: number, offset: number): Reach => ({
  bytes,
  aligned: false,
  offset,
  refusals: "any",
});

const aligned = (bytes: number, offset: number = 0): Reach => ({
  bytes,
  aligned: true,
  offset,
  refusals: "any",
});

/** A store-exclusive that lost its monitor need not look at the address. */
const exclusive = (bytes: number, l: number): Reach => ({
  ...aligned(bytes),
  refusals: l === 1 ? "any" : "none",
});

const reachOf = (insn: Insn): Reach | null => {
  switch (insn.tag) {
    case "unscaled":
    case "unprivileged":
    case "preIndex":
      return anywhere(1 << insn.size, imm9Offset(insn));
    case "postIndex":
    case "registerOffset":
      return anywhere(1 << insn.size, 0);
    case "unsignedOffset":
      return anywhere(1 << insn.size, insn.imm12 << insn.size);
    case "pair":
      return anywhere(
        2 * pairBytes(insn),
        insn.mode === 1 ? 0 : pairOffset(insn),
      );
    case "orderedUnscaled":
      return aligned(1 << insn.size, imm9Offset(insn));
    case "ordered":
    case "compareSwap":
    case "atomic":
    case "swap":
      return aligned(1 << insn.size);
    case "loadAcquirePc":
      // The judge does not check the alignment of LDAPR; the manual does.
      return { ...aligned(1 << insn.size), refusals: "unmapped" };
    case "compareSwapPair":
      return aligned(8 << insn.sz);
    case "exclusive":
      return exclusive(1 << insn.size, insn.l);
    case "exclusivePair":
      return exclusive(8 << insn.sz, insn.l);
    default:
      return null;
  }
};

/** An address in the window; now and then one in an unmapped page, or one misaligned. */
const target = (reach: Reach, random: Random): bigint => {
  const { bytes, aligned, refusals } = reach;
  // Aligning SP may take up to 15 bytes off.
  const within = 16 + random() % (window_bytes - bytes - 15);
  const keep = aligned || random() % 3 > 0 ? -bytes : -1;
  const at = window_base + BigInt(within & keep);
  if (refusals === "none") return at;
  switch (random() % 40) {
    case 0:
      return at + BigInt(page_bytes);
    case 1:
      return at - BigInt(3 * page_bytes);
    case 2:
      return refusals === "any" ? at - 1n : at;
    default:
      return at;
  }
};

/** The last word of the page and what follows it: the first half of a load is there, the second is not. */
const straddle = (insn: Insn, random: Random): boolean =>
  insn.tag === "pair" && insn.l === 1 && random() % 20 === 0;

/** Gives the index register a small value, with bits above a W index to be ignored; the bytes it adds. */
const index = (
  insn: InsnOf<"registerOffset">,
  state: State,
  random: Random,
): bigint => {
  const { rm, option, s, size } = insn;
  if (rm === 31) return 0n;
  const small = BigInt(random() % 64) - (option >= 6 ? 32n : 0n);
  const narrow = option === 2 || option === 6;
  const junk = BigInt(random()) << 32n;
  state.x[rm] = narrow
    ? BigInt.asUintN(32, small) | junk
    : BigInt.asUintN(64, small);
  return s === 1 ? small << BigInt(size) : small;
};

/** Lets half of the compares find what they expect, with bits above it to be ignored. */
const expect = (
  insn: InsnOf<"compareSwap" | "compareSwapPair">,
  state: State,
  at: bigint,
  random: Random,
): void => {
  const bytes = insn.tag === "compareSwap" ? 1 << insn.size : 4 << insn.sz;
  const count = insn.tag === "compareSwap" ? 1 : 2;
  const words = new DataView(BigUint64Array.from(state.window).buffer);
  for (let k = 0; k < count; k++) {
    const offset = Number(at - window_base) + k * bytes;
    const n = insn.rs + k;
    if (
      n >= 31 || n === insn.rn || offset + bytes > window_bytes || offset < 0
    ) {
      continue;
    }
    let old = 0n;
    for (let b = 0; b < bytes; b++) {
      old |= BigInt(words.getUint8(offset + b)) << BigInt(8 * b);
    }
    const above = (BigInt(random()) << 32n) | BigInt(random());
    state.x[n] = BigInt.asUintN(64, old | (above << BigInt(8 * bytes)));
  }
};

/** Steers a load or store into the window. */
const access = (insn: Insn, state: State, random: Random): void => {
  const reach = reachOf(insn);
  if (reach === null || !("rn" in insn)) return;
  let at = target(reach, random);
  if (straddle(insn, random)) {
    at = data_base + BigInt(page_bytes - reach.bytes / 2);
  }
  const more = insn.tag === "registerOffset" ? index(insn, state, random) : 0n;
  let base = at - BigInt(reach.offset) - more;
  if (insn.rn === 31) { // SP is kept aligned
    at -= base & 15n;
    base &= ~15n;
  }
  setRegister(state, insn.rn, BigInt.asUintN(64, base));
  const compares = insn.tag === "compareSwap" || insn.tag === "compareSwapPair";
  if (compares && random() % 2 === 0) expect(insn, state, at, random);
};

/** Prepares `state` for `insn`; for a literal load it sets the offset in `fields`. */
export const steer = (
  insn: Insn,
  fields: Loose,
  state: State,
  random: Random,
): void => {
  if (insn.tag === "branchReg" && insn.rn !== 31) {
    // Unmapped, in the code page, or in the data page, where nothing executes.
    const bases = [0x7654_3210_0000n, code_base, data_base, 0x4000n];
    const at = bases[random() % bases.length]! + BigInt(random() % 1024) * 4n;
    // A branch to itself never ends.
    state.x[insn.rn] = at === state.pc ? at ^ 4n : at;
  }
  if (insn.tag === "loadLiteral") {
    const at = window_base + BigInt(random() % (window_bytes - 8) & ~3);
    fields["imm19"] = Number((at - state.pc) >> 2n) & 0x7_ffff;
    if (random() % 20 === 0) fields["imm19"]! ^= 1 << 16;
  }
  // Half the tests of zero should find it.
  if (insn.tag === "compareBranch" && insn.rt !== 31 && random() % 2 === 0) {
    state.x[insn.rt] = insn.sf === 1 ? 0n : BigInt(random()) << 32n;
  }
  access(insn, state, random);
};
