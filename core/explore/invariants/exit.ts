/**
 * Confidentiality of one exit: what of an abort the host may be shown.
 *
 * @module
 */

import { mask } from "../../arch/word.ts";
import { ESR, esrField } from "../../arch/esr.ts";
import { readX } from "../../realm/rec.ts";
import { EXIT, type RecExit, zero_exit } from "../../rmm/recrun.ts";
import { emul_mask, nonemul_mask } from "../../rmm/syndrome.ts";
import { all, equal, exited, type Invariant, must } from "../invariant.ts";
import { same } from "../same.ts";
import type { Fault } from "../ghost.ts";
import type { Transition } from "../transition.ts";

/** The exit and the emulatable abort it is about, or null. */
const emulated = (
  t: Transition,
): { readonly exit: RecExit; readonly fault: Fault } | null => {
  const { taken } = t;
  if (taken === null || taken.fault === null || !exited(t)) return null;
  const { exit, fault } = taken;
  return fault.emulatable ? { exit, fault } : null;
};

/** What a store shows: X[Rt], of which TF-RMM keeps the bytes of the access. */
const stored = (t: Transition, { value, syndrome }: Fault): bigint => {
  const regs = t.before.realm.recs[t.rec];
  if (t.before.profile.rmm.store_masked || regs === undefined) return value;
  return readX(regs, esrField(syndrome.esr, "SRT"));
};

/** The exit of an abort the host cannot emulate, or null. */
const notEmulated = (t: Transition): RecExit | null => {
  const { taken, event } = t;
  if (taken === null || !exited(t)) return null;
  if (event.tag !== "Dabt" && event.tag !== "Iabt") return null;
  return taken.fault?.emulatable === true ? null : taken.exit;
};

const zeros = (gprs: readonly bigint[], from: number): true | string => {
  const at = gprs.findIndex((gpr, n) => from <= n && gpr !== 0n);
  return at < 0 || equal(`exit.gprs[${at}]`, 0n, gprs[at]);
};

const il = mask(1) << BigInt(ESR.IL.low);
const wnr = mask(1) << BigInt(ESR.WnR.low);

/** The bits of `esr` outside `allowed` must be clear. */
const within = (esr: bigint, allowed: bigint): true | string =>
  equal("exit.esr outside the reported fields", 0n, esr & ~allowed);

const granule_fields = 0xfn;

/** Fields an exit may set whatever its reason: timers, and the vGIC where it travels in RecRun. */
const common: readonly (keyof RecExit)[] = [
  "exit_reason",
  "cntp_ctl",
  "cntp_cval",
  "cntv_ctl",
  "cntv_cval",
  "gicv3_hcr",
  "gicv3_lrs",
];

/** Fields that belong to one exit reason. */
const by_reason: Readonly<Record<string, readonly (keyof RecExit)[]>> = {
  [String(EXIT.SYNC)]: ["esr", "far", "hpfar", "gprs"],
  [String(EXIT.IRQ)]: [],
  [String(EXIT.FIQ)]: [],
  [String(EXIT.PSCI)]: ["gprs"],
  [String(EXIT.RIPAS_CHANGE)]: ["ripas_base", "ripas_top", "ripas_value"],
  [String(EXIT.HOST_CALL)]: ["imm", "gprs"],
  [String(EXIT.SERROR)]: ["esr"],
};

const residue = (exit: RecExit): true | string => {
  const own = by_reason[String(exit.exit_reason)];
  if (own === undefined) return `unknown exit_reason ${exit.exit_reason}`;
  const fields = Object.keys(zero_exit) as (keyof RecExit)[];
  const found = fields.find((name) =>
    !common.includes(name) && !own.includes(name) &&
    !same(exit[name], zero_exit[name])
  );
  return found === undefined ||
    `expected exit.${found} to be zero in an exit of reason ${exit.exit_reason}`;
};

const reasons_without_gprs: readonly bigint[] = [
  EXIT.IRQ,
  EXIT.FIQ,
  EXIT.SERROR,
];

const timers = ["cntp_ctl", "cntp_cval", "cntv_ctl", "cntv_cval"] as const;

