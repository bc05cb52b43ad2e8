import { assert, assertEquals, assertStrictEquals } from "@std/assert";
import { runOn } from "../core/fast/engine.ts";
import { burst } from "../core/fast/engine/burst.ts";
import { runs_max, turns_max } from "../core/fast/engine/recipe.ts";
import { begin, finish } from "../core/fast/engine/session.ts";
import type { Again, Engine } from "../core/fast/engine/state.ts";
import { looked } from "../core/realm/deferred.ts";
import { next } from "../core/schedule.ts";
import { step, stepOn } from "../core/step.ts";
import { read, write, zeroed } from "../core/realm/memory.ts";
import { run } from "../core/realm/run.ts";
import type { World } from "../core/world.ts";
import { both, difference, engineFor } from "./fast_engine_compare.ts";
import { resumed } from "./fast_engine_hunt.ts";
import { type Draw, drawFrom, programOf } from "./fast_engine_program.ts";
import * as Snippet from "./fast_engine_snippets.ts";
import {
  A64,
  mapped,
  mmuOn,
  pageAt,
  ram,
  tables,
  vectors,
  withRmm,
  worldOf,
} from "./realm_fixture.ts";

const data = BigInt(ram + 0x8000);

/** Two worlds that followed the same way, one on each engine. */
interface Pair {
  readonly fast: World;
  readonly pure: World;
}

/** What differs, wherever pages are shared. */
const wrongIn = ({ fast, pure }: Pair): string | null => {
  const { base, bytes } = pure.realm.memory;
  const realm = { ...pure.realm, memory: zeroed(base, bytes) };
  return difference(fast, pure, { ...pure, realm });
};

/** Takes both on; nobody looks at the memory of the fast one. */
const onward = (e: Engine, from: Pair, budget: number, rec = 0): Pair => ({
  fast: runOn(e, from.fast, rec, budget).world,
  pure: run(from.pure, rec, budget).world,
});

const course = (
  e: Engine,
  start: World,
  budgets: readonly number[],
): readonly Pair[] => {
  const found: Pair[] = [{ fast: start, pure: start }];
  for (const budget of budgets) found.push(onward(e, found.at(-1)!, budget));
  return found;
};

/** The order of a list, drawn. */
const shuffled = <T>(list: readonly T[], draw: Draw): readonly T[] => {
  const from = [...list];
  return list.map(() => from.splice(draw(from.length), 1)[0]!);
};

const orders: readonly (readonly [
  string,
  (pairs: readonly Pair[]) => readonly Pair[],
])[] = [
  ["forwards", (pairs) => pairs],
  ["backwards", (pairs) => pairs.toReversed()],
  ["twice", (pairs) => [...pairs.toReversed(), ...pairs]],
  ["shuffled", (pairs) => shuffled(pairs, drawFrom(7))],
  ["one alone", (pairs) => [pairs[Math.floor(pairs.length / 2)]!]],
];

/** Guests that write: data, their own code, page tables, by exclusives. */
const writers: readonly (readonly [string, World])[] = [
  ["stores", {
    words: Snippet.storeUp,
    x: { 1: data, 2: 7n, 5: 4000n },
  }],
  ["stores, MMU on", {
    words: Snippet.storeUp,
    x: { 1: data, 2: 7n, 5: 4000n },
    data: mapped([]),
    sys: mmuOn,
  }],
  ["its own code", {
    words: Snippet.patch,
    x: { 1: BigInt(ram) + 4n, 2: 0x9100_4084n, 5: 20n },
    data: mapped([]),
    sys: mmuOn,
  }],
  ["page tables", {
    words: Snippet.remap,
    x: {
      1: data,
      5: 20n,
      6: BigInt(ram + 0x1_3000) + 8n * 8n,
      7: pageAt(data + 0x1000n),
    },
    data: mapped([]),
    sys: mmuOn,
  }],
  ["exclusives", {
    words: Snippet.exclusive,
    x: { 1: data, 5: 300n, 6: data + 64n },
    data: mapped([]),
    sys: mmuOn,
  }],
  ["pairs across pages", {
    words: Snippet.pairsUp,
    x: { 1: data + 0xfa0n, 3: 5n, 5: 900n },
    data: mapped([]),
    sys: mmuOn,
  }],
].map(([name, setup]) =>
  [name, worldOf(setup as Parameters<typeof worldOf>[0])] as [string, World]
);

