import { assertEquals } from "@std/assert";
import { EC, syndrome } from "../core/arch/esr.ts";
import { PSTATE } from "../core/arch/pstate.ts";
import { codeOf } from "../core/arch/sysreg.ts";
import {
  A64,
  msrWord,
  ram,
  type Ran,
  ran,
  runOf,
  vectors,
  withRmm,
  worldOf,
} from "./realm_fixture.ts";

const pc = BigInt(ram);

/** EL0t, EL1t and EL1h: mode bits and vector offset. */
const modes = [
  [0b0000n, 0x400n],
  [0b0100n, 0x000n],
  [0b0101n, 0x200n],
] as const;

/** Checks an exception to EL1: class and ISS, return address, vector. */
const tookEl1 = (
  done: Ran,
  esr: bigint,
  elr: bigint,
  vector: bigint,
): void => {
  const { rec, trap } = done;
  assertEquals(trap, null);
  assertEquals(
    [rec.sys.esr_el1, rec.sys.elr_el1, rec.pc],
    [esr, elr, vectors + vector],
  );
};

Deno.test("SVC, BRK and UNDEF go to the vector of the mode they come from", () => {
  for (const [mode, vector] of modes) {
    const pstate = mode | 0x3c0n | 1n << 29n;
    const at = (word: number): Ran => runOf({ words: [word], rec: { pstate } });
    tookEl1(at(A64.SVC), syndrome(EC.SVC64, 0x55), pc + 4n, vector);
    tookEl1(at(A64.BRK), syndrome(EC.BRK64, 0x55), pc, vector);
    tookEl1(at(0), syndrome(EC.UNKNOWN, 0), pc, vector);
    tookEl1(at(0xd4400000), syndrome(EC.UNKNOWN, 0), pc, vector); // HLT
    const { sys, pstate: now, retired } = at(A64.SVC).rec;
    assertEquals(sys.spsr_el1, pstate);
    assertEquals(now, 0x3c5n | 1n << 29n);
    assertEquals(sys.far_el1, 0n);
    assertEquals([retired, at(A64.BRK).rec.retired], [1, 0]);
  }
});

Deno.test("HVC and SMC reach R-EL2 from EL1 and are UNDEF at EL0", () => {
  for (const [mode, vector] of modes) {
    for (
      const [word, ec, after] of [[A64.HVC, EC.HVC64, 4n], [
        A64.SMC,
        EC.SMC64,
        0n,
      ]] as const
    ) {
      const done = runOf({ words: [word], rec: { pstate: mode } });
      if (mode === 0n) {
        tookEl1(done, syndrome(EC.UNKNOWN, 0), pc, vector);
        continue;
      }
      // HVC returns past itself; SMC is trapped (TSC) and stays.
      assertEquals(done.rec.pc, pc + after);
      assertEquals(done.trap, { esr: syndrome(ec, 0x55), far: 0n, hpfar: 0n });
      assertEquals(done.rec.sys.esr_el1, 0n);
      assertEquals(done.rec.retired, after === 4n ? 1 : 0);
    }
  }
});

Deno.test("an exception sets PSTATE as SCTLR_EL1 and the features say, in every combination", () => {
  const SPAN = 23n;
  const DSSBS = 44n;
  for (let bits = 0; bits < 64; bits++) {
    const on = (at: number): boolean => (bits >> at & 1) === 1;
    const [span, dssbs, ssbs, mte, pan, other] = [0, 1, 2, 3, 4, 5].map(on);
    const copied = PSTATE.DIT | PSTATE.N | PSTATE.V;
    const lost = PSTATE.UAO | PSTATE.BTYPE | PSTATE.SS;
    const pstate = (pan ? PSTATE.PAN : 0n) | (other ? copied | lost : 0n);
    const { rec } = runOf({
      words: [A64.SVC],
      features: [
        ...(ssbs ? ["ssbs" as const] : []),
        ...(mte ? ["mte2" as const] : []),
      ],
      sys: {
        sctlr_el1: (span ? 1n << SPAN : 0n) | (dssbs ? 1n << DSSBS : 0n),
      },
      rec: { pstate },
    });
    const expected = 0x3c5n | (other ? copied : 0n) |
      (pan || !span ? PSTATE.PAN : 0n) |
      (ssbs && dssbs ? PSTATE.SSBS : 0n) | (mte ? PSTATE.TCO : 0n);
    assertEquals(rec.pstate, expected);
    assertEquals(rec.sys.spsr_el1, pstate);
  }
});

