/**
 * REC enter: what refuses it, in which order, and what a refusal leaves behind.
 *
 * @module
 */

import { assertEquals, assertStrictEquals } from "@std/assert";
import { enter } from "../core/rmm/enter.ts";
import { FLAG, zero_enter, zero_exit, zero_run } from "../core/rmm/recrun.ts";
import type { RmmProfile } from "../core/rmm/profile.ts";
import {
  dabt,
  entered,
  exited,
  exitHalf,
  offered,
  pc,
  ram,
  realm,
  reenter,
  regs,
  smc,
  smc_esr,
  state,
  taken,
  withRmm,
  withState,
} from "./rmm_world.ts";
import type { World } from "../core/world.ts";

const idle = (switches: Partial<RmmProfile> = {}): World =>
  withState(realm(switches), { running: false });

const rec_error = { tag: "Failed", status: "RMI_ERROR_REC", index: 0 } as const;

/** Enters and asserts that a refusal left every slice of the world as it was. */
const refused = (world: World): unknown => {
  const slices = [...Object.values(world), ...Object.values(world.rmm)];
  const copy = structuredClone(world);
  const outcome = enter(world, 0);
  assertEquals(outcome.tag, "Failed");
  assertEquals("world" in outcome, false);
  assertEquals(world, copy);
  [...Object.values(world), ...Object.values(world.rmm)].forEach((slice, at) =>
    assertStrictEquals(slice, slices[at])
  );
  return outcome;
};

/** Each fault a world can have, in the order the RMM looks for them. */
const faults: readonly (readonly [
  string,
  (world: World) => World,
  unknown,
])[] = [
  ["running", (world) => withState(world, { running: true }), rec_error],
  [
    "NEW realm",
    (world) => withRmm(world, { state: "NEW" }),
    { tag: "Failed", status: "RMI_ERROR_REALM", index: 0 },
  ],
  ["not runnable", (world) => withState(world, { runnable: false }), rec_error],
  [
    "PSCI pending",
    (world) => withState(world, { psci_pending: true }),
    rec_error,
  ],
];

Deno.test("§3.1 enter() reports the first of any set of faults and changes nothing", () => {
  for (let set = 1; set < 1 << faults.length; set += 1) {
    const present = faults.filter((_, at) => (set >> at & 1) === 1);
    const world = present.reduce(
      (broken, [, spoil]) => spoil(broken),
      offered(idle(), FLAG.EMUL_MMIO),
    );
    assertEquals(refused(world), present[0]?.[2]);
  }
});

Deno.test("enter() of a REC that does not exist is RMI_ERROR_INPUT", () => {
  const outcome = enter(idle(), 7);
  assertEquals(outcome, { tag: "Failed", status: "RMI_ERROR_INPUT", index: 0 });
});

Deno.test("§8 row 1: EMUL_MMIO on the very first entry is RMI_ERROR_REC", () => {
  assertEquals(refused(offered(idle(), FLAG.EMUL_MMIO)), rec_error);
});

Deno.test("§8 row 2: EMUL_MMIO after a Protected abort is refused, but builds that kept ISV took it", () => {
  const shielded = {
    stage2: [{ ...ram, ripas: "ram", assigned: false }],
  } as const;
  const abort = dabt({ ISV: 1, SAS: 2, SRT: 3 }, ram.base);
  const out = exited(withRmm(realm(), shielded), abort);
  assertEquals(refused(offered(out, FLAG.EMUL_MMIO)), rec_error);
  const old = withRmm(realm({ saved_isv_follows: false }), shielded);
  const after = entered(exited(old, abort), FLAG.EMUL_MMIO, 0x1234n);
  assertEquals(regs(after).x[3], 0x1234n);
});

Deno.test("§8 row 3: an abort that was not answered is forgotten at the next exit", () => {
  const out = exited(realm(), dabt({ ISV: 1, SAS: 2 }));
  const irq = exited(entered(out, 0n), { tag: "Irq" });
  assertEquals(exitHalf(irq), { ...zero_exit, exit_reason: 1n });
  assertEquals(refused(offered(irq, FLAG.EMUL_MMIO)), rec_error);
});

Deno.test("§8 row 4: an entry refused for a bad list register can be repeated with the abort intact", () => {
  const out = exited(
    realm({ vgic: "recrun" }),
    dabt({ ISV: 1, SAS: 2, SRT: 3 }),
  );
  const good = offered(out, FLAG.EMUL_MMIO, 0x55n);
  const run = good.runs[0] ?? zero_run;
  const lrs = zero_enter.gicv3_lrs.with(0, 3n << 61n);
  const bad = {
    ...good,
    runs: good.runs.with(0, {
      ...run,
      enter: { ...run.enter, gicv3_lrs: lrs },
    }),
  };
  assertEquals(refused(bad), rec_error);
  const after = enter(good, 0);
  assertEquals(after.tag === "Entered" && regs(after.world).x[3], 0x55n);
});

