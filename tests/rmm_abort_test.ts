/**
 * Aborts that are not emulated: who gets them and how much the host sees.
 *
 * @module
 */

import { assertEquals, assertStrictEquals } from "@std/assert";
import { hpfarOfIpa } from "../core/arch/address.ts";
import { EC, esr as build } from "../core/arch/esr.ts";
import { exit } from "../core/rmm/exit.ts";
import { FLAG, zero_exit } from "../core/rmm/recrun.ts";
import type { Ripas } from "../core/rmm/stage2.ts";
import {
  dabt,
  empty,
  entered,
  exited,
  exitHalf,
  pc,
  ram,
  realm,
  reenter,
  regs,
  resumed,
  state,
  taken,
  unprot,
  withRegs,
  withRmm,
} from "./rmm_world.ts";

const outside = 1n << 40n;

const paged = (ripas: Ripas, assigned: boolean) =>
  withRmm(realm(), { stage2: [{ ...ram, ripas, assigned }] });

const iabt = (fsc: number, ipa: bigint) =>
  taken(build({ EC: EC.IABT_LOW, IL: 1, FSC: fsc }), ipa);

/** What becomes of an access: an SEA for the realm, or an exit with this syndrome and hpfar. */
const fate = (
  world: ReturnType<typeof realm>,
  access: ReturnType<typeof dabt>,
) => {
  const outcome = exit(world, 0, access);
  if (outcome.tag === "Panic") return outcome.name;
  if (outcome.tag === "Exited") return exitHalf(outcome.world).esr;
  assertEquals(regs(outcome.world).sys.elr_el1, pc);
  assertStrictEquals(outcome.world.runs, world.runs);
  return "sea";
};

Deno.test("§2.6 every Protected page state decides alike for data and fetches", () => {
  for (const assigned of [false, true]) {
    const expected = [
      ["empty", "sea", "sea"],
      ["ram", 0x9000_0007n, 0x8000_0007n],
      ["destroyed", 0x9000_0007n, 0x8000_0007n],
      ["dev", 0x9000_0007n, 0x8000_0007n],
    ] as const;
    for (const [ripas, data, fetch] of expected) {
      const world = paged(ripas, assigned);
      assertEquals(fate(world, dabt({ ISV: 1, SAS: 2 }, ram.base)), data);
      assertEquals(fate(world, iabt(7, ram.base)), fetch);
    }
  }
});

Deno.test("§2.2 every fault status of a data abort goes one of three ways", () => {
  for (let fsc = 0; fsc < 64; fsc += 1) {
    const external = fsc === 0x10 || (0x13 <= fsc && fsc <= 0x17);
    for (const [set, value] of [[0, 0], [3, 0x1800]] as const) {
      const world = realm();
      const after = exited(world, dabt({ FSC: fsc, SET: set }));
      const low = BigInt(fsc + value);
      assertEquals(exitHalf(after), {
        ...zero_exit,
        esr: external ? 0x9000_0000n + low : 0x9200_0000n + low,
        hpfar: external ? 0n : unprot >> 8n,
      });
      const injected = external && set === 0;
      assertEquals(regs(after).sys.elr_el1, injected ? pc : 0n);
    }
    for (const set of [1, 2]) {
      const found = exit(realm(), 0, dabt({ FSC: fsc, SET: set }));
      assertEquals(found.tag, external ? "Panic" : "Exited");
    }
  }
});

Deno.test("§8 row 14: a non-emulatable abort tells neither offset nor direction", () => {
  const { far, esr, gprs } = exitHalf(exited(realm(), dabt({ WnR: 1 })));
  assertEquals([far, esr, gprs], [0n, 0x9200_0007n, zero_exit.gprs]);
});

Deno.test("§8 row 15: a store to a read-only Unprotected page is emulatable", () => {
  const store = dabt({ ISV: 1, SAS: 2, WnR: 1, FSC: 0x0f });
  const out = exited(realm(), store);
  assertEquals(exitHalf(out).esr, 0x9180_004fn);
  assertEquals(regs(entered(out, FLAG.EMUL_MMIO)).pc, pc + 4n);
});

Deno.test("§8 row 16: without a valid syndrome only INJECT_SEA or a mapping help", () => {
  const out = exited(realm(), dabt({}));
  assertEquals(reenter(out, FLAG.EMUL_MMIO).tag, "Failed");
  assertEquals(regs(entered(out, 0n)).pc, pc);
  assertEquals(regs(entered(out, FLAG.INJECT_SEA)).sys.elr_el1, pc);
});

Deno.test("§8 row 17: a fault on a table walk loses S1PTW, and so does its SEA", () => {
  const out = exited(realm(), dabt({ S1PTW: 1 }));
  assertEquals(exitHalf(out).esr, 0x9200_0007n);
  const { esr_el1 } = regs(entered(out, FLAG.INJECT_SEA)).sys;
  assertEquals(esr_el1, 0x9600_0210n);
});

Deno.test("§8 row 18: an AArch32 access is never emulatable, but an SEA may answer it", () => {
  for (const ISV of [0, 1]) {
    const world = withRegs(realm(), { pstate: 0x1d0n });
    const out = exited(world, dabt({ ISV, SAS: 2 }));
    assertEquals(exitHalf(out).esr, 0x9000_0007n);
    assertEquals(reenter(out, FLAG.EMUL_MMIO).tag, "Failed");
    const after = entered(out, FLAG.INJECT_SEA);
    assertEquals(regs(after).pc, 0x4000_8600n);
  }
});

