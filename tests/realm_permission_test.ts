import { assertEquals } from "@std/assert";
import { EC, esrField } from "../core/arch/esr.ts";
import {
  A64,
  mapped,
  mmuOn,
  pageAt,
  ram,
  ran,
  tableAt,
  tables,
  vectors,
  worldOf,
} from "./realm_fixture.ts";

/*
 * The oracle is the manual's two tables, cell by cell: what AP[2:1] gives
 * (Table "Data access permissions"), and what APTable takes away.
 */
const byAp = ["rw/--", "rw/rw", "r-/--", "r-/r-"]; // EL1/EL0
const takenByApTable = ["", "0", "w", "0w"]; // 0: all of EL0; w: writes everywhere

interface Case {
  readonly ap: number;
  readonly aptable: number;
  readonly uxn: boolean;
  readonly pxn: boolean;
  readonly uxnTable: boolean;
  readonly pxnTable: boolean;
  readonly hpd: boolean;
  readonly wxn: boolean;
  readonly pan: boolean;
  readonly el: 0 | 1;
  readonly kind: "read" | "write" | "fetch" | "ldtr" | "sttr" | "update";
}

/** What the oracle says: "" when permitted, else what the abort reports. */
const oracle = (c: Case): "" | "read" | "write" | "fetch" => {
  let [el1 = "", el0 = ""] = byAp[c.ap]!.split("/");
  const taken = c.hpd ? "" : takenByApTable[c.aptable]!;
  if (taken.includes("w")) {
    [el1, el0] = [el1, el0].map((s) => s.replace("w", "-")) as [string, string];
  }
  if (taken.includes("0")) el0 = "--";
  const neverEl1 = c.pxn || c.pxnTable && !c.hpd;
  const neverEl0 = c.uxn || c.uxnTable && !c.hpd;
  if (c.kind === "fetch") {
    const writable = (c.el === 1 ? el1 : el0).includes("w");
    if (c.wxn && writable) return "fetch";
    if (c.el === 0) return neverEl0 ? "fetch" : "";
    return neverEl1 || el0.includes("w") ? "fetch" : "";
  }
  const asEl0 = c.el === 0 || c.kind === "ldtr" || c.kind === "sttr";
  let rights = asEl0 ? el0 : el1;
  if (!asEl0 && c.pan && el0 !== "--") rights = "--";
  const needs = { read: "r", ldtr: "r", write: "w", sttr: "w", update: "rw" };
  for (const need of needs[c.kind]) {
    if (!rights.includes(need)) return need === "r" ? "read" : "write";
  }
  return "";
};

const words = {
  read: A64.LDR_X0_X1,
  write: A64.STR_X0_X1,
  ldtr: A64.LDTR_X0_X1,
  sttr: A64.STTR_X0_X1,
  update: A64.LDADD_X2_X0_X1,
  fetch: A64.NOP,
};

/** The page under test: its own level 3 table under its own level 2 entry. */
const target = 0x4020_0000;
const leafTable = 0x4001_4000;

const bit = (on: boolean, at: number): bigint => on ? 1n << BigInt(at) : 0n;

/** Code at EL0 and under WXN runs from a page that is read-only at both levels. */
const surroundings = mapped([[ram, pageAt(ram) | 3n << 6n]]);

/** The exception of one case: null, or [class, FSC, WnR, FAR]. */
const observe = (c: Case): readonly unknown[] | null => {
  const descriptor = pageAt(0x4004_0000) | BigInt(c.ap) << 6n |
    bit(c.uxn, 54) | bit(c.pxn, 53);
  const table = tableAt(leafTable) | BigInt(c.aptable) << 61n |
    bit(c.uxnTable, 60) | bit(c.pxnTable, 59);
  const sctlr = mmuOn.sctlr_el1! | bit(c.wxn, 19);
  const setup = worldOf({
    words: [words[c.kind]],
    sys: {
      ...mmuOn,
      sctlr_el1: sctlr,
      tcr_el1: mmuOn.tcr_el1! | bit(c.hpd, 41),
    },
    data: [
      ...surroundings,
      [tables[2]! + 8, table],
      [leafTable, descriptor],
      [0x4004_0000, BigInt(A64.NOP)],
    ],
    x: { 1: BigInt(target) },
    rec: {
      pc: BigInt(c.kind === "fetch" ? target : ram),
      pstate: (c.el === 0 ? 0x3c0n : 0x3c5n) | bit(c.pan, 22),
    },
  });
  const { rec } = ran(setup);
  if (rec.sys.esr_el1 === 0n) return null;
  assertEquals(rec.pc, vectors + (c.el === 0 ? 0x400n : 0x200n));
  assertEquals(rec.retired, 0);
  assertEquals(rec.x, setup.realm.recs[0]!.x);
  const { esr_el1, far_el1 } = rec.sys;
  const klass = esrField(esr_el1, "EC");
  return [klass, esrField(esr_el1, "FSC"), esrField(esr_el1, "WnR"), far_el1];
};

const flags = [false, true];

const check = (c: Case): void => {
  const said = oracle(c);
  const seen = observe(c);
  const message = JSON.stringify(c);
  if (said === "") return assertEquals(seen, null, message);
  const klass = (said === "fetch" ? EC.IABT_LOW : EC.DABT_LOW) + c.el;
  const wnr = said === "write" ? 1 : 0;
  assertEquals(seen, [klass, 0x0f, wnr, BigInt(target)], message);
};

Deno.test("run() permits data accesses as AP, APTable, HPD and PAN say, in every combination", () => {
  for (const kind of ["read", "write", "ldtr", "sttr", "update"] as const) {
    for (const el of [0, 1] as const) {
      for (const pan of flags) {
        for (const hpd of flags) {
          for (let aps = 0; aps < 16; aps++) {
            check({
              ap: aps & 3,
              aptable: aps >> 2,
              uxn: false,
              pxn: false,
              uxnTable: false,
              pxnTable: false,
              hpd,
              wxn: false,
              pan,
              el,
              kind,
            });
          }
        }
      }
    }
  }
});

Deno.test("run() permits fetches as UXN, PXN, WXN and the tables above say, in every combination", () => {
  for (const el of [0, 1] as const) {
    for (let bits = 0; bits < 1024; bits++) {
      const on = (at: number): boolean => (bits >> at & 1) === 1;
      check({
        ap: bits & 3,
        aptable: bits >> 2 & 3,
        uxn: on(4),
        pxn: on(5),
        uxnTable: on(6),
        pxnTable: on(7),
        hpd: on(8),
        wxn: on(9),
        pan: false,
        el,
        kind: "fetch",
      });
    }
  }
});

Deno.test("PSTATE.UAO turns LDTR and STTR into LDR and STR", () => {
  for (
    const [word, wnr] of [[A64.LDTR_X0_X1, 0], [A64.STTR_X0_X1, 1]] as const
  ) {
    for (const uao of flags) {
      for (const pan of flags) {
        for (const user of flags) {
          const world = worldOf({
            words: [word],
            sys: mmuOn,
            data: mapped([[ram + 4096, pageAt(ram + 4096) | bit(user, 6)]]),
            x: { 1: BigInt(ram + 4096) },
            rec: { pstate: 0x3c5n | bit(uao, 23) | bit(pan, 22) },
          });
          const permitted = uao ? !(pan && user) : user;
          const { sys } = ran(world).rec;
          assertEquals(sys.esr_el1 === 0n, permitted);
          if (!permitted) assertEquals(esrField(sys.esr_el1, "WnR"), wnr);
        }
      }
    }
  }
});
