/**
 * Time travel, timed: what a step back costs at the end of a long recording
 * beside playing it from its start, and what a digest and a recording cost.
 *
 * Run with `deno run --allow-read bench/history.ts [EVENTS]`.
 *
 * @module
 */

import { rxRoom } from "../core/device/bus.ts";
import { digest } from "../core/history/digest.ts";
import { byEvent, byStep, opened, seek } from "../core/history/history.ts";
import type { Tape } from "../core/history/play.ts";
import { next } from "../core/schedule.ts";
import { step } from "../core/step.ts";
import type { Event, World } from "../core/world.ts";
import { print } from "./table.ts";
import { bootedWith } from "./world.ts";

const events_count = Number(Deno.args[0] ?? 1_000_000);

const started = (): World => bootedWith("../tests/guests/echo.elf");

/** The echo guest reading letters for ever. */
const recorded = (): Tape => {
  const start = started();
  const events: Event[] = [];
  let world = start;
  while (events.length < events_count) {
    const event: Event | null = 0 < rxRoom(world.bus)
      ? { tag: "UartRx", bytes: [0x61 + events.length % 16] }
      : next(world, 0, 1_000_000);
    if (event === null) throw new Error("the guest stopped");
    events.push(event);
    world = step(world, event).world;
  }
  return { start, events };
};

const timed = <T>(what: string, work: () => T): readonly [T, number] => {
  const from = performance.now();
  const result = work();
  const ms = performance.now() - from;
  print(`${ms.toFixed(1).padStart(10)} ms  ${what}`);
  return [result, ms];
};

const main = (): void => {
  const [tape] = timed(`run ${events_count} events of echo`, recorded);
  const [end, whole] = timed(
    "replay them from the start",
    () => seek(opened(tape), { event: events_count }),
  );
  print(
    `${
      "".padStart(10)
    }     ${end.now.steps} steps, ${end.kept.length} worlds kept`,
  );
  let worst = 0;
  for (const by of [1, 2, 10, 100, 1_000, 10_000, 100_000]) {
    const [back, ms] = timed(
      `step back ${by} events`,
      () => byEvent(end, -by),
    );
    worst = Math.max(worst, ms);
    print(
      `${"".padStart(10)}     ${back.played - end.played} steps played`,
    );
  }
  timed("step back 1 instruction or event", () => byStep(end, -1));
  print(
    `the slowest step back took 1/${
      Math.floor(whole / worst)
    } of replaying from the start`,
  );
  timed("replay 100000 events with a digest after each", () => {
    let world = tape.start;
    for (const event of tape.events.slice(0, 100_000)) {
      world = step(world, event).world;
      digest(world);
    }
  });
};

main();
