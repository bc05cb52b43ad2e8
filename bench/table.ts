/**
 * Tables on a terminal, and what they were measured on.
 *
 * @module
 */

/** Prints a line. */
export const print = (line: string): void => {
  // deno-lint-ignore no-console -- a program for a terminal
  console.log(line);
};

/** Prints a row of cells of one width. */
export const row = (cells: readonly string[], width: number): void =>
  print(`| ${cells.map((cell) => cell.padStart(width)).join(" | ")} |`);

/** Prints the head of a table. */
export const head = (cells: readonly string[], width: number): void => {
  row(cells, width);
  row(cells.map(() => "---:"), width);
};

/** Prints the runtime, and the peer's command line, or that it is skipped. */
export const machine = (peer: readonly string[] | null): void => {
  const { deno, v8 } = Deno.version;
  print(`Deno ${deno}, V8 ${v8}, ${Deno.build.target}`);
  print(
    peer === null
      ? "qemu-system-aarch64 is not installed: what is against it is skipped"
      : `peer: ${peer.join(" ")}`,
  );
};
