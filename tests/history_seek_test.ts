import { assert, assertEquals } from "@std/assert";
import type { Condition } from "../core/history/condition.ts";
import { digest } from "../core/history/digest.ts";
import {
  byEvent,
  byStep,
  forward,
  type History,
  opened,
  seek,
} from "../core/history/history.ts";
import { gapAt, stride_steps } from "../core/history/kept.ts";
import { playTo, startOf, type Tape } from "../core/history/play.ts";
import { step } from "../core/step.ts";
import type { World } from "../core/world.ts";
import { tapeOf } from "./history_tapes.ts";

const guests = [
  "alias",
  "echo",
  "fault",
  "forms",
  "fpsimd",
  "hello",
  "isv0",
  "mmu",
  "rsi",
  "rtc",
  "soak",
  "spin",
] as const;

const steps_max = 60_000;

/** The worlds before each event, by the step function alone. */
const worldsOf = (tape: Tape): readonly World[] => {
  const worlds = [tape.start];
  for (const event of tape.events) {
    worlds.push(step(worlds.at(-1)!, event).world);
  }
  return worlds;
};

const where = ({ now }: History): readonly unknown[] => [
  now.event,
  now.turn,
  now.steps,
  digest(now.world),
];

for (const guest of guests) {
  Deno.test(`seek() on ${guest} comes to the worlds step() comes to, forward and back`, async () => {
    const tape = await tapeOf(guest, steps_max);
    const worlds = worldsOf(tape);
    const last = tape.events.length;
    let history = seek(opened(tape), { event: last });
    const events = [last, 0, Math.floor(last / 2), last - 1, 1, last, 2];
    for (const event of events) {
      history = seek(history, { event });
      assertEquals([history.now.event, history.now.turn], [event, 0]);
      assertEquals(digest(history.now.world), digest(worlds[event]!));
    }
  });

  Deno.test(`byStep() on ${guest} forward N and back N is where it began`, async () => {
    const tape = await tapeOf(guest, steps_max);
    const { steps: end } = playTo(tape, startOf(tape), {});
    for (const from of [0, 1, 700, end - 1500, end - 1]) {
      if (from < 0) continue;
      const there = seek(opened(tape), { steps: from });
      for (const by of [1, 2, stride_steps - 1, stride_steps, 1200]) {
        const forth = byStep(there, by);
        const moved = forth.now.steps - there.now.steps;
        assertEquals(moved, Math.min(by, end - there.now.steps));
        assertEquals(where(byStep(forth, -moved)), where(there));
      }
    }
  });

  Deno.test(`byEvent() on ${guest} forward N and back N is where it began`, async () => {
    const tape = await tapeOf(guest, steps_max);
    const last = tape.events.length;
    for (const from of [0, 1, Math.floor(last / 2), last - 1]) {
      const there = seek(opened(tape), { event: from });
      for (const by of [1, 2, 5, 100]) {
        const forth = byEvent(there, by);
        const moved = forth.now.event - from;
        assertEquals(moved, Math.min(by, last - from));
        assertEquals(where(byEvent(forth, -moved)), where(there));
      }
    }
  });
}

Deno.test("byStep() passes every instruction of a Run, forward and back", async () => {
  const tape = await tapeOf("mmu", 3_000);
  let history = opened(tape);
  const seen: bigint[] = [];
  for (let at = 0; at < 2_000; at++) {
    seen.push(digest(history.now.world));
    history = byStep(history, 1);
  }
  for (let at = 1_999; 0 <= at; at--) {
    history = byStep(history, -1);
    assertEquals(history.now.steps, at);
    assertEquals(digest(history.now.world), seen[at]);
  }
});

Deno.test("byEvent() from inside a Run goes back to its beginning", async () => {
  const tape = await tapeOf("soak", 10_000);
  const event = tape.events.findIndex(({ tag }) => tag === "Run");
  const start = seek(opened(tape), { event });
  const inside = byStep(start, 2);
  assertEquals([inside.now.event, inside.now.turn], [event, 2]);
  assertEquals(where(byEvent(inside, -1)), where(start));
});

Deno.test("seek() forward leaves worlds no further apart than gapAt() says", async () => {
  const tape = await tapeOf("soak", 3_000_000);
  const { kept, now } = seek(opened(tape), { event: Infinity });
  kept.slice(0, -1).forEach(({ steps }, index) => {
    const gap = kept[index + 1]!.steps - steps;
    const distance = now.steps - steps;
    assert(gap <= gapAt(distance), `${gap} at distance ${distance}`);
  });
});

Deno.test("seek() keeps few worlds wherever it goes", async () => {
  const tape = await tapeOf("soak", 3_000_000);
  let history = seek(opened(tape), { event: Infinity });
  const end = history.now.steps;
  for (const steps of [end, end - 1, 1_000_000, 0, 2_500_000]) {
    history = seek(history, { steps });
    assertEquals(history.now.steps, steps);
    assertEquals(history.kept[0]?.steps, 0);
    // 8 gaps or so to every doubling of the distance, on both sides.
    const most = 2 * 2 * 8 * Math.log2(end / stride_steps);
    assert(history.kept.length <= most, `${history.kept.length} kept`);
  }
});

Deno.test("seek() back by any distance plays no more than gapAt() of it", async () => {
  const tape = await tapeOf("soak", 3_000_000);
  const end = seek(opened(tape), { event: Infinity });
  for (let by = 1; by < end.now.steps; by *= 3) {
    const back = byStep(end, -by);
    assertEquals(back.now.steps, end.now.steps - by);
    const played = back.played - end.played;
    assert(played <= 2 * gapAt(by), `${by} back played ${played}`);
  }
});

Deno.test("forward() leaves worlds behind that make going back as cheap as seek() does", async () => {
  const tape = await tapeOf("soak", 3_000_000);
  const condition: Condition = { tag: "Event", event: "VmmHandle" };
  let history = opened(tape);
  for (;;) {
    const { found, history: next } = forward(history, condition);
    if (!found) break;
    history = next;
  }
  const back = byStep(history, -1);
  assert(back.played - history.played <= 2 * stride_steps);
});
