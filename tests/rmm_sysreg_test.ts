/**
 * Trapped system registers: what the realm reads and what the host sees.
 *
 * @module
 */

import { assertEquals, assertStrictEquals } from "@std/assert";
import { exit } from "../core/rmm/exit.ts";
import type { Feature } from "../core/rmm/profile.ts";
import { zero_exit } from "../core/rmm/recrun.ts";
import { reference_pe } from "../core/rmm/idregs.ts";
import { sysregEsr } from "../core/rmm/sysreg.ts";
import {
  entered,
  exited,
  exitHalf,
  pc,
  realm,
  regs,
  resumed,
  taken,
} from "./rmm_world.ts";

Deno.test("§8 row 63: a trapped register read always takes enter.gprs[0]", () => {
  const read = taken(sysregEsr([3, 0, 12, 12, 0], 9, true));
  const out = exited(realm(), read);
  assertEquals(exitHalf(out).esr, 0x6230_3019n);
  assertEquals(exitHalf(out).gprs[0], 0n);
  const after = regs(entered(out, 0n, 0x3ffn));
  assertEquals([after.x[9], after.pc], [0x3ffn, pc + 4n]);
  const zr = exited(realm(), taken(sysregEsr([3, 0, 12, 12, 0], 31, true)));
  assertStrictEquals(regs(entered(zr, 0n, 0x3ffn)).x, regs(zr).x);
});

/** rmm.md §2.7: GIC registers and the syndrome of a write from X0. */
const writes = [
  ["ICC_SGI1R_EL1", [3, 0, 12, 11, 5], 0x623a_3016n],
  ["ICC_ASGI1R_EL1", [3, 0, 12, 11, 6], 0x623c_3016n],
  ["ICC_SGI0R_EL1", [3, 0, 12, 11, 7], 0x623e_3016n],
  ["ICC_DIR_EL1", [3, 0, 12, 11, 1], 0x6232_3016n],
  ["ICC_PMR_EL1", [3, 0, 4, 6, 0], 0x6230_100cn],
] as const;

Deno.test("§2.7 a write of a GIC register exits with its value and without its Rt", () => {
  for (const [name, code, esr] of writes) {
    assertEquals(sysregEsr(code, 0, false), esr, name);
    for (let rt = 0; rt < 32; rt += 1) {
      const world = realm();
      const out = exited(world, taken(sysregEsr(code, rt, false)));
      const value = regs(world).x[rt] ?? 0n;
      assertEquals(exitHalf(out), {
        ...zero_exit,
        esr,
        gprs: zero_exit.gprs.with(0, value),
      });
      assertStrictEquals(regs(entered(out, 0n, 1n)).x, regs(world).x);
    }
  }
});

Deno.test("§2.7 a 1.0 RMM shows Rt, hides the value and asserts that only SGI and DIR writes trap", () => {
  const old = realm({
    sysreg_exit: "raw",
    sysreg_write_shown: false,
    icc_traps: "sgi-and-dir-writes",
  });
  const sgi = sysregEsr([3, 0, 12, 11, 5], 7, false);
  const shown = exitHalf(exited(old, taken(sgi)));
  assertEquals(shown, { ...zero_exit, esr: sgi });
  const odd = [
    sysregEsr([3, 0, 12, 11, 5], 7, true),
    sysregEsr([3, 0, 4, 6, 0], 7, false),
  ];
  for (const esr of odd) {
    assertEquals(exit(old, 0, taken(esr)).tag, "Panic");
  }
});

Deno.test("§2.7 BRBE, MPAM and S2POR_EL1 are undefined, an unknown register is RAZ/WI", () => {
  for (const rt of [5, 31]) {
    for (const read of [false, true]) {
      const undefined_codes = [
        [2, 1, 8, 3, 0],
        [2, 1, 9, 1, 2],
        [3, 0, 10, 5, 1],
        [3, 0, 10, 4, 4],
        [3, 0, 10, 2, 5],
      ] as const;
      for (const code of undefined_codes) {
        const after = regs(resumed(realm(), taken(sysregEsr(code, rt, read))));
        assertEquals([after.sys.elr_el1, after.pc], [pc, 0x4000_8200n]);
      }
      const unknown = sysregEsr([3, 3, 9, 12, 0], rt, read);
      const after = regs(resumed(realm(), taken(unknown)));
      const x5 = read && rt === 5 ? 0n : regs(realm()).x[5];
      assertEquals([after.x[5], after.pc], [x5, pc + 4n]);
    }
  }
});

Deno.test("§2.7 an ID register reads as the realm's PE and cannot be written", () => {
  const read = (crm: number, op2: number, features: readonly Feature[] = []) =>
    regs(
      resumed(
        realm({ pe: reference_pe, features }),
        taken(sysregEsr([3, 0, 0, crm, op2], 4, true)),
      ),
    ).x[4];
  const shown = new Map([
    [0x20, 0x1101_0000_1111_1111n],
    [0x30, 0x0221_1001_1021_2120n],
    [0x38, 0x10_1125n],
  ]);
  for (let crm = 1; crm < 8; crm += 1) {
    for (let op2 = 0; op2 < 8; op2 += 1) {
      assertEquals(read(crm, op2), shown.get(8 * crm + op2) ?? 0n);
    }
  }
  const all = [
    "ssbs",
    "nmi",
    "mte2",
    "gcs",
    "ebep",
    "sebep",
    "sctlr2",
  ] as const;
  assertEquals(read(4, 1, all), 0x1010_0000_0210n);
  assertEquals(read(5, 0, all), 0x100_0000n);
  assertEquals(read(5, 1, all), 0x1_0000_0000_0000n);
  assertEquals(read(7, 3, all), 1n);
  const write = sysregEsr([3, 0, 0, 4, 0], 4, false);
  assertEquals(exit(realm(), 0, taken(write)).tag, "Panic");
  assertEquals(exit(realm(), 0, taken(write & ~(1n << 25n))).tag, "Panic");
});
