import { assertEquals, assertStrictEquals } from "@std/assert";
import { hpfarOfIpa } from "../core/arch/address.ts";
import { read } from "../core/realm/memory.ts";
import type { Sysregs } from "../core/realm/rec.ts";
import {
  A64,
  alias,
  mapped,
  mmuOn,
  pageAt,
  ram,
  ran,
  runOf,
  vectors,
  worldOf,
} from "./realm_fixture.ts";

/** A UART-like address no stage 2 entry maps. */
const device = alias + 0x0900_0000n;

/** The trap a word takes with X1 = X9 = `at`, X2 = 0. */
const trapOf = (word: number, at: bigint = device) =>
  runOf({ words: [word], x: { 1: at, 9: at } });

interface Form {
  readonly name: string;
  readonly word: number;
  /** Bytes, or null for a form without a syndrome. */
  readonly bytes: number | null;
  readonly sse: boolean;
  readonly sf: boolean;
  readonly ar: boolean;
  readonly write: boolean;
}

/*
 * Single-register loads and stores by size and opc, from the instruction names:
 * [bytes, signed, 64-bit register, store], or null where it is no such form.
 */
const plain: readonly (
  | readonly [number, boolean, boolean, boolean]
  | null
)[] = [
  [1, false, false, true], // STRB
  [1, false, false, false], // LDRB
  [1, true, true, false], // LDRSB Xt
  [1, true, false, false], // LDRSB Wt
  [2, false, false, true], // STRH
  [2, false, false, false], // LDRH
  [2, true, true, false], // LDRSH Xt
  [2, true, false, false], // LDRSH Wt
  [4, false, false, true], // STR Wt
  [4, false, false, false], // LDR Wt
  [4, true, true, false], // LDRSW
  null,
  [8, false, true, true], // STR Xt
  [8, false, true, false], // LDR Xt
  null, // PRFM
  null,
];

/** The addressing modes that carry a syndrome, base X1, and those with writeback, which do not. */
const modes: readonly (readonly [string, number, boolean])[] = [
  ["unsigned offset", 0x39000000, true],
  ["unscaled", 0x38000000, true],
  ["register offset", 0x38206800, true], // Xm is X0
  ["unprivileged", 0x38000800, true],
  ["post-index", 0x38000400, false],
  ["pre-index", 0x38000c00, false],
];

const plainForms = (rt: number): readonly Form[] =>
  modes.flatMap(([mode, base, syndrome]) =>
    plain.flatMap((row, at) => {
      if (row === null) return [];
      const [bytes, sse, sf, write] = row;
      const word = (base | (at >> 2) << 30 | (at & 3) << 22 | 1 << 5 | rt) >>>
        0;
      const name = `${mode} size:opc ${at} rt ${rt}`;
      return [{
        name,
        word,
        bytes: syndrome ? bytes : null,
        sse: syndrome && sse,
        sf: syndrome && sf,
        ar: false,
        write,
      }];
    })
  );

const ordered = (rt: number): readonly Form[] =>
  [0, 1, 2, 3].flatMap((size) => {
    const bytes = 1 << size;
    const shared = { bytes, sse: false, sf: size === 3, ar: true };
    const at = (size << 30 | 1 << 5 | rt) >>> 0;
    return [
      { name: "LDAR", word: at | 0x08dffc00, write: false, ...shared },
      { name: "STLR", word: at | 0x089ffc00, write: true, ...shared },
      { name: "LDAPR", word: at | 0x38bfc000, write: false, ...shared },
      { name: "LDLAR", word: at | 0x08df7c00, write: false, ...shared },
      { name: "STLLR", word: at | 0x089f7c00, write: true, ...shared },
    ].map((form) => ({
      ...form,
      word: form.word >>> 0,
      name: `${form.name} size ${size} rt ${rt}`,
    }));
  });

/** Pairs, exclusives and atomics: [name, word, WnR on a translation fault]. */
const without: readonly (readonly [string, number, number])[] = [
  ["LDP", 0xa9400820, 0],
  ["STP", 0xa9000820, 1],
  ["LDPSW", 0x69400820, 0],
  ["LDNP", 0xa8400820, 0],
  ["STNP", 0xa8000820, 1],
  ["LDXRB", 0x085f7c20, 0],
  ["LDXR", 0xc85f7c20, 0],
  ["LDAXR", 0xc85ffc20, 0],
  ["LDXP", 0xc87f0820, 0],
  ["STXR", 0xc8027c20, 1],
  ["STLXR", 0xc802fc20, 1],
  ["STXP", 0xc8220c20, 1],
  // A read there would have faulted just so: WnR is 0.
  ["LDADD", 0xf8220020, 0],
  ["STADD", 0xf822003f, 0],
  ["SWPAL", 0xf8e28020, 0],
  ["LDUMAXB", 0x38226020, 0],
  ["CAS", 0xc8a27c20, 0],
  ["CASALB", 0x08e2fc20, 0],
  ["CASP", 0x48227c20, 0],
];

