import { assert, assertEquals, assertNotEquals } from "@std/assert";
import { collapse, number } from "../core/explore/collapse.ts";
import {
  isUntouched,
  join,
  recPart,
  sharedPart,
} from "../core/explore/part.ts";
import { reachesOthers } from "../core/explore/reach.ts";
import { same } from "../core/explore/same.ts";
import { ghostsOf } from "../core/explore/replay.ts";
import type { Vcpu } from "../core/host/state.ts";
import { step } from "../core/step.ts";
import type { World } from "../core/world.ts";
import { enumerate, startWorld } from "./explore_world.ts";

const leaves = [0, 1, 0n, 1n, "", "0", "1", ",", true, false, null, undefined];

/** Every value of a small grammar: leaves, and lists and records of up to two of them. */
const values: readonly unknown[] = [
  ...leaves,
  [],
  {},
  ...leaves.flatMap((a) => [[a], { a }, { b: a }, [[a]], [{ a }]]),
  ...leaves.flatMap((a) => leaves.flatMap((b) => [[a, b], { a, b }])),
  Uint8Array.of(),
  Uint8Array.of(0),
  Uint8Array.of(48, 44),
];

Deno.test("number() is equal for equal values and differs for different ones", () => {
  const tables = collapse();
  const ids = values.map((value) => number(tables, value));
  assertEquals(new Set(ids).size, values.length);
  const again = values.map((value) => number(tables, structuredClone(value)));
  assertEquals(again, ids);
  values.forEach((value, index) =>
    assertEquals(tables.values[ids[index] ?? -1], value)
  );
});

Deno.test("number() does not see the order in which an object was built", () => {
  const tables = collapse();
  assertEquals(
    number(tables, { a: 1, b: { c: 2, d: 3 } }),
    number(tables, { b: { d: 3, c: 2 }, a: 1 }),
  );
  assertNotEquals(number(tables, [1, 2]), number(tables, [2, 1]));
});

Deno.test("join() puts together what recPart() and sharedPart() took apart", () => {
  const world = startWorld({ recs: 3 });
  const node = { world, ghosts: ghostsOf(world) };
  const parts = [0, 1, 2].map((rec) => recPart(node, rec));
  const still = world.host.vcpus.map((vcpu) => ({ ...vcpu, pc: 0n }));
  assertEquals(join(sharedPart(world), parts), {
    ghosts: node.ghosts,
    world: { ...world, host: { ...world.host, vcpus: still } },
  });
});

const steps = enumerate(
  "default,calls,run-immediate,ldrsb,rmi-emul",
  { recs: 2 },
  1000,
  700,
).steps;

const withVcpus = (world: World, change: (vcpu: Vcpu) => Vcpu): World => ({
  ...world,
  host: { ...world.host, vcpus: world.host.vcpus.map(change) },
});

const still = (world: World): World =>
  withVcpus(world, (vcpu) => ({ ...vcpu, pc: 0n, warns: 0 }));

Deno.test("step() does not depend on KVM's copy of the PC or its count of warnings", () => {
  for (const { before, event, after } of steps) {
    const other = withVcpus(before, (vcpu) => ({
      ...vcpu,
      pc: vcpu.pc + 0x1234_0000n,
      warns: vcpu.warns + 3,
    }));
    assert(same(still(step(other, event).world), still(after)), event.tag);
  }
});

/** The world with REC `rec` in another state altogether, but for what a glance may see. */
const unlikely = (world: World, rec: number): World => {
  const there = disturbed(world, rec);
  const { stopped } = world.host.vcpus[rec]!;
  const { running, runnable } = world.rmm.recs[rec]!;
  const { rmm, host } = there;
  const vcpu = { ...host.vcpus[rec]!, stopped };
  const state = { ...rmm.recs[rec]!, running, runnable };
  return {
    ...there,
    rmm: { ...rmm, recs: rmm.recs.with(rec, state) },
    host: { ...host, vcpus: host.vcpus.with(rec, vcpu) },
  };
};

/** The world with REC `rec` in another state altogether. */
const disturbed = (world: World, rec: number): World => {
  const { realm, rmm, runs, host } = world;
  const other = startWorld({ recs: 2 });
  const state = { ...rmm.recs[rec], runnable: true, psci_pending: true };
  const vcpu = { ...other.host.vcpus[rec], stopped: true, owed: "Nothing" };
  return {
    ...world,
    realm: {
      ...realm,
      recs: realm.recs.with(rec, { ...realm.recs[rec]!, pc: 0xdeadn }),
    },
    rmm: { ...rmm, recs: rmm.recs.with(rec, state as typeof rmm.recs[0]) },
    runs: runs.with(rec, other.runs[rec]!),
    host: { ...host, vcpus: host.vcpus.with(rec, vcpu as Vcpu) },
  };
};

Deno.test("reachesOthers() names every event that another REC matters to", () => {
  let local = 0;
  for (const { before, event, after, rec } of steps) {
    if (rec < 0 || reachesOthers(before, event)) continue;
    local += 1;
    const other = 1 - rec;
    assertEquals(before.realm.recs[other], after.realm.recs[other]);
    const there = step(disturbed(before, other), event).world;
    assert(same(disturbed(after, other), there), event.tag);
  }
  assert(local > 1_000);
});

Deno.test("glance() sees all that such an event looks at where it changes its own REC only", () => {
  let seen = 0;
  for (const { before, event, after, rec } of steps) {
    if (rec < 0 || !reachesOthers(before, event)) continue;
    const other = 1 - rec;
    const there = step(unlikely(before, other), event).world;
    if (!isUntouched(before, after, other)) {
      assert(!isUntouched(unlikely(before, other), there, other));
      continue;
    }
    seen += 1;
    assert(same(unlikely(after, other), there), event.tag);
  }
  assert(seen > 20);
});

Deno.test("step() leaves the world it was given as it was", () => {
  // M2: a stored world is what back() returns to.
  const copies = steps.map(({ before }) => structuredClone(before));
  for (const { before, event } of steps) step(before, event);
  steps.forEach(({ before }, index) => assert(same(before, copies[index])));
});
