import { assertEquals } from "@std/assert";
import { engineFor } from "./fast_engine_compare.ts";
import { report, trial } from "./fast_engine_hunt.ts";
import { programOf } from "./fast_engine_program.ts";

const programs = 60;
const first_seed = 1;

for (const hot of [0, 2]) {
  const tier = hot === 0 ? "handlers" : "regions";
  Deno.test(`runOn() equals run() on random programs, in ${tier}`, () => {
    // One engine for all: what it remembers of one program must not show in the next.
    const e = engineFor(programOf(first_seed).world, hot);
    for (let seed = first_seed; seed < first_seed + programs; seed++) {
      const { found } = trial(e, programOf(seed).world, seed);
      const line = found === null
        ? null
        : report((world) => engineFor(world, hot), seed, found);
      assertEquals(line, null);
    }
  });
}
