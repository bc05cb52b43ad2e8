import { assertEquals } from "@std/assert";
import { reset } from "../core/realm/rec.ts";
import { scripted, secret } from "../core/realm/script.ts";
import { step } from "../core/step.ts";
import { startWorld } from "./explore_world.ts";

const code = {
  pc: 0x4000_0100n,
  pstate: 0x3c5n,
  sctlr_el1: 0x30d0_1804n,
  x: [1n, 2n],
};

Deno.test("scripted() sets what the script says, hides a secret elsewhere and keeps the REC's MPIDR", () => {
  const used = { ...reset(0n, 5n), sp_el1: 9n, retired: 3 };
  const fresh = reset(code.pc, 5n);
  assertEquals(scripted(used, code), {
    ...fresh,
    pstate: code.pstate,
    sys: { ...fresh.sys, sctlr_el1: code.sctlr_el1 },
    x: fresh.x.map((_, n) => code.x[n] ?? secret(n)),
  });
});

Deno.test("step() takes a Script only while the REC runs, and changes nothing else", () => {
  const start = startWorld();
  const event = { tag: "Script", rec: 0, ...code } as const;
  const early = step(start, event);
  assertEquals([early.tag, early.world === start], ["Refused", true]);
  const run = { tag: "KvmRun", rec: 0, immediate_exit: false } as const;
  const inside = step(
    step(start, run).world,
    { tag: "RecEnter", rec: 0 },
  ).world;
  const { realm, ...rest } = step(inside, event).world;
  const { realm: before, ...kept } = inside;
  assertEquals(rest, kept);
  assertEquals(realm.memory, before.memory);
  assertEquals(realm.recs, before.recs.map((rec) => scripted(rec, code)));
});
