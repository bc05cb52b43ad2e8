/**
 * MRS and MSR (register): what each register reads and what a write of it does.
 *
 * Source: Arm ARM (DDI 0487) C5.2, D19; the registers are listed in
 * `arch/sysreg.ts`, who may use them in `sysreg_access.ts`.
 *
 * @module
 */

import type { Fault } from "../a64/cpu.ts";
import { DAIF, PSTATE } from "../arch/pstate.ts";
import type { SysregName } from "../arch/sysreg.ts";
import { bit, mask } from "../arch/word.ts";
import {
  type Machine,
  readPstate,
  reconfigure,
  writePstate,
  writeSys,
} from "./machine.ts";
import { reset_sysregs, type Sysregs } from "./rec.ts";
import { admit } from "./sysreg_access.ts";
import { cntfrq, compareValue, control, count, timerValue } from "./timer.ts";
import { unsupported } from "./unsupported.ts";

/**
 * CTR_EL0: 64-byte lines, exclusives granule and writeback granule; IDC and
 * DIC set, because caches never hold anything back here.
 */
const ctr = 0xb444_c004n;

/** DCZID_EL0.BS: DC ZVA zeroes 2^4 words. */
const dczid = 4n;

/** MIDR_EL1: implementer 0, reserved for software use; architecture by ID registers. */
const midr = 0x000f_0000n;

/** CLIDR_EL1: one level of separate caches, coherent at level 1. */
const clidr = 0x0100_0003n;

/** CCSIDR_EL1 of either level 1 cache: 64-byte lines, 4 ways, 128 sets. */
const ccsidr = 0x000f_e01an;

/** Fields of PSTATE that are registers of their own. */
const pstate_masks = {
  spsel: PSTATE.SP,
  pan: PSTATE.PAN,
  uao: PSTATE.UAO,
  daif: DAIF,
  dit: PSTATE.DIT,
  ssbs: PSTATE.SSBS,
} as const;

const isPstate = (name: SysregName): name is keyof typeof pstate_masks =>
  name in pstate_masks;

/** Registers with storage and nothing else behind them. */
const isStored = (name: SysregName): name is SysregName & keyof Sysregs =>
  name in reset_sysregs;

/** The value MRS gives. */
const valueOf = (m: Machine, name: SysregName): bigint => {
  const now = count(m.retired);
  const { sys } = m;
  if (isPstate(name)) {
    return m.pstate & pstate_masks[name];
  }
  switch (name) {
    case "nzcv":
      return BigInt(m.cpu.nzcv) << 28n;
    case "currentel":
      return BigInt(m.el) << 2n;
    case "sp_el0":
      return m.cpu.sp[0];
    case "ctr_el0":
      return ctr;
    case "dczid_el0":
      // DZP: forbidden at EL0 without SCTLR_EL1.DZE.
      return m.el === 0 && !bit(sys.sctlr_el1, 14) ? dczid | 16n : dczid;
    case "midr_el1":
      return midr;
    case "clidr_el1":
      return clidr;
    case "ccsidr_el1":
      return sys.csselr_el1 < 2n ? ccsidr : 0n;
    case "isr_el1":
      return m.vserror === null ? 0n : PSTATE.A;
    case "oslsr_el1":
      return 8n; // OS lock implemented, unlocked
    case "cntfrq_el0":
      return cntfrq;
    case "cntpct_el0":
    case "cntvct_el0":
      return now;
    case "cntp_tval_el0":
      return timerValue(sys.cntp_cval_el0, now);
    case "cntv_tval_el0":
      return timerValue(sys.cntv_cval_el0, now);
    case "cntp_ctl_el0":
      return control(sys.cntp_ctl_el0, sys.cntp_cval_el0, now);
    case "cntv_ctl_el0":
      return control(sys.cntv_ctl_el0, sys.cntv_cval_el0, now);
    default:
      // REVIDR_EL1, AIDR_EL1 and OSDLR_EL1 read as zero.
      return isStored(name) ? sys[name] : 0n;
  }
};

/** Port.mrs. */
export const mrs = (
  m: Machine,
  code: number,
  rt: number,
): bigint | Fault => {
  const admitted = admit(m, { code, rt, read: true });
  if ("tag" in admitted) return admitted;
  const { name } = admitted;
  if (name === "fpcr" || name === "fpsr") return unsupported(m, "fp-simd");
  return valueOf(m, name);
};

/** Registers that translation depends on. */
const translation: ReadonlySet<SysregName> = new Set([
  "sctlr_el1",
  "ttbr0_el1",
  "ttbr1_el1",
  "tcr_el1",
  "mair_el1",
]);

/** Bits that are not RES0, where a read must not show them. */
const writable_bits: Readonly<Partial<Record<SysregName, bigint>>> = {
  cntp_ctl_el0: 3n,
  cntv_ctl_el0: 3n,
  csselr_el1: 15n,
  contextidr_el1: mask(32),
  vbar_el1: mask(64) & ~mask(11),
};

const assign = (m: Machine, name: SysregName, value: bigint): void => {
  const now = count(m.retired);
  if (isPstate(name)) {
    const field = pstate_masks[name];
    // SPSel is bit 0 of its register and of PSTATE alike.
    writePstate(m, (readPstate(m) & ~field) | (value & field));
    return;
  }
  switch (name) {
    case "nzcv":
      m.cpu.nzcv = Number((value >> 28n) & 15n);
      return;
    case "sp_el0":
      m.cpu.sp[0] = value;
      return;
    case "cntp_tval_el0":
      writeSys(m, "cntp_cval_el0", compareValue(value, now));
      return;
    case "cntv_tval_el0":
      writeSys(m, "cntv_cval_el0", compareValue(value, now));
      return;
    default:
      // OSLAR_EL1 and OSDLR_EL1: no external debugger to lock out.
      if (!isStored(name)) return;
      writeSys(m, name, value & (writable_bits[name] ?? mask(64)));
      if (translation.has(name)) reconfigure(m);
  }
};

/** Port.msr. */
export const msr = (
  m: Machine,
  code: number,
  rt: number,
  value: bigint,
): Fault | null => {
  const admitted = admit(m, { code, rt, read: false });
  if ("tag" in admitted) return admitted;
  const { name } = admitted;
  if (name === "fpcr" || name === "fpsr") return unsupported(m, "fp-simd");
  assign(m, name, value);
  return null;
};
