/**
 * REC enter: what KVM writes into the run page, and RMI_REC_ENTER with the
 * completion of an abort.
 *
 * Source: kvm.md §1b (`rec_enter_sync`), rmm.md §3.1 to §3.4.
 *
 * @module
 */

import type { Fast } from "./arrays.ts";
import { injectSea } from "./inject.ts";
import {
  AT,
  CODE,
  type Code,
  D,
  EXIT,
  FLAG,
  REALM,
  REG,
  STATUS,
  W,
} from "./layout.ts";
import { K, R } from "./switches.ts";

const DABT_LOW = 0x24;
const SYS64 = 0x18;
const ISV = 1 << 24;
const WnR = 1 << 6;
const CM = 1 << 8;

/** True when the last exit was a data abort at an Unprotected IPA (§3.3). */
const justifiesSea = (f: Fast): boolean => {
  const { s } = f;
  const ipa = ((s[W.LAST_HPFAR + 1] as number) & 0xfff) * 0x100_0000_0000 +
    (s[W.LAST_HPFAR] >>> 4) * 4096;
  return s[W.LAST_ESR] >>> 26 === DABT_LOW && (f.limits[0] as number) <= ipa;
};

/** Every check of RMI_REC_ENTER (§3.1 steps 4 to 11); nothing changes yet. */
const check = (f: Fast, flags: number, vgic_ok: number): number => {
  const { s } = f;
  const rmm = s[W.RMM];
  if (s[W.RUNNING] !== 0) return STATUS.REC;
  if (s[W.REALM_STATE] !== REALM.ACTIVE) return STATUS.REALM;
  if (s[W.RUNNABLE] === 0 || s[W.PSCI_PENDING] !== 0) return STATUS.REC;
  if ((rmm & R.VGIC_RECRUN) !== 0 && vgic_ok === 0) return STATUS.REC;
  const inject = (flags & FLAG.INJECT_SEA) !== 0;
  if (inject && (rmm & R.UNJUSTIFIED_IGNORED) === 0 && !justifiesSea(f)) {
    return STATUS.REC;
  }
  if ((flags & FLAG.EMUL_MMIO) === 0) return STATUS.SUCCESS;
  if (inject && (rmm & R.SEA_WINS) !== 0) return STATUS.SUCCESS;
  if ((rmm & R.EMUL_UNCHECKED) !== 0) return STATUS.SUCCESS;
  const esr = s[W.LAST_ESR];
  return esr >>> 26 === DABT_LOW && (esr & ISV) !== 0
    ? STATUS.SUCCESS
    : STATUS.REC;
};

/** RMI_ERROR_REALM's index: 0 for a realm that never ran, else as the profile says. */
const indexOf = (f: Fast, status: number): number => {
  const { s } = f;
  const stopped = s[W.REALM_STATE] !== REALM.NEW;
  return status === STATUS.REALM && stopped && (s[W.RMM] & R.OFF_INDEX_1) !== 0
    ? 1
    : 0;
};

/** Puts the value a load returns into X[SRT] (§3.4). */
export const loadX = (
  f: Fast,
  esr: number,
  low: number,
  high: number,
): void => {
  const n = (esr >>> 16) & 31;
  if (n === 31) return;
  const size = (esr >>> 22) & 3;
  const { x } = f;
  let value = low;
  let upper = high;
  if ((f.s[W.RMM] & R.LOAD_RAW) !== 0) {
    // Nothing is cut or extended.
  } else if (size < 3) {
    // SSE extends from the top bit of the access; without it SF changes nothing.
    const signed = (esr & (1 << 21)) !== 0;
    const spare = size === 0 ? 24 : size === 1 ? 16 : 0;
    const shifted = low << spare;
    value = signed ? shifted >> spare : shifted >>> spare;
    upper = signed && (esr & (1 << 15)) !== 0 ? value >> 31 : 0;
  } else if ((esr & (1 << 21)) !== 0 && (esr & (1 << 15)) === 0) upper = 0;
  x[2 * n] = value;
  x[2 * n + 1] = upper;
  f.s[W.DIRTY] |= D.X;
};

/** EMUL_MMIO: the load's value arrives and PC moves past the access. */
const emulate = (f: Fast, low: number, high: number): void => {
  const { r, s } = f;
  const esr = s[W.LAST_ESR];
  if ((esr & WnR) === 0) loadX(f, esr, low, high);
  const pc = (r[REG.PC] >>> 0) + 4;
  r[REG.PC] = pc;
  if (0xffff_ffff < pc) r[REG.PC + 1] = (r[REG.PC + 1] as number) + 1;
  s[W.DIRTY] |= D.PC;
};