const budgets = [40, 1, 300, 7, 7, 500, 90, 2, 1000, 33, 250, 1];

Deno.test("runOn() gives memories that show what was in them, in whatever order they are looked at", () => {
  for (const [name, world] of writers) {
    for (const hot of [0, 2]) {
      for (const [order, arrange] of orders) {
        const e = engineFor(world, hot);
        for (const pair of arrange(course(e, world, budgets))) {
          assertEquals(wrongIn(pair), null, `${name}, ${order}, hot ${hot}`);
        }
      }
    }
  }
});

Deno.test("runOn() gives the same worlds when somebody looks between its runs", () => {
  for (const [name, world] of writers) {
    const draw = drawFrom(3);
    const e = engineFor(world, 2);
    const pairs: Pair[] = [{ fast: world, pure: world }];
    for (const budget of [...budgets, ...budgets]) {
      pairs.push(onward(e, pairs.at(-1)!, budget));
      const seen = draw(3) === 0 ? pairs.at(-1)! : pairs[draw(pairs.length)]!;
      if (draw(2) === 0) assertEquals(wrongIn(seen), null, name);
    }
    for (const pair of pairs) assertEquals(wrongIn(pair), null, name);
  }
});

Deno.test("runOn() branches: every continuation of a world leaves it and the others as they are", () => {
  for (const [name, world] of writers) {
    const draw = drawFrom(11);
    const e = engineFor(world, 2);
    const pairs: Pair[] = [...course(e, world, [40, 60, 20])];
    for (let n = 0; n < 40; n++) {
      const from = pairs[draw(pairs.length)]!;
      pairs.push(onward(e, from, 1 + draw(200)));
    }
    for (const pair of shuffled(pairs, draw)) {
      assertEquals(wrongIn(pair), null, name);
    }
  }
});

Deno.test("runOn() keeps the memories of a realm while it runs another, on this engine and on others", () => {
  const engines = [2, 0].map((hot) => engineFor(writers[0]![1], hot));
  const draw = drawFrom(5);
  const all: Pair[][] = writers.map(([, world]) => [
    { fast: world, pure: world },
  ]);
  for (let n = 0; n < 60; n++) {
    const pairs = all[draw(all.length)]!;
    const e = engines[draw(4) === 0 ? 1 : 0]!;
    pairs.push(onward(e, pairs.at(-1)!, 1 + draw(120)));
  }
  for (const pair of shuffled(all.flat(), draw)) {
    assertEquals(wrongIn(pair), null);
  }
});

/** Runs a program on, or again from some world before, and looks now and then; what differs. */
const wander = (e: Engine, start: World, draw: Draw): string | null => {
  const pairs: Pair[] = [{ fast: start, pure: start }];
  for (let n = 0; n < 24; n++) {
    const from = draw(6) === 0 ? pairs[draw(pairs.length)]! : pairs.at(-1)!;
    const { fast, pure } = onward(e, from, 1 + draw(draw(4) === 0 ? 9 : 400));
    pairs.push({ fast: resumed(fast), pure: resumed(pure) });
    const seen = pairs[draw(pairs.length)]!;
    const wrong = draw(5) === 0 ? wrongIn(seen) : null;
    if (wrong !== null) return wrong;
  }
  const found = shuffled(pairs, draw).map(wrongIn);
  return found.find((wrong) => wrong !== null) ?? null;
};

Deno.test("runOn() gives memories that show what was in them on random programs", () => {
  const [, first] = writers[0]!;
  let e = engineFor(first, 2);
  for (let seed = 1; seed <= 60; seed++) {
    const draw = drawFrom(~seed);
    // The others go on with what the engine kept of the realm before.
    if (draw(3) === 0) e = engineFor(first, draw(4) === 0 ? 0 : 2);
    const wrong = wander(e, programOf(seed).world, draw);
    assertEquals(wrong, null, `seed ${seed}`);
  }
});

/** Plays a guest on both engines with the well-behaved host, one event after the other. */
const played = (world: World, e: Engine, slice: number): readonly Pair[] => {
  const pairs: Pair[] = [{ fast: world, pure: world }];
  const execute = (at: World, rec: number, budget: number) =>
    runOn(e, at, rec, budget);
  for (let n = 0; n < 400; n++) {
    const { fast, pure } = pairs.at(-1)!;
    const event = next(pure, 0, slice);
    if (event === null) break;
    const { world: after } = stepOn(execute, fast, event);
    pairs.push({ fast: after, pure: step(pure, event).world });
  }
  return pairs;
};

