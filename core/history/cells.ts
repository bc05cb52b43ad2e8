/**
 * Cells: named values that flow into a pane, each marked when it changed.
 *
 * @module
 */

import { type Line, type Span, span } from "./ansi.ts";

/** A named value; the name is unique in its group. */
export interface Cell {
  readonly name: string;
  readonly value: string;
}

/** Cells that belong together, under a heading. */
export interface Group {
  readonly title: string;
  readonly cells: readonly Cell[];
}

/** A cell. */
export const cell = (name: string, value: string): Cell => ({ name, value });

/** Hex digits without their prefix, as a register is shown. */
export const digits = (value: bigint): string => value.toString(16);

/** Cells for the words of a register file that are not zero. */
export const wordCells = (
  name: (n: number) => string,
  words: readonly bigint[],
): readonly Cell[] =>
  words.flatMap((value, n) =>
    value === 0n ? [] : [cell(name(n), digits(value))]
  );

const indent = " ";

const textOf = ({ name, value }: Cell): string =>
  value === "" ? name : name === "" ? value : `${name} ${value}`;

/** Flows the cells of a group into lines of `width` characters. */
const groupLines = (
  { title, cells }: Group,
  before: Group | undefined,
  width: number,
): readonly Line[] => {
  const old = before === undefined
    ? null
    : new Map(before.cells.map(({ name, value }) => [name, value]));
  const lines: Span[][] = [[span(title, "bold")]];
  let used = title.length;
  for (const item of cells) {
    const text = textOf(item);
    if (width < used + 1 + text.length && used > indent.length) {
      lines.push([span(indent)]);
      used = indent.length;
    }
    const changed = old !== null && old.get(item.name) !== item.value;
    lines.at(-1)?.push(span(" "), span(text, changed ? "changed" : "plain"));
    used += 1 + text.length;
  }
  return lines;
};

/** A pane: groups as lines, empty ones left out; a cell that `before` had otherwise is marked. */
export const paneLines = (
  groups: readonly Group[],
  before: readonly Group[] | null,
  width: number,
): readonly Line[] =>
  groups.filter(({ cells }) => 0 < cells.length).flatMap((group) =>
    groupLines(
      group,
      before?.find(({ title }) => title === group.title),
      width,
    )
  );
