/**
 * Chooses the fields of instructions: every combination of the small fields in
 * turn, registers and immediates at random.
 *
 * @module
 */

import { decode } from "../../core/a64/decode.ts";
import { encode } from "../../core/a64/encode.ts";
import type { Insn, Tag } from "../../core/a64/encoding.ts";
import { rowOf, type Slot } from "../../core/a64/encoding/row.ts";

/** A source of unsigned 32-bit numbers. */
export type Random = () => number;

/** The fields of an instruction by name. */
export type Loose = Record<string, number>;

const registers = new Set(["rd", "rn", "rm", "ra", "rt", "rt2", "rs"]);

/** Wide fields that choose an operation all the same. */
const choosing = new Set(["opcode", "cond"]);

const isSmall = ({ name, ones }: Slot): boolean =>
  !registers.has(name) && (ones < 8 || choosing.has(name));

/** Every value of the small fields of a class, as one mixed-radix count. */
export const combinations = (tag: Tag): number =>
  rowOf[tag].slots.filter(isSmall)
    .reduce((product, { ones }) => product * (ones + 1), 1);

/** Register 31 and repeated registers come up often enough to matter. */
const register = (random: Random, used: readonly number[]): number => {
  const choice = random() % 16;
  if (choice < 2) return 31;
  if (choice < 4 && used.length > 0) return used[random() % used.length]!;
  return random() % 31;
};

const immediate = (random: Random, ones: number): number => {
  switch (random() % 8) {
    case 0:
      return 0;
    case 1:
      return ones;
    case 2: // the sign bit alone
      return (ones + 1) / 2;
    case 3:
      return (1 << (random() % 26)) & ones;
    default:
      return random() & ones;
  }
};

/** The fields of combination `index` of a class. */
export const draw = (tag: Tag, index: number, random: Random): Loose => {
  const fields: Loose = {};
  const used: number[] = [];
  let rest = index;
  for (const slot of rowOf[tag].slots) {
    const { name, ones } = slot;
    if (isSmall(slot)) {
      fields[name] = rest % (ones + 1);
      rest = Math.floor(rest / (ones + 1));
    } else if (registers.has(name)) {
      fields[name] = register(random, used);
      used.push(fields[name]!);
    } else fields[name] = immediate(random, ones);
  }
  return fields;
};

/** The word of the fields, or null where they are not allocated as this class. */
export const wordOf = (tag: Tag, fields: Loose): number | null => {
  const word = encode({ tag, ...fields } as unknown as Insn);
  return decode(word)?.tag === tag ? word : null;
};
