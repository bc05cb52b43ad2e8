/**
 * Instructions ready to run: decoded and lifted once per word.
 *
 * The table is a memory of a pure function and is bounded; nothing outside
 * can tell whether a word was found in it.
 *
 * @module
 */

import { decode } from "../a64/decode.ts";
import { lift } from "../a64/lift.ts";
import type { Micro, Value } from "../a64/micro.ts";

/** An instruction ready to run. */
export interface Prepared {
  readonly word: number;
  readonly micros: readonly Micro[];
  /** It accesses memory with SP as the base: SP alignment is checked (D1.3.7). */
  readonly spBase: boolean;
}

/** Entries of the table; a power of two. */
const entries = 1 << 14;

const table: (Prepared | undefined)[] = new Array(entries);

const namesSp = (value: Value): boolean => {
  switch (value.op) {
    case "sp":
      return true;
    case "const":
    case "x":
    case "pc":
    case "temp":
    case "cond":
    case "carry":
    case "nzcv":
      return false;
    case "select":
      return namesSp(value.when) || namesSp(value.a) || namesSp(value.b);
    case "nzcvAdd":
      return namesSp(value.a) || namesSp(value.b);
    case "crc":
      return namesSp(value.acc) || namesSp(value.data);
    default:
      return namesSp(value.a) || ("b" in value && namesSp(value.b));
  }
};

const accesses = (micro: Micro): boolean => {
  switch (micro.op) {
    case "load":
    case "store":
    case "loadExclusive":
    case "storeExclusive":
    case "atomic":
    case "compareSwap":
      return true;
    default:
      return false;
  }
};

/** The address may be computed into a temporary first; a store never stores SP itself. */
const mentionsSp = (micro: Micro): boolean => {
  if (micro.op === "let") return namesSp(micro.value);
  return "at" in micro && namesSp(micro.at);
};

const unallocated: readonly Micro[] = [{ op: "undefined", why: null }];

/** As {@link prepare}, for words that are not worth a place in the table. */
export const build = (word: number): Prepared => {
  const insn = decode(word);
  const micros = insn === null ? unallocated : lift(insn);
  const spBase = micros.some(accesses) && micros.some(mentionsSp);
  return { word, micros, spBase };
};

/** The instruction `word` (unsigned, 32 bits) encodes, ready to run. */
export const prepare = (word: number): Prepared => {
  const slot = (word ^ (word >>> 13)) & (entries - 1);
  const found = table[slot];
  if (found !== undefined && found.word === word) return found;
  const fresh = build(word);
  table[slot] = fresh;
  return fresh;
};
