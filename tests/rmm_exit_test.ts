/**
 * Exits that are not aborts: waits, SIMD, interrupts, SErrors and the rest.
 *
 * @module
 */

import { assertEquals, assertStrictEquals } from "@std/assert";
import { EC, esr as build } from "../core/arch/esr.ts";
import { exit } from "../core/rmm/exit.ts";
import { zero_exit } from "../core/rmm/recrun.ts";
import {
  dabt,
  entered,
  exited,
  exitHalf,
  pc,
  ram,
  realm,
  regs,
  resumed,
  state,
  taken,
  unprot,
  withState,
  withX,
} from "./rmm_world.ts";

const wfx = (low: bigint) => taken(0x600_0000n | low);

Deno.test("§8 row 36: a trapped wait is over at the next entry", () => {
  const out = exited(realm(), wfx(0n));
  assertEquals(exitHalf(out), { ...zero_exit, esr: 0x400_0000n });
  assertEquals(regs(entered(out, 0n)).pc, pc + 4n);
});

Deno.test("§8 row 37: WFIT and WFET look like WFI and WFE, or show their timeout by the letter", () => {
  // TI 0 to 3, RV set, Rn = 3
  for (const ti of [0n, 1n, 2n, 3n]) {
    const trap = wfx(3n << 5n | 1n << 2n | ti);
    const low = exitHalf(exited(realm(), trap));
    assertEquals([low.esr, low.gprs], [0x400_0000n | ti & 1n, zero_exit.gprs]);
    const literal = realm({ wfx_ti: "full" });
    const full = exitHalf(exited(literal, trap));
    const timeout = ti < 2n ? 0n : regs(literal).x[3];
    assertEquals([full.esr, full.gprs[0]], [0x400_0000n | ti, timeout]);
  }
});

Deno.test("§2.7 FP, SVE and SME traps: a lazy switch for what the realm has, UNDEF for the rest", () => {
  const trap = (ec: number) => taken(build({ EC: ec, IL: 1 }));
  const cases = [
    [EC.FP_ASIMD, false, false, "live"],
    [EC.FP_ASIMD, false, true, "Panic"],
    [EC.SVE, false, false, "undef"],
    [EC.SVE, true, false, "live"],
    [EC.SVE, true, true, "Panic"],
    [EC.SME, false, false, "undef"],
    [EC.SME, true, false, "live"],
    [EC.SME, true, true, "undef"],
  ] as const;
  for (const [ec, sve, simd_live, expected] of cases) {
    const world = withState(realm({ sve }), { simd_live });
    const outcome = exit(world, 0, trap(ec));
    if (outcome.tag !== "Resumed") {
      assertEquals(outcome.tag, expected);
      continue;
    }
    const injected = regs(outcome.world).pc !== pc;
    assertEquals(injected ? "undef" : "live", expected);
    if (!injected) assertEquals(state(outcome.world).simd_live, true);
  }
  const out = exited(withState(realm(), { simd_live: true }), { tag: "Irq" });
  assertEquals(state(out).simd_live, false);
});

Deno.test("§2.8 every SError severity: reported, also pended, or the end", () => {
  const fates = [
    "stop",
    "pend",
    "exit",
    "pend",
    "stop",
    "stop",
    "exit",
    "stop",
  ];
  for (const [aet, fate] of fates.entries()) {
    const esr = 0xbe00_2211n | BigInt(aet) << 10n;
    const raw = { tag: "Serror", esr, far: 1n, hpfar: 2n } as const;
    const outcome = exit(realm(), 0, raw);
    if (outcome.tag !== "Exited") {
      assertEquals([outcome.tag, fate], ["Panic", "stop"]);
      continue;
    }
    const { world } = outcome;
    assertEquals(exitHalf(world), {
      ...zero_exit,
      exit_reason: 6n,
      esr: 0xbc00_0211n | BigInt(aet) << 10n,
    });
    const { vserror, last_run_info } = state(world);
    assertEquals(vserror, fate === "pend" ? esr : null);
    assertEquals(last_run_info, { esr, far: 1n, hpfar: 2n });
    assertEquals(state(entered(world, 0n)).vserror, vserror);
  }
  for (const esr of [0xbf00_0c11n, 0xbe00_0c00n, 0xbe00_0c10n]) {
    const stop = { tag: "Serror", esr, far: 0n, hpfar: 0n } as const;
    assertEquals(exit(realm(), 0, stop), {
      tag: "Panic",
      name: "system_abort",
    });
  }
});

