/**
 * Exceptions injected into the realm: worked syndromes, vectors and PSTATE.
 *
 * @module
 */

import { assertEquals } from "@std/assert";
import { injectSea, injectUndef, vectorOffset } from "../core/rmm/inject.ts";
import { type Feature, rmm_2_0 } from "../core/rmm/profile.ts";
import { FLAG } from "../core/rmm/recrun.ts";
import {
  dabt,
  entered,
  exited,
  exitHalf,
  pc,
  ram,
  realm,
  reenter,
  regs,
  resumed,
  taken,
  unprot,
  withRegs,
  withRmm,
} from "./rmm_world.ts";

/** rmm.md §4.4: instruction, raw, emulatable, Protected, ISV=0 at Unprotected, SEA from EL1 and from EL0. */
const worked = [
  [
    "LDR w3",
    0x9383_0007n,
    0x9180_0007n,
    0x9000_0007n,
    null,
    0x9783_0210n,
    0x9383_0210n,
  ],
  [
    "LDR x0",
    0x93c0_8007n,
    0x91c0_8007n,
    0x9000_0007n,
    null,
    0x97c0_8210n,
    0x93c0_8210n,
  ],
  [
    "LDRSB x2",
    0x9322_8007n,
    0x9100_8007n,
    0x9000_0007n,
    null,
    0x9722_8210n,
    0x9322_8210n,
  ],
  [
    "STRB w5",
    0x9305_0047n,
    0x9100_0047n,
    0x9000_0007n,
    null,
    0x9705_0250n,
    0x9305_0250n,
  ],
  [
    "STR xzr",
    0x93df_8047n,
    0x91c0_8047n,
    0x9000_0007n,
    null,
    0x97df_8250n,
    0x93df_8250n,
  ],
  [
    "STR w1, permission fault",
    0x9381_004fn,
    0x9180_004fn,
    null,
    null,
    0x9781_0250n,
    0x9381_0250n,
  ],
  [
    "LDP",
    0x9200_0007n,
    null,
    0x9000_0007n,
    0x9200_0007n,
    0x9600_0210n,
    0x9200_0210n,
  ],
  [
    "STP",
    0x9200_0047n,
    null,
    0x9000_0007n,
    0x9200_0007n,
    0x9600_0250n,
    0x9200_0250n,
  ],
] as const;

for (const [name, raw, emul, shielded, nisv, sea1, sea0] of worked) {
  Deno.test(`§4.4 the syndromes of ${name}`, () => {
    const missing = withRmm(realm(), {
      stage2: [{ ...ram, ripas: "destroyed", assigned: false }],
    });
    if (shielded !== null) {
      const out = exited(missing, taken(raw, ram.base));
      assertEquals(exitHalf(out).esr, shielded);
    }
    const out = exited(realm(), taken(raw));
    assertEquals(exitHalf(out).esr, emul ?? nisv);
    const injected = (pstate: bigint) => {
      const world = withRegs(realm(), { pstate });
      const left = exited(world, taken(raw));
      return regs(entered(left, FLAG.INJECT_SEA)).sys.esr_el1;
    };
    assertEquals(injected(0x3c5n), sea1);
    assertEquals(injected(0x3c0n), sea0);
  });
}

const features: readonly Feature[] = [
  "ssbs",
  "nmi",
  "mte2",
  "ebep",
  "sebep",
  "gcs",
  "sctlr2",
];

/** SCTLR_EL1's SPAN, DSSBS and SPINTMASK. */
const sctlr_bits = [23n, 44n, 62n] as const;

/** The set of those of `all` whose bit is set in `index`. */
const chosen = <T>(all: readonly T[], index: number): readonly T[] =>
  all.filter((_, at) => (index >> at & 1) === 1);

Deno.test("§4.2 PSTATE of an injected exception, for every set of features and control bits", () => {
  for (let set = 0; set < 1 << features.length; set += 1) {
    const present = chosen(features, set);
    const profile = { ...rmm_2_0, features: present };
    for (let control = 0; control < 1 << sctlr_bits.length; control += 1) {
      const sctlr_el1 = chosen(sctlr_bits, control)
        .reduce((sum, at) => sum | 1n << at, 0n);
      for (const gcscr_el1 of [0n, 0x40n]) {
        for (const pstate of [0n, 0x5_f7f0_3fc5n, 0x9160_0005n]) {
          const base = regs(realm());
          const sys = { ...base.sys, sctlr_el1, gcscr_el1 };
          const from = { ...base, sys, pstate };
          let expected = 0x3c5n | (pstate & 0xf100_0000n);
          if ((sctlr_el1 >> 23n & 1n) === 0n) expected |= 0x40_0000n;
          if (present.includes("ssbs")) {
            expected |= (sctlr_el1 >> 44n & 1n) << 12n;
          }
          if (present.includes("nmi")) {
            expected |= (~(sctlr_el1 >> 62n) & 1n) << 13n;
          }
          if (present.includes("mte2")) expected |= 1n << 25n;
          if (present.includes("ebep")) expected |= 1n << 32n;
          if (present.includes("gcs")) expected |= (gcscr_el1 >> 6n) << 34n;
          const sea = injectSea(from, profile, 0x9200_0007n, 0n);
          const undef = injectUndef(from, profile);
          assertEquals([sea.pstate, undef.pstate], [expected, expected]);
          assertEquals(sea.sys.spsr_el1, pstate);
        }
      }
    }
  }
});

