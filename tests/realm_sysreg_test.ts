import { assert, assertEquals } from "@std/assert";
import {
  codeOf,
  nameOf,
  packSysreg,
  sysregFields,
  sysregIss,
  type SysregName,
  sysregOfIss,
  sysregs,
} from "../core/arch/sysreg.ts";
import { EC, ec } from "../core/arch/esr.ts";
import { A64, mrsWord, msrWord, ran, runOf, worldOf } from "./realm_fixture.ts";

const names = Object.keys(sysregs) as SysregName[];

/** As GNU as assembles them: MRS X0 or MSR X0 by name, IC, DC, AT and TLBI with X0 or XZR. */
const assembled = `
ic_ialluis d508711f
ic_iallu d508751f
dc_ivac d5087620
dc_isw d5087640
at_s1e1r d5087800
at_s1e1w d5087820
at_s1e0r d5087840
at_s1e0w d5087860
at_s1e1rp d5087900
at_s1e1wp d5087920
dc_csw d5087a40
dc_cisw d5087e40
tlbi_vmalle1is d508831f
tlbi_vae1is d5088320
tlbi_aside1is d5088340
tlbi_vaae1is d5088360
tlbi_vale1is d50883a0
tlbi_vaale1is d50883e0
tlbi_vmalle1 d508871f
tlbi_vae1 d5088720
tlbi_aside1 d5088740
tlbi_vaae1 d5088760
tlbi_vale1 d50887a0
tlbi_vaale1 d50887e0
dc_zva d50b7420
ic_ivau d50b7520
dc_cvac d50b7a20
dc_cvau d50b7b20
dc_cvap d50b7c20
dc_civac d50b7e20
mdscr_el1 d5300240
oslar_el1 d5101080
oslsr_el1 d5301180
osdlr_el1 d5301380
midr_el1 d5380000
mpidr_el1 d53800a0
revidr_el1 d53800c0
ccsidr_el1 d5390000
clidr_el1 d5390020
aidr_el1 d53900e0
csselr_el1 d53a0000
ctr_el0 d53b0020
dczid_el0 d53b00e0
sctlr_el1 d5381000
actlr_el1 d5381020
cpacr_el1 d5381040
ttbr0_el1 d5382000
ttbr1_el1 d5382020
tcr_el1 d5382040
spsr_el1 d5384000
elr_el1 d5384020
sp_el0 d5384100
spsel d5384200
currentel d5384240
pan d5384260
uao d5384280
icc_pmr_el1 d5384600
nzcv d53b4200
daif d53b4220
dit d53b42a0
ssbs d53b42c0
fpcr d53b4400
fpsr d53b4420
afsr0_el1 d5385100
afsr1_el1 d5385120
esr_el1 d5385200
far_el1 d5386000
par_el1 d5387400
mair_el1 d538a200
amair_el1 d538a300
mpamidr_el1 d538a480
mpam1_el1 d538a500
mpam0_el1 d538a520
vbar_el1 d538c000
isr_el1 d538c100
icc_iar0_el1 d538c800
icc_eoir0_el1 d518c820
icc_hppir0_el1 d538c840
icc_bpr0_el1 d538c860
icc_ap0r0_el1 d538c880
icc_ap0r1_el1 d538c8a0
icc_ap0r2_el1 d538c8c0
icc_ap0r3_el1 d538c8e0
icc_ap1r0_el1 d538c900
icc_ap1r1_el1 d538c920
icc_ap1r2_el1 d538c940
icc_ap1r3_el1 d538c960
icc_dir_el1 d518cb20
icc_rpr_el1 d538cb60
icc_sgi1r_el1 d518cba0
icc_asgi1r_el1 d518cbc0
icc_sgi0r_el1 d518cbe0
icc_iar1_el1 d538cc00
icc_eoir1_el1 d518cc20
icc_hppir1_el1 d538cc40
icc_bpr1_el1 d538cc60
icc_ctlr_el1 d538cc80
icc_sre_el1 d538cca0
icc_igrpen0_el1 d538ccc0
icc_igrpen1_el1 d538cce0
contextidr_el1 d538d020
tpidr_el1 d538d080
cntkctl_el1 d538e100
tpidr_el0 d53bd040
tpidrro_el0 d53bd060
cntfrq_el0 d53be000
cntpct_el0 d53be020
cntvct_el0 d53be040
cntp_tval_el0 d53be200
cntp_ctl_el0 d53be220
cntp_cval_el0 d53be240
cntv_tval_el0 d53be300
cntv_ctl_el0 d53be320
cntv_cval_el0 d53be340
`.trim().split("\n").map((line) => {
  const [name, word] = line.split(" ");
  return [name as SysregName, parseInt(word!, 16)] as const;
});

