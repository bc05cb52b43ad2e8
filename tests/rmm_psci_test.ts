/**
 * PSCI: the realm's calls and RMI_PSCI_COMPLETE.
 *
 * @module
 */

import { assertEquals, assertStrictEquals } from "@std/assert";
import { psciComplete, recOfMpidr } from "../core/rmm/psci.ts";
import { zero_exit } from "../core/rmm/recrun.ts";
import type { World } from "../core/world.ts";
import {
  entered,
  exited,
  exitHalf,
  pc,
  realm,
  reenter,
  regs,
  resumed,
  smc,
  smc_esr,
  state,
  taken,
  unprot,
  withState,
} from "./rmm_world.ts";

const trap = taken(smc_esr);
const entry = 0x4000_2000n;
const cpu_on = [0x8400_0003n, 0xc400_0003n] as const;
const affinity_info = [0x8400_0004n, 0xc400_0004n] as const;

const code = (value: number): bigint => BigInt.asUintN(64, BigInt(value));

/** X0 after a call that comes straight back. */
const result = (...x: readonly bigint[]): bigint | undefined => {
  const after = regs(resumed(smc(realm(), ...x), trap));
  assertEquals(after.x.slice(1, 4), [0n, 0n, 0n]);
  return after.x[0];
};

Deno.test("§6.3 PSCI calls that the RMM answers alone", () => {
  assertEquals(result(0x8400_0000n), 0x1_0001n);
  for (const fid of cpu_on) {
    assertEquals(result(fid, 1n, unprot, 0n), code(-9));
    assertEquals(result(fid, 3n, unprot, 0n), code(-9));
    assertEquals(result(fid, 3n, entry, 0n), code(-2));
    assertEquals(result(fid, 0x100n, entry, 0n), code(-2));
    assertEquals(result(fid, 0n, entry, 0n), code(-4));
  }
  for (const fid of affinity_info) {
    assertEquals(result(fid, 1n, 1n), code(-2));
    assertEquals(result(fid, 3n, 0n), code(-2));
    assertEquals(result(fid, 0n, 0n), 0n);
  }
});

Deno.test("§6.3 PSCI_FEATURES and the rest of the range", () => {
  const known = [
    0x8400_0001n,
    0xc400_0001n,
    0x8400_0002n,
    ...cpu_on,
    ...affinity_info,
    0x8400_0008n,
    0x8400_0009n,
    0x8400_000an,
    0x8000_0000n,
  ];
  const range = [0x8400_0000n, 0xc400_0000n].flatMap((base) =>
    Array.from({ length: 0x15 }, (_, n) => base + BigInt(n))
  );
  for (const fid of [...range, 0x8000_0000n, 0n]) {
    const yes = known.includes(fid);
    assertEquals(result(0x8400_000an, fid), yes ? 0n : code(-1));
  }
  const handled = [0x8400_0000n, ...known];
  for (const fid of range) {
    if (handled.includes(fid)) continue;
    assertEquals(result(fid), code(-1));
  }
});

Deno.test("§6.4 a PSCI call with the SVE hint is not supported", () => {
  assertEquals(result(0x8401_0000n), code(-1));
  assertEquals(result(0xc401_0003n, 1n, entry, 0n), code(-1));
});

Deno.test("§8 row 44: CPU_SUSPEND and CPU_OFF need no completion, but an off REC cannot be entered", () => {
  for (const fid of [0x8400_0001n, 0xc400_0001n, 0x8400_0002n]) {
    const out = exited(smc(realm(), fid, 7n, 8n, 9n), trap);
    assertEquals(exitHalf(out), {
      ...zero_exit,
      exit_reason: 3n,
      gprs: zero_exit.gprs.with(0, fid),
    });
    assertEquals(regs(out).x.slice(0, 4), [0n, 0n, 0n, 0n]);
    assertEquals(regs(out).pc, pc + 4n);
    const off = fid === 0x8400_0002n;
    assertEquals(reenter(out, 0n).tag, off ? "Failed" : "Entered");
  }
});

Deno.test("SYSTEM_OFF and SYSTEM_RESET end the realm and keep its registers", () => {
  for (const fid of [0x8400_0008n, 0x8400_0009n]) {
    const world = smc(realm(), fid);
    const out = exited(world, trap);
    assertEquals(out.rmm.state, "SYSTEM_OFF");
    assertEquals(exitHalf(out).gprs[0], fid);
    assertEquals(regs(out).x, regs(world).x);
    assertEquals(reenter(out, 0n), {
      tag: "Failed",
      status: "RMI_ERROR_REALM",
      index: 0,
    });
  }
});

/** A realm whose REC 0 waits for CPU_ON of `target`. */
const turning = (target: bigint, fid: bigint = cpu_on[1]): World =>
  exited(smc(realm(), fid, target, entry, 0x5555n), trap);