const syndromeOf = (form: Form, rt: number): bigint => {
  let esr = 0x92000007n | BigInt(form.write) << 6n;
  if (form.bytes === null) return esr;
  esr |= 1n << 24n | BigInt(Math.log2(form.bytes)) << 22n | BigInt(rt) << 16n;
  esr |= BigInt(form.sse) << 21n | BigInt(form.sf) << 15n;
  return esr | BigInt(form.ar) << 14n;
};

Deno.test("run() reports ISV, SAS, SSE, SRT, SF, AR and WnR of every single-register form", () => {
  let forms = 0;
  for (let rt = 0; rt < 32; rt++) {
    for (const form of [...plainForms(rt), ...ordered(rt)]) {
      // Writeback into the transferred register is unpredictable.
      if (form.bytes === null && rt === 1) continue;
      const { trap, rec } = trapOf(form.word);
      const expected = {
        esr: syndromeOf(form, rt),
        far: device,
        hpfar: hpfarOfIpa(device),
      };
      assertEquals(trap, expected, form.name);
      assertEquals([rec.pc, rec.retired], [BigInt(ram), 0]);
      forms++;
    }
  }
  assertEquals(forms, 32 * (13 * 6 + 20) - 13 * 2);
});

Deno.test("pairs, exclusives and atomics have no syndrome", () => {
  for (const [name, word, wnr] of without) {
    const { trap } = trapOf(word);
    const esr = 0x92000007n | BigInt(wnr) << 6n;
    assertEquals(trap, { esr, far: device, hpfar: hpfarOfIpa(device) }, name);
  }
});

Deno.test("LDR (literal) has a syndrome; PRFM never aborts", () => {
  const near = runOf({
    words: [],
    rec: { pc: BigInt(ram) + (1n << 20n) - 4n },
    data: [[ram + (1 << 20) - 8, BigInt(0x58000023) << 32n]], // LDR X3, .+4
  });
  const far = BigInt(ram) + (1n << 20n);
  assertEquals(near.trap, { esr: 0x93c38007n, far, hpfar: hpfarOfIpa(far) });
  const prefetch = trapOf(0xf9800020);
  assertEquals([prefetch.trap, prefetch.rec.retired], [null, 1]);
});

Deno.test("stage 2 gives RAM only where RIPAS is RAM and the page is assigned", () => {
  const base = worldOf({ words: [A64.LDR_X0_X1], x: { 1: 0x4008_0000n } });
  for (const ripas of ["empty", "ram", "destroyed", "dev"] as const) {
    for (const assigned of [false, true]) {
      const code = { ripas: "ram", assigned: true } as const;
      const stage2 = [
        { base: 0x4000_0000n, top: 0x4000_1000n, ...code },
        { base: 0x4008_0000n, top: 0x4008_1000n, ripas, assigned },
      ];
      const { trap } = ran({ ...base, rmm: { ...base.rmm, stage2 } });
      const mapped = ripas === "ram" && assigned;
      assertEquals(trap?.esr ?? null, mapped ? null : 0x93c08007n);
      assertEquals(trap?.hpfar ?? null, mapped ? null : 0x40_0800n);
    }
  }
});

Deno.test("the classic mistake, the Protected UART, is a level 3 fault for the RMM to judge", () => {
  const { trap } = trapOf(A64.STR_X0_X1, 0x0900_0000n);
  assertEquals(trap, { esr: 0x93c08047n, far: 0x0900_0000n, hpfar: 0x90000n });
});

Deno.test("instruction fetches abort with EC 0x20 and no syndrome", () => {
  for (const pc of [device, 0x0900_0000n, 0x5000_0000n]) {
    const { trap, rec } = runOf({ words: [], rec: { pc } });
    assertEquals(trap, { esr: 0x82000007n, far: pc, hpfar: hpfarOfIpa(pc) });
    assertEquals(rec.pc, pc);
  }
  const pc = 1n << 40n;
  const { trap } = runOf({ words: [], rec: { pc } });
  assertEquals(trap, { esr: 0x82000004n, far: pc, hpfar: hpfarOfIpa(pc) });
});