Deno.test("codeOf() agrees with the words GNU as gives", () => {
  assertEquals(assembled.length, names.length - 3); // SCTLR2, GCSCR and S2POR are newer
  for (const [name, word] of assembled) {
    assertEquals((word >> 5) & 0xffff, codeOf(name), name);
  }
});

Deno.test("nameOf() reads back every name and no other code", () => {
  const codes = new Map(names.map((name) => [codeOf(name), name]));
  assertEquals(codes.size, names.length);
  for (let code = 0; code < 65536; code++) {
    assertEquals(nameOf(code), codes.get(code) ?? null);
  }
});

Deno.test("packSysreg() and sysregIss() read back every encoding", () => {
  for (let code = 0; code < 65536; code++) {
    assertEquals(packSysreg(sysregFields(code)), code);
    for (const [rt, read] of [[0, true], [31, false]] as const) {
      const iss = sysregIss(code, rt, read);
      assertEquals(sysregOfIss(iss), { code, rt, read });
    }
  }
});

Deno.test("sysregIss() gives the syndromes TF-RMM expects for the GIC's writes", () => {
  const esr = (name: SysregName): number =>
    0x62000000 | sysregIss(codeOf(name), 0, false);
  assertEquals(esr("icc_sgi1r_el1"), 0x623a3016);
  assertEquals(esr("icc_asgi1r_el1"), 0x623c3016);
  assertEquals(esr("icc_sgi0r_el1"), 0x623e3016);
  assertEquals(esr("icc_dir_el1"), 0x62323016);
  assertEquals(esr("icc_pmr_el1"), 0x6230100c);
});

type Verdict = "ok" | "undef" | "el1" | "el2";

/** Executes MRS X5 or MSR X5 and says what became of it. */
const attempt = (code: number, read: boolean, el: 0 | 1): Verdict => {
  const word = read ? mrsWord(code, 5) : msrWord(code, 5);
  const { rec, trap } = runOf({
    words: [word],
    x: { 5: 0x4000_1000n },
    rec: { pstate: el === 0 ? 0x3c0n : 0x3c5n },
  });
  if (trap !== null) {
    assertEquals(ec(trap.esr), EC.SYS64);
    assertEquals(Number(trap.esr & 0x1ffffffn), sysregIss(code, 5, read));
    assertEquals(rec.pc, 0x4000_0000n);
    return "el2";
  }
  if (rec.sys.elr_el1 !== 0x4000_0000n) return "ok";
  const found = ec(rec.sys.esr_el1);
  if (found === EC.UNKNOWN) return "undef";
  assertEquals(found, EC.SYS64);
  return "el1";
};

const pattern = (code: number): string => {
  const { op0, op1, crn, crm, op2 } = sysregFields(code);
  return `${op0}_${op1}_${crn}_${crm}_${op2}`;
};

/** Written from the list of what the RMM traps, not from the table. */
const expectedEl1 = (code: number, read: boolean): Verdict => {
  const at = pattern(code);
  if (/^3_0_0_[1-7]_/.test(at)) return read ? "el2" : "undef";
  if (/^2_1_[89]_/.test(at)) return "el2";
  if (/^3_0_9_14_|^3_3_9_1[234]_|^3_3_14_([89]|1\d)_/.test(at)) return "el2";
  const name = nameOf(code);
  if (name === null) return "undef";
  if (/^(sctlr2_el1|gcscr_el1|ssbs|fpcr|fpsr)$/.test(name)) return "undef";
  const direction = sysregs[name][5];
  if (direction === "wo" && read || direction === "ro" && !read) return "undef";
  return /^(icc_|mpam|s2por)/.test(name) ? "el2" : "ok";
};

