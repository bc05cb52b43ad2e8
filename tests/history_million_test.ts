import { assert, assertEquals } from "@std/assert";
import { digest } from "../core/history/digest.ts";
import { byEvent, opened, seek } from "../core/history/history.ts";
import type { Tape } from "../core/history/play.ts";
import { step } from "../core/step.ts";
import type { Event } from "../core/world.ts";
import { tapeOf } from "./history_tapes.ts";

/** Interrupts for ever: the REC is entered and comes out, 333,333 times. */
const round: readonly Event[] = [
  { tag: "RecEnter", rec: 0 },
  { tag: "Irq", rec: 0 },
  { tag: "RecExit", rec: 0 },
];

const million = 1_000_000;

Deno.test("byEvent() back at event 1,000,000 plays less than a tenth of the recording", async () => {
  const { start } = await tapeOf("hello", 10);
  const begun = step(start, { tag: "KvmRun", rec: 0, immediate_exit: false });
  const tape: Tape = {
    start: begun.world,
    events: Array.from({ length: million }, (_, n) => round[n % 3]!),
  };
  const end = seek(opened(tape), { event: million });
  assertEquals(end.now.event, million);
  assertEquals(end.played, million);
  for (const by of [1, 2, 10, 1_000, 100_000]) {
    const back = byEvent(end, -by);
    assertEquals(back.now.event, million - by);
    const played = back.played - end.played;
    assert(played < million / 10, `${by} back played ${played}`);
    if (by <= 1_000) assert(played <= 1_024, `${by} back played ${played}`);
    const again = byEvent(back, by);
    assertEquals(digest(again.now.world), digest(end.now.world));
  }
});
