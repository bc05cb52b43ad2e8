import { assert, assertEquals } from "@std/assert";
import { invariantNamed } from "../core/explore/invariants.ts";
import type { Invariant } from "../core/explore/invariant.ts";
import { breachOf, eventsOf, shrunk } from "../core/explore/replay.ts";
import { explore } from "../core/explore/search.ts";
import { type Choices, exploration, startWorld } from "./explore_world.ts";

/** Worlds that break an invariant, and the road to it: what KVM's history and kvm.md say. */
const found: readonly (readonly [
  what: string,
  names: string,
  choices: Choices,
  id: string,
  road: string,
])[] = [
  [
    "a big-endian realm's store reaches the device swapped (kvm.md D17)",
    "read,write-be,correct",
    {},
    "V6",
    "run enter write-be exit",
  ],
  [
    "KVM_SET_ONE_REG changes what a realm loads (kvm.md D20)",
    "read,correct,run-immediate,set-x0",
    {},
    "V6",
    "run enter read exit complete run-immediate set-x0 run enter",
  ],
  [
    "an access that was performed is refused (kvm.md D5)",
    "read,correct,run-immediate,ext-dabt",
    { kvm: "v14" },
    "V1",
    "run enter read exit complete run-immediate ext-dabt run enter",
  ],
  [
    "an access is skipped that nobody performed (kvm.md D2)",
    "read,correct,clear-reason,ignore",
    { kvm: "rfc-v1" },
    "V1",
    "run enter read exit clear-reason ignore enter",
  ],
  [
    "a load takes a stale answer (kvm.md D2)",
    "read,correct,clear-reason",
    { kvm: "rfc-v1" },
    "V6",
    "run enter read exit complete clear-reason run enter",
  ],
  [
    "an access without a syndrome ends the VM (kvm.md D7)",
    "ldp,correct",
    { kvm: "v2" },
    "S6",
    "run enter ldp exit",
  ],
  [
    "a CPU_ON is lost that meets a CPU_OFF KVM has not handled yet: the RMM turns the REC on, KVM its vCPU off",
    "cpu-on,cpu-off,correct",
    { recs: 2 },
    "L2",
    "run enter cpu-on exit enter cpu-on run enter cpu-off exit enter cpu-off exit exit",
  ],
];

for (const [what, names, choices, id, road] of found) {
  Deno.test(`explore() finds that ${what}, and shrunk() keeps it`, () => {
    const plan = exploration(names, choices);
    const { violation } = explore(plan);
    assertEquals(violation?.invariant.id, id);
    const moves = violation?.moves ?? [];
    const names_found = moves.map(({ action }) => plan.actions[action]?.name);
    assertEquals(names_found.join(" "), road);
    const row = invariantNamed(id) as Invariant;
    const events = eventsOf(plan.start, plan.actions, moves);
    const kept = shrunk(plan.start, events, row);
    assertEquals(breachOf(plan.start, kept, row)?.at, kept.length - 1);
    for (const [at] of kept.entries()) {
      assertEquals(breachOf(plan.start, kept.toSpliced(at, 1), row), null);
    }
  });
}

Deno.test("shrunk() drops what the violation does not need", () => {
  const plan = exploration("read,write-be,irq,rx,correct", {});
  const row = invariantNamed("V6") as Invariant;
  const index = (name: string): number =>
    plan.actions.findIndex((action) => action.name === name);
  const detour =
    "rx run enter irq exit enter read exit complete run enter irq " +
    "exit enter write-be exit complete run enter";
  const moves = detour.split(" ").map((name) => ({
    action: index(name),
    rec: name === "rx" ? -1 : 0,
  }));
  const events = eventsOf(plan.start, plan.actions, moves);
  assert(breachOf(plan.start, events, row) !== null);
  assertEquals(shrunk(plan.start, events, row).map(({ tag }) => tag), [
    "KvmRun",
    "RecEnter",
    "Script",
    "Dabt",
    "RecExit",
  ]);
});

Deno.test("breachOf() refuses events that are out of place", () => {
  const row = invariantNamed("V6") as Invariant;
  const events = [{ tag: "RecExit", rec: 0 }] as const;
  assertEquals(breachOf(startWorld(), events, row), null);
});