/** The checks have passed: the host's flags take effect and the REC runs. */
const begin = (f: Fast, flags: number, low: number, high: number): Code => {
  const { s } = f;
  const rmm = s[W.RMM];
  const inject = (flags & FLAG.INJECT_SEA) !== 0;
  if (
    (flags & FLAG.EMUL_MMIO) !== 0 && !(inject && (rmm & R.SEA_WINS) !== 0)
  ) emulate(f, low, high);
  if (inject && (rmm & R.SEA_DROPPED) === 0 && justifiesSea(f)) {
    injectSea(
      f,
      s[W.LAST_ESR],
      s[W.LAST_ESR + 1] as number,
      s[W.LAST_FAR],
      s[W.LAST_FAR + 1] as number,
    );
  }
  if ((rmm & R.VGIC_RECRUN) !== 0) f.rec_vgic = f.enter_vgic;
  s[W.RUNNING] = 1;
  s[W.LAST_ESR] = 0;
  s[W.LAST_ESR + 1] = 0;
  s[W.TRAP_WFI] = (flags & FLAG.TRAP_WFI) === 0 ? 0 : 1;
  s[W.TRAP_WFE] = (flags & FLAG.TRAP_WFE) === 0 ? 0 : 1;
  s[W.AT] = AT.guest;
  s[W.DIRTY] |= D.RMM | D.VCPU;
  return CODE.done;
};

/** True when an entry has something else to complete: host call, RIPAS change, register read. */
const owesMore = (f: Fast): boolean =>
  f.s[W.OPEN] !== 0 || f.s[W.LAST_ESR] >>> 26 === SYS64;

/** rec_enter_sync: what is pending in KVM becomes flags, an SEA before a completed access. */
const sync = (f: Fast): void => {
  const { s } = f;
  const kvm = s[W.KVM];
  if (s[W.IS_REC] === 0) return;
  if ((kvm & K.SEA_PEND) !== 0 && s[W.PENDING] !== 0) {
    s[W.PENDING] = 0;
    s[W.ENTER_FLAGS] |= FLAG.INJECT_SEA;
    s[W.DIRTY] |= D.FLAGS;
    return;
  }
  if ((kvm & K.INC_SIGNAL) === 0 || s[W.INCREMENT_PC] === 0) return;
  s[W.INCREMENT_PC] = 0;
  const dabt = s[W.EXIT_REASON] === EXIT.SYNC &&
    s[W.EXIT_ESR] >>> 26 === DABT_LOW && (s[W.FAULT_ESR] & CM) === 0;
  if ((kvm & K.EMUL_ENTRY) === 0 || !dabt) return;
  s[W.ENTER_FLAGS] |= FLAG.EMUL_MMIO;
  s[W.ENTER_GPRS] = s[W.VCPU_REGS];
  s[W.ENTER_GPRS + 1] = s[W.VCPU_REGS + 1] as number;
  s[W.DIRTY] |= D.FLAGS | D.GPR0;
};

/** KVM syncs its state into the run page and calls RMI_REC_ENTER: the event `RecEnter`. */
export const recEnter = (f: Fast): Code => {
  const { s } = f;
  if (s[W.AT] !== AT.enter) return CODE.refused;
  if (s[W.RMI_REQUEST] !== 0 || owesMore(f)) return CODE.slow;
  sync(f);
  const flags = s[W.ENTER_FLAGS];
  const status = check(f, flags, s[W.VGIC_OK]);
  if (status === STATUS.SUCCESS) {
    return begin(f, flags, s[W.ENTER_GPRS], s[W.ENTER_GPRS + 1] as number);
  }
  // An entry that fails leaves the flags for the next one.
  s[W.AT] = AT.exit;
  s[W.STATUS] = status;
  s[W.INDEX] = indexOf(f, status);
  s[W.DIRTY] |= D.VCPU;
  return CODE.done;
};

const zero_vgic: Fast["enter_vgic"] = {
  hcr: 0n,
  lrs: Array.from({ length: 16 }, () => 0n),
};

/**
 * A host that is not KVM writes the enter half, `flags` in halves and 31
 * registers in halves, and calls RMI_REC_ENTER: the event `RmiRecEnter`.
 */
export const rmiRecEnter = (
  f: Fast,
  flags: number,
  flags_hi: number,
  gprs: Int32Array,
): Code => {
  const { s } = f;
  const ready = check(f, flags, 1);
  if (ready !== STATUS.SUCCESS) return CODE.refused;
  if (owesMore(f)) return CODE.slow;
  s.set(gprs, W.ENTER_GPRS);
  s[W.ENTER_FLAGS] = flags;
  s[W.ENTER_FLAGS + 1] = flags_hi;
  s[W.VGIC_OK] = 1;
  f.enter_vgic = zero_vgic;
  s[W.DIRTY] |= D.ENTER;
  return begin(f, flags, s[W.ENTER_GPRS], s[W.ENTER_GPRS + 1] as number);
};
