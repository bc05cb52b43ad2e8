/**
 * The command line of recrun: a guest that can start at once is started before
 * the rest is loaded.
 *
 * @module
 */

import { headStart } from "./head.ts";
import { later } from "./later.ts";
import { readInput, writeAll } from "./streams.ts";

/** The root of recrun's modules, which are read when they are needed. */
const root = new URL("..", import.meta.url);

/** True where Deno lets them be read; those that come from a server need no leave. */
const canRead = (): boolean =>
  root.protocol !== "file:" ||
  Deno.permissions.querySync({ name: "read", path: root }).state === "granted";

const refuse = (): never => {
  const line =
    `recrun: expected --allow-read for ${root.pathname}, where its modules are, but found none\n`;
  writeAll(Deno.stderr, new TextEncoder().encode(line));
  Deno.exit(2);
};

if (import.meta.main) {
  if (!canRead()) refuse();
  const head = headStart(Deno.args, {
    read: Deno.readFileSync,
    input: readInput,
    out: (bytes) => writeAll(Deno.stdout, bytes),
  });
  const { runHere } = await later<typeof import("./program.ts")>(
    "./program.ts",
  );
  const code = await runHere(Deno.args, head);
  Deno.exit(code); // at once: nothing is left to take apart
}
