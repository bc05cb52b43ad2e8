/**
 * A grid of names by encoding: one line per `prefix: name name ...`, where the
 * names stand for op2 = 0, 1, 2 and so on, and `-` for none.
 *
 * @module
 */

/** Reads a grid into names by `prefix op2`. */
export const grid = (text: string): Readonly<Record<string, string>> =>
  Object.fromEntries(
    text.trim().split("\n").flatMap((row) => {
      const [prefix = "", names = ""] = row.split(":");
      return names.trim().split(" ").flatMap((name, op2) =>
        name === "-" ? [] : [[`${prefix.trim()} ${op2}`, name]]
      );
    }),
  );
