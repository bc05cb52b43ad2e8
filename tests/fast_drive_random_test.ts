import { assert, assertEquals } from "@std/assert";
import { driveFor } from "./fast_drive_compare.ts";
import { driverOf, report, trial } from "./fast_drive_program.ts";

const programs = 60;
const first_seed = 1;

for (const hot of [0, 2]) {
  const tier = hot === 0 ? "handlers" : "regions";
  Deno.test(`driveOn() is the fold of step() on random drivers, in ${tier}`, () => {
    // One engine for all: what it remembers of one program must not show in the next.
    const drive = driveFor(driverOf(first_seed).world, hot);
    let accesses = 0;
    for (let seed = first_seed; seed < first_seed + programs; seed++) {
      const { end, wrong } = trial(drive, driverOf(seed).world, seed);
      const line = wrong === null
        ? null
        : report((world) => driveFor(world, hot), seed, wrong);
      assertEquals(line, null);
      accesses += end.events.RecEnter ?? 0;
    }
    assert(programs < accesses);
  });
}
