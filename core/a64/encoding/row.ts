/**
 * The rows of the encoding table taken apart: fixed bits and field positions.
 *
 * @module
 */

import { encodings, type Tag } from "../encoding.ts";

/** A field's place in the word. */
export interface Slot {
  /** Name of the field. */
  readonly name: string;
  /** Lowest bit. */
  readonly shift: number;
  /** All ones of the field's width (at most 26 bits). */
  readonly ones: number;
}

/** A class's row, taken apart. */
export interface Row {
  /** The class. */
  readonly tag: Tag;
  /** Fixed bits, as a signed 32-bit number. */
  readonly mask: number;
  /** What the fixed bits hold, as a signed 32-bit number. */
  readonly value: number;
  /** The fields, bit 31 first. */
  readonly slots: readonly Slot[];
}

const parse = (tag: Tag, pattern: string): Row => {
  const slots: Slot[] = [];
  let mask = 0;
  let value = 0;
  let at = 32;
  for (const token of pattern.split(" ")) {
    const [name = "", width] = token.split(":");
    at -= width === undefined ? name.length : Number(width);
    if (width === undefined) {
      mask |= (2 ** name.length - 1) << at;
      value |= parseInt(name, 2) << at;
    } else slots.push({ name, shift: at, ones: 2 ** Number(width) - 1 });
  }
  return { tag, mask, value, slots };
};

/** Every row of the table. */
export const rows: readonly Row[] = (Object.keys(encodings) as Tag[])
  .map((tag) => parse(tag, encodings[tag]));

/** The row of each class. */
export const rowOf: Readonly<Record<Tag, Row>> = Object.fromEntries(
  rows.map((row) => [row.tag, row]),
) as Record<Tag, Row>;
