import { assertEquals } from "@std/assert";
import { EC, ec, esrField } from "../core/arch/esr.ts";
import { hpfarOfIpa } from "../core/arch/address.ts";
import type { Sysregs } from "../core/realm/rec.ts";
import {
  A64,
  alias,
  blockAt,
  mapped,
  mmuOn,
  pageAt,
  ram,
  type Ran,
  ran,
  type Setup,
  tableAt,
  tables,
  worldOf,
} from "./realm_fixture.ts";

/** Loads X0 from `va` with the fixture's tables and `more` descriptors. */
const loadFrom = (
  va: bigint,
  more: readonly (readonly [number, bigint])[],
  sys: Partial<Sysregs> = {},
  rest: Setup = {},
): Ran =>
  ran(worldOf({
    words: [A64.LDR_X0_X1],
    ...rest,
    sys: { ...mmuOn, ...sys },
    data: [...mapped([]), ...more],
    x: { 1: va },
  }));

/** ESR_EL1.FSC of a data abort at `va` taken to EL1, or null when the load went through. */
const fscOf = (done: Ran, va: bigint): number | null => {
  const { esr_el1, far_el1 } = done.rec.sys;
  assertEquals(done.trap, null);
  if (esr_el1 === 0n) return null;
  assertEquals(ec(esr_el1), EC.DABT_CUR);
  assertEquals(far_el1, va);
  return esrField(esr_el1, "FSC");
};

/** An address with indices 3, 5, 7 and 9 from level 0 to 3, and offset 0x128. */
const va = 3n << 39n | 5n << 30n | 7n << 21n | 9n << 12n | 0x128n;
const spare = [0x4002_0000, 0x4002_1000, 0x4002_2000, 0x4002_3000];
const slots = [
  tables[0]! + 3 * 8,
  spare[1]! + 5 * 8,
  spare[2]! + 7 * 8,
  spare[3]! + 9 * 8,
];

/** Descriptors that lead down to `level`, and `last` there. */
const pathTo = (
  level: number,
  last: bigint,
): readonly (readonly [number, bigint])[] => [
  ...slots.slice(0, level).map((slot, at) =>
    [slot, tableAt(spare[at + 1]!)] as const
  ),
  [slots[level]!, last],
];

const mark = [0x4003_0128, 0x1122_3344_5566_7788n] as const;

Deno.test("a walk reads through four levels", () => {
  const done = loadFrom(va, [...pathTo(3, pageAt(0x4003_0000)), mark]);
  assertEquals(fscOf(done, va), null);
  assertEquals(done.rec.x[0], mark[1]);
});

Deno.test("an invalid or reserved descriptor is a translation fault of its level", () => {
  for (let level = 0; level < 4; level++) {
    for (const kind of [0n, 1n, 2n, 3n]) {
      const valid = level === 3
        ? kind === 3n
        : level === 0
        ? kind === 3n
        : kind & 1n;
      if (valid) continue;
      const last = BigInt(0x4003_0000) | 0x400n | kind;
      const found = fscOf(loadFrom(va, pathTo(level, last)), va);
      assertEquals(found, 0x04 + level, `level ${level} kind ${kind}`);
    }
  }
});

Deno.test("a block maps 1 GiB at level 1 and 2 MiB at level 2", () => {
  for (const [level, size] of [[1, 1n << 30n], [2, 1n << 21n]] as const) {
    const offset = 0x3_0128n;
    const at = (va & ~(size - 1n)) + offset;
    const done = loadFrom(at, [...pathTo(level, blockAt(ram)), mark]);
    assertEquals(fscOf(done, at), null);
    assertEquals(done.rec.x[0], mark[1]);
  }
});

Deno.test("a clear access flag faults with its level, and not while it is set", () => {
  const leaves = [[1, 1n], [2, 1n], [3, 3n]] as const;
  for (const [level, kind] of leaves) {
    const last = BigInt(ram) | kind;
    assertEquals(fscOf(loadFrom(va, pathTo(level, last)), va), 0x08 + level);
    const hardware = { tcr_el1: mmuOn.tcr_el1! | 3n << 39n }; // HA, HD: RES0 here
    assertEquals(
      fscOf(loadFrom(va, pathTo(level, last), hardware), va),
      0x08 + level,
    );
  }
});

