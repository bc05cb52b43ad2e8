/**
 * Trapped accesses to system registers: at exit, and a read's completion.
 *
 * Source: TF-RMM `sysregs.c` (`handle_sysreg_access_trap`), `run.c`
 * (`complete_sysreg_emulation`); rmm.md §2.7, §3.7.
 *
 * @module
 */

import { EC, ec, ESR, esrField } from "../arch/esr.ts";
import { type Field, field, get, put } from "../arch/word.ts";
import {
  advance,
  exitGprs,
  type Frame,
  getX,
  type Handled,
  leave,
  panic,
  resume,
  setX,
  withExit,
} from "./frame.ts";
import { idRegister } from "./idregs.ts";
import { injectUndef } from "./inject.ts";
import { sysreg_rt_mask } from "./syndrome.ts";

/** The ISS of a trapped MSR, MRS or system instruction. */
const ISS = {
  op0: field(21, 20),
  op2: field(19, 17),
  op1: field(16, 14),
  crn: field(13, 10),
  rt: field(9, 5),
  crm: field(4, 1),
  read: field(0),
} as const satisfies Record<string, Field>;

/** What the RMM does with a register. */
type Action = "id" | "icc" | "undef";

type Code = readonly [
  op0: number,
  op1: number,
  crn: number,
  crm: number,
  op2: number,
];

/** A set of registers: a code matches when it equals `code` under `care`. */
interface Rule {
  readonly care: Code;
  readonly code: Code;
  readonly action: Action;
}

/** First match wins; a register in no rule reads as zero and ignores writes. */
const rules: readonly Rule[] = [
  // ID_AA64*_EL1
  { care: [3, 7, 15, 0, 0], code: [3, 0, 0, 0, 0], action: "id" },
  // ICC_IAR0_EL1 to ICC_IGRPEN1_EL1
  { care: [3, 3, 15, 8, 0], code: [3, 0, 12, 8, 0], action: "icc" },
  // ICC_PMR_EL1
  { care: [3, 7, 15, 15, 7], code: [3, 0, 4, 6, 0], action: "icc" },
  // BRBINF<n>_EL1 to BRBTGTINJ_EL1
  { care: [2, 7, 14, 0, 0], code: [2, 1, 8, 0, 0], action: "undef" },
  // MPAM0_EL1, MPAM1_EL1, MPAMSM_EL1, MPAMIDR_EL1
  { care: [3, 7, 15, 14, 0], code: [3, 0, 10, 4, 0], action: "undef" },
  // S2POR_EL1
  { care: [3, 7, 15, 15, 7], code: [3, 0, 10, 2, 5], action: "undef" },
];

const codeOf = (esr: bigint): Code => [
  get(esr, ISS.op0),
  get(esr, ISS.op1),
  get(esr, ISS.crn),
  get(esr, ISS.crm),
  get(esr, ISS.op2),
];

const actionOf = (esr: bigint): Action | null => {
  const found = codeOf(esr);
  const rule = rules.find(({ care, code }) =>
    code.every((part, at) => ((found[at] ?? 0) & (care[at] ?? 0)) === part)
  );
  return rule?.action ?? null;
};

/** SGI0R, SGI1R and DIR, all S3_0_C12_C11_x: what a 1.0 RMM expects to trap. */
const isSgiOrDir = (esr: bigint): boolean =>
  get(esr, ISS.crn) === 12 && get(esr, ISS.crm) === 11 &&
  [1, 5, 7].includes(get(esr, ISS.op2));

const idAccess = (frame: Frame, esr: bigint): Handled => {
  if (get(esr, ISS.read) === 0) {
    return panic(
      "assert(!ESR_EL2_SYSREG_IS_WRITE(esr)) in handle_id_sysreg_trap",
    );
  }
  const { features, pe } = frame.profile;
  const [crm, op2] = [get(esr, ISS.crm), get(esr, ISS.op2)];
  const value = idRegister(crm, op2, pe, features);
  return resume(advance(setX(frame, get(esr, ISS.rt), value)));
};

/** The host emulates GIC registers: it sees the access and, by profile, a write's value in gprs[0]. */
const iccAccess = (frame: Frame, esr: bigint): Handled => {
  const { icc_traps, sysreg_exit, sysreg_write_shown } = frame.profile;
  const read = get(esr, ISS.read) === 1;
  if (icc_traps === "sgi-and-dir-writes" && !isSgiOrDir(esr)) {
    return panic("assert(sysreg == ICC_DIR, SGI1R or SGI0R)");
  }
  if (icc_traps === "sgi-and-dir-writes" && read) {
    return panic("assert(ESR_EL2_SYSREG_IS_WRITE(esr))");
  }
  const shown = !read && sysreg_write_shown;
  return leave(withExit(advance(frame), {
    esr: sysreg_exit === "raw" ? esr : esr & ~sysreg_rt_mask,
    gprs: exitGprs(shown ? getX(frame, get(esr, ISS.rt)) : 0n),
  }));
};

/** Handles a trapped register access (EC 0x18). */
export const sysregTrap = (frame: Frame, esr: bigint): Handled => {
  if (esrField(esr, "IL") === 0) {
    return panic("assert(ESR_IL(esr) != 0UL) in handle_sysreg_access_trap");
  }
  switch (actionOf(esr)) {
    case "id":
      return idAccess(frame, esr);
    case "icc":
      return iccAccess(frame, esr);
    case "undef":
      return resume({
        ...frame,
        regs: injectUndef(frame.regs, frame.profile),
      });
    case null: {
      // RAZ/WI
      const read = get(esr, ISS.read) === 1;
      const done = read ? setX(frame, get(esr, ISS.rt), 0n) : frame;
      return resume(advance(done));
    }
  }
};

/** At entry: a register read the host was shown takes enter.gprs[0]; no flag asks for it (§3.7). */
export const completeSysregRead = (frame: Frame, gpr0: bigint): Frame => {
  const { esr } = frame.rec.last_run_info;
  if (ec(esr) !== EC.SYS64 || get(esr, ISS.read) === 0) return frame;
  return setX(frame, get(esr, ISS.rt), gpr0);
};

/** The syndrome of a trapped access to the register with this code. */
export const sysregEsr = (code: Code, rt: number, read: boolean): bigint => {
  const [op0, op1, crn, crm, op2] = code;
  let esr = put(put(0n, ESR.EC, EC.SYS64), ESR.IL, 1);
  esr = put(put(put(esr, ISS.op0, op0), ISS.op1, op1), ISS.crn, crn);
  esr = put(put(put(esr, ISS.crm, crm), ISS.op2, op2), ISS.rt, rt);
  return put(esr, ISS.read, read ? 1 : 0);
};
