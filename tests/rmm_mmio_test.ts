/**
 * Emulated accesses, case by case: the worked values of rmm.md §3.4 and the
 * rows of §8 about what crosses RecRun when the host emulates one.
 *
 * @module
 */

import { assertEquals, assertStrictEquals } from "@std/assert";
import { ipaOfHpfar } from "../core/arch/address.ts";
import { EC } from "../core/arch/esr.ts";
import { loadedValue } from "../core/rmm/mmio.ts";
import { FLAG } from "../core/rmm/recrun.ts";
import {
  dabt,
  entered,
  exited,
  exitHalf,
  pc,
  realm,
  regs,
  state,
  taken,
  unprot,
  withX,
} from "./rmm_world.ts";

const start = realm();

/** rmm.md §3.4: load, saved ESR, enter.gprs[0], register after. */
const loads: readonly (readonly [string, bigint, bigint, number, bigint])[] = [
  ["LDRB w7", 0x9307_0007n, 0xffff_ffff_ffff_ff80n, 7, 0x80n],
  ["LDRSB x2", 0x9322_8007n, 0x80n, 2, 0xffff_ffff_ffff_ff80n],
  ["LDRSB w2", 0x9322_0007n, 0x80n, 2, 0xffff_ff80n],
  ["LDRSH w2", 0x9362_0007n, 0x1234_8001n, 2, 0xffff_8001n],
  ["LDRSW x2", 0x93a2_8007n, 0x8000_0000n, 2, 0xffff_ffff_8000_0000n],
  ["LDR w3", 0x9383_0007n, 0xdead_beef_cafe_f00dn, 3, 0xcafe_f00dn],
  ["LDR x0", 0x93c0_8007n, 0x0123_4567_89ab_cdefn, 0, 0x0123_4567_89ab_cdefn],
];

for (const [name, esr, gpr0, rt, value] of loads) {
  Deno.test(`§3.4 enter() completes ${name}`, () => {
    const out = exited(start, taken(esr));
    assertEquals(state(out).last_run_info.esr, esr);
    const after = entered(out, FLAG.EMUL_MMIO, gpr0);
    assertEquals(regs(after).x[rt], value);
    assertEquals(loadedValue(esr, gpr0), value);
  });
}

Deno.test("§8 row 5: an emulated write moves PC and ignores enter.gprs[0]", () => {
  const out = exited(start, dabt({ ISV: 1, SAS: 2, SRT: 3, WnR: 1 }));
  const after = entered(out, FLAG.EMUL_MMIO, 0x1234n);
  assertEquals(regs(after), { ...regs(start), pc: pc + 4n });
});

Deno.test("§8 row 6: a load to XZR leaves the registers and moves PC", () => {
  const out = exited(start, dabt({ ISV: 1, SAS: 3, SRT: 31, SF: 1 }));
  const after = entered(out, FLAG.EMUL_MMIO, 0x1234n);
  assertStrictEquals(regs(after).x, regs(start).x);
  assertEquals(regs(after).pc, pc + 4n);
});

Deno.test("§8 row 7: a store of XZR sends zero", () => {
  const out = exited(start, dabt({ ISV: 1, SAS: 3, SRT: 31, SF: 1, WnR: 1 }));
  assertEquals(exitHalf(out).gprs[0], 0n);
});

Deno.test("§8 row 8: bits above the access size never reach the realm", () => {
  const out = exited(start, dabt({ ISV: 1, SAS: 1, SRT: 3 }));
  const after = entered(out, FLAG.EMUL_MMIO, 0xffff_ffff_ffff_1234n);
  assertEquals(regs(after).x[3], 0x1234n);
});

Deno.test("§8 row 9: LDRSB w leaves the upper half zero", () => {
  const out = exited(start, dabt({ ISV: 1, SAS: 0, SSE: 1, SRT: 3 }));
  const after = entered(out, FLAG.EMUL_MMIO, 0x80n);
  assertEquals(regs(after).x[3], 0xffff_ff80n);
});

Deno.test("§8 row 10: LDRSB x is extended by a syndrome the host never saw", () => {
  const out = exited(start, dabt({ ISV: 1, SAS: 0, SSE: 1, SF: 1, SRT: 3 }));
  assertEquals(exitHalf(out).esr & (1n << 21n | 0x1fn << 16n), 0n);
  const after = entered(out, FLAG.EMUL_MMIO, 0x80n);
  assertEquals(regs(after).x[3], 0xffff_ffff_ffff_ff80n);
});

Deno.test("§8 row 11: LDR w writes the whole register", () => {
  const full = withX(start, { 3: 0xffff_ffff_ffff_ffffn });
  const out = exited(full, dabt({ ISV: 1, SAS: 2, SRT: 3 }));
  const after = entered(out, FLAG.EMUL_MMIO, 0x1n);
  assertEquals(regs(after).x[3], 1n);
});

Deno.test("§8 row 12: exit.esr of an emulatable abort has no SRT, SSE or IL", () => {
  const out = exited(
    start,
    dabt({ ISV: 1, SAS: 0, SSE: 1, SRT: 30, AR: 1, VNCR: 1, CM: 1, S1PTW: 1 }),
  );
  assertEquals(exitHalf(out).esr, BigInt(EC.DABT_LOW) << 26n | 0x100_0007n);
});

Deno.test("§8 row 13: the host's address is hpfar and twelve bits of far", () => {
  const out = exited(start, dabt({ ISV: 1, SAS: 2 }, unprot + 0x3000n));
  const { hpfar, far } = exitHalf(out);
  assertEquals(ipaOfHpfar(hpfar) | far, unprot + 0x30d4n);
});

Deno.test("§8 row 66: STRB sends eight bits, unless the profile follows the specification's words", () => {
  const world = withX(start, { 5: 0x1234n });
  const store = dabt({ ISV: 1, SAS: 0, SRT: 5, WnR: 1 });
  assertEquals(exitHalf(exited(world, store)).gprs[0], 0x34n);
  const literal = withX(realm({ store_masked: false }), { 5: 0x1234n });
  assertEquals(exitHalf(exited(literal, store)).gprs[0], 0x1234n);
});