Deno.test("run() settles every MRS and MSR encoding at EL1", () => {
  for (let code = 2 << 14; code < 65536; code++) {
    const at = pattern(code);
    for (const read of [true, false]) {
      // A wild SP_EL0, DAIF or ELR_EL1 is harmless; VBAR and SCTLR move the next fetch, not this one.
      assertEquals(attempt(code, read, 1), expectedEl1(code, read), at);
    }
  }
});

/** What EL0 may do with every control bit clear. */
const el0: Readonly<Record<string, readonly [read: Verdict, write: Verdict]>> =
  {
    "3_3_0_0_1": ["el1", "undef"], // CTR_EL0, UCT
    "3_3_0_0_7": ["ok", "undef"], // DCZID_EL0
    "3_3_4_2_0": ["ok", "ok"], // NZCV
    "3_3_4_2_1": ["el1", "el1"], // DAIF, UMA
    "3_3_4_2_5": ["ok", "ok"], // DIT
    "3_3_13_0_2": ["ok", "ok"], // TPIDR_EL0
    "3_3_13_0_3": ["ok", "undef"], // TPIDRRO_EL0
    "3_3_14_0_0": ["el1", "undef"], // CNTFRQ_EL0
    "3_3_14_0_1": ["el1", "undef"], // CNTPCT_EL0
    "3_3_14_0_2": ["el1", "undef"], // CNTVCT_EL0
    "3_3_14_2_0": ["el1", "el1"], // CNTP_TVAL_EL0
    "3_3_14_2_1": ["el1", "el1"],
    "3_3_14_2_2": ["el1", "el1"],
    "3_3_14_3_0": ["el1", "el1"], // CNTV_TVAL_EL0
    "3_3_14_3_1": ["el1", "el1"],
    "3_3_14_3_2": ["el1", "el1"],
  };

Deno.test("run() settles every MRS and MSR encoding at EL0", () => {
  for (let code = 2 << 14; code < 65536; code++) {
    const at = pattern(code);
    const pmu = /^3_3_9_1[234]_|^3_3_14_([89]|1\d)_/.test(at);
    const [read, write] = el0[at] ??
      (pmu ? ["el1", "el1"] : ["undef", "undef"]);
    assertEquals(attempt(code, true, 0), read, at);
    assertEquals(attempt(code, false, 0), write, at);
  }
});

Deno.test("CNTKCTL_EL1 and SCTLR_EL1 open registers to EL0 bit by bit", () => {
  const opened = (
    name: SysregName,
    sys: Parameters<typeof runOf>[0]["sys"] & object,
  ): boolean =>
    runOf({
      words: [mrsWord(codeOf(name), 5)],
      sys,
      rec: { pstate: 0n },
    }).rec.sys.esr_el1 === 0n;
  const by: readonly (readonly [SysregName, string, number])[] = [
    ["cntpct_el0", "cntkctl_el1", 0],
    ["cntvct_el0", "cntkctl_el1", 1],
    ["cntv_ctl_el0", "cntkctl_el1", 8],
    ["cntp_ctl_el0", "cntkctl_el1", 9],
    ["ctr_el0", "sctlr_el1", 15],
    ["daif", "sctlr_el1", 9],
  ];
  for (const [name, register, bit] of by) {
    for (let other = 1; other < 31; other++) {
      if (other === 24) continue; // E0E
      const sys = { [register]: 1n << BigInt(other) };
      assertEquals(opened(name, sys), other === bit, `${name} by ${other}`);
    }
  }
  assert(opened("cntfrq_el0", { cntkctl_el1: 1n }));
  assert(opened("cntfrq_el0", { cntkctl_el1: 2n }));
});

const readsAfter = (
  name: SysregName,
  value: bigint,
  at: SysregName = name,
): bigint =>
  runOf({
    words: [msrWord(codeOf(name), 1), mrsWord(codeOf(at), 2)],
    x: { 1: value },
  }, 2).rec.x[2]!;

