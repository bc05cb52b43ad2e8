import { assertEquals, assertStrictEquals } from "@std/assert";
import { hpfarOfIpa } from "../core/arch/address.ts";
import { codeOf, type SysregName } from "../core/arch/sysreg.ts";
import { read, write } from "../core/realm/memory.ts";
import type { Sysregs } from "../core/realm/rec.ts";
import {
  alias,
  mapped,
  mmuOn,
  msrWord,
  pageAt,
  ram,
  type Ran,
  ran,
  runOf,
  worldOf,
} from "./realm_fixture.ts";

const page = 0x4004_0000;

/** Executes `name` with X1 = `at` over the fixture's tables, `page` mapped by `descriptor`. */
const op = (
  name: SysregName,
  at: bigint,
  descriptor: bigint = pageAt(page),
  rest: { pstate?: bigint; sys?: Partial<Sysregs> } = {},
): Ran =>
  runOf({
    words: [msrWord(codeOf(name), 1)],
    sys: { ...mmuOn, ...rest.sys },
    data: mapped([[page, descriptor]]),
    x: { 1: at },
    rec: { pstate: rest.pstate ?? 0x3c5n },
  });

const filled = (): ReturnType<typeof worldOf> => {
  const world = worldOf({
    words: [msrWord(codeOf("dc_zva"), 1)],
    sys: mmuOn,
    data: mapped([]),
  });
  const memory = write(
    world.realm.memory,
    page,
    new Uint8Array(256).fill(0xee),
  );
  return { ...world, realm: { ...world.realm, memory } };
};

Deno.test("DC ZVA zeroes the 64-byte block around its address and nothing else", () => {
  const world = filled();
  for (let offset = 0; offset < 256; offset += 7) {
    const x = world.realm.recs[0]!.x.with(1, BigInt(page + offset));
    const recs = [{ ...world.realm.recs[0]!, x }];
    const done = ran({ ...world, realm: { ...world.realm, recs } });
    const block = offset & ~63;
    const bytes = [...read(done.world.realm.memory, page, 256)];
    const expected = bytes.map((_, at) =>
      block <= at && at < block + 64 ? 0 : 0xee
    );
    assertEquals(bytes, expected);
  }
});

Deno.test("DC ZVA faults as a store; Device memory is an alignment fault", () => {
  const at = BigInt(page + 5);
  const device = op("dc_zva", at, pageAt(page) | 1n << 2n);
  assertEquals(device.rec.sys.esr_el1, 0x96000061n);
  assertEquals(device.rec.sys.far_el1, at);
  const off = op("dc_zva", at, 0n, { sys: { sctlr_el1: 0n } });
  assertEquals(off.rec.sys.esr_el1, 0x96000061n);
  const readOnly = op("dc_zva", at, pageAt(page) | 1n << 7n);
  assertEquals(readOnly.rec.sys.esr_el1, 0x9600004fn);
  const outside = op("dc_zva", at, pageAt(alias));
  assertEquals(outside.trap, {
    esr: 0x92000047n,
    far: at,
    hpfar: hpfarOfIpa(alias),
  });
});

const byAddress = [
  "dc_ivac",
  "dc_cvac",
  "dc_cvau",
  "dc_cvap",
  "dc_civac",
  "ic_ivau",
] as const;

Deno.test("maintenance by address changes nothing, and aborts with CM and WnR", () => {
  const at = BigInt(page + 0x123);
  for (const name of byAddress) {
    const world = worldOf({
      words: [msrWord(codeOf(name), 1)],
      sys: mmuOn,
      data: mapped([]),
      x: { 1: at },
    });
    const done = ran(world);
    assertStrictEquals(done.world.realm.memory, world.realm.memory);
    assertEquals([done.rec.retired, done.rec.sys.esr_el1], [1, 0n]);
    const none = op(name, at, 0n).rec.sys;
    assertEquals([none.esr_el1, none.far_el1], [0x96000147n, at]);
    const outside = op(name, at, pageAt(alias));
    assertEquals(outside.trap, {
      esr: 0x92000147n,
      far: at,
      hpfar: hpfarOfIpa(alias),
    });
    // Only an invalidation needs write permission.
    const readOnly = op(name, at, pageAt(page) | 1n << 7n).rec.sys.esr_el1;
    assertEquals(readOnly, name === "dc_ivac" ? 0x9600014fn : 0n);
  }
});

Deno.test("maintenance at EL0 needs UCI and read permission; DC IVAC is UNDEF there", () => {
  const user = pageAt(page) | 1n << 6n;
  const sys = { sctlr_el1: mmuOn.sctlr_el1! | 1n << 26n };
  const at = BigInt(page);
  for (const name of byAddress) {
    const allowed = op(name, at, user, { pstate: 0n, sys });
    const esr = allowed.rec.sys.esr_el1;
    assertEquals(esr, name === "dc_ivac" ? 0x02000000n : 0n);
    if (name === "dc_ivac") continue;
    const denied = op(name, at, pageAt(page), { pstate: 0n, sys });
    assertEquals(denied.rec.sys.esr_el1, 0x9200014fn);
    const trapped = op(name, at, user, { pstate: 0n }).rec.sys.esr_el1;
    assertEquals(trapped >> 26n, 0x18n);
  }
});

