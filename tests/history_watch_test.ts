import { assert, assertEquals } from "@std/assert";
import { conditionOf } from "../core/history/condition.ts";
import { differences } from "../core/history/diff.ts";
import {
  backward,
  byStep,
  forward,
  type History,
  lastChange,
  opened,
  seek,
} from "../core/history/history.ts";
import { type Watch, watchOf } from "../core/history/watch.ts";
import { changeText } from "../core/history/who.ts";
import type { World } from "../core/world.ts";
import { tapeOf } from "./history_tapes.ts";

const names = [
  "x0",
  "x1",
  "x19",
  "x30",
  "pc",
  "pstate",
  "n",
  "z",
  "c",
  "v",
  "sp_el0",
  "sp_el1",
  "esr_el1",
  "vbar_el1",
  "0x40084000",
  "0x40089fc8:4",
  "0x4009cff0:1",
  "enter.flags",
  "enter.gprs[0]",
  "exit.esr",
  "exit.gprs[0]",
  "EMUL_MMIO",
  "at",
  "owed",
  "ret",
  "exit_reason",
] as const;

const watch = (name: string): Watch => {
  const found = watchOf(name, 0);
  assert(found !== null, name);
  return found;
};

/** The worlds at every step of the first `count`, one instruction at a time. */
const worldsOf = (history: History, count: number): readonly World[] => {
  const worlds: World[] = [];
  let now = history;
  for (let steps = 0; steps <= count; steps++) {
    worlds.push(now.now.world);
    now = byStep(now, 1);
  }
  return worlds;
};

const count = 2_500;

for (const guest of ["hello", "mmu", "rsi"]) {
  Deno.test(`lastChange(), forward() and backward() on ${guest} find what looking at every step finds`, async () => {
    const start = opened(await tapeOf(guest, 20_000));
    const worlds = worldsOf(start, count);
    const end = worlds.findIndex((world, at) => worlds[at + 1] === world);
    const last = end < 0 ? count : end;
    for (const name of names) {
      const { read } = watch(name);
      const changes = worlds.slice(0, last + 1).flatMap((world, at) =>
        at > 0 && read(world) !== read(worlds[at - 1]!) ? [at] : []
      );
      for (const from of [0, 1, 40, 700, last]) {
        const here = seek(start, { steps: from });
        const before = changes.filter((at) => at <= from).at(-1) ?? null;
        const { change } = lastChange(here, watch(name));
        const found = change === null ? null : change.before.steps + 1;
        assertEquals(found, before, `${name} before ${from}`);
        const condition = { tag: "Changes", watch: watch(name) } as const;
        const after = changes.find((at) => from < at) ?? null;
        const on = forward(here, condition, last - from);
        assertEquals(on.found ? on.history.now.steps : null, after, name);
        const earlier = changes.filter((at) => at < from).at(-1) ?? null;
        const back = backward(here, condition);
        assertEquals(back.found ? back.history.now.steps : null, earlier);
      }
    }
  });
}

Deno.test("lastChange() finds a change inside a Run that was undone in it", async () => {
  const start = opened(await tapeOf("soak", 5_000));
  const run = start.tape.events.findIndex(({ tag }) => tag === "Run");
  const whole = seek(start, { event: run + 1 });
  const worlds = worldsOf(start, whole.now.steps);
  const { read } = watch("z");
  const { change } = lastChange(whole, watch("z"));
  const expected = worlds.findLastIndex((world, at) =>
    at > 0 && read(world) !== read(worlds[at - 1]!)
  );
  assertEquals(change?.before.steps, expected - 1);
});

Deno.test("changeText() names the actor of each part of the road", async () => {
  const start = opened(await tapeOf("hello", 60_000));
  const here = seek(start, { event: 20 });
  const said = (name: string) => {
    const { change } = lastChange(here, watch(name));
    assert(change !== null, name);
    return changeText(watch(name), change).replace(/, step \d+$/, "");
  };
  assertEquals(
    said("enter.gprs[0]"),
    "enter.gprs[0] 0x70 -> 0x101: KVM, entering the REC, RecEnter, event 15",
  );
  assertEquals(
    said("exit.esr"),
    "exit.esr 0x91800047 -> 0x91800007: the RMM, Dabt, event 17",
  );
  assertEquals(
    said("EMUL_MMIO"),
    "EMUL_MMIO 0x1 -> 0x0: KVM, as the REC exits, Dabt, event 17",
  );
  assertEquals(
    said("owed"),
    "owed MmioComplete -> nothing: the VMM, MmioComplete, event 19",
  );
  assert(/^x1 .*: the realm at 0x400800\w\w /.test(said("x1")), said("x1"));
});

Deno.test("watchOf() and conditionOf() know nothing else", () => {
  const unknown = [
    "",
    "x31",
    "x",
    "sp",
    "exit",
    "exit.nothing",
    "exit.gprs",
    "exit.gprs[31]",
    "exit.esr[0]",
    "enter.toString",
    "toString",
    "0xg",
    "0x1:3",
  ];
  for (const name of unknown) assertEquals(watchOf(name, 0), null, name);
  for (const text of ["", "==", "x1==", "x1==1==1", "dabt", "nothing==1"]) {
    assertEquals(conditionOf(text, 0).tag, "Refused", text);
  }
  for (const text of ["exit", "Dabt", "x1", "pc==0x1", "at == exit"]) {
    assertEquals(conditionOf(text, 0).tag, "Parsed", text);
  }
});

Deno.test("differences() of a world with itself are none, and of two name each change", async () => {
  const start = opened(await tapeOf("hello", 60_000));
  const a = seek(start, { event: 3 }).now.world;
  const b = seek(start, { event: 2 }).now.world;
  assertEquals(differences(a, a), []);
  const paths = differences(b, a).map(({ path }) => path);
  assert(paths.includes("realm.recs[0].pc"));
  assert(paths.some((path) => path.startsWith("ram[0x")));
  const back = differences(a, b);
  assertEquals(back.map(({ path }) => path).toSorted(), paths.toSorted());
});