Deno.test("MSR then MRS reads back what the register keeps", () => {
  const ones = (1n << 64n) - 1n;
  const plain: readonly SysregName[] = [
    "ttbr0_el1",
    "ttbr1_el1",
    "tcr_el1",
    "mair_el1",
    "amair_el1",
    "actlr_el1",
    "cpacr_el1",
    "esr_el1",
    "far_el1",
    "elr_el1",
    "spsr_el1",
    "afsr0_el1",
    "afsr1_el1",
    "par_el1",
    "tpidr_el0",
    "tpidrro_el0",
    "tpidr_el1",
    "cntkctl_el1",
    "cntv_cval_el0",
    "cntp_cval_el0",
    "mdscr_el1",
    "sp_el0",
  ];
  for (const name of plain) {
    assertEquals(
      readsAfter(name, 0x0123_4567_89ab_cdefn),
      0x0123_4567_89ab_cdefn,
      name,
    );
  }
  assertEquals(readsAfter("vbar_el1", ones), ones - 0x7ffn);
  assertEquals(readsAfter("contextidr_el1", ones), 0xffff_ffffn);
  assertEquals(readsAfter("csselr_el1", ones), 15n);
  assertEquals(readsAfter("daif", ones), 0x3c0n);
  assertEquals(readsAfter("nzcv", ones), 0xf000_0000n);
  assertEquals(readsAfter("pan", ones), 1n << 22n);
  assertEquals(readsAfter("uao", ones), 1n << 23n);
  assertEquals(readsAfter("dit", ones), 1n << 24n);
  assertEquals(readsAfter("spsel", ones), 1n);
  assertEquals(readsAfter("oslar_el1", 1n, "oslsr_el1"), 8n);
  assertEquals(readsAfter("tpidr_el1", 0n, "currentel"), 4n);
});

Deno.test("the counter is the number of instructions retired", () => {
  const { NOP } = A64;
  const words = [NOP, NOP, NOP, mrsWord(codeOf("cntvct_el0"), 1)];
  const { rec } = runOf({ words }, 4);
  assertEquals(rec.x[1], 3n);
  assertEquals(rec.retired, 4);
});

Deno.test("timers compare against the counter", () => {
  for (const t of ["p", "v"] as const) {
    const ctl: SysregName = `cnt${t}_ctl_el0`;
    const tval: SysregName = `cnt${t}_tval_el0`;
    const cval: SysregName = `cnt${t}_cval_el0`;
    const program = [
      msrWord(codeOf(tval), 1), // at count 0
      msrWord(codeOf(ctl), 2),
      mrsWord(codeOf(ctl), 3), // at count 2
      mrsWord(codeOf(cval), 4),
      mrsWord(codeOf(tval), 5), // at count 4
      mrsWord(codeOf(ctl), 6), // at count 5
    ];
    const { rec } = runOf({ words: program, x: { 1: 5n, 2: 0xfdn } }, 6);
    assertEquals(rec.x.slice(3, 7), [1n, 5n, 1n, 5n]);
    // TVAL is signed: two ticks ago.
    const setup = { words: program, x: { 1: 0xffff_fffen, 2: 3n } };
    const late = runOf({ ...setup, rec: { retired: 100 } }, 6);
    assertEquals(late.rec.x.slice(3, 7), [7n, 98n, 0xffff_fffan, 7n]);
    // The comparison is of unsigned 64-bit values: before time zero is far off.
    const before = runOf(setup, 6);
    assertEquals(before.rec.x[4], (1n << 64n) - 2n);
    assertEquals(before.rec.x[6], 3n);
  }
});

Deno.test("a trapped GIC write leaves PC on the instruction and is not retired", () => {
  const world = worldOf({ words: [msrWord(codeOf("icc_sgi1r_el1"), 7)] });
  const { rec, trap } = ran(world);
  assertEquals(trap, { esr: 0x623a30f6n, far: 0n, hpfar: 0n });
  assertEquals(rec.pc, 0x4000_0000n);
  assertEquals(rec.retired, 0);
});

Deno.test("SSBS, SCTLR2_EL1 and GCSCR_EL1 are there with their feature alone", () => {
  const rows = [
    ["ssbs", "ssbs", 1n << 12n],
    ["sctlr2_el1", "sctlr2", 0xffn],
    ["gcscr_el1", "gcs", 0xffn],
  ] as const;
  const words = (name: SysregName): readonly number[] => [
    msrWord(codeOf(name), 1),
    mrsWord(codeOf(name), 2),
  ];
  for (const [name, , value] of rows) {
    for (const [, feature] of rows) {
      const own = rows.some((row) => row[0] === name && row[1] === feature);
      const { rec } = runOf({
        words: words(name),
        features: [feature],
        x: { 1: value },
      }, 2);
      assertEquals(rec.x[2], own ? value : 0n);
    }
  }
});