Deno.test("§8 row 28: INJECT_SEA after a synthetic abort is refused", () => {
  const world = smc(
    withRmm(realm(), {
      stage2: [{ ...ram, ripas: "ram", assigned: false }],
    }),
    0xc400_0199n,
    ram.base,
  );
  const out = exited(world, taken(smc_esr));
  assertEquals(exitHalf(out).esr, 0x9000_0007n);
  assertEquals(refused(offered(out, FLAG.INJECT_SEA)), rec_error);
  assertEquals(refused(offered(out, FLAG.EMUL_MMIO)), rec_error);
});

Deno.test("§8 row 35: WFI and WFE trap only when that very entry asks", () => {
  let world = exited(realm(), { tag: "Irq" });
  for (const flags of [0n, 4n, 8n, 12n, 0n]) {
    const inside = entered(world, flags);
    const { trap_wfi, trap_wfe } = state(inside);
    assertEquals([trap_wfi, trap_wfe], [(flags & 4n) !== 0n, 8n <= flags]);
    world = exited(inside, { tag: "Irq" });
  }
});

Deno.test("§8 row 46: a realm that went off is RMI_ERROR_REALM, index 1 in 1.0 and 0 in 2.0", () => {
  for (const index of [0, 1] as const) {
    const off = withRmm(idle({ system_off_index: index }), {
      state: "SYSTEM_OFF",
    });
    assertEquals(refused(off), {
      tag: "Failed",
      status: "RMI_ERROR_REALM",
      index,
    });
  }
});

Deno.test("§8 row 47: a NEW realm is reported before a REC that is not runnable", () => {
  const world = withRmm(withState(idle(), { runnable: false }), {
    state: "NEW",
  });
  assertEquals(refused(world), {
    tag: "Failed",
    status: "RMI_ERROR_REALM",
    index: 0,
  });
});

Deno.test("§8 row 49: a REC that is inside cannot be entered again", () => {
  const inside = entered(idle(), 0n);
  assertEquals(refused(inside), rec_error);
});

Deno.test("§8 row 62: a refused entry leaves the last exit in the page", () => {
  const out = exited(realm(), dabt({}));
  const world = offered(out, FLAG.EMUL_MMIO);
  refused(world);
  assertEquals(exitHalf(world).esr, 0x9200_0007n);
});

Deno.test("§8 row 65: exits that do not list registers have none, and no residue", () => {
  const store = exited(
    realm(),
    dabt({ ISV: 1, SAS: 3, SRT: 1, SF: 1, WnR: 1 }),
  );
  const inside = entered(store, FLAG.EMUL_MMIO);
  const quiet = [
    { tag: "Irq" },
    { tag: "Fiq" },
    { tag: "Unrecognised" },
    dabt({}),
    taken(0x600_0001n),
    taken(0xf200_0000n),
  ] as const;
  for (const exception of quiet) {
    assertEquals(exitHalf(exited(inside, exception)).gprs, zero_exit.gprs);
  }
});

Deno.test("§8 row 68: emulation leaves BTYPE and SS of PSTATE as they are", () => {
  const pstate = 0x20_0c05n;
  const world = realm();
  const busy = {
    ...world,
    realm: {
      ...world.realm,
      recs: world.realm.recs.with(0, { ...regs(world), pstate }),
    },
  };
  const out = exited(busy, dabt({ ISV: 1, SAS: 2 }));
  const after = regs(entered(out, FLAG.EMUL_MMIO));
  assertEquals([after.pstate, after.pc], [pstate, pc + 4n]);
});

Deno.test("§8 row 69: a 32-bit load reports neither IL nor SF", () => {
  const out = exited(realm(), dabt({ ISV: 1, SAS: 2, SRT: 0 }));
  assertEquals(exitHalf(out).esr, 0x9180_0007n);
});

Deno.test("I8: an abort can be completed only once", () => {
  const out = exited(realm(), dabt({ ISV: 1, SAS: 2, SRT: 3 }));
  for (const flag of [FLAG.EMUL_MMIO, FLAG.INJECT_SEA, 0n]) {
    const again = exited(entered(out, flag), { tag: "Irq" });
    assertEquals(reenter(again, FLAG.EMUL_MMIO), rec_error);
    assertEquals(reenter(again, FLAG.INJECT_SEA), rec_error);
  }
});

Deno.test("enter() touches no other REC", () => {
  const out = exited(realm(), dabt({ ISV: 1, SAS: 2, SRT: 3 }));
  const after = entered(out, FLAG.EMUL_MMIO, 1n);
  for (const rec of [1, 2]) {
    assertStrictEquals(after.realm.recs[rec], out.realm.recs[rec]);
    assertStrictEquals(after.rmm.recs[rec], out.rmm.recs[rec]);
    assertStrictEquals(after.runs[rec], out.runs[rec]);
  }
});