Deno.test("§8 row 19: a store straddling into an unmapped Unprotected page reports that page with all bytes", () => {
  const store = dabt(
    { ISV: 1, SAS: 2, SRT: 0, WnR: 1 },
    1n << 39n,
    0x7f_ffff_f000n,
  );
  const { hpfar, far, esr, gprs } = exitHalf(exited(realm(), store));
  assertEquals(hpfar, 1n << 31n);
  assertEquals([far, esr], [0n, 0x9180_0047n]);
  assertEquals(gprs[0], 0x8080_8080n);
});

Deno.test("§8 row 20: a store straddling out of an unmapped Protected page is not emulatable", () => {
  const last = (1n << 39n) - 0x1000n;
  const world = withRmm(realm(), {
    stage2: [
      { base: last, top: 1n << 39n, ripas: "ram", assigned: false },
    ],
  });
  const store = dabt({ ISV: 1, SAS: 2, WnR: 1 }, last, 0xffen);
  assertEquals(exitHalf(exited(world, store)), {
    ...zero_exit,
    esr: 0x9000_0007n,
    hpfar: hpfarOfIpa(last),
  });
});

Deno.test("§8 row 21: an assigned page that is EMPTY takes an SEA", () => {
  assertEquals(fate(paged("empty", true), dabt({ ISV: 1 }, ram.base)), "sea");
});

Deno.test("§8 row 22: assigning an EMPTY page does not make it RAM", () => {
  const before = fate(paged("empty", false), dabt({ ISV: 1 }, ram.base));
  assertEquals(fate(paged("empty", true), dabt({ ISV: 1 }, ram.base)), before);
});

Deno.test("§8 row 23: a DESTROYED page exits on every access", () => {
  let world = paged("destroyed", true);
  for (let round = 0; round < 3; round += 1) {
    const out = exited(world, dabt({ ISV: 1, SAS: 2 }, ram.base));
    world = entered(out, 0n);
    assertEquals(regs(world).pc, pc);
  }
});

Deno.test("§8 row 24: a fetch from the Unprotected half takes an SEA, mapped or not", () => {
  for (let fsc = 4; fsc < 16; fsc += 1) {
    assertEquals(fate(realm(), iabt(fsc, unprot)), "sea");
  }
});

Deno.test("§8 row 25: an access beyond the IPA space takes an SEA, or an Address Size Fault by the letter", () => {
  assertEquals(fate(realm(), dabt({ ISV: 1, SAS: 2 }, outside)), "sea");
  assertEquals(fate(realm(), iabt(7, outside)), "sea");
  const literal = realm({ outside_ipa: "address-size-fault" });
  const off = resumed(literal, dabt({ ISV: 1, SAS: 2 }, outside));
  assertEquals(regs(off).sys.esr_el1, 0x9780_0000n);
  const sys = { ...regs(literal).sys, sctlr_el1: 0x30d0_0981n };
  const on = resumed(
    withRegs(literal, { sys }),
    dabt({ ISV: 1, SAS: 2 }, outside),
  );
  assertEquals(regs(on).sys.esr_el1, 0x9780_0003n);
  assertEquals(
    fate(realm(), dabt({ ISV: 1 }, outside - 0x1000n)),
    0x9100_0007n,
  );
});

Deno.test("§8 row 64: a recoverable external abort is both injected and reported without an address", () => {
  const out = exited(realm(), dabt({ FSC: 0x10, ISV: 1, SAS: 2 }));
  assertEquals(exitHalf(out), { ...zero_exit, esr: 0x9000_0010n });
  assertEquals(regs(out).sys.esr_el1, 0x9780_0210n);
  assertEquals(regs(out).pc, 0x4000_8200n);
});

Deno.test("§8 row 67: a big-endian realm's store is in register order", () => {
  const sys = { ...regs(realm()).sys, sctlr_el1: 0x30d0_0980n | 1n << 25n };
  const world = withRegs(realm(), { sys });
  const out = exited(world, dabt({ ISV: 1, SAS: 2, SRT: 1, WnR: 1 }));
  assertEquals(exitHalf(out).gprs[0], 0x8080_8081n);
});

Deno.test("§8 row 70: a build that never looked at ISV leaks X0 and the offset of a store", () => {
  const old = realm({ isv_test: false });
  const { esr, far, gprs } = exitHalf(exited(old, dabt({ WnR: 1 })));
  assertEquals([esr, far, gprs[0]], [0x9000_0047n, 0xd4n, 0x80n]);
});

Deno.test("§2.5 a permission fault on a fetch is the realm's own, or an empty exit in 1.0", () => {
  const world = paged("ram", true);
  assertEquals(fate(world, iabt(0x0f, ram.base)), "sea");
  const old = {
    ...world,
    profile: realm({ iabt_permission: "zero-exit" }).profile,
  };
  assertEquals(exitHalf(exited(old, iabt(0x0f, ram.base))), zero_exit);
});

Deno.test("§2.9 the saved syndrome is whole but for an ISV the host did not see", () => {
  const kept = { esr: 0x9383_0007n, far: 0xffff_8000_1000_a0d4n };
  const out = exited(realm(), taken(kept.esr));
  assertEquals(state(out).last_run_info, { ...kept, hpfar: unprot >> 8n });
  const shielded = exited(paged("ram", false), taken(kept.esr, ram.base));
  assertEquals(state(shielded).last_run_info.esr, 0x9283_0007n);
  assertEquals(fate(realm(), dabt({}, empty)), "sea");
});
