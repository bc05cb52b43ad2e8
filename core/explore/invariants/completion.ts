/**
 * Integrity of a completed or retried access: exactly what changes.
 *
 * @module
 */

import { esrField } from "../../arch/esr.ts";
import { mask, signExtend, word } from "../../arch/word.ts";
import type { Rec } from "../../realm/rec.ts";
import { enter } from "../../rmm/enter.ts";
import type { RecEnter } from "../../rmm/recrun.ts";
import type { World } from "../../world.ts";
import type { Fault } from "../ghost.ts";
import {
  all,
  entered,
  equal,
  type Invariant,
  must,
  regsOf,
} from "../invariant.ts";
import { same } from "../same.ts";
import type { Transition } from "../transition.ts";

/** The abort that this entry completes with EMUL_MMIO alone, or null. */
export const completes = (t: Transition): Fault | null => {
  const { entry, ghost } = t;
  if (!entered(t) || entry === null || !entry.emul || entry.sea) return null;
  return ghost.mmio === "open" ? ghost.last : null;
};

const rtOf = (fault: Fault): number => esrField(fault.syndrome.esr, "SRT");

/** What a load leaves in its register, by the Arm ARM's words for a load of `bytes` bytes. */
export const loaded = (fault: Fault, gpr0: bigint): bigint => {
  const { esr } = fault.syndrome;
  const bits = 8 * fault.bytes;
  const cut = gpr0 & mask(bits);
  const value = esrField(esr, "SSE") === 1 ? signExtend(cut, bits) : cut;
  return esrField(esr, "SF") === 1 ? value : value & mask(32);
};

/** True when registers differ in nothing but those `parts` and are as they say there. */
const exactly = (
  from: Rec,
  to: Rec,
  parts: Partial<Rec>,
): true | string => {
  const expected: Rec = { ...from, ...parts };
  if (same(expected, to)) return true;
  const names = Object.keys(expected) as (keyof Rec)[];
  const name = names.find((key) => !same(expected[key], to[key]));
  if (name === "x") {
    const n = expected.x.findIndex((value, at) => value !== to.x[at]);
    return equal(`X${n}`, expected.x[n] ?? 0n, to.x[n]);
  }
  return name === "pc"
    ? equal("PC", expected.pc, to.pc)
    : `expected ${name} to be as it was`;
};

/** The world with the enter half of `rec` replaced. */
const offering = (world: World, rec: number, half: RecEnter): World => {
  const page = world.runs[rec];
  if (page === undefined) return world;
  return { ...world, runs: world.runs.with(rec, { ...page, enter: half }) };
};

const junk = 0x6a75_6e6b_0000_0000n;

/** Some entry of this step's REC has the right to gprs[0], or to all of them. */
const consumed = (t: Transition): "all" | "first" | "none" => {
  const rec = t.before.rmm.recs[t.rec];
  if (rec?.host_call_pending === true) return "all";
  const sysreg = Number((rec?.last_run_info.esr ?? 0n) >> 26n) === 0x18;
  const load = completes(t)?.write === false;
  return sysreg || load ? "first" : "none";
};

/** The RMM's answer to the entry of `t` in another world, as the realm and its registers. */
const elsewhere = (world: World, rec: number): World["realm"] | null => {
  const outcome = enter(world, rec);
  return outcome.tag === "Entered" ? outcome.world.realm : null;
};