Deno.test("VBAR_EL1 bits 10:0 are no part of a vector", () => {
  const { rec } = runOf({ words: [A64.SVC], sys: { vbar_el1: 0xfffn } });
  assertEquals(rec.pc, 0xa00n);
});

Deno.test("ERET goes where SPSR_EL1 says, or is illegal, for every mode", () => {
  const elr = 0x4004_0000n;
  const flags = PSTATE.N | PSTATE.PAN | PSTATE.D | PSTATE.F;
  const lost = PSTATE.UAO | PSTATE.DIT;
  for (let mode = 0n; mode < 32n; mode++) {
    const spsr = mode | flags | lost;
    const { rec } = runOf({
      words: [A64.ERET],
      sys: { elr_el1: elr, spsr_el1: spsr },
      rec: { pstate: 0x3c5n, monitor: { ipa: 0n, bytes: 8 } },
    });
    const legal = mode === 0n || mode === 4n || mode === 5n;
    assertEquals(rec.pc, elr);
    assertEquals(rec.monitor, null);
    assertEquals(rec.retired, 1);
    assertEquals(rec.pstate, legal ? spsr : 5n | flags | PSTATE.IL);
  }
});

Deno.test("SPSR_EL1.IL and an illegal return both end in EC 0x0E at the target", () => {
  for (const spsr of [0x3c5n | PSTATE.IL, 0x3cdn]) {
    const done = runOf({
      words: [A64.ERET, A64.NOP],
      sys: { elr_el1: pc + 4n, spsr_el1: spsr },
    }, 2);
    tookEl1(done, syndrome(EC.ILLEGAL_STATE, 0), pc + 4n, 0x200n);
    assertEquals(done.rec.sys.spsr_el1 & PSTATE.IL, PSTATE.IL);
    assertEquals(done.rec.pstate & PSTATE.IL, 0n);
  }
});

Deno.test("ERET at EL0 is UNDEF", () => {
  const done = runOf({ words: [A64.ERET], rec: { pstate: 0n } });
  tookEl1(done, syndrome(EC.UNKNOWN, 0), pc, 0x400n);
});

Deno.test("EL0 runs, calls EL1 and is returned to", () => {
  const done = runOf({
    words: [A64.ERET, A64.SVC, 0x910007e7], // EL0: SVC; ADD X7, SP, #1
    data: [[Number(vectors) + 0x400, BigInt(A64.ERET)]],
    sys: { elr_el1: pc + 4n, spsr_el1: 0n },
    rec: { sp_el0: 7n, sp_el1: 9n },
  }, 4);
  assertEquals(done.rec.x[7], 8n); // EL0's stack pointer, and one
  assertEquals([done.rec.pstate, done.rec.retired], [0n, 4]);
});

Deno.test("WFI, WFE, WFIT and WFET trap to R-EL2 iff told, else pass", () => {
  const waits = [
    ["trap_wfi", A64.WFI, 0x07e00000n],
    ["trap_wfe", A64.WFE, 0x07e00001n],
    ["trap_wfi", 0xd5031025, 0x07e000a6n], // WFIT X5
    ["trap_wfe", 0xd5031005, 0x07e000a7n], // WFET X5
  ] as const;
  for (const [flag, word, esr] of waits) {
    for (const wfi of [false, true]) {
      for (const wfe of [false, true]) {
        const world = withRmm(worldOf({ words: [word], x: { 5: 1n } }), {
          trap_wfi: wfi,
          trap_wfe: wfe,
        });
        const trapped = flag === "trap_wfi" ? wfi : wfe;
        const { rec, trap } = ran(world);
        assertEquals(trap?.esr ?? null, trapped ? esr : null);
        assertEquals(rec.pc, trapped ? pc : pc + 4n);
        assertEquals(rec.retired, trapped ? 0 : 1);
      }
    }
  }
});

Deno.test("WFIT past its deadline, or WFI with a virtual SError pending, is no wait", () => {
  const all = { trap_wfi: true, trap_wfe: true };
  const late = withRmm(worldOf({ words: [0xd5031025], x: { 5: 0n } }), all);
  assertEquals(ran(late).trap, null);
  const woken = withRmm(worldOf({ words: [A64.WFI] }), { ...all, vserror: 0n });
  assertEquals(ran(woken).rec.pc, pc + 4n);
});

Deno.test("WFx at EL0 goes to EL1 first, as nTWI and nTWE say", () => {
  for (
    const [word, bit, ti] of [[A64.WFI, 16n, 0], [A64.WFE, 18n, 1]] as const
  ) {
    for (const allowed of [false, true]) {
      const world = withRmm(
        worldOf({
          words: [word],
          sys: { sctlr_el1: allowed ? 1n << bit : 0n },
          rec: { pstate: 0n },
        }),
        { trap_wfi: true, trap_wfe: true },
      );
      const done = ran(world);
      const esr = syndrome(EC.WFX, 0x1e00000 | ti);
      if (!allowed) tookEl1(done, esr, pc, 0x400n);
      else assertEquals(done.trap?.esr, esr);
    }
  }
});

