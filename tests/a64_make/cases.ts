/**
 * The instructions that become vectors, and the state each starts from.
 *
 * @module
 */

import { decode } from "../../core/a64/decode.ts";
import { encode } from "../../core/a64/encode.ts";
import { encodings, type Insn, type Tag } from "../../core/a64/encoding.ts";
import { randomFrom, seeded, type State } from "../a64/vector.ts";
import { combinations, draw, type Random, wordOf } from "./fields.ts";
import { isSettled, settle } from "./settle.ts";
import { steer } from "./steer.ts";

/** Classes user mode cannot run, or whose answer is the machine's. */
const left_out: readonly Tag[] = [
  "exception",
  "system",
  "waitTimeout",
  "simd",
  "sve",
];

/** Instances of a class: at least this many, and each combination of small fields so often. */
const instances_min = 500;
const instances_max = 1600;
const instances_per_combination = 20;

/** Classes with little to choose. */
const few: Readonly<Partial<Record<Tag, number>>> = {
  udf: 10,
  hint: 40,
  barrier: 40,
  pstate: 20,
  systemMove: 120,
  branchReg: 150,
  pcRel: 300,
};

/** One case: the words, the state they start from and its seed. */
export interface Case {
  readonly words: readonly number[];
  readonly seed: number;
  readonly state: State;
}

const clrex = encode({ tag: "barrier", crm: 15, op2: 2 });

/** A store-exclusive alone finds the monitor open: most get a load before them, some of those a CLREX. */
const sequence = (insn: Insn, word: number, random: Random): number[] => {
  const stores = (insn.tag === "exclusive" || insn.tag === "exclusivePair") &&
    insn.l === 0;
  const choice = random() % 8;
  if (!stores || choice === 0) return [word];
  // Loads leave the store's operands alone: they go to XZR and, for a pair, to
  // the status register.
  const rt2 = insn.tag !== "exclusivePair"
    ? 31
    : insn.rs === 31
    ? (insn.rt + 1) % 31
    : insn.rs;
  if (rt2 !== 31 && (rt2 === insn.rn || rt2 === insn.rt2)) return [word];
  const loads: Insn = { ...insn, l: 1, rs: 31, rt: 31, rt2 };
  const load = encode(loads);
  return choice === 1 ? [load, clrex, word] : [load, word];
};

const instance = (tag: Tag, index: number, seed: number): Case | null => {
  const random = randomFrom(~seed);
  const fields = draw(tag, index, random);
  settle(tag, fields);
  const chosen = wordOf(tag, fields);
  if (chosen === null) return null;
  const insn = decode(chosen)!;
  if (!isSettled(insn)) return null;
  const state = seeded(seed);
  steer(insn, fields, state, random);
  const word = wordOf(tag, fields)!;
  return { words: sequence(insn, word, random), seed, state };
};

/** Combinations of a class that are allocated at all. */
const live = (tag: Tag): readonly number[] => {
  const found: number[] = [];
  for (let index = 0; index < combinations(tag); index++) {
    for (let attempt = 0; attempt < 60; attempt++) {
      if (instance(tag, index, attempt) === null) continue;
      found.push(index);
      break;
    }
  }
  return found;
};

const casesOf = (tag: Tag, first: number): readonly Case[] => {
  const indices = live(tag);
  const wanted = few[tag] ?? Math.min(
    Math.max(instances_min, indices.length * instances_per_combination),
    Math.max(instances_max, indices.length * 3),
  );
  const cases: Case[] = [];
  for (let at = 0; cases.length < wanted; at++) {
    const index = indices[cases.length % indices.length]!;
    const made = instance(tag, index, first + at);
    if (made !== null) cases.push(made);
  }
  return cases;
};

/** Every case, class by class; a class's seeds start at its own hundred thousand. */
export const cases = (): readonly Case[] =>
  (Object.keys(encodings) as Tag[]).flatMap((tag, k) =>
    left_out.includes(tag) ? [] : casesOf(tag, (k + 1) * 100_000)
  );