/** C1 to C7 and C12, judged on the exit half of the run page. */
export const exit_invariants: readonly Invariant[] = [
  {
    id: "C1",
    rule:
      "A store's exit shows X[Rt], which TF-RMM cuts to the access, in gprs[0] and nothing in gprs[1..30].",
    source: "DEN0137 RFFNHW; TF-RMM get_dabt_write_value",
    check: (t) => {
      const found = emulated(t);
      if (found === null || !found.fault.write) return null;
      const { gprs } = found.exit;
      return all(
        equal("exit.gprs[0]", stored(t, found.fault), gprs[0]),
        zeros(gprs, 1),
      );
    },
  },
  {
    id: "C2",
    rule:
      "A load, a non-emulatable abort, IRQ, FIQ and SError show no general register.",
    source: "DEN0137 RMZGPT",
    check: (t) => {
      if (!exited(t) || t.taken === null) return null;
      const { exit } = t.taken;
      const load = emulated(t)?.fault.write === false;
      const silent = reasons_without_gprs.includes(exit.exit_reason);
      if (!load && !silent && notEmulated(t) === null) return null;
      return zeros(exit.gprs, 0);
    },
  },
  {
    id: "C3",
    rule:
      "An emulatable abort's exit.esr holds EC, ISV, SAS, SF, WnR, SET, FnV, EA and DFSC only: never SRT or SSE.",
    source: "DEN0137 RRYVFL, XXHXJC",
    check: (t) => {
      const found = emulated(t);
      if (found === null) return null;
      const { esr } = found.exit;
      return all(
        within(esr, emul_mask),
        equal("exit.esr.ISV", 1, esrField(esr, "ISV")),
      );
    },
  },
  {
    id: "C4",
    rule:
      "A non-emulatable abort's exit.esr holds EC, SET, FnV, EA and DFSC, and IL or WnR only at an Unprotected address; ISV is 0.",
    source: "DEN0137 A4.2.3; TF-RMM 4de93bb0",
    check: (t) => {
      const exit = notEmulated(t);
      if (exit === null) return null;
      const shared = t.taken?.fault?.shared === true;
      return within(exit.esr, shared ? nonemul_mask | il | wnr : nonemul_mask);
    },
  },
  {
    id: "C5",
    rule:
      "exit.far is the offset in the page for an emulatable abort and 0 otherwise.",
    source: "DEN0137 A4.2.3",
    check: (t) => {
      if (!exited(t) || t.taken === null) return null;
      const found = emulated(t);
      const expected = found === null
        ? 0n
        : found.fault.syndrome.far & mask(12);
      return equal("exit.far", expected, t.taken.exit.far);
    },
  },
  {
    id: "C6",
    rule: "exit.hpfar says nothing below a granule.",
    source: "DEN0137 RmiRecExit.hpfar",
    check: (t) =>
      !exited(t) || t.taken === null
        ? null
        : equal("exit.hpfar[3:0]", 0n, t.taken.exit.hpfar & granule_fields),
  },
  {
    id: "C7",
    rule:
      "Every exit field that does not belong to the exit's reason is zero: no residue of an earlier exit.",
    source: "DEN0137 B4 RmiRecExit; TF-RMM smc_rec_enter",
    check: (t) => !exited(t) || t.taken === null ? null : residue(t.taken.exit),
  },
  {
    id: "C12",
    rule:
      "The timer fields are the realm's EL1 timers, and the vGIC fields are zero where the vGIC does not travel in RecRun.",
    source: "DEN0137 RmiRecExit; TF-RMM c10dd67d",
    check: (t) => {
      if (!exited(t) || t.taken === null) return null;
      const { exit } = t.taken;
      const { sys } = t.before.realm.recs[t.rec] ?? {};
      if (sys === undefined) return null;
      const gic = t.before.profile.rmm.vgic === "recrun" ||
        (exit.gicv3_hcr === 0n && exit.gicv3_lrs.every((lr) => lr === 0n));
      return all(
        ...timers.map((name) =>
          equal(`exit.${name}`, sys[`${name}_el0`], exit[name])
        ),
        must(gic, () => "expected no vGIC state in an exit of this layout"),
      );
    },
  },
];