Deno.test("§8 row 42: a REC that waits for PSCI_COMPLETE cannot be entered", () => {
  for (const fid of cpu_on) {
    const out = turning(2n, fid);
    assertEquals(exitHalf(out), {
      ...zero_exit,
      exit_reason: 3n,
      gprs: zero_exit.gprs.with(0, fid).with(1, 2n),
    });
    assertEquals(reenter(out, 0n).tag, "Failed");
    const done = psciComplete(out, 0, 2, 0);
    assertEquals(done.tag, "Done");
    assertEquals(regs(entered(done.world, 0n)).x.slice(0, 4), [0n, 0n, 0n, 0n]);
  }
});

Deno.test("§8 row 43: denying a target that is on fails, yet answers the caller", () => {
  const out = turning(1n);
  const denied = psciComplete(out, 0, 1, -3);
  assertEquals([denied.tag, state(denied.world).psci_pending], [
    "Failed",
    false,
  ]);
  assertEquals(regs(denied.world).x.slice(0, 4), [code(-4), 0n, 0n, 0n]);
  const allowed = psciComplete(out, 0, 1, 0);
  assertEquals(allowed.tag, "Done");
  assertEquals(regs(allowed.world).x[0], code(-4));
  assertStrictEquals(allowed.world.realm.recs[1], out.realm.recs[1]);
});

Deno.test("§8 row 45: CPU_ON sets X0, PC, PSTATE and SCTLR of its target and nothing else", () => {
  for (const ee of [0n, 1n << 25n]) {
    const start = turning(2n);
    const sys = { ...regs(start).sys, sctlr_el1: 0x30d0_0980n | ee };
    const out = {
      ...start,
      realm: {
        ...start.realm,
        recs: start.realm.recs.with(0, { ...regs(start), sys }),
      },
    };
    const done = psciComplete(out, 0, 2, 0).world;
    const before = regs(out, 2);
    assertEquals(regs(done, 2), {
      ...before,
      x: before.x.with(0, 0x5555n),
      pc: entry,
      pstate: 0x3c5n,
      sys: { ...before.sys, sctlr_el1: 0x00c5_0878n | ee },
    });
    assertEquals(state(done, 2).runnable, true);
  }
});

Deno.test("§6.4 the host may deny a REC that is off", () => {
  const out = turning(2n);
  const done = psciComplete(out, 0, 2, -3);
  assertEquals(done.tag, "Done");
  assertEquals(regs(done.world).x[0], code(-3));
  assertStrictEquals(done.world.realm.recs[2], out.realm.recs[2]);
  assertEquals(state(done.world, 2).runnable, false);
});

Deno.test("§6.4 AFFINITY_INFO says ON for a REC that runs or may run", () => {
  for (const fid of affinity_info) {
    for (const [target, expected] of [[1, 0n], [2, 1n]] as const) {
      const world = smc(realm(), fid, BigInt(target), 0n);
      const out = exited(world, trap);
      const done = psciComplete(out, 0, target, 0);
      assertEquals(regs(done.world).x.slice(0, 4), [expected, 0n, 0n, 0n]);
      const inside = withState(out, { running: true }, target);
      assertEquals(regs(psciComplete(inside, 0, target, 0).world).x[0], 0n);
      assertEquals(psciComplete(out, 0, target, -3).tag, "Failed");
    }
  }
});

Deno.test("psciComplete() returns the same world when it refuses", () => {
  const out = turning(2n);
  const refusals: readonly (readonly [World, number, number, number])[] = [
    [out, 0, 0, 0],
    [out, 0, 1, 0],
    [out, 0, 3, 0],
    [out, 3, 2, 0],
    [out, 1, 2, 0],
    [out, 0, 2, -2],
    [withState(out, { running: true }), 0, 2, 0],
    [psciComplete(out, 0, 2, 0).world, 0, 2, 0],
  ];
  for (const [world, calling, target, status] of refusals) {
    const outcome = psciComplete(world, calling, target, status);
    assertEquals(outcome, {
      tag: "Failed",
      status: "RMI_ERROR_INPUT",
      index: 0,
      world,
    });
    assertStrictEquals(outcome.world, world);
  }
});

Deno.test("§6.4 a caller that set upper bits of X0 gets NOT_SUPPORTED at completion", () => {
  const out = turning(2n, 0x1_c400_0003n);
  const done = psciComplete(out, 0, 2, 0);
  assertEquals([done.tag, regs(done.world).x[0]], ["Done", code(-1)]);
  assertEquals(state(done.world, 2).runnable, false);
});

Deno.test("recOfMpidr() counts 16 to a cluster and 256 to each level above", () => {
  const fields = [[0n, 1], [8n, 16], [16n, 4096], [32n, 1_048_576]] as const;
  for (const [shift, weight] of fields) {
    assertEquals(recOfMpidr(3n << shift), 3 * weight);
  }
  assertEquals(recOfMpidr(0xff00_0000_ff00_00f5n & ~(0xffn << 32n)), 5);
});
