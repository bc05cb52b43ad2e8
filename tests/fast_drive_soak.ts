/**
 * The long search for a drive that differs from the fold: `deno task
 * soak:drive [accesses] [first seed]`. Prints the seed it starts from and, of a
 * difference, the seed and a smaller program.
 *
 * @module
 */

import { driveFor } from "./fast_drive_compare.ts";
import { driverOf, report, trial } from "./fast_drive_program.ts";

const print = (line: string): void => {
  // deno-lint-ignore no-console -- a program for a terminal
  console.log(line);
};

const [least = 1_000_000, first = 1000] = Deno.args.map(Number);

const drives = [0, 2, 20].map((hot) => ({
  hot,
  drive: driveFor(driverOf(first).world, hot),
}));

print(`seeds from ${first}, ${least} accesses or more`);
let accesses = 0;
let seed = first;
let different = 0;
for (; accesses < least && different < 5; seed++) {
  for (const { hot, drive } of drives) {
    const { end, wrong } = trial(drive, driverOf(seed).world, seed);
    accesses += end.events.Dabt ?? 0;
    if (wrong === null) continue;
    different++;
    print(`regions after ${hot} jumps`);
    print(report((world) => driveFor(world, hot), seed, wrong));
  }
}
print(`${seed - first} programs, ${accesses} accesses, ${different} different`);
if (different > 0) Deno.exit(1);