/** Loads and stores by size, X0 and [X1]. */
const sized = [
  [1, 0x39400020, 0x39000020],
  [2, 0x79400020, 0x79000020],
  [4, 0xb9400020, 0xb9000020],
  [8, 0xf9400020, 0xf9000020],
] as const;

const normal = [...mapped([])];
const asDevice = [...mapped([[0x4004_0000, pageAt(0x4004_0000) | 1n << 2n]])];

Deno.test("alignment: every size at every offset, by memory type, SCTLR_EL1.A and the MMU", () => {
  const settings = [
    ["off", false],
    ["normal", false],
    ["normal", true],
    ["device", false],
    ["device", true],
  ] as const;
  for (const [memory, a] of settings) {
    const base = memory === "off" ? 0x00c5_0878n : mmuOn.sctlr_el1!;
    const sys: Partial<Sysregs> = {
      ...mmuOn,
      sctlr_el1: a ? base | 2n : base,
    };
    for (const [bytes, load, store] of sized) {
      for (let offset = 0; offset < 16; offset++) {
        for (const word of [load, store]) {
          const at = 0x4004_0000n + BigInt(offset);
          const { rec, trap } = runOf({
            words: [word],
            sys,
            data: memory === "device" ? asDevice : normal,
            x: { 1: at },
          });
          assertEquals(trap, null);
          const faults = offset % bytes !== 0 && (a || memory !== "normal");
          const wnr = word === store ? 0x40n : 0n;
          assertEquals(rec.sys.esr_el1, faults ? 0x96000021n | wnr : 0n);
          if (faults) assertEquals(rec.sys.far_el1, at);
        }
      }
    }
  }
});

Deno.test("ordered, exclusive and atomic accesses must be aligned, pairs to both words", () => {
  const ordered = [
    [A64.LDAR_X0_X1, 8, 0n],
    [0xc89ffc20, 8, 0x40n], // STLR
    [0xf8bfc020, 8, 0n], // LDAPR
    [A64.LDXR_X0_X1, 8, 0n],
    [A64.STXR_W2_X0_X1, 8, 0x40n],
    [0xc87f0820, 16, 0n], // LDXP
    [0xc8220c20, 16, 0x40n], // STXP
    [A64.LDADD_X2_X0_X1, 8, 0n],
    [0xc8a27c20, 8, 0n], // CAS
    [0x48227c20, 16, 0n], // CASP
  ] as const;
  for (const [word, bytes, wnr] of ordered) {
    for (let offset = 0; offset < 32; offset++) {
      const at = 0x4004_0000n + BigInt(offset);
      const { sys } = runOf({
        words: [word],
        sys: mmuOn,
        data: normal,
        x: { 1: at },
      }).rec;
      const faults = offset % bytes !== 0;
      assertEquals(sys.esr_el1, faults ? 0x96000021n | wnr : 0n);
    }
  }
});

Deno.test("an alignment fault by memory type comes before permission and stage 2", () => {
  const readOnly = mapped([
    [0x4004_0000, pageAt(0x4004_0000) | 1n << 2n | 1n << 7n],
    [0x4004_1000, pageAt(device) | 1n << 2n],
  ]);
  for (const at of [0x4004_0001n, 0x4004_1001n]) {
    const { rec, trap } = runOf({
      words: [A64.STR_X0_X1],
      sys: mmuOn,
      data: readOnly,
      x: { 1: at },
    });
    assertEquals([trap, rec.sys.esr_el1], [null, 0x96000061n]);
  }
});

const value = 0x1122_3344_5566_7788n;

