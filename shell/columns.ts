/**
 * Text in columns.
 *
 * @module
 */

/** Rows of cells as lines, each column as wide as its widest cell. */
export const columns = (
  rows: readonly (readonly string[])[],
): readonly string[] => {
  const widths = (rows[0] ?? []).map((_, column) =>
    rows.reduce((most, row) => Math.max(most, row[column]?.length ?? 0), 0)
  );
  return rows.map((row) =>
    row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join("  ")
      .trimEnd()
  );
};