Deno.test("an output address beyond IPS is an address size fault of its level", () => {
  const sizes = [32, 36, 40, 42, 44, 48, 48, 48];
  sizes.forEach((bits, ips) => {
    const sys = {
      tcr_el1: mmuOn.tcr_el1! & ~(7n << 32n) | BigInt(ips) << 32n,
    };
    if (bits === 48) return;
    const beyond = 1n << BigInt(bits);
    for (let level = 0; level < 4; level++) {
      const last = level === 3
        ? pageAt(beyond)
        : level === 0
        ? tableAt(beyond)
        : blockAt(beyond);
      assertEquals(fscOf(loadFrom(va, pathTo(level, last), sys), va), level);
      if (level < 3) {
        const table = loadFrom(va, pathTo(level, tableAt(beyond)), sys);
        assertEquals(fscOf(table, va), level);
      }
    }
    // The instruction fetch goes through TTBR1 here; TTBR0 itself is too big: level 0.
    const base = loadFrom(va, [], { ...sys, ttbr0_el1: beyond }, {
      rec: { pc: 0xffff_0000_0000_0000n + BigInt(ram) },
    });
    assertEquals(fscOf(base, va), 0);
  });
});

Deno.test("a descriptor that stage 2 refuses is a fault on the walk, for loads, stores and fetches", () => {
  const places = [
    [alias + 0x5000n, 0x07],
    [0x3000_0000n, 0x07],
    [1n << 40n, 0x04],
  ] as const;
  for (let level = 1; level < 4; level++) {
    for (const [at, fsc] of places) {
      const ipa = at + BigInt(slots[level]! & 0xfff);
      const kinds = [
        [A64.LDR_X0_X1, 0x92000080],
        [A64.STR_X0_X1, 0x920000c0],
        [A64.LDADD_X2_X0_X1, 0x92000080],
      ] as const;
      for (const [word, esr] of kinds) {
        const done = loadFrom(va, pathTo(level - 1, tableAt(at)), {}, {
          words: [word],
        });
        assertEquals(done.trap, {
          esr: BigInt(esr) | BigInt(fsc),
          far: va,
          hpfar: hpfarOfIpa(ipa),
        });
        assertEquals(done.rec.retired, 0);
      }
      const fetched = loadFrom(va, pathTo(level - 1, tableAt(at)), {}, {
        rec: { pc: va },
      });
      assertEquals(fetched.trap, {
        esr: 0x82000080n | BigInt(fsc),
        far: va,
        hpfar: hpfarOfIpa(ipa),
      });
    }
  }
});

Deno.test("TTBR0_EL1 itself may point where stage 2 refuses", () => {
  const done = loadFrom(va, [], { ttbr0_el1: alias }, {
    rec: { pc: 0xffff_0000_0000_0000n + BigInt(ram) },
  });
  assertEquals(done.trap, {
    esr: 0x92000087n,
    far: va,
    hpfar: hpfarOfIpa(alias),
  });
});

/** Which addresses a size admits, and where the walk starts, for every TxSZ of either half. */
Deno.test("every T0SZ and T1SZ translates exactly its range", () => {
  for (const high of [false, true]) {
    for (let size = 0; size < 64; size++) {
      const bits = 64 - size;
      const inside = 16 <= bits && bits <= 48;
      const tcr = high
        ? mmuOn.tcr_el1! & ~(63n << 16n) | BigInt(size) << 16n
        : mmuOn.tcr_el1! & ~63n | BigInt(size);
      // The other half keeps 48 bits and runs the code.
      const far = 0xffff_0000_0000_0000n;
      const code = (high ? 0n : far) + BigInt(ram);
      const sys = {
        tcr_el1: tcr,
        ttbr0_el1: BigInt(high ? tables[0]! : spare[0]!),
        ttbr1_el1: BigInt(high ? spare[0]! : tables[0]!),
      };
      const top = high ? (1n << 64n) - (1n << BigInt(bits % 64)) : 0n;
      const probe = (at: bigint): number | null => {
        const levels = inside ? Math.ceil((bits - 12) / 9) : 0;
        const path: (readonly [number, bigint])[] = [];
        for (let n = 0; n < levels; n++) {
          const shift = BigInt(12 + 9 * (levels - 1 - n));
          const width = n === 0 ? bits - Number(shift) : 9;
          const index = Number(at >> shift & ((1n << BigInt(width)) - 1n));
          const last = n === levels - 1;
          path.push([
            spare[n]! + index * 8,
            last ? pageAt(0x4003_0000) : tableAt(spare[n + 1]!),
          ]);
        }
        const done = loadFrom(at, [...path, mark], sys, {
          rec: { pc: code },
        });
        const fsc = fscOf(done, at);
        if (fsc === null) assertEquals(done.rec.x[0], mark[1]);
        return fsc;
      };
      const range = 1n << BigInt(Math.min(bits, 55));
      const first = (inside ? top : high ? far : 0n) + 0x128n;
      assertEquals(probe(first), inside ? null : 4, `first, size ${size}`);
      if (!inside) continue;
      assertEquals(probe(top + range - 0x1000n + 0x128n), null, `last ${size}`);
      const outside = high ? top - 0x1000n + 0x128n : range + 0x128n;
      assertEquals(probe(outside), 4, `outside ${size}`);
    }
  }
});

