import { assert, assertEquals } from "@std/assert";
import {
  absorbBatch,
  expandOrder,
  orderFor,
  replica,
} from "../core/explore/batch.ts";
import {
  endLevel,
  type Exploration,
  explore,
  type Findings,
  findings,
  openSearch,
} from "../core/explore/search.ts";
import { openSpace } from "../core/explore/space.ts";
import { type Choices, enumerate, exploration } from "./explore_world.ts";

const spaces: readonly (readonly [string, Choices, number])[] = [
  ["default", {}, 1000],
  ["default", { recs: 2 }, 12],
  ["cpu-on,affinity,cpu-off,hostcall,read,correct", { recs: 2 }, 15],
  ["system-off,cpu-on,irq,correct", { recs: 2 }, 1000],
  ["read,write,irq,hostile", { recs: 2 }, 6],
  ["read,ldp,run-immediate,correct,ioctls", { kvm: "v14" }, 9],
];

for (const [names, choices, depth] of spaces) {
  Deno.test(`explore() counts what a naive enumeration counts: ${names} ${JSON.stringify(choices)} to ${depth}`, () => {
    const naive = enumerate(names, choices, depth);
    const found = explore({
      ...exploration(names, choices, { depth }),
      invariants: [],
    });
    // A level that is only found is not expanded, by either.
    assertEquals(
      {
        unique: found.unique,
        transitions: found.transitions,
        depth: found.depth,
      },
      {
        unique: naive.unique,
        transitions: naive.transitions,
        depth: naive.levels.length - 1,
      },
    );
    const complete = naive.levels.length <= depth;
    assertEquals(found.reach?.tag, complete ? "Complete" : "Bounded");
  });
}

/** Explores as `count` workers would, each with tables of its own. */
const exploreIn = (
  count: number,
  plan: Exploration,
  piece: number,
): Findings => {
  const search = openSearch(plan);
  const { recs, actions, invariants } = search.space;
  const hands = Array.from({ length: count }, () => ({
    place: replica(openSpace(recs, actions, invariants)),
    known: new Set<number>(),
    assigned: [] as readonly number[],
  }));
  while (search.reach === null) {
    const from = search.head;
    const to = Math.min(search.level, from + piece * count);
    const share = Math.ceil((to - from) / count);
    const batches = hands.map(({ place, known, assigned }, index) => {
      const first = Math.min(to, from + share * index);
      const last = Math.min(to, first + share);
      return expandOrder(
        place,
        orderFor(search, first, last, known, assigned),
      );
    });
    search.head = to;
    batches.forEach((batch, index) => {
      const hand = hands[index];
      if (hand !== undefined) hand.assigned = absorbBatch(search, batch);
    });
    endLevel(search);
  }
  return findings(search);
};

const plans: readonly Exploration[] = [
  exploration("default", { recs: 2 }, { states: 4_000 }),
  exploration("default", { recs: 2 }, { depth: 12 }),
  exploration("cpu-on,system-off,irq,correct", { recs: 2 }),
  exploration("default,run-immediate,set-x0", { recs: 2 }),
];

for (const [index, plan] of plans.entries()) {
  Deno.test(`expandOrder() and absorbBatch() find the same whatever the number of workers, plan ${index}`, () => {
    const alone = explore(plan);
    for (const [count, piece] of [[1, 7], [2, 50], [3, 1_000]] as const) {
      assertEquals(exploreIn(count, plan, piece), alone);
    }
  });
}

Deno.test("explore() says complete, bounded or stopped, and never less than it looked", () => {
  const plan = exploration("read,correct", {});
  assertEquals(explore(plan).reach, { tag: "Complete" });
  const bounds = { ...plan.bounds, depth: 3 };
  assertEquals(explore({ ...plan, bounds }).reach, {
    tag: "Bounded",
    depth: 3,
  });
  const few = explore({ ...plan, bounds: { ...plan.bounds, states: 5 } });
  assertEquals(few.reach, { tag: "Stopped", by: "states" });
  const small = explore({ ...plan, bounds: { ...plan.bounds, bytes: 1 } });
  assertEquals(small.reach, { tag: "Stopped", by: "memory" });
  assert(small.unique >= 1);
});

Deno.test("explore() holds for sync with rmm-2.0 where the whole space is small", () => {
  for (
    const names of ["default", "calls,correct,irq", "read,ldp,hostile,irq"]
  ) {
    const found = explore(exploration(names));
    assertEquals([names, found.reach, found.violation], [
      names,
      { tag: "Complete" },
      null,
    ]);
  }
});
