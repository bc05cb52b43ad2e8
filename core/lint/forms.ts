/**
 * Lint: the instructions whose abort at a device carries no syndrome.
 *
 * An access without a syndrome (ISV=0) cannot be emulated: in a realm it ends
 * as an external abort, on some hosts as a dead VM. Which instructions those
 * are is what `lift` says of each access; only FP, SIMD and SVE, which `lift`
 * leaves out, are told by their encoding group.
 *
 * Source: Arm ARM (DDI 0487) D24.2.40 (ISV), C4.1 (encoding groups).
 *
 * @module
 */

import { decode } from "../a64/decode.ts";
import type { Insn } from "../a64/encoding.ts";
import { disassemble } from "../a64/disassemble.ts";
import { lift } from "../a64/lift.ts";
import type { Micro } from "../a64/micro.ts";
import type { Code } from "./sections.ts";

/** Why an access has no syndrome. */
export type Form = "pair" | "writeback" | "exclusive" | "atomic" | "simd";

/** One instruction that would reach a device with ISV=0. */
export interface Hit {
  /** Its address. */
  readonly at: bigint;
  readonly word: number;
  readonly form: Form;
  /** Its base register is SP: a device would have to be the stack. */
  readonly stack: boolean;
  /** As GNU objdump writes it, with one space for its tab. */
  readonly text: string;
}

/** True for a load or store whose abort names no register. */
const isNameless = (micro: Micro): boolean =>
  (micro.op === "load" || micro.op === "store") &&
  micro.access.transfer === null;

/**
 * True where the top level of the encoding says loads and stores: op0 (bits
 * 28:25) x1x0, and for SVE (op0 0010) bits 31:29 1xx.
 */
const inMemoryGroup = (word: number): boolean => {
  const op0 = (word >>> 25) & 15;
  return (op0 & 0b0101) === 0b0100 || (op0 === 0b0010 && word >>> 31 === 1);
};

const sp = 31;

/**
 * True when the base register, bits 9:5 of every load and store but a literal
 * load (bits 29:27 and 25:24 011 00), is SP.
 */
const onStack = (word: number): boolean =>
  ((word >>> 5) & 31) === sp && (word & 0x3b00_0000) !== 0x1800_0000;

/** Why the accesses of these micro-ops have no syndrome; null when they have one, or are none. */
const formOf = (micros: readonly Micro[], word: number): Form | null => {
  for (const micro of micros) {
    switch (micro.op) {
      case "loadExclusive":
      case "storeExclusive":
        return "exclusive";
      case "atomic":
      case "compareSwap":
        return "atomic";
      case "undefined":
        return micro.why === "fp-simd" && inMemoryGroup(word) ? "simd" : null;
    }
  }
  const nameless = micros.filter(isNameless).length;
  if (nameless === 0) return null;
  return nameless === 1 ? "writeback" : "pair";
};

/** The hit of one instruction word at `at`, or null when it is none. */
export const lintWord = (word: number, at: bigint): Hit | null => {
  const insn = decode(word);
  return insn === null ? null : lintInsn(insn, word, at);
};

const lintInsn = (insn: Insn, word: number, at: bigint): Hit | null => {
  const form = formOf(lift(insn), word);
  if (form === null) return null;
  const text = disassemble(insn, at).replace("\t", " ");
  return { at, word, form, stack: onStack(word), text };
};

/** What a lint found. */
export interface Findings {
  readonly hits: readonly Hit[];
  /** Words looked at. */
  readonly words: number;
  /** Words that are no instruction this model knows. */
  readonly unknown: number;
}

/** Looks at every word of `code` for which `isCode` holds, in address order. */
export const lintCode = (
  code: readonly Code[],
  isCode: (at: bigint) => boolean,
): Findings => {
  const hits: Hit[] = [];
  let [words, unknown] = [0, 0];
  for (const { at: base, data } of code) {
    const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
    for (let offset = 0; offset + 4 <= data.length; offset += 4) {
      const at = base + BigInt(offset);
      if (!isCode(at)) continue;
      const word = view.getUint32(offset, true);
      words += 1;
      const insn = decode(word);
      if (insn === null) unknown += 1;
      const hit = insn === null ? null : lintInsn(insn, word, at);
      if (hit !== null) hits.push(hit);
    }
  }
  hits.sort((a, b) => a.at === b.at ? 0 : a.at < b.at ? -1 : 1);
  return { hits, words, unknown };
};