Deno.test("vectorOffset() depends on the mode and the execution state alone", () => {
  const offsets = [
    [0x3c5n, 0x200n],
    [0x004n, 0x000n],
    [0x3c0n, 0x400n],
    [0x1d0n, 0x600n],
  ] as const;
  for (const [pstate, offset] of offsets) {
    assertEquals(vectorOffset(pstate), offset);
    assertEquals(vectorOffset(pstate | 0xf000_0000n), offset);
  }
});

Deno.test("§8 row 26: INJECT_SEA with EMUL_MMIO takes the SEA at the faulting instruction", () => {
  const out = exited(realm(), dabt({ ISV: 1, SAS: 2, SRT: 3 }));
  const both = FLAG.INJECT_SEA | FLAG.EMUL_MMIO;
  const after = regs(entered(out, both, 0x1234n));
  assertEquals(after.sys.elr_el1, pc);
  assertEquals(after.x, regs(out).x);
  const old = realm({ sea_wins: false });
  const twice = exited(old, dabt({ ISV: 1, SAS: 2, SRT: 3 }));
  const wrong = regs(entered(twice, both, 0x1234n));
  assertEquals([wrong.sys.elr_el1, wrong.x[3]], [pc + 4n, 0x1234n]);
});

Deno.test("§8 row 29: an SEA from EL0 keeps its class, one from EL1 gets the next", () => {
  const cases = [
    [0x3c0n, 0x24n, 0x4000_8400n],
    [0x3c4n, 0x25n, 0x4000_8000n],
    [0x3c5n, 0x25n, 0x4000_8200n],
  ] as const;
  for (const [pstate, ec, vector] of cases) {
    const out = exited(withRegs(realm(), { pstate }), dabt({}));
    const after = regs(entered(out, FLAG.INJECT_SEA));
    assertEquals([after.sys.esr_el1 >> 26n, after.pc], [ec, vector]);
  }
});

Deno.test("§8 row 30: FAR_EL1 of an injected SEA is the whole address", () => {
  const out = exited(realm(), dabt({ ISV: 1, SAS: 2 }));
  assertEquals(exitHalf(out).far, 0xd4n);
  const { far_el1 } = regs(entered(out, FLAG.INJECT_SEA)).sys;
  assertEquals(far_el1, 0xffff_8000_1000_a0d4n);
});

Deno.test("§8 row 31: with SPAN set PAN is cleared, or kept by the letter", () => {
  const pan = 1n << 22n;
  const injected = (switches: Parameters<typeof realm>[0]) => {
    const world = realm(switches);
    const sys = { ...regs(world).sys, sctlr_el1: 1n << 23n };
    const start = withRegs(world, { pstate: 0x3c5n | pan, sys });
    return regs(entered(exited(start, dabt({})), FLAG.INJECT_SEA)).pstate & pan;
  };
  assertEquals(injected({}), 0n);
  assertEquals(injected({ pan_on_inject: "keep" }), pan);
});

Deno.test("§8 row 32: SCTLR2_EL1.EASE moves the vector of an SEA, not of an UNDEF or from AArch32", () => {
  const world = realm({ features: ["sctlr2"] });
  const sys = { ...regs(world).sys, sctlr2_el1: 1n << 5n };
  const at = (pstate: bigint) => withRegs(world, { sys, pstate });
  const sea = exited(at(0x3c5n), dabt({}));
  assertEquals(regs(entered(sea, FLAG.INJECT_SEA)).pc, 0x4000_8380n);
  const narrow = exited(at(0x1d0n), dabt({}));
  assertEquals(regs(entered(narrow, FLAG.INJECT_SEA)).pc, 0x4000_8600n);
  const hvc = resumed(at(0x3c5n), taken(0x5a00_0000n));
  assertEquals(regs(hvc).pc, 0x4000_8200n);
});

Deno.test("§8 row 33: HVC is undefined, and its ELR is the next instruction or by the letter the HVC", () => {
  const started = withRegs(realm(), { pc: pc + 4n });
  const after = resumed(started, taken(0x5a00_0000n));
  const { esr_el1, elr_el1, far_el1 } = regs(after).sys;
  assertEquals([esr_el1, elr_el1, far_el1], [0x200_0000n, pc + 4n, 0n]);
  const literal = withRegs(realm({ hvc_elr: "hvc" }), { pc: pc + 4n });
  const exact = resumed(literal, taken(0x5a00_0000n));
  assertEquals(regs(exact).sys.elr_el1, pc);
});

Deno.test("§8 row 27: INJECT_SEA is refused after any exit but an Unprotected data abort, or does nothing by the letter", () => {
  const shielded = {
    stage2: [{ ...ram, ripas: "ram", assigned: false }],
  } as const;
  const exits = [
    [shielded, dabt({ ISV: 1 }, ram.base)],
    [shielded, taken(0x8200_0007n, ram.base)],
    [{}, taken(0x600_0000n)],
    [{}, taken(0xf200_0000n)],
    [{}, { tag: "Irq" }],
    [{}, { tag: "Fiq" }],
    [{}, { tag: "Serror", esr: 0xbe00_1811n, far: 0n, hpfar: unprot >> 8n }],
  ] as const;
  for (const [rmm, exception] of exits) {
    const out = exited(withRmm(realm(), rmm), exception);
    assertEquals(reenter(out, FLAG.INJECT_SEA).tag, "Failed");
    const literal = exited(
      withRmm(realm({ unjustified_sea: "ignore" }), rmm),
      exception,
    );
    assertEquals(regs(entered(literal, FLAG.INJECT_SEA)), regs(literal));
  }
});