Deno.test("a pending virtual SError is taken as soon as PSTATE.A is clear", () => {
  for (const [mode, vector] of modes) {
    for (const masked of [false, true]) {
      const pstate = mode | (masked ? PSTATE.A : 0n);
      const world = withRmm(
        worldOf({
          words: [A64.NOP],
          data: [[Number(vectors + vector) + 0x180, BigInt(A64.NOP)]],
          rec: { pstate },
        }),
        { vserror: 0xffff_ffff_fe00_0011n | 1n << 24n },
      );
      const { rec, world: after } = ran(world);
      const { esr_el1, elr_el1, far_el1 } = rec.sys;
      if (masked) {
        assertEquals([esr_el1, rec.pc], [0n, pc + 4n]);
        assertEquals(after.rmm.recs[0]!.vserror, world.rmm.recs[0]!.vserror);
        continue;
      }
      // IDS and ISS come from VSESR_EL2; the NOP at the vector has run.
      assertEquals([esr_el1, elr_el1, far_el1], [0xbf000011n, pc, 0n]);
      assertEquals(rec.pc, vectors + vector + 0x184n);
      assertEquals(after.rmm.recs[0]!.vserror, null);
    }
  }
});

Deno.test("MSR DAIFClr lets a virtual SError in at the next instruction", () => {
  const made = worldOf({
    words: [A64.MSR_DAIFCLR_A, A64.NOP],
    data: [[Number(vectors) + 0x380, BigInt(A64.NOP)]],
  });
  const world = withRmm(made, { vserror: 0x11n });
  const { rec } = ran(world, 2);
  assertEquals(rec.sys.elr_el1, pc + 4n);
  assertEquals(rec.sys.spsr_el1, 0x2c5n);
});

Deno.test("MSR (immediate) sets its field at EL1; EL0 gets UNDEF or, for DAIF, a trap", () => {
  const word = (op1: number, crm: number, op2: number): number =>
    (0xd500401f | op1 << 16 | crm << 8 | op2 << 5) >>> 0;
  const fields = [
    [0, 3, PSTATE.UAO],
    [0, 4, PSTATE.PAN],
    [0, 5, PSTATE.SP],
  ] as const;
  for (const [op1, op2, field] of fields) {
    for (const old of [0n, field]) {
      for (let imm = 0; imm < 2; imm++) {
        const { rec } = runOf({
          words: [word(op1, imm, op2)],
          rec: { pstate: 4n | old },
        });
        assertEquals(rec.pstate, 4n | (imm === 1 ? field : 0n));
      }
    }
    const el0 = runOf({ words: [word(op1, 1, op2)], rec: { pstate: 0n } });
    tookEl1(el0, syndrome(EC.UNKNOWN, 0), pc, 0x400n);
  }
  for (let imm = 0; imm < 16; imm++) {
    for (let old = 0; old < 16; old++) {
      const pstate = BigInt(old) << 6n | 5n;
      const set = runOf({ words: [word(3, imm, 6)], rec: { pstate } });
      const clear = runOf({ words: [word(3, imm, 7)], rec: { pstate } });
      assertEquals(set.rec.pstate, BigInt(old | imm) << 6n | 5n);
      assertEquals(clear.rec.pstate, BigInt(old & ~imm) << 6n | 5n);
    }
    const setup = { words: [word(3, imm, 6)], rec: { pstate: 0n } };
    const iss = 6 << 17 | 3 << 14 | 4 << 10 | 31 << 5 | imm << 1;
    tookEl1(runOf(setup), syndrome(EC.SYS64, iss), pc, 0x400n);
    const uma = runOf({ ...setup, sys: { sctlr_el1: 1n << 9n } });
    assertEquals(uma.rec.pstate, BigInt(imm) << 6n);
  }
});

Deno.test("SPSel switches the stack pointer at once", () => {
  const words = [
    msrWord(codeOf("spsel"), 2), // X2 = 0
    0x910003e0, // MOV X0, SP
    0xd50041bf, // MSR SPSel, #1
    0x910003e1, // MOV X1, SP
  ];
  const { rec } = runOf({ words, rec: { sp_el0: 16n, sp_el1: 32n } }, 4);
  assertEquals([rec.x[0], rec.x[1]], [16n, 32n]);
});