Deno.test("runOn() goes on across events of the host, which do not look at memory", () => {
  // Stores go up through RAM; every load above it is a road over the host.
  const world = worldOf({
    words: [
      0xf900_0022, // 1: str x2, [x1]
      0x9100_2021, // add x1, x1, #8
      0x9100_0442, // add x2, x2, #1
      0xb940_0064, // ldr w4, [x3]
      0xf100_04a5, // subs x5, x5, #1
      0x54ff_ff61, // b.ne 1b
    ],
    x: { 1: data, 3: 0x80_0900_0018n, 5: 2000n },
  });
  for (const slice of [3, 100]) {
    const e = engineFor(world, 2);
    const pairs = played(world, e, slice);
    assert(pairs.some(({ pure }) => pure.host.vcpus[0]!.at === "user"));
    // Not one of them made a memory.
    assert(e.runs > 20);
    for (const pair of shuffled(pairs, drawFrom(slice))) {
      assertEquals(wrongIn(pair), null);
    }
  }
});

Deno.test("runOn() keeps apart the RECs that write one memory by turns", () => {
  const one = worldOf({
    words: Snippet.storeUp,
    x: { 1: data, 2: 7n, 5: 4000n },
    recs: 2,
  });
  const own = one.realm.recs[0]!;
  const x = own.x.with(1, data + 0x2_0800n).with(2, 9n);
  const other = { ...one.realm.recs[1]!, x, pc: own.pc, pstate: own.pstate };
  const world = { ...one, realm: { ...one.realm, recs: [own, other] } };
  // Nothing but their numbers tells them apart.
  const kept = world.rmm.recs[0]!;
  const rmm = { ...world.rmm, recs: [kept, kept] };
  const e = engineFor(world, 2);
  const draw = drawFrom(2);
  const pairs: Pair[] = [{ fast: { ...world, rmm }, pure: { ...world, rmm } }];
  for (let n = 0; n < 40; n++) {
    pairs.push(onward(e, pairs.at(-1)!, 1 + draw(90), draw(2)));
  }
  const last = pairs.at(-1)!.pure.realm.recs;
  assert(last.every(({ retired }) => retired > 100));
  for (const pair of shuffled(pairs, draw)) assertEquals(wrongIn(pair), null);
});

Deno.test("runOn() sees what the host wrote between its runs", () => {
  for (const [name, world] of writers) {
    const e = engineFor(world, 2);
    const put = (at: World, n: number): World => {
      const bytes = new Uint8Array(16).fill(n);
      const memory = write(at.realm.memory, ram + 0x9000 + n * 8, bytes);
      return { ...at, realm: { ...at.realm, memory } };
    };
    const pairs: Pair[] = [{ fast: world, pure: world }];
    for (let n = 0; n < 20; n++) {
      const { fast, pure } = onward(e, pairs.at(-1)!, 30 + n);
      pairs.push({ fast, pure }, { fast: put(fast, n), pure: put(pure, n) });
    }
    for (const pair of pairs) assertEquals(wrongIn(pair), null, name);
  }
});

Deno.test("runOn() opens a monitor that was set between its runs while nobody looked at memory", () => {
  const world = worldOf({
    words: [0xf900_0022, 0x9100_0442, 0x17ff_fffe], // STR X2, [X1]; ADD; B
    x: { 1: data },
    data: mapped([]),
    sys: mmuOn,
    recs: 2,
  });
  const marked = (at: World): World => {
    const other = { ...at.realm.recs[1]!, monitor: { ipa: data, bytes: 8 } };
    const recs = at.realm.recs.with(1, other);
    return { ...at, realm: { ...at.realm, recs } };
  };
  const e = engineFor(world, 2);
  let at: Pair = { fast: world, pure: world };
  for (let n = 0; n < 4; n++) {
    at = onward(e, { fast: marked(at.fast), pure: marked(at.pure) }, 30);
    assertEquals(at.fast.realm.recs[1]!.monitor, null);
  }
  assertEquals(wrongIn(at), null);
});

