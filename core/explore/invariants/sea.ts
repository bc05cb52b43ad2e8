/**
 * Synchronous external aborts: when one may be injected, and what it is.
 *
 * @module
 */

import { aliasBit } from "../../arch/address.ts";
import { EC, ec, esrField } from "../../arch/esr.ts";
import { DAIF, exceptionLevel, PSTATE } from "../../arch/pstate.ts";
import { bit, word } from "../../arch/word.ts";
import { FLAG } from "../../rmm/recrun.ts";
import type { Rec } from "../../realm/rec.ts";
import type { RmmProfile } from "../../rmm/profile.ts";
import {
  all,
  entered,
  equal,
  type Invariant,
  must,
  regsOf,
} from "../invariant.ts";
import { same } from "../same.ts";
import type { Fault } from "../ghost.ts";
import type { Transition } from "../transition.ts";
import { mustFail } from "./refusal.ts";

/** The Unprotected data abort that this entry answers with an SEA, or null. */
const injected = (t: Transition): Fault | null => {
  const { entry, ghost } = t;
  if (!entered(t) || entry?.sea !== true) return null;
  return ghost.last?.shared === true ? ghost.last : null;
};

const sea_fsc = 0x10;
const sctlr2_ease = 5;

/** VBAR offset by where the exception comes from (Arm ARM D1.3.1). */
const vectorFrom = (pstate: bigint): bigint => {
  if (exceptionLevel(pstate) === 1) {
    return (pstate & PSTATE.SP) === 0n ? 0x000n : 0x200n;
  }
  return (pstate & PSTATE.nRW) === 0n ? 0x400n : 0x600n;
};

const vectorOf = (from: Rec, { features }: RmmProfile): bigint => {
  const ease = features.includes("sctlr2") &&
    bit(from.sys.sctlr2_el1, sctlr2_ease) &&
    (from.pstate & PSTATE.nRW) === 0n;
  return word(
    from.sys.vbar_el1 + vectorFrom(from.pstate) + (ease ? 0x180n : 0n),
  );
};

/** True when KVM has handled a REC's Unprotected access that has no valid syndrome and no memory behind it. */
const isNisv = (t: Transition): boolean => {
  const fault = t.ghost.last;
  if (t.event.tag !== "RecExit" || fault === null || !fault.shared) {
    return false;
  }
  const { vm, vcpus } = t.before.host;
  if (vcpus[t.rec]?.rmi.status !== "RMI_SUCCESS") return false;
  const gpa = fault.ipa & ~aliasBit(vm.ia_bits);
  const backed = vm.slots.some(({ base, bytes }) =>
    base <= gpa && gpa < base + bytes
  );
  return !fault.emulatable && !backed;
};

/** S1 to S6. */
export const sea_invariants: readonly Invariant[] = [
  {
    id: "S1",
    rule:
      "INJECT_SEA wins over EMUL_MMIO: no register is loaded, PC is not +4.",
    source: "DEN0137 A4.2.3; TF-RMM 6af510c0",
    check: (t) => {
      if (injected(t) === null || t.entry?.emul !== true) return null;
      const { from, to } = regsOf(t);
      return all(
        must(same(from.x, to.x), () => "expected no register to be loaded"),
        equal("ELR_EL1", from.pc, to.sys.elr_el1),
      );
    },
  },
  {
    id: "S2",
    rule:
      "INJECT_SEA has an effect only after a data abort at an Unprotected address.",
    source: "DEN0137 RLJWRK",
    check: (t) => {
      if (t.entry?.sea !== true || t.ghost.last?.shared === true) return null;
      if (t.entry.outcome !== "entered") return true;
      const { from, to } = regsOf(t);
      return must(
        same(from.sys, to.sys) && from.pstate === to.pstate,
        () => "expected no exception to be injected",
      );
    },
  },
  {
    id: "S3",
    rule:
      "The SEA is the abort's: ELR, SPSR, FAR, DFSC, EC by level, the vector, and DAIF masked at EL1h.",
    source: "DEN0137 RLJWRK; Arm ARM D1.3; TF-RMM inject_exp.c",
    check: (t) => {
      const fault = injected(t);
      if (fault === null) return null;
      const { from, to } = regsOf(t);
      const { esr_el1 } = to.sys;
      const below = exceptionLevel(from.pstate) === 0;
      return all(
        equal("ELR_EL1", from.pc, to.sys.elr_el1),
        equal("SPSR_EL1", from.pstate, to.sys.spsr_el1),
        equal("FAR_EL1", fault.syndrome.far, to.sys.far_el1),
        equal("ESR_EL1.DFSC", sea_fsc, esrField(esr_el1, "FSC")),
        equal(
          "ESR_EL1.EC",
          below ? EC.DABT_LOW : EC.DABT_CUR,
          ec(esr_el1),
        ),
        equal("PC", vectorOf(from, t.before.profile.rmm), to.pc),
        equal("PSTATE.DAIF", DAIF, to.pstate & DAIF),
        equal("PSTATE.M", 0b00101n, to.pstate & 0x1fn),
      );
    },
  },
  {
    id: "S4",
    rule: "An abort that was answered with an SEA cannot be completed later.",
    source: "DEN0137 A4.2.3",
    check: (t) => mustFail(t, ["refused"]),
  },
  {
    id: "S5",
    rule: "An entry injects at most one exception.",
    source: "Arm ARM D1.3; TF-RMM smc_rec_enter",
    check: (t) => {
      if (injected(t) === null) return null;
      const { from, to } = regsOf(t);
      return all(
        equal("SPSR_EL1", from.pstate, to.sys.spsr_el1),
        must(
          to.sys.elr_el1 !== to.pc || from.pc === to.pc,
          () => "expected ELR_EL1 to be the faulting instruction, not a vector",
        ),
        must(
          same(from.x, to.x) && from.sp_el1 === to.sp_el1,
          () => "expected an exception to change no general register",
        ),
      );
    },
  },
  {
    id: "S6",
    rule:
      "KVM leaves at most one of EMUL_MMIO and INJECT_SEA in enter.flags, and answers an access without a syndrome with an SEA, never with KVM_EXIT_ARM_NISV.",
    source: "Linux KVM_SET_VCPU_EVENTS for a REC; mmio.c (kvm.md §1b, D7)",
    check: (t) => {
      const vcpu = t.after.host.vcpus[t.rec];
      const page = t.after.runs[t.rec];
      if (vcpu === undefined || page === undefined) return null;
      if (!t.ghost.honest || t.event.tag === "RmiRecEnter") return null;
      const both = FLAG.EMUL_MMIO | FLAG.INJECT_SEA;
      return all(
        must(
          (page.enter.flags & both) !== both,
          () => "expected not both flags in enter.flags",
        ),
        must(
          !isNisv(t) || (page.enter.flags & FLAG.INJECT_SEA) !== 0n ||
            vcpu.pending_exception !== null,
          () =>
            `expected an SEA for the realm but found KVM_RUN ${vcpu.ret} with ${vcpu.run.exit_reason}`,
        ),
      );
    },
  },
];
