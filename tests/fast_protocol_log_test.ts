import { assertEquals } from "@std/assert";
import type { Event } from "../core/world.ts";
import {
  type Failure,
  random,
  report,
  runLogs,
  shrink,
  tokenOf,
} from "./fast_protocol_logs.ts";
import { worldOf } from "./fast_protocol_world.ts";

/** Printed with every failure; the long run is `deno task soak:protocol`. */
const seed = 20261123;

Deno.test("the fast protocol equals step() on random logs, hostile flags and stale answers among them", () => {
  const { trips, codes } = runLogs(seed, 4000, 120);
  const [done = 0, refused = 0, slow = 0] = codes;
  assertEquals(4000 <= trips, true);
  // Every answer is reached, and the slow one stays the exception.
  assertEquals(1000 < refused, true);
  assertEquals(0 < slow && 4 * slow < done, true);
});

Deno.test("random() gives the same numbers for the same seed and others for another", () => {
  const words = (from: number): readonly bigint[] => {
    const r = random(from);
    return [r.word(), r.word(), r.word()];
  };
  assertEquals(words(1), words(1));
  assertEquals(words(1).some((word) => words(2).includes(word)), false);
});

const irq: Event = { tag: "Irq", rec: 0 };
const fiq: Event = { tag: "Fiq", rec: 0 };
const ticks = (seconds: number): Event => ({ tag: "Tick", seconds });

Deno.test("shrink() leaves the events without which nothing is wrong", () => {
  const events = [ticks(1), irq, ticks(2), ticks(3), fiq, ticks(4), ticks(5)];
  const failure: Failure = { log: { start: worldOf(), events }, what: "long" };
  const shrunk = shrink(failure, ({ events: left }) => {
    const at = left.indexOf(irq);
    return 0 <= at && left.includes(fiq, at) ? "both" : null;
  });
  assertEquals(shrunk.log.events, [irq, fiq]);
  assertEquals(shrunk.what, "both");
});

Deno.test("report() names seed, log and length and writes the events", () => {
  const failure = { log: { start: worldOf(), events: [irq] }, what: "wrong" };
  assertEquals(
    report(tokenOf(7, 3, 120), failure),
    'replay token 7:3:120\n{"tag":"Irq","rec":0}\nwrong',
  );
});
