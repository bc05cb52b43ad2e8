/**
 * How operands are written: registers, immediates, addresses, conditions.
 *
 * @module
 */

import { word } from "../../arch/word.ts";
import type { InsnOf, Tag } from "../encoding.ts";

/** Writes one class of instruction; `pc` is the instruction's address. */
export type Writer<T extends Tag> = (insn: InsnOf<T>, pc: bigint) => string;

/** The writers of the classes `T`. */
export type Writers<T extends Tag> = { readonly [K in T]: Writer<K> };

/** A mnemonic, a tab and its operands. */
export const line = (
  mnemonic: string,
  ...operands: readonly string[]
): string =>
  operands.length === 0 ? mnemonic : `${mnemonic}\t${operands.join(", ")}`;

/** Register `n`, where 31 is the zero register; `sf` 1 is 64-bit. */
export const reg = (sf: number, n: number): string =>
  `${sf === 1 ? "x" : "w"}${n === 31 ? "zr" : n}`;

/** Register `n`, where 31 is the stack pointer; `sf` 1 is 64-bit. */
export const regSp = (sf: number, n: number): string =>
  n !== 31 ? reg(sf, n) : sf === 1 ? "sp" : "wsp";

/** A decimal immediate. */
export const dec = (value: number): string => `#${value}`;

/** A hexadecimal immediate. */
export const hex = (value: number | bigint): string =>
  `#0x${value.toString(16)}`;

/** The address `offset` bytes from `from`. */
export const address = (from: bigint, offset: number): string =>
  `0x${word(from + BigInt(offset)).toString(16)}`;

const conditions = [
  ...["eq", "ne", "cs", "cc", "mi", "pl", "vs", "vc"],
  ...["hi", "ls", "ge", "lt", "gt", "le", "al", "nv"],
];

/** The name of condition `cond`, 0 to 15. */
export const condition = (cond: number): string => conditions[cond]!;

const shifts = ["lsl", "lsr", "asr", "ror"];

/** A shifted register's shift: nothing for `lsl #0`. */
export const shiftOf = (shift: number, amount: number): readonly string[] =>
  shift === 0 && amount === 0 ? [] : [`${shifts[shift]} ${dec(amount)}`];

const extensions = [
  ...["uxtb", "uxth", "uxtw", "uxtx"],
  ...["sxtb", "sxth", "sxtw", "sxtx"],
];

/** The name of an extension, 0 to 7. */
export const extension = (option: number): string => extensions[option]!;
