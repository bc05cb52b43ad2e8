/**
 * Text for a terminal: cells of a fixed width, and the few escape sequences
 * the view needs (ECMA-48 SGR, CUP, EL).
 *
 * @module
 */

/** How a piece of text looks. */
export type Style = "plain" | "bold" | "dim" | "invert" | "changed";

/** A piece of a line. */
export interface Span {
  readonly text: string;
  readonly style: Style;
}

/** A line: its pieces from left to right. */
export type Line = readonly Span[];

/** A piece of text; plain unless it says otherwise. */
export const span = (text: string, style: Style = "plain"): Span => ({
  text,
  style,
});

/** The SGR parameters of each style. */
const codes: Readonly<Record<Style, string>> = {
  plain: "0",
  bold: "1",
  dim: "2",
  invert: "7",
  changed: "1;33",
};

/** Characters of a line. */
export const widthOf = (line: Line): number =>
  line.reduce((sum, { text }) => sum + [...text].length, 0);

/** The line cut or filled with spaces to exactly `width` characters; a cut ends in `~`. */
export const fitted = (line: Line, width: number): Line => {
  const out: Span[] = [];
  let left = width;
  const cut = width < widthOf(line);
  for (const { text, style } of line) {
    if (left <= 0) break;
    const taken = [...text].slice(0, left);
    out.push({ text: taken.join(""), style });
    left -= taken.length;
  }
  if (!cut) return left > 0 ? [...out, span(" ".repeat(left))] : out;
  const last = out.at(-1);
  if (last === undefined) return out;
  const kept = `${[...last.text].slice(0, -1).join("")}~`;
  return [...out.slice(0, -1), { text: kept, style: last.style }];
};

/** A line with its escape sequences; every style ends where its piece does. */
export const painted = (line: Line): string =>
  line.map(({ text, style }) =>
    style === "plain" ? text : `\x1b[${codes[style]}m${text}\x1b[0m`
  ).join("");

/** A line without any. */
export const plain = (line: Line): string =>
  line.map(({ text }) => text).join("");

/** A whole screen: each line put at its row, so that nothing scrolls. */
export const screen = (lines: readonly Line[]): string =>
  lines.map((line, row) => `\x1b[${row + 1};1H${painted(line)}\x1b[K`).join(
    "",
  );
