/**
 * The vGIC state of an enter half under a profile that carries it in RecRun.
 *
 * @module
 */

import { assertEquals } from "@std/assert";
import { enter } from "../core/rmm/enter.ts";
import { rmm_1_0 } from "../core/rmm/profile.ts";
import { type RecEnter, zero_enter, zero_run } from "../core/rmm/recrun.ts";
import { isVgicValid } from "../core/rmm/vgic.ts";
import type { World } from "../core/world.ts";
import { exited, exitHalf, realm } from "./rmm_world.ts";

const pending = 1n << 62n;

const lrs = (...first: readonly bigint[]): RecEnter => ({
  ...zero_enter,
  gicv3_lrs: zero_enter.gicv3_lrs.map((zero, n) => first[n] ?? zero),
});

const entry = (world: World, half: RecEnter) => {
  const run = world.runs[0] ?? zero_run;
  return enter(
    { ...world, runs: world.runs.with(0, { ...run, enter: half }) },
    0,
  );
};

const old = exited(realm(rmm_1_0), { tag: "Irq" });
const bad = lrs(3n << 61n);

Deno.test("§7.1 every bit of gicv3_hcr outside 0x40fe is refused", () => {
  for (let at = 0n; at < 64n; at += 1n) {
    const gicv3_hcr = 1n << at;
    const allowed = (gicv3_hcr & 0x40fen) !== 0n;
    assertEquals(isVgicValid({ ...zero_enter, gicv3_hcr }), allowed);
  }
});

Deno.test("§7.1 every bit of a list register in use is judged by its field", () => {
  for (let at = 0n; at < 61n; at += 1n) {
    const inIntid = 10n <= at && at < 32n && at !== 13n && at !== 14n &&
      at !== 15n;
    const reserved = 32n <= at && at <= 44n && at !== 41n;
    const priority = 48n <= at && at < 51n;
    const valid = !inIntid && !reserved && !priority;
    assertEquals(isVgicValid(lrs(pending | 1n << at)), valid, `bit ${at}`);
  }
  assertEquals(isVgicValid(lrs(pending | 1n << 61n)), false);
});

Deno.test("§7.1 an INTID is an SGI, PPI, SPI or LPI", () => {
  const ids = [
    [0, true],
    [1019, true],
    [1020, false],
    [8191, false],
    [
      8192,
      true,
    ],
    [0xffff, true],
    [0x1_0000, false],
  ] as const;
  for (const [id, valid] of ids) {
    assertEquals(isVgicValid(lrs(pending | BigInt(id))), valid, `${id}`);
  }
});

Deno.test("§7.1 two list registers in use may not hold the same INTID", () => {
  assertEquals(isVgicValid(lrs(pending | 5n, pending | 5n)), false);
  assertEquals(isVgicValid(lrs(pending | 5n, pending | 6n)), true);
  assertEquals(isVgicValid(lrs(pending | 5n, 5n)), true);
});

Deno.test("§8 row 58: an Invalid list register may hold anything", () => {
  assertEquals(isVgicValid(lrs((1n << 62n) - 1n)), true);
  assertEquals(entry(old, lrs((1n << 62n) - 1n)).tag, "Entered");
});

Deno.test("§8 row 59: a 1.0 host may not set ICH_HCR_EL2.En", () => {
  const half = { ...zero_enter, gicv3_hcr: 1n };
  assertEquals(entry(old, half), {
    tag: "Failed",
    status: "RMI_ERROR_REC",
    index: 0,
  });
});

Deno.test("§3.1 enter() checks the vGIC in 1.0 and never looks in 2.0", () => {
  assertEquals(entry(old, bad).tag, "Failed");
  const fresh = exited(realm(), { tag: "Irq" });
  assertEquals(entry(fresh, bad).tag, "Entered");
});

Deno.test("exit() gives a 1.0 host its list registers back and a 2.0 host none", () => {
  const half = { ...lrs(pending | 40n), gicv3_hcr: 0x4002n };
  for (const [world, reported] of [[old, true], [realm(), false]] as const) {
    const start = reported ? world : exited(world, { tag: "Irq" });
    const outcome = entry(start, half);
    if (outcome.tag !== "Entered") throw new Error(`found ${outcome.tag}`);
    const { gicv3_hcr, gicv3_lrs } = exitHalf(
      exited(outcome.world, { tag: "Irq" }),
    );
    assertEquals(gicv3_hcr, reported ? 0x4002n : 0n);
    assertEquals(gicv3_lrs[0], reported ? pending | 40n : 0n);
  }
});