Deno.test("§2.7 every other exception class exits and tells the host nothing", () => {
  const handled: readonly number[] = [
    EC.WFX,
    EC.FP_ASIMD,
    EC.HVC64,
    EC.SMC64,
    EC.SYS64,
    EC.SVE,
    EC.SME,
    EC.IABT_LOW,
    EC.DABT_LOW,
  ];
  for (let ec = 0; ec < 64; ec += 1) {
    if (handled.includes(ec)) continue;
    const out = exited(realm(), taken(BigInt(ec) << 26n | 0x3ff_ffffn));
    assertEquals(exitHalf(out), zero_exit);
    assertEquals(regs(out), regs(realm()));
    assertEquals(
      state(out).last_run_info.esr,
      BigInt(ec) << 26n | 0x2ff_ffffn,
    );
  }
});

Deno.test("exit() reports the timers as they stand, clears the trap and ends the run", () => {
  const world = withX(realm(), {});
  const sys = {
    ...regs(world).sys,
    cntp_ctl_el0: 1n,
    cntp_cval_el0: 2n,
    cntv_ctl_el0: 3n,
    cntv_cval_el0: 4n,
  };
  const trap = { esr: 1n, far: 2n, hpfar: 3n };
  const busy = withState({
    ...world,
    realm: {
      ...world.realm,
      recs: world.realm.recs.with(0, { ...regs(world), sys }),
    },
  }, { trap });
  const out = exited(busy, { tag: "Irq" });
  const { cntp_ctl, cntp_cval, cntv_ctl, cntv_cval } = exitHalf(out);
  assertEquals([cntp_ctl, cntp_cval, cntv_ctl, cntv_cval], [1n, 2n, 3n, 4n]);
  assertEquals([state(out).running, state(out).trap], [false, null]);
  const on = resumed(busy, taken(0x5a00_0000n));
  assertEquals([state(on).running, state(on).trap], [true, null]);
});

Deno.test("exit() of an interrupt keeps the syndrome an entry left", () => {
  const before = { esr: 0n, far: 5n, hpfar: unprot >> 8n };
  const world = withState(realm(), { last_run_info: before });
  for (const tag of ["Irq", "Fiq", "Unrecognised"] as const) {
    assertStrictEquals(state(exited(world, { tag })).last_run_info, before);
  }
  assertEquals(state(exited(world, dabt({}))).last_run_info.esr, 0x9200_0007n);
});

Deno.test("exit() reports an enabled timer whose time has come with ISTATUS", () => {
  const world = realm();
  const [rec] = world.realm.recs;
  if (rec === undefined) throw new Error("no REC");
  const due = { ...rec.sys, cntv_ctl_el0: 1n, cntv_cval_el0: 9n };
  for (const [retired, ctl] of [[8, 1n], [9, 5n]] as const) {
    const recs = world.realm.recs.with(0, { ...rec, sys: due, retired });
    const out = exit({ ...world, realm: { ...world.realm, recs } }, 0, {
      tag: "Irq",
    });
    if (out.tag !== "Exited") throw new Error(out.tag);
    assertEquals(exitHalf(out.world).cntv_ctl, ctl);
  }
});

Deno.test("exit() opens the exclusive monitor, whatever the exception", () => {
  const world = realm();
  const recs = world.realm.recs.map((rec) => ({
    ...rec,
    monitor: { ipa: ram.base, bytes: 8 },
  }));
  const held = { ...world, realm: { ...world.realm, recs } };
  for (const exception of [{ tag: "Irq" }, taken(0x5a00_0000n)] as const) {
    const out = exit(held, 0, exception);
    if (out.tag === "Panic") throw new Error(out.name);
    assertEquals(out.world.realm.recs[0]?.monitor, null);
    assertEquals(out.world.realm.recs[1]?.monitor, recs[1]?.monitor);
  }
});