Deno.test("set/way maintenance and TLBI do nothing at EL1 and are UNDEF at EL0", () => {
  const names: readonly SysregName[] = [
    "ic_iallu",
    "ic_ialluis",
    "dc_isw",
    "dc_csw",
    "dc_cisw",
    "tlbi_vmalle1",
    "tlbi_vae1is",
    "tlbi_aside1",
    "tlbi_vaale1is",
  ];
  for (const name of names) {
    const el1 = op(name, 0n);
    assertEquals([el1.trap, el1.rec.retired, el1.rec.sys.esr_el1], [
      null,
      1,
      0n,
    ]);
    const el0 = op(name, 0n, 0n, { pstate: 0n });
    assertEquals(el0.rec.sys.esr_el1, 0x02000000n);
  }
});

const par = (
  name: SysregName,
  descriptor: bigint,
  pstate: bigint = 0x3c5n,
  at: bigint = BigInt(page + 0x123),
): bigint => op(name, at, descriptor, { pstate }).rec.sys.par_el1;

Deno.test("AT reports address, attribute and shareability in PAR_EL1", () => {
  const normal = pageAt(0x4009_0000) | 3n << 8n;
  assertEquals(par("at_s1e1r", normal), 0xff00_0000_4009_0b80n - 0x200n);
  const device = pageAt(0x4009_0000) | 1n << 2n;
  assertEquals(par("at_s1e1r", device), 0x0000_0000_4009_0900n);
  // AT asks stage 1 only: an Unprotected or empty IPA is an answer.
  assertEquals(par("at_s1e1r", pageAt(alias)), 0xff00_0080_0000_0800n);
});

Deno.test("AT asks for what its name says, in every permission", () => {
  const rights = ["rw/--", "rw/rw", "r-/--", "r-/r-"];
  const forms = [
    ["at_s1e1r", 0, 0, false],
    ["at_s1e1w", 0, 1, false],
    ["at_s1e0r", 1, 0, false],
    ["at_s1e0w", 1, 1, false],
    ["at_s1e1rp", 0, 0, true],
    ["at_s1e1wp", 0, 1, true],
  ] as const;
  for (const [name, who, what, panned] of forms) {
    for (const pan of [false, true]) {
      rights.forEach((right, ap) => {
        const [el1 = "", el0 = ""] = right.split("/");
        const denied = panned && pan && el0 !== "--";
        const allowed = (who === 1 ? el0 : el1)[what] !== "-" && !denied;
        const pstate = 0x3c5n | (pan ? 1n << 22n : 0n);
        const found = par(name, pageAt(page) | BigInt(ap) << 6n, pstate);
        if (allowed) assertEquals(found & 1n, 0n);
        else assertEquals(found, 0x800n | 0x0fn << 1n | 1n);
      });
    }
  }
});

Deno.test("AT reports a stage 1 fault in PAR_EL1 and takes a stage 2 fault on its walk to R-EL2", () => {
  assertEquals(par("at_s1e1r", 0n), 0x800n | 0x07n << 1n | 1n);
  assertEquals(par("at_s1e1r", BigInt(page) | 3n), 0x800n | 0x0bn << 1n | 1n);
  const at = 0x8000_0000_0000n;
  const done = runOf({
    words: [msrWord(codeOf("at_s1e1r"), 1)],
    sys: mmuOn,
    data: [...mapped([]), [0x4001_0000 + 0x100 * 8, alias | 3n]],
    x: { 1: at },
  });
  assertEquals(done.trap, {
    esr: 0x920001c7n,
    far: at,
    hpfar: hpfarOfIpa(alias),
  });
  assertEquals([done.rec.pc, done.rec.retired], [BigInt(ram), 0]);
});

Deno.test("atomics and compare-and-swap change memory as their names say", () => {
  const old = 0xffff_ffff_0000_0005n;
  const operand = 0x3n;
  const rows: readonly (readonly [string, number, bigint])[] = [
    ["LDADD", 0xf8220020, old + 3n],
    ["LDCLR", 0xf8221020, old & ~3n],
    ["LDEOR", 0xf8222020, old ^ 3n],
    ["LDSET", 0xf8223020, old | 3n],
    ["LDSMAX", 0xf8224020, 3n],
    ["LDSMIN", 0xf8225020, old],
    ["LDUMAX", 0xf8226020, old],
    ["LDUMIN", 0xf8227020, 3n],
    ["SWP", 0xf8228020, 3n],
    ["LDADDB", 0x38220020, old + 3n],
    ["SWPH", 0x78228020, old & ~0xffffn | 3n],
  ];
  const loaded = (word: number): bigint => {
    const size = BigInt(8 << (word >>> 30));
    return BigInt.asUintN(Number(size), old);
  };
  for (const [name, word, stored] of rows) {
    const done = runOf({
      words: [word],
      x: { 1: BigInt(page), 2: operand },
      data: [[page, old]],
    });
    const bytes = read(done.world.realm.memory, page, 8);
    const now = new DataView(bytes.buffer).getBigUint64(0, true);
    assertEquals([done.rec.x[0], now], [loaded(word), stored], name);
  }
  for (const equal of [false, true]) {
    // CASP X2, X3, X4, X5, [X1]
    const done = runOf({
      words: [0x48227c24],
      x: { 1: BigInt(page), 2: 7n, 3: equal ? 8n : 9n, 4: 70n, 5: 80n },
      data: [[page, 7n], [page + 8, 8n]],
    });
    const bytes = read(done.world.realm.memory, page, 16);
    assertEquals(done.rec.x.slice(2, 4), [7n, 8n]);
    assertEquals([bytes[0], bytes[8]], equal ? [70, 80] : [7, 8]);
  }
});