Deno.test("EPD0 and EPD1 are level 0 translation faults", () => {
  const far = 0xffff_0000_0000_0000n;
  for (const [bit, at, code] of [[7n, 0n, far], [23n, far, 0n]] as const) {
    const target = at + BigInt(ram);
    const done = loadFrom(target, [], {
      tcr_el1: mmuOn.tcr_el1! | 1n << bit,
    }, { rec: { pc: code + BigInt(ram) } });
    assertEquals(fscOf(done, target), 4);
  }
});

Deno.test("TBI0 and TBI1 ignore the top byte of an address, and of PC", () => {
  for (const [bit, at] of [[37n, 0n], [38n, 0x00ff_0000_0000_0000n]] as const) {
    for (const tag of [0n, 1n, 0x5an, 0xffn]) {
      for (const on of [false, true]) {
        const target = tag << 56n | at | BigInt(ram);
        const canonical = (tag === 0xffn) === (at !== 0n) &&
          (tag === 0n || tag === 0xffn);
        const tcr_el1 = mmuOn.tcr_el1! | (on ? 1n << bit : 0n);
        const done = loadFrom(target, [], { tcr_el1 });
        assertEquals(fscOf(done, target), on || canonical ? null : 4);
        const branched = loadFrom(0n, [], { tcr_el1 }, {
          words: [A64.NOP],
          rec: { pc: target },
        });
        const { pc, sys } = branched.rec;
        if (!on && !canonical) assertEquals(sys.esr_el1, 0x86000004n);
        else {
          const plain = at === 0n
            ? BigInt(ram)
            : 0xffff_0000_0000_0000n + BigInt(ram);
          assertEquals(pc, plain + 4n);
        }
      }
    }
  }
});

Deno.test("SCTLR_EL1.EE makes descriptors and data big-endian", () => {
  const swapped = (value: bigint): bigint => {
    const view = new DataView(new ArrayBuffer(8));
    view.setBigUint64(0, value);
    return view.getBigUint64(0, true);
  };
  const data = mapped([]).map(([at, value]) => [at, swapped(value)] as const);
  const done = ran(worldOf({
    words: [A64.LDR_X0_X1],
    sys: { ...mmuOn, sctlr_el1: mmuOn.sctlr_el1! | 1n << 25n },
    data: [...data, mark],
    x: { 1: BigInt(mark[0]) },
  }));
  assertEquals(done.rec.x[0], swapped(mark[1]));
});

Deno.test("with the MMU off an address is flat, and beyond 48 bits an address size fault", () => {
  const flat = { sctlr_el1: 0x00c5_0878n };
  assertEquals(fscOf(loadFrom(BigInt(ram), [], flat), 0n), null);
  for (let bit = 48; bit < 64; bit++) {
    const at = 1n << BigInt(bit) | BigInt(ram);
    const done = loadFrom(at, [], flat);
    assertEquals(fscOf(done, at), 0);
    const tbi = loadFrom(at, [], { ...flat, tcr_el1: 1n << 37n | 1n << 38n });
    if (bit < 56) assertEquals(fscOf(tbi, at), 0);
    else assertEquals(fscOf(tbi, at), null);
  }
  // Between the IPA space and 48 bits it is stage 2's.
  for (let bit = 40; bit < 48; bit++) {
    const at = 1n << BigInt(bit);
    const { trap } = loadFrom(at, [], flat);
    assertEquals(trap, { esr: 0x93c08004n, far: at, hpfar: hpfarOfIpa(at) });
  }
});
