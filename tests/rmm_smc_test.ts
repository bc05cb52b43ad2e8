/**
 * RSI: the realm's calls to the RMM, and host calls through it.
 *
 * @module
 */

import { assertEquals, assertStrictEquals } from "@std/assert";
import { read, write } from "../core/realm/memory.ts";
import { enter } from "../core/rmm/enter.ts";
import { FLAG, zero_exit } from "../core/rmm/recrun.ts";
import type { Ripas } from "../core/rmm/stage2.ts";
import type { World } from "../core/world.ts";
import {
  empty,
  entered,
  exited,
  exitHalf,
  offered,
  pc,
  ram,
  realm,
  reenter,
  regs,
  resumed,
  smc,
  smc_esr,
  state,
  taken,
  unprot,
  withRmm,
} from "./rmm_world.ts";

const trap = taken(smc_esr);

/** X0 to X3 after a call that comes straight back; PC has moved and X4 up are kept. */
const answer = (world: World): readonly bigint[] => {
  const after = regs(resumed(world, trap));
  assertEquals(after.pc, pc + 4n);
  assertEquals(after.x.slice(4), regs(world).x.slice(4));
  return after.x.slice(0, 4);
};

const minus_1 = 0xffff_ffff_ffff_ffffn;

Deno.test("§8 row 34: an unknown SMC returns -1, zeroes X1 to X3 and keeps the rest", () => {
  const unknown = [
    0n,
    0xdeadn,
    0xc400_0fffn,
    0x8400_0015n,
    0xc400_0158n,
    0xc400_0192n,
    0xc400_0193n,
    0xc400_0194n,
    0xc400_0195n,
    0xc400_01a0n,
  ];
  for (const fid of unknown) {
    const world = smc(realm(), fid, 1n, 2n, 3n);
    assertEquals(answer(world), [minus_1, 0n, 0n, 0n]);
  }
});

Deno.test("§6.1 only the low half of X0 counts, and its SVE hint does not", () => {
  for (const fid of [0x8000_0000n, 0xffff_ffff_8000_0000n, 0x8001_0000n]) {
    assertEquals(answer(smc(realm(), fid)), [0x1_0002n, 0n, 0n, 0n]);
  }
});

Deno.test("RSI_VERSION accepts the revisions of the profile and names the highest", () => {
  const asked = [0x1_0000n, 0x1_0001n, 0x1_0002n, 0x2_0000n, 0n, minus_1];
  for (const rsi_version of [0x1_0000n, 0x1_0001n]) {
    for (const want of asked) {
      const good = 0x1_0000n <= want && want <= rsi_version;
      const world = smc(realm({ rsi_version }), 0xc400_0190n, want);
      assertEquals(
        answer(world),
        good ? [0n, want, rsi_version, 0n] : [1n, rsi_version, rsi_version, 0n],
      );
    }
  }
});

Deno.test("RSI_FEATURES succeeds with zero for every index", () => {
  for (const index of [0n, 1n, minus_1]) {
    assertEquals(answer(smc(realm(), 0xc400_0191n, index)), [0n, 0n, 0n, 0n]);
  }
});

const paged = (ripas: Ripas, assigned: boolean): World =>
  withRmm(realm(), { stage2: [{ ...ram, ripas, assigned }] });

Deno.test("RSI_REALM_CONFIG and RSI_HOST_CALL treat their page alike", () => {
  for (const fid of [0xc400_0196n, 0xc400_0199n]) {
    const call = (world: World, ipa: bigint) => smc(world, fid, ipa);
    const wrong = [ram.base + 8n, unprot, empty];
    for (const ipa of wrong) {
      assertEquals(answer(call(realm(), ipa)), [1n, 0n, 0n, 0n]);
    }
    for (const assigned of [false, true]) {
      for (const ripas of ["empty", "dev"] as const) {
        const world = call(paged(ripas, assigned), ram.base);
        assertEquals(answer(world), [1n, 0n, 0n, 0n]);
      }
    }
    const absent = [["ram", false], ["destroyed", false], ["destroyed", true]];
    for (const [ripas, assigned] of absent) {
      const world = call(paged(ripas as Ripas, assigned === true), ram.base);
      const out = exited(world, trap);
      assertEquals(exitHalf(out), {
        ...zero_exit,
        esr: 0x9000_0007n,
        hpfar: ram.base >> 8n,
      });
      assertEquals(regs(out), regs(world));
    }
  }
});

