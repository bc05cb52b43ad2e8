/**
 * REC exit: a data abort or an interrupt reaches R-EL2, and the host learns
 * what it may.
 *
 * Source: rmm.md §2.2, §2.8, §2.9; kvm.md §1b (`rec_prepare_exit_state`).
 *
 * @module
 */

import type { Fast } from "./arrays.ts";
import { injectSea, injectSizeFault } from "./inject.ts";
import { AT, CODE, type Code, D, EXIT, REG, STATUS, W } from "./layout.ts";
import { ESR_MASK, K, R } from "./switches.ts";

/** EC of a data abort from a lower exception level. */
const DABT_LOW = 0x24;
const ISV = 1 << 24;
const WnR = 1 << 6;

/** CNTx_CTL_EL0 as it reads: ISTATUS is set when an enabled timer's CVAL is reached. */
const control = (f: Fast, ctl: number, cval: number): number => {
  const { r } = f;
  const on = (r[ctl] as number) & 3;
  if ((on & 1) === 0) return on;
  const high = (r[cval + 1] as number) >>> 0;
  const now_high = (r[REG.RETIRED + 1] as number) >>> 0;
  if (high !== now_high) return high < now_high ? on | 4 : on;
  return (r[cval] as number) >>> 0 <= r[REG.RETIRED] >>> 0 ? on | 4 : on;
};

/** Shows the timers as they read. */
export const timers = (f: Fast): void => {
  const { r, s } = f;
  s[W.EXIT_CNTP_CTL] = control(f, REG.CNTP_CTL_EL0, REG.CNTP_CVAL_EL0);
  s[W.EXIT_CNTP_CVAL] = r[REG.CNTP_CVAL_EL0];
  s[W.EXIT_CNTP_CVAL + 1] = r[REG.CNTP_CVAL_EL0 + 1] as number;
  s[W.EXIT_CNTV_CTL] = control(f, REG.CNTV_CTL_EL0, REG.CNTV_CVAL_EL0);
  s[W.EXIT_CNTV_CVAL] = r[REG.CNTV_CVAL_EL0];
  s[W.EXIT_CNTV_CVAL + 1] = r[REG.CNTV_CVAL_EL0 + 1] as number;
};

/** What every exit shows whatever its cause, and what it ends. */
const shown = (f: Fast, reason: number): void => {
  const { s } = f;
  s[W.EXIT_REASON] = reason;
  timers(f);
  f.exit_vgic = f.rec_vgic;
  s[W.RUNNING] = 0;
  s[W.SIMD_LIVE] = 0;
};

/** KVM takes the syndrome over and spends the entry's flags; what follows marks the vCPU changed. */
export const prepareExit = (f: Fast): void => {
  const { s } = f;
  const reason = s[W.EXIT_REASON];
  const known = reason === EXIT.SYNC || (s[W.KVM] & K.HPFAR_RAW) !== 0;
  s[W.FAULT_ESR] = s[W.EXIT_ESR];
  s[W.FAULT_ESR + 1] = s[W.EXIT_ESR + 1] as number;
  s[W.FAULT_FAR] = s[W.EXIT_FAR];
  s[W.FAULT_FAR + 1] = s[W.EXIT_FAR + 1] as number;
  s[W.FAULT_HPFAR] = known ? s[W.EXIT_HPFAR] : 0;
  s[W.FAULT_HPFAR + 1] = known ? s[W.EXIT_HPFAR + 1] as number : 0;
  s[W.LAST_EXIT] = reason;
  if ((s[W.KVM] & K.CLEAR_NEVER) !== 0) return;
  s[W.ENTER_FLAGS] = 0;
  s[W.ENTER_FLAGS + 1] = 0;
  s[W.DIRTY] |= D.FLAGS;
};

/** RMI_REC_ENTER returns RMI_SUCCESS to KVM. */
const returned = (f: Fast): Code => {
  const { s } = f;
  s[W.AT] = AT.exit;
  s[W.STATUS] = STATUS.SUCCESS;
  s[W.INDEX] = 0;
  s[W.DIRTY] |= D.RMM | D.EXIT | D.VCPU;
  if ((s[W.KVM] & K.CLEAR_DISPATCH) === 0) prepareExit(f);
  return CODE.done;
};

/** R-EL2 has the exception: the trap is taken and the ERET to come opens the monitor. */
const taken = (f: Fast): void => {
  const { r, s } = f;
  if (s[W.TRAP] !== 0) {
    s[W.TRAP] = 0;
    s[W.DIRTY] |= D.RMM;
  }
  if (r[REG.MONITOR] !== 0) {
    r[REG.MONITOR] = 0;
    s[W.DIRTY] |= D.PC;
  }
};

/** Writes the syndrome the host sees; the value a store carries is zero unless said. */
const report = (
  f: Fast,
  esr: number,
  far: number,
  hpfar: number,
  hpfar_hi: number,
): void => {
  const { s } = f;
  s[W.EXIT_ESR] = esr;
  s[W.EXIT_ESR + 1] = 0;
  s[W.EXIT_FAR] = far;
  s[W.EXIT_FAR + 1] = 0;
  s[W.EXIT_HPFAR] = hpfar;
  s[W.EXIT_HPFAR + 1] = hpfar_hi;
  s[W.EXIT_GPR0] = 0;
  s[W.EXIT_GPR0 + 1] = 0;
};

