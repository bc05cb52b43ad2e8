/**
 * Exclusives, and the LSE atomics: operate on memory, swap, compare and swap.
 * None reports its register to an abort.
 *
 * @module
 */

import type { InsnOf } from "../encoding.ts";
import type { Micro, Rmw, Size, Value } from "../micro.ts";
import { setX, temp, x, xOrSp } from "./value.ts";

const bytesOf = (size: number): Size => (1 << size) as Size;

/** The register as `bytes` bytes of memory would hold it. */
const stored = (n: number, bytes: Size): Value => {
  const a = x(n);
  switch (bytes) {
    case 1:
      return { op: "zext8", a };
    case 2:
      return { op: "zext16", a };
    case 4:
      return x(n, 32);
    case 8:
      return a;
  }
};

const loadExclusive = (
  bytes: Size,
  rn: number,
  registers: readonly number[],
): readonly Micro[] => [
  {
    op: "loadExclusive",
    temps: registers.map((_, k) => k),
    bytes,
    at: xOrSp(rn),
  },
  ...registers.flatMap((n, k) => setX(n, 64, temp(k))),
];

const storeExclusive = (
  bytes: Size,
  { rs, rn }: { readonly rs: number; readonly rn: number },
  registers: readonly number[],
): readonly Micro[] => [
  {
    op: "storeExclusive",
    status: 0,
    bytes,
    at: xOrSp(rn),
    values: registers.map((n) => stored(n, bytes)),
  },
  ...setX(rs, 64, temp(0)),
];

/** LDXR, LDAXR, STXR, STLXR and their narrow forms. */
export const exclusive = (insn: InsnOf<"exclusive">): readonly Micro[] => {
  const { size, l, rn, rt } = insn;
  return l === 1
    ? loadExclusive(bytesOf(size), rn, [rt])
    : storeExclusive(bytesOf(size), insn, [rt]);
};

/** LDXP, LDAXP, STXP, STLXP. */
export const exclusivePair = (
  insn: InsnOf<"exclusivePair">,
): readonly Micro[] => {
  const { sz, l, rn, rt, rt2 } = insn;
  const bytes = sz === 1 ? 8 : 4;
  return l === 1
    ? loadExclusive(bytes, rn, [rt, rt2])
    : storeExclusive(bytes, insn, [rt, rt2]);
};

/** `count` words from register `rs` on against memory; `rt` on replaces them if all match. */
const compareSwapWords = (
  bytes: Size,
  count: 1 | 2,
  { rs, rn, rt }: {
    readonly rs: number;
    readonly rn: number;
    readonly rt: number;
  },
): readonly Micro[] => {
  const words = count === 1 ? [0] : [0, 1];
  return [
    {
      op: "compareSwap",
      temps: words,
      bytes,
      at: xOrSp(rn),
      expected: words.map((k) => stored(rs + k, bytes)),
      desired: words.map((k) => stored(rt + k, bytes)),
    },
    ...words.flatMap((k) => setX(rs + k, 64, temp(k))),
  ];
};

/** CAS and its narrow forms. */
export const compareSwap = (
  insn: InsnOf<"compareSwap">,
): readonly Micro[] => compareSwapWords(bytesOf(insn.size), 1, insn);

/** CASP: even registers and their successors. */
export const compareSwapPair = (
  insn: InsnOf<"compareSwapPair">,
): readonly Micro[] => compareSwapWords(insn.sz === 1 ? 8 : 4, 2, insn);

const operate = (
  rmw: Rmw,
  { size, rs, rn, rt }: {
    readonly size: number;
    readonly rs: number;
    readonly rn: number;
    readonly rt: number;
  },
): readonly Micro[] => [
  {
    op: "atomic",
    rmw,
    temp: 0,
    bytes: bytesOf(size),
    at: xOrSp(rn),
    value: stored(rs, bytesOf(size)),
  },
  ...setX(rt, 64, temp(0)),
];

const operators: readonly Rmw[] = [
  "add",
  "clr",
  "eor",
  "set",
  "smax",
  "smin",
  "umax",
  "umin",
];

/** LDADD, LDCLR, LDEOR, LDSET, LDSMAX, LDSMIN, LDUMAX, LDUMIN and the ST forms. */
export const atomic = (insn: InsnOf<"atomic">): readonly Micro[] =>
  operate(operators[insn.opc]!, insn);

/** SWP. */
export const swap = (insn: InsnOf<"swap">): readonly Micro[] =>
  operate("swp", insn);