Deno.test("RSI_REALM_CONFIG fills the fields it has and leaves every other byte", () => {
  const full = new Uint8Array(0x1000).fill(0xee);
  for (const layout of ["1.0", "2.0"] as const) {
    const start = smc(realm({ layout }), 0xc400_0196n, ram.base);
    const memory = write(start.realm.memory, Number(ram.base), full);
    const world = { ...start, realm: { ...start.realm, memory } };
    const after = resumed(world, trap);
    const page = read(after.realm.memory, Number(ram.base), 0x1000);
    const expected = full.slice();
    expected.set([40, 0, 0, 0, 0, 0, 0, 0, 0], 0);
    expected.fill(0, 0x200, 0x240);
    if (layout === "2.0") {
      expected.fill(0, 0x10, 0x28);
      expected.set([0x0f, 0, 0, 0x90], 0x18);
    }
    assertEquals(page, expected);
  }
});

const call_at = ram.base + 0x300n;

/** A realm about to make a host call with imm 0x1234 and patterned registers. */
const calling = (ipa: bigint = call_at): World => {
  const start = smc(realm(), 0xc400_0199n, ipa);
  const data = new Uint8Array(0x100);
  const view = new DataView(data.buffer);
  view.setUint32(0, 0x1234, true);
  for (let n = 0; n < 31; n += 1) {
    view.setBigUint64(8 + 8 * n, 0xca11_0000n + BigInt(n), true);
  }
  const memory = write(start.realm.memory, Number(call_at), data);
  return { ...start, realm: { ...start.realm, memory } };
};

Deno.test("RSI_HOST_CALL exits with imm and 31 registers, X0 to X3 untouched", () => {
  const out = exited(calling(), trap);
  assertEquals(exitHalf(out), {
    ...zero_exit,
    exit_reason: 5n,
    imm: 0x1234n,
    gprs: zero_exit.gprs.map((_, n) => 0xca11_0000n + BigInt(n)),
  });
  assertEquals(regs(out), { ...regs(calling()), pc: pc + 4n });
});

Deno.test("§8 row 38: the host's answer lands in memory, and only X0 changes", () => {
  const out = exited(calling(), trap);
  const after = entered(out, 0n, 0x77n);
  assertEquals(regs(after).x, regs(out).x.with(0, 0n));
  const bytes = read(after.realm.memory, Number(call_at), 0x100);
  const view = new DataView(bytes.buffer);
  assertEquals(view.getUint32(0, true), 0x1234);
  assertEquals(view.getBigUint64(8, true), 0x77n);
  assertEquals(view.getBigUint64(8 + 8 * 30, true), 0xbad0_bad0_0000_001en);
  assertEquals(state(after).host_call_pending, false);
});

Deno.test("§8 row 39: with the page gone the entry succeeds without running, and the answer is due again", () => {
  for (const host_call_before_ripas of [false, true]) {
    const out = exited(calling(), trap);
    const profile = {
      ...out.profile,
      rmm: { ...out.profile.rmm, host_call_before_ripas },
    };
    const gone = withRmm({ ...out, profile }, {
      stage2: [{ ...ram, ripas: "ram", assigned: false }],
    });
    const outcome = reenter(gone, 0n, 0x77n);
    assertEquals(outcome.tag, "Returned");
    if (outcome.tag !== "Returned") return;
    assertEquals(exitHalf(outcome.world), {
      ...zero_exit,
      esr: 0x9000_0007n,
      hpfar: call_at >> 8n,
    });
    assertEquals(regs(outcome.world), regs(out));
    const { running, host_call_pending } = state(outcome.world);
    assertEquals([running, host_call_pending], [false, true]);
    const back = { ...outcome.world, rmm: out.rmm };
    const after = entered(back, 0n, 0x99n);
    assertEquals(
      read(after.realm.memory, Number(call_at) + 8, 1),
      new Uint8Array([0x99]),
    );
  }
});

Deno.test("§8 row 40: with the page EMPTY the answer is dropped and X0 keeps the FID", () => {
  const out = exited(calling(), trap);
  const after = entered(withRmm(out, { stage2: [] }), 0n, 0x77n);
  assertEquals(regs(after).x, regs(out).x);
  assertStrictEquals(after.realm.memory, out.realm.memory);
  assertEquals(state(after).host_call_pending, false);
});

Deno.test("§8 row 41: hpfar of a synthetic abort keeps bits 11:8 of the address", () => {
  const world = smc(paged("destroyed", true), 0xc400_0199n, call_at);
  assertEquals(exitHalf(exited(world, trap)).hpfar & 0xfn, 0x3n);
});

Deno.test("a pending host call does not justify either abort flag", () => {
  const out = exited(calling(), trap);
  for (const flag of [FLAG.EMUL_MMIO, FLAG.INJECT_SEA]) {
    assertEquals(enter(offered(out, flag), 0).tag, "Failed");
  }
});