/** What the realm stores: X[SRT], cut to the access size where the RMM does. */
const storeValue = (f: Fast, esr: number): void => {
  const { s } = f;
  const n = (esr >>> 16) & 31;
  if (n === 31 || (s[W.RMM] & R.STORE_HIDDEN) !== 0) return;
  const low = f.x[2 * n] as number;
  const high = f.x[2 * n + 1] as number;
  const size = (s[W.RMM] & R.STORE_MASKED) === 0 ? 3 : (esr >>> 22) & 3;
  s[W.EXIT_GPR0] = size === 0 ? low & 0xff : size === 1 ? low & 0xffff : low;
  s[W.EXIT_GPR0 + 1] = size === 3 ? high : 0;
};

/** True for an IPA whose RIPAS is EMPTY: Protected, and in no extent that says otherwise. */
const isEmpty = (f: Fast, ipa: number): boolean => {
  if (!(ipa < (f.limits[0] as number))) return false;
  const { stage2 } = f;
  for (let at = 0; at < stage2.length; at += 3) {
    if ((stage2[at] as number) <= ipa && ipa < (stage2[at + 1] as number)) {
      return stage2[at + 2] === 0;
    }
  }
  return true;
};

/** An external abort: the realm takes it when it can be restarted, the host hears of it without an address. */
const external = (
  f: Fast,
  esr: number,
  esr_hi: number,
  far: number,
  far_hi: number,
): boolean => {
  const set = (esr >>> 11) & 3;
  // Uncontainable: the RMM stops, which is the pure code's to tell.
  if (set === 1 || set === 2) return false;
  taken(f);
  report(f, esr & ESR_MASK.nonemulatable, 0, 0, 0);
  if (set === 0) injectSea(f, esr, esr_hi, far, far_hi);
  return true;
};

/** Cuts the syndrome down to what the host may see, in the order of §2.2 steps 4 to 6. */
const cutDown = (
  f: Fast,
  esr: number,
  far: number,
  hpfar: number,
  hpfar_hi: number,
  ipa: number,
): void => {
  const { s } = f;
  const aarch32 = (f.r[REG.PSTATE] & 0x10) !== 0;
  if (aarch32 || ipa < (f.limits[0] as number)) {
    report(f, esr & ESR_MASK.nonemulatable, 0, hpfar, hpfar_hi);
  } else if ((s[W.RMM] & R.ISV_TEST) !== 0 && (esr & ISV) === 0) {
    report(f, esr & s[W.UNPROT_MASK], 0, hpfar, hpfar_hi);
  } else {
    report(f, esr & ESR_MASK.emulatable, far & 0xfff, hpfar, hpfar_hi);
    if ((esr & WnR) !== 0) storeValue(f, esr);
  }
};

/**
 * A data abort of the realm reaches R-EL2 with ESR_EL2, FAR_EL2 and HPFAR_EL2
 * in halves: the event `Dabt`. The realm goes on, or KVM has an exit to handle.
 */
export const dabt = (
  f: Fast,
  esr: number,
  esr_hi: number,
  far: number,
  far_hi: number,
  hpfar: number,
  hpfar_hi: number,
): Code => {
  const { s } = f;
  if (s[W.AT] !== AT.guest || esr >>> 26 !== DABT_LOW) return CODE.refused;
  const fsc = esr & 0x3f;
  if (fsc === 0x10 || (0x13 <= fsc && fsc <= 0x17)) {
    if (!external(f, esr, esr_hi, far, far_hi)) return CODE.slow;
  } else {
    taken(f);
    // HPFAR_EL2 bits 43:4 are IPA bits 51:12.
    const ipa = (hpfar_hi & 0xfff) * 0x100_0000_0000 + (hpfar >>> 4) * 4096;
    if (isEmpty(f, ipa)) {
      injectSea(f, esr, esr_hi, far, far_hi);
      return CODE.done;
    }
    if ((f.limits[1] as number) <= ipa) {
      if ((s[W.RMM] & R.OUTSIDE_SIZE_FAULT) === 0) {
        injectSea(f, esr, esr_hi, far, far_hi);
      } else injectSizeFault(f, esr, esr_hi, far, far_hi);
      return CODE.done;
    }
    cutDown(f, esr, far, hpfar, hpfar_hi, ipa);
  }
  shown(f, EXIT.SYNC);
  // A saved data abort with ISV is an emulatable one, where the RMM sees to it (§2.9).
  const drops = (s[W.RMM] & R.SAVED_ISV_FOLLOWS) !== 0 &&
    (s[W.EXIT_ESR] & ISV) === 0;
  s[W.LAST_ESR] = drops ? esr & ~ISV : esr;
  s[W.LAST_ESR + 1] = esr_hi;
  s[W.LAST_FAR] = far;
  s[W.LAST_FAR + 1] = far_hi;
  s[W.LAST_HPFAR] = hpfar;
  s[W.LAST_HPFAR + 1] = hpfar_hi;
  return returned(f);
};

/** An interrupt takes the REC out; `last_run_info` stays as it is. */
const interrupt = (f: Fast, reason: number): Code => {
  if (f.s[W.AT] !== AT.guest) return CODE.refused;
  taken(f);
  report(f, 0, 0, 0, 0);
  shown(f, reason);
  return returned(f);
};

/** The event `Irq`. */
export const irq = (f: Fast): Code => interrupt(f, EXIT.IRQ);

/** The event `Fiq`. */
export const fiq = (f: Fast): Code => interrupt(f, EXIT.FIQ);
