import { assert, assertEquals } from "@std/assert";
import { aliasBit, hpfarOfIpa } from "../core/arch/address.ts";
import { invariants, unexpressed } from "../core/explore/invariants.ts";
import { fresh } from "../core/explore/ghost.ts";
import { type Transition, transition } from "../core/explore/transition.ts";
import { isDeadlock } from "../core/explore/invariants/liveness.ts";
import { profiles } from "../core/rmm/profile.ts";
import { step } from "../core/step.ts";
import type { World } from "../core/world.ts";
import { breaks } from "./explore_breaks.ts";
import { enumerate, startWorld } from "./explore_world.ts";

/** An entry by a host that is not honest: its run page was spoilt: RMM 1.0 looks at the vGIC state. */
const spoiltVgic = (): Transition => {
  const start = startWorld({ rmm: profiles["rmm-1.0"] });
  const begun = step(start, { tag: "KvmRun", rec: 0, immediate_exit: false });
  const run = begun.world.runs[0] as World["runs"][number];
  const enter = { ...run.enter, gicv3_hcr: 1n };
  const before = { ...begun.world, runs: [{ ...run, enter }] };
  const event = { tag: "RecEnter", rec: 0 } as const;
  const ghost = { ...fresh, honest: false };
  return transition(before, event, step(before, event), ghost);
};

/** Steps in which every invariant has its say. */
const pool: readonly Transition[] = [
  ...enumerate("accesses,correct,irq,rx", {}, 1000, 900).steps,
  ...enumerate(
    "read,write,read-zr,ldp,private,ram,icc-read,system-off,irq,hostile",
    {},
    1000,
    900,
  ).steps,
  ...enumerate(
    "read,cpu-on,affinity,irq,correct,rmi-enter",
    { recs: 2 },
    1000,
    900,
  )
    .steps,
  ...enumerate("read,fail-enter,correct,rmi-emul", {}, 1000, 200).steps,
  spoiltVgic(),
];

for (const { id, rule, check } of invariants) {
  Deno.test(`${id} holds where it speaks, and is broken by one wrong thing: ${rule}`, () => {
    const said = pool.filter((t) => check(t) !== null);
    for (const t of said) assertEquals(check(t), true);
    const broken = breaks[id];
    assert(broken !== undefined, `no broken step for ${id}`);
    assert(said.length > 0, `${id} never speaks`);
    const caught = said.find((t) => typeof check(broken(t)) === "string");
    assert(caught !== undefined, `${id} does not notice`);
  });
}

Deno.test("invariants and unexpressed name each invariant once, and 49 of 52 are expressed", () => {
  const families = { C: 12, I: 23, S: 6, V: 7, L: 4, M: 4 };
  const every = Object.entries(families).flatMap(([letter, count]) =>
    Array.from({ length: count }, (_, index) => `${letter}${index + 1}`)
  );
  const named = [
    ...invariants.map(({ id }) => id),
    ...unexpressed.map(([id]) => id),
  ];
  assertEquals(named.toSorted(), every.toSorted());
  assertEquals(invariants.filter(({ id }) => !id.startsWith("M")).length, 49);
});

Deno.test("isDeadlock() is false while any vCPU can go on and when all are off by their own will", () => {
  const world = startWorld({ recs: 2 });
  assertEquals(isDeadlock(world), false);
  const off = world.host.vcpus.map((vcpu) => ({
    ...vcpu,
    stopped: true,
    owed: "PowerOn" as const,
  }));
  const asleep = { ...world, host: { ...world.host, vcpus: off } };
  assertEquals(isDeadlock(asleep), true);
  const recs = world.rmm.recs.map((rec) => ({ ...rec, runnable: false }));
  const { rmm } = world;
  assertEquals(isDeadlock({ ...asleep, rmm: { ...rmm, recs } }), false);
});

Deno.test("I15 kills an RMM that keeps ISV of a Protected abort (TF-RMM 303ee028)", () => {
  const rmm = { ...profiles["rmm-2.0"], saved_isv_follows: false };
  const start = startWorld({ rmm });
  const inside = ["KvmRun", "RecEnter"].reduce<World>(
    (world, tag) =>
      step(
        world,
        tag === "KvmRun"
          ? { tag, rec: 0, immediate_exit: false }
          : { tag: "RecEnter", rec: 0 },
      ).world,
    start,
  );
  const ipa = 0x4010_0000n;
  assert(ipa < aliasBit(40));
  const event = {
    tag: "Dabt",
    rec: 0,
    esr: 0x9381_0007n,
    far: ipa,
    hpfar: hpfarOfIpa(ipa),
  } as const;
  const t = transition(inside, event, step(inside, event), fresh);
  const i15 = invariants.find(({ id }) => id === "I15");
  assertEquals(typeof i15?.check(t), "string");
});