Deno.test("a store across two pages writes both or neither, and reports the part that failed", () => {
  const [low, high] = [0x4004_0000, 0x4004_1000];
  const pages = {
    ok: pageAt(high),
    unprotected: pageAt(device & ~0xfffn),
    empty: pageAt(0x3000_0000),
    readOnly: pageAt(high) | 1n << 7n,
    unmapped: 0n,
  };
  for (let split = 1; split < 8; split++) {
    const at = BigInt(high - split);
    for (const [name, second] of Object.entries(pages)) {
      for (const swap of [false, true]) {
        const first = swap ? second : pageAt(low);
        const other = swap ? pageAt(high) : second;
        if (swap && name === "ok") continue;
        const world = worldOf({
          words: [A64.STR_X0_X1],
          sys: mmuOn,
          data: mapped([[low, first], [high, other]]),
          x: { 0: value, 1: at },
        });
        const done = ran(world);
        const failing = swap ? at : BigInt(high);
        const { esr_el1, far_el1 } = done.rec.sys;
        const { memory } = done.world.realm;
        if (name === "ok") {
          const bytes = read(memory, high - split, 8);
          assertEquals(new DataView(bytes.buffer).getBigUint64(0, true), value);
          continue;
        }
        assertStrictEquals(memory, world.realm.memory);
        if (name === "unprotected" || name === "empty") {
          const page = name === "empty" ? 0x3000_0000n : device & ~0xfffn;
          assertEquals(done.trap, {
            esr: 0x93c08047n,
            far: failing,
            hpfar: hpfarOfIpa(page),
          });
        } else {
          assertEquals(done.trap, null);
          assertEquals(far_el1, failing);
          assertEquals(
            esr_el1,
            name === "readOnly" ? 0x9600004fn : 0x96000047n,
          );
        }
      }
    }
  }
});

Deno.test("a load across two pages joins them", () => {
  for (let split = 1; split < 8; split++) {
    const at = 0x4004_1000 - split;
    const { rec } = runOf({
      words: [A64.LDR_X0_X1],
      sys: mmuOn,
      data: [...normal, [at, value]],
      x: { 1: BigInt(at) },
    });
    assertEquals(rec.x[0], value);
  }
});

Deno.test("SP as a base must be a multiple of 16 where SA or SA0 says so", () => {
  for (const el of [0, 1]) {
    for (const bits of [0n, 8n, 16n, 24n]) {
      for (let offset = 0n; offset < 32n; offset++) {
        const sp = 0x4004_0000n + offset;
        const { rec } = runOf({
          words: [A64.LDR_X0_SP],
          sys: { ...mmuOn, sctlr_el1: 1n | bits },
          data: mapped([
            [ram, pageAt(ram) | 3n << 6n],
            [0x4004_0000, pageAt(0x4004_0000) | 1n << 6n],
          ]),
          rec: { sp_el0: sp, sp_el1: sp, pstate: el === 1 ? 0x3c5n : 0x3c0n },
        });
        const checks = (bits & (el === 1 ? 8n : 16n)) !== 0n;
        const faults = checks && offset % 16n !== 0n;
        assertEquals(rec.sys.esr_el1, faults ? 0x9a000000n : 0n);
        assertEquals(rec.sys.far_el1, 0n);
      }
    }
  }
  // Arithmetic on SP is no access: ADD X0, SP, #0.
  const { rec } = runOf({ words: [0x910003e0], rec: { sp_el1: 1n } });
  assertEquals([rec.x[0], rec.sys.esr_el1], [1n, 0n]);
});

Deno.test("a misaligned PC is EC 0x22 with FAR_EL1, before the fetch", () => {
  for (let low = 1n; low < 4n; low++) {
    for (const page of [BigInt(ram), device]) {
      const { rec, trap } = runOf({
        words: [A64.NOP],
        rec: { pc: page + low },
      });
      assertEquals(trap, null);
      const { esr_el1, far_el1, elr_el1 } = rec.sys;
      assertEquals([esr_el1, far_el1, elr_el1], [
        0x8a000000n,
        page + low,
        page + low,
      ]);
      assertEquals(rec.pc, vectors + 0x200n);
    }
  }
});

Deno.test("E0E and EE choose the byte order of data at their level", () => {
  const bytes = [1, 2, 4, 8] as const;
  sized.forEach(([, load, store], size) => {
    for (const [el, bit] of [[0, 24n], [1, 25n], [0, 25n], [1, 24n]] as const) {
      const swaps = (el === 0) === (bit === 24n);
      const { world, rec } = runOf({
        words: [store, load],
        sys: { sctlr_el1: 1n << bit },
        x: { 0: value, 1: 0x4004_0000n },
        rec: { pstate: el === 1 ? 0x3c5n : 0x3c0n },
      }, 2);
      const stored = [...read(world.realm.memory, 0x4004_0000, bytes[size]!)];
      const little = stored.map((_, at) => 0x88 - 0x11 * at);
      assertEquals(stored, swaps ? little.toReversed() : little);
      assertEquals(rec.x[0], BigInt.asUintN(bytes[size]! * 8, value));
    }
  });
});
