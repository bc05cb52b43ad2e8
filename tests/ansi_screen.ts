/**
 * A terminal without a terminal: interprets the escape sequences the view
 * uses and holds what would be on the screen.
 *
 * @module
 */

/** What would be seen: characters, and the SGR parameters of each. */
export interface Seen {
  readonly rows: readonly string[];
  readonly styles: readonly (readonly string[])[];
  /** The cursor never left the screen and nothing scrolled or wrapped. */
  readonly inside: boolean;
}

/** Writes `text` to an empty terminal of `columns` by `rows`. */
export const seen = (
  text: string,
  { columns, rows }: { readonly columns: number; readonly rows: number },
): Seen => {
  const chars = Array.from(
    { length: rows },
    () => Array.from({ length: columns }, () => " "),
  );
  const styles = Array.from(
    { length: rows },
    () => Array.from({ length: columns }, () => "0"),
  );
  let [row, column, style, inside] = [0, 0, "0", true];
  // deno-lint-ignore no-control-regex
  const pieces = text.matchAll(/\x1b\[([?0-9;]*)([A-Za-z])|([^\x1b])/gu);
  for (const [, parameters = "", final, char] of pieces) {
    if (final === "H") {
      const [r = "1", c = "1"] = parameters.split(";");
      [row, column] = [Number(r) - 1, Number(c) - 1];
    } else if (final === "m") {
      style = parameters === "" ? "0" : parameters;
    } else if (final === "K") {
      if (row < rows) chars[row]?.fill(" ", column);
    } else if (final === undefined && char !== undefined) {
      const fits = row < rows && column < columns && " " <= char;
      inside &&= fits;
      if (fits) {
        chars[row]![column] = char;
        styles[row]![column] = style;
      }
      column += 1;
    }
  }
  return { rows: chars.map((line) => line.join("")), styles, inside };
};
