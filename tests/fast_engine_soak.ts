/**
 * The long search for a difference: `deno task soak:engine [instructions]
 * [first seed]`. Prints the seed it starts from and, of a difference, the seed
 * and a smaller program.
 *
 * @module
 */

import { engineFor } from "./fast_engine_compare.ts";
import { report, trial } from "./fast_engine_hunt.ts";
import { programOf } from "./fast_engine_program.ts";

const print = (line: string): void => {
  // deno-lint-ignore no-console -- a program for a terminal
  console.log(line);
};

const [instructions = 10_000_000, first = 1000] = Deno.args.map(Number);

const engines = [0, 2, 20].map((hot) => ({
  hot,
  e: engineFor(programOf(first).world, hot),
}));

print(`seeds from ${first}, ${instructions} instructions or more`);
let retired = 0;
let seed = first;
let different = 0;
for (; retired < instructions && different < 5; seed++) {
  for (const { hot, e } of engines) {
    const ran = trial(e, programOf(seed).world, seed);
    retired += ran.retired;
    if (ran.found === null) continue;
    different++;
    print(`regions after ${hot} jumps`);
    print(report((world) => engineFor(world, hot), seed, ran.found));
  }
}
print(
  `${seed - first} programs, ${retired} instructions, ${different} different`,
);
if (different > 0) Deno.exit(1);