Deno.test("runOn() follows descriptors that the host wrote between its runs", () => {
  // LDR X2, [X1]; ADD X3, X3, X2; B. The guest itself never reads its tables.
  const world = worldOf({
    words: [0xf940_0022, 0x8b02_0063, 0x17ff_fffe],
    x: { 1: data },
    data: [...mapped([]), [Number(data), 1n], [Number(data) + 4096, 2n]],
    sys: mmuOn,
  });
  const e = engineFor(world, 2);
  const entry = tables[3]! + 8 * 8;
  let at = world;
  for (let n = 0; n < 6; n++) {
    const page = pageAt(data + 4096n * BigInt(n % 2));
    const bytes = new Uint8Array(BigUint64Array.of(page).buffer);
    const memory = write(at.realm.memory, entry, bytes);
    const from = { ...at, realm: { ...at.realm, memory } };
    const { world: next, wrong } = both(e, from, 30);
    assertEquals(wrong, null);
    at = next;
  }
});

Deno.test("a look at a memory in the middle of a run shows what was in it, and the run goes on", () => {
  for (const [name, world] of writers) {
    const e = engineFor(world, 2);
    const pairs = course(e, world, [40, 60, 20, 80]);
    const { fast, pure } = pairs.at(-1)!;
    const s = begin(e, fast, 0);
    assert(s !== null);
    let left = 200;
    while (left > 100) left -= burst(s, left - 100);
    for (const at of [4, 2, 3]) assertEquals(wrongIn(pairs[at]!), null, name);
    while (left > 0) left -= burst(s, left);
    const after = { fast: finish(s, fast), pure: run(pure, 0, 200).world };
    assertEquals(wrongIn(after), null, name);
  }
});

Deno.test("a run that broke off leaves no trace", () => {
  const reader = worldOf({ words: Snippet.walkUp, x: { 1: data } });
  for (const [name, world] of [...writers, ["loads", reader] as const]) {
    const e = engineFor(world, 2);
    const pairs = course(e, world, [40, 60, 20]);
    const s = begin(e, pairs.at(-1)!.fast, 0);
    assert(s !== null);
    burst(s, 50);
    const on = onward(e, pairs.at(-1)!, 70);
    for (const pair of [...pairs, on]) assertEquals(wrongIn(pair), null, name);
  }
});

Deno.test("runOn() notices what changed around a realm that did not change", () => {
  const world = worldOf({
    words: Snippet.storeUp,
    x: { 1: data, 2: 7n, 5: 4000n },
  });
  const base = BigInt(ram);
  const top = base + 0x9000n;
  const changes: readonly (readonly [string, (at: World) => World])[] = [
    ["a pending SError", (at) => withRmm(at, { vserror: 1n })],
    ["stage 2", (at) => {
      const stage2 = [{ base, top, ripas: "ram", assigned: true }] as const;
      return { ...at, rmm: { ...at.rmm, stage2 } };
    }],
    ["the size of IPAs", (at) => ({
      ...at,
      rmm: { ...at.rmm, ipa_bits: 31 },
    })],
    ["the features", (at) => {
      const rmm = { ...at.profile.rmm, features: ["mec"] as never };
      return { ...at, profile: { ...at.profile, rmm } };
    }],
  ];
  for (const [name, change] of changes) {
    const e = engineFor(world, 2);
    const warm = onward(e, { fast: world, pure: world }, 400);
    const now = { fast: change(warm.fast), pure: change(warm.pure) };
    const after = onward(e, now, 2000);
    assertEquals(wrongIn(after), null, name);
    assertStrictEquals(e.session!.m.features, now.fast.profile.rmm.features);
    assertStrictEquals(e.session!.m.ipa_bits, now.fast.rmm.ipa_bits);
  }
});

Deno.test("runOn() asks for each run alone", () => {
  // FADD is UNDEF and told once for each run; the handler goes back to it.
  const back = 0x1400_0000 | (-(0x8_0200 / 4) & 0x3ff_ffff);
  const world = worldOf({
    words: [A64.FADD],
    data: [[Number(vectors) + 0x200, BigInt(back)]],
  });
  const e = engineFor(world, 2);
  let at = world;
  const asked = [10, 1, 1, 10].map((budget) => {
    const fast = runOn(e, at, 0, budget);
    const pure = run(at, 0, budget);
    at = fast.world;
    return [fast.asks, pure.asks] as const;
  });
  for (const [fast, pure] of asked) assertEquals(fast, pure);
  assertEquals(asked.map(([fast]) => fast.length), [1, 1, 0, 1]);
});

