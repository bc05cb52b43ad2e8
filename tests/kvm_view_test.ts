import { assert, assertEquals, assertNotEquals } from "@std/assert";
import { esr as makeEsr } from "../core/arch/esr.ts";
import { recExit } from "../core/host/exit.ts";
import { kvmRun } from "../core/host/run.ts";
import { hostView } from "../core/host/view.ts";
import { mmioComplete } from "../core/host/vmm.ts";
import { write } from "../core/realm/memory.ts";
import type { RmmRec } from "../core/rmm/state.ts";
import type { Rec } from "../core/realm/rec.ts";
import type { World } from "../core/world.ts";
import { aborts, device_ipa, running, taken } from "./kvm_world.ts";

const withRec = (world: World, parts: Partial<Rec>): World => {
  const [rec] = world.realm.recs;
  if (rec === undefined) throw new Error("no REC");
  const recs = [{ ...rec, ...parts }];
  return { ...world, realm: { ...world.realm, recs } };
};

const withRmm = (world: World, parts: Partial<RmmRec>): World => {
  const [rec] = world.rmm.recs;
  if (rec === undefined) throw new Error("no REC");
  return { ...world, rmm: { ...world.rmm, recs: [{ ...rec, ...parts }] } };
};

const request = {
  base: 0x4000_0000n,
  top: 0x4000_1000n,
  addr: 0x4000_0000n,
  ripas: "empty",
} as const;

const ones = Array.from({ length: 31 }, () => 1n);

/** Worlds that differ from the plain one in secrets only. */
const secrets: Readonly<Record<string, (world: World) => World>> = {
  registers: (world) => withRec(world, { x: ones }),
  pc: (world) => withRec(world, { pc: 4n }),
  pstate: (world) => withRec(world, { pstate: 0n }),
  sysregs: (world) => {
    const sys = { ...running().realm.recs[0]?.sys, vbar_el1: 5n };
    return withRec(world, { sys: sys as Rec["sys"] });
  },
  "instructions retired": (world) => withRec(world, { retired: 9 }),
  memory: (world) => {
    const { memory } = world.realm;
    const written = write(memory, memory.base, new Uint8Array([1]));
    return { ...world, realm: { ...world.realm, memory: written } };
  },
  last_run_info: (world) =>
    withRmm(world, { last_run_info: { esr: 1n, far: 2n, hpfar: 3n } }),
  trap: (world) => withRmm(world, { trap: { esr: 1n, far: 2n, hpfar: 3n } }),
  "pending virtual SError": (world) => withRmm(world, { vserror: 1n }),
};

Deno.test("hostView() is the same for worlds that differ in secrets only, and stays so along the road", () => {
  const esr = makeEsr({ EC: 0x24, ISV: 1, SAS: 2, FSC: 0x07 });
  const road = (world: World): readonly World[] => {
    const exited = aborts(world, esr, device_ipa);
    const handled = taken(recExit(exited, 0));
    const answered = taken(mmioComplete(handled, 0, null));
    return [
      world,
      exited,
      handled,
      answered,
      taken(kvmRun(answered, 0, false)),
    ];
  };
  const plain = road(running()).map(hostView);
  for (const [name, changed] of Object.entries(secrets)) {
    const other = changed(running());
    assertNotEquals(other, running(), name);
    assertEquals(road(other).map(hostView), plain, name);
  }
});

Deno.test("hostView() hides whether a RIPAS request may change DESTROYED", () => {
  const asked = (change_destroyed: boolean): World =>
    withRmm(running(), { ripas_request: { ...request, change_destroyed } });
  assertEquals(hostView(asked(true)), hostView(asked(false)));
  assertEquals(hostView(asked(true)).realm.recs[0]?.ripas_request, request);
});

Deno.test("hostView() shows what the host was told: run pages, devices, realm state", () => {
  const world = running();
  const plain = hostView(world);
  const off = { ...world, rmm: { ...world.rmm, state: "SYSTEM_OFF" } } as const;
  assertNotEquals(hostView(off), plain);
  assertNotEquals(hostView(withRmm(world, { psci_pending: true })), plain);
  assertNotEquals(hostView({ ...world, runs: [] }), plain);
  assertNotEquals(hostView({ ...world, bus: { slots: [] } }), plain);
});

Deno.test("no function of the host but hostView() reads the realm's or the RMM's slice", async () => {
  const folder = new URL("../core/host/", import.meta.url);
  let files = 0;
  for await (const { name } of Deno.readDir(folder)) {
    if (name === "view.ts" || !name.endsWith(".ts")) continue;
    const text = await Deno.readTextFile(new URL(name, folder));
    // `profile.rmm` is public and no part of the slices.
    assert(!/\b(world|next|done)\.(realm|rmm)\b/.test(text), name);
    files += 1;
  }
  assert(10 < files);
});
