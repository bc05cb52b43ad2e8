/**
 * A page of explanation: sections of aligned rows, each with its rule.
 *
 * @module
 */

/** Why something is so, and who says it. */
export interface Rule {
  readonly rule: string;
  readonly source: string;
}

/** A title, rows of cells, and the rules the rows follow. */
export interface Section {
  readonly title: string;
  readonly rows: readonly (readonly string[])[];
  readonly rules?: readonly Rule[];
}

/** Columns after this are not padded: the last cell of a row is running text. */
const width_max = 40;

const aligned = (
  rows: readonly (readonly string[])[],
): readonly string[] => {
  const widths: number[] = [];
  for (const row of rows) {
    // The last cell may be of any length and pads nothing.
    for (const [column, cell] of row.slice(0, -1).entries()) {
      const width = Math.min(cell.length, width_max);
      widths[column] = Math.max(widths[column] ?? 0, width);
    }
  }
  return rows.map((row) =>
    row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join("  ")
      .trimEnd()
  );
};

const ruleLines = ({ rule, source }: Rule): readonly string[] => [
  `  rule: ${rule}`,
  `        [${source}]`,
];

/** The page as text, a blank line between sections. */
export const print = (sections: readonly Section[]): string =>
  sections.map(({ title, rows, rules = [] }) =>
    [
      title,
      ...aligned(rows).map((line) => `  ${line}`),
      ...rules.flatMap(ruleLines),
    ].join("\n") + "\n"
  ).join("\n");