const recipesOf = (e: Engine): number => {
  let count = 0;
  for (let at = e.recipe; at !== null; at = at.prior) count += 1;
  return count;
};

Deno.test("runOn() copies pages out before a look has too much to repeat", () => {
  const [, world] = writers[0]!;
  const e = engineFor(world, 2);
  let longest = 0;
  let at = world;
  for (let n = 0; n < 3 * runs_max; n++) {
    at = runOn(e, at, 0, 3).world;
    longest = Math.max(longest, recipesOf(e));
  }
  assertEquals(longest, runs_max - 1);
  // X5 is large enough for each of these to be whole.
  const endless = worldOf({
    words: Snippet.storeUp.with(1, 0xd503_201f),
    x: { 1: data, 5: 1n << 40n },
  });
  const third = Math.floor(turns_max / 3);
  at = endless;
  const counts = Array.from({ length: 5 }, () => {
    at = runOn(e, at, 0, third + 1).world;
    return recipesOf(e);
  });
  assertEquals(counts, [1, 2, 0, 1, 2]);
});

Deno.test("a look repeats every run since the last memory that was made, once", () => {
  const [, world] = writers[0]!;
  const e = engineFor(world, 2);
  let repeated = 0;
  const again: Again = (on, from, rec, turns) => {
    repeated += turns;
    ran(on, from, rec, turns);
  };
  const ran = (on: Engine, from: World, rec: number, turns: number): World => {
    const s = begin(on, from, rec)!;
    for (let left = turns; left > 0;) left -= burst(s, left);
    return finish(s, from, again, turns);
  };
  const worlds = [world];
  for (let n = 0; n < 20; n++) worlds.push(ran(e, worlds.at(-1)!, 0, 10));
  const look = (n: number): number => {
    const before = repeated;
    looked(worlds[n]!.realm.memory);
    return repeated - before;
  };
  // The engine is at the last; others take the way from the one before that was made.
  assertEquals([20, 10, 12, 11, 15, 20].map(look), [0, 100, 20, 10, 30, 0]);
  worlds.push(ran(e, worlds[15]!, 0, 10));
  // To go on from there was no detour.
  assertEquals([21, 16].map(look), [0, 10]);
});

Deno.test("a memory that was looked at lets go of how it was made", () => {
  const [, world] = writers[0]!;
  const e = engineFor(world, 2);
  const [, one, two, three] = course(e, world, [40, 40, 40]);
  const recipe = e.recipe!;
  read(two!.fast.realm.memory, ram, 8);
  // The second stands where the third's way begins.
  assertEquals([recipesOf(e), recipe.world, recipe.prior], [0, null, null]);
  for (const pair of [one!, two!, three!]) assertEquals(wrongIn(pair), null);
});

Deno.test("runOn() leaves the memory itself where nothing was ever written", () => {
  const world = worldOf({ words: Snippet.walkUp, x: { 1: data } });
  const e = engineFor(world, 2);
  let at = world;
  for (let n = 0; n < 10; n++) {
    at = runOn(e, at, 0, 30).world;
    assertStrictEquals(at.realm.memory, world.realm.memory);
  }
});

Deno.test("finish() copies pages out of a run that it is not told how to repeat", () => {
  const [, world] = writers[0]!;
  const e = engineFor(world, 2);
  const [, { fast, pure }] = course(e, world, [40]) as [Pair, Pair];
  const s = begin(e, fast, 0)!;
  // Such a run need not come to what a run from this world comes to.
  s.m.cpu.x[2] = 99n;
  for (let left = 60; left > 0;) left -= burst(s, left);
  const after = finish(s, fast);
  assertEquals(e.recipe, null);
  const rec = pure.realm.recs[0]!;
  const recs = [{ ...rec, x: rec.x.with(2, 99n) }];
  const changed = { ...pure, realm: { ...pure.realm, recs } };
  const onto = { fast: after, pure: run(changed, 0, 60).world };
  assertEquals(wrongIn(onto), null);
  const last = onward(e, onto, 50);
  assertEquals(wrongIn(last), null);
});