/** I1 to I6, I11 and I16. */
export const completion_invariants: readonly Invariant[] = [
  {
    id: "I1",
    rule:
      "EMUL_MMIO after a load changes X[Rt] and PC := PC+4, and nothing else of the realm.",
    source: "DEN0137 A4.2.3; TF-RMM complete_mmio_emulation",
    check: (t) => {
      const fault = completes(t);
      if (fault === null || fault.write) return null;
      const { from, to } = regsOf(t);
      const rt = rtOf(fault);
      const value = loaded(fault, t.entry?.half.gprs[0] ?? 0n);
      const x = rt < 31 ? from.x.with(rt, value) : from.x;
      return all(
        exactly(from, to, { x, pc: word(from.pc + 4n) }),
        must(
          same(t.before.realm.memory, t.after.realm.memory),
          () => "expected the realm's memory to be as it was",
        ),
      );
    },
  },
  {
    id: "I2",
    rule: "EMUL_MMIO after a store changes PC := PC+4 and nothing else.",
    source: "DEN0137 A4.2.3; TF-RMM complete_mmio_emulation",
    check: (t) => {
      const fault = completes(t);
      if (fault === null || !fault.write) return null;
      const { from, to } = regsOf(t);
      return exactly(from, to, { pc: word(from.pc + 4n) });
    },
  },
  {
    id: "I3",
    rule:
      "X[Rt] is the low bytes of gprs[0], sign-extended if SSE and cut to 32 bits if SF is 0.",
    source:
      "Arm ARM ESR_EL2 ISS for a data abort; TF-RMM complete_mmio_emulation",
    check: (t) => {
      const fault = completes(t);
      if (fault === null || fault.write || rtOf(fault) === 31) return null;
      const rt = rtOf(fault);
      const value = loaded(fault, t.entry?.half.gprs[0] ?? 0n);
      return equal(`X${rt}`, value, regsOf(t).to.x[rt]);
    },
  },
  {
    id: "I4",
    rule:
      "A load to XZR changes no register, SP least of all, and PC moves on.",
    source: "Arm ARM C1.2.5; rmm.md §3.4",
    check: (t) => {
      const fault = completes(t);
      if (fault === null || fault.write || rtOf(fault) !== 31) return null;
      const { from, to } = regsOf(t);
      return exactly(from, to, { pc: word(from.pc + 4n) });
    },
  },
  {
    id: "I5",
    rule:
      "enter.gprs[1..30], and gprs[0] where nothing asks for it, do not reach the realm.",
    source: "DEN0137 RmiRecEnter.gprs",
    check: (t) => {
      if (!entered(t) || t.entry === null) return null;
      const used = consumed(t);
      if (used === "all") return null;
      const gprs = t.entry.half.gprs.map((gpr, n) =>
        n === 0 && used === "first" ? gpr : junk + BigInt(n)
      );
      const world = offering(t.before, t.rec, { ...t.entry.half, gprs });
      return must(
        same(elsewhere(world, t.rec), t.after.realm),
        () => "expected the realm not to depend on unused gprs",
      );
    },
  },
  {
    id: "I6",
    rule:
      "With neither flag the instruction runs again: PC and every register as they were.",
    source: "DEN0137 A4.2.3",
    check: (t) => {
      const { entry, ghost } = t;
      if (!entered(t) || entry === null || ghost.mmio !== "open") return null;
      if (entry.emul || entry.sea) return null;
      const { from, to } = regsOf(t);
      return exactly(from, to, {});
    },
  },
  {
    id: "I11",
    rule:
      "A completion is made from what the exit saved: later changes of stage 2 or memory do not alter it.",
    source: "rmm.md §3.4; TF-RMM last_run_info",
    check: (t) => {
      if (completes(t) === null || t.entry === null) return null;
      const { realm, rmm } = t.before;
      const memory = { ...realm.memory, chunks: [] };
      const changed = {
        ...t.before,
        realm: { ...realm, memory },
        rmm: { ...rmm, stage2: [] },
      };
      const there = elsewhere(offering(changed, t.rec, t.entry.half), t.rec);
      return must(
        same(there?.recs, t.after.realm.recs),
        () => "expected the completion not to depend on stage 2 or memory",
      );
    },
  },
  {
    id: "I16",
    rule:
      "A store is completed only after the exit that is being answered showed its value.",
    source: "invariants.md I16; DEN0137 RFFNHW",
    check: (t) => {
      const fault = completes(t);
      if (fault === null || !fault.write) return null;
      const { gprs } = t.before.runs[t.rec]?.exit ?? { gprs: [] };
      const shown = (gprs[0] ?? 0n) & mask(8 * fault.bytes);
      return equal("the value in exit.gprs[0]", fault.value, shown);
    },
  },
];
