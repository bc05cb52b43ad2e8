/**
 * The command line of recrun: a guest that can start at once is started before
 * the rest is loaded.
 *
 * @module
 */

import { headStart } from "./head.ts";
import { later } from "./later.ts";
import { readInput, writeAll } from "./streams.ts";

if (import.meta.main) {
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
