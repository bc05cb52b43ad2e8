/**
 * kvm_handle_mmio_return: the answer to an access becomes a register and a
 * step forward. Whoever ends the event marks the vCPU changed.
 *
 * Source: kvm.md §2c to §2e.
 *
 * @module
 */

import type { Fast } from "./arrays.ts";
import { D, FLAG, W } from "./layout.ts";
import { K } from "./switches.ts";

const SSE = 1 << 21;
const SF = 1 << 15;
const WnR = 1 << 6;

const swap32 = (word: number): number =>
  (word << 24) | ((word & 0xff00) << 8) | ((word >>> 8) & 0xff00) |
  (word >>> 24);

/** The low half of a value cut to `len` bytes and, for a big-endian guest, swapped within them. */
export const reorderLow = (
  f: Fast,
  len: number,
  low: number,
  high: number,
): number => {
  const swaps = f.s[W.BIG_ENDIAN] !== 0;
  switch (len) {
    case 1:
      return low & 0xff;
    case 2:
      return swaps ? ((low & 0xff) << 8) | ((low >>> 8) & 0xff) : low & 0xffff;
    case 4:
      return swaps ? swap32(low) : low;
    default:
      return swaps ? swap32(high) : low;
  }
};

/** The high half of the same. */
export const reorderHigh = (
  f: Fast,
  len: number,
  low: number,
  high: number,
): number => {
  if (len < 8) return 0;
  return f.s[W.BIG_ENDIAN] !== 0 ? swap32(low) : high;
};

/** Replaces the first `len` bytes of run.mmio.data; the rest keeps what the last exit left. */
export const fillData = (
  f: Fast,
  len: number,
  low: number,
  high: number,
): void => {
  const { s } = f;
  const old = s[W.MMIO_DATA];
  switch (len) {
    case 1:
      s[W.MMIO_DATA] = (old & ~0xff) | (low & 0xff);
      break;
    case 2:
      s[W.MMIO_DATA] = (old & ~0xffff) | (low & 0xffff);
      break;
    case 4:
      s[W.MMIO_DATA] = low;
      break;
    case 8:
      s[W.MMIO_DATA] = low;
      s[W.MMIO_DATA + 1] = high;
  }
  s[W.DIRTY] |= D.RUN;
};

/** vcpu_set_reg: register 31 discards. */
export const setReg = (
  f: Fast,
  n: number,
  low: number,
  high: number,
): void => {
  if (n === 31) return;
  f.s[W.VCPU_REGS + 2 * n] = low;
  f.s[W.VCPU_REGS + 2 * n + 1] = high;
  f.s[W.DIRTY] |= D.REGS;
};

/** kvm_incr_pc, which warns when an exception is pending. */
export const incrPc = (f: Fast): void => {
  const { s } = f;
  s[W.INCREMENT_PC] = 1;
  if (s[W.PENDING] !== 0) s[W.WARNS] = s[W.WARNS] + 1;
};

/** True when a pending exception keeps the access from completing. */
const yields = (f: Fast): boolean => {
  const { s } = f;
  const pending = s[W.PENDING];
  return (pending === 1 && (s[W.KVM] & K.YIELD_SYNC) !== 0) ||
    (pending === 2 && (s[W.KVM] & K.YIELD_SERR) !== 0);
};

/** Stores what a read returned: extended and cut in the revision's order, where the revision keeps it. */
const store = (f: Fast, esr: number): void => {
  const { s } = f;
  const kvm = s[W.KVM];
  const len = 1 << ((esr >>> 22) & 3);
  const first = (kvm & K.SEXT_NEW) !== 0;
  let low = len === 8 || len === 4
    ? s[W.MMIO_DATA]
    : s[W.MMIO_DATA] & (len === 1 ? 0xff : 0xffff);
  let high = len === 8 ? s[W.MMIO_DATA + 1] as number : 0;
  if (first) {
    const swapped = reorderLow(f, len, low, high);
    high = reorderHigh(f, len, low, high);
    low = swapped;
  }
  if ((esr & SSE) !== 0 && len < 8) {
    const spare = len === 1 ? 24 : len === 2 ? 16 : 0;
    low = (low << spare) >> spare;
    high = low >> 31;
  }
  if ((esr & SF) === 0) high = 0;
  if (!first) {
    const swapped = reorderLow(f, len, low, high);
    high = reorderHigh(f, len, low, high);
    low = swapped;
  }
  const plain = s[W.IS_REC] === 0;
  if (plain || (kvm & K.STORE_REG) !== 0) {
    setReg(f, (esr >>> 16) & 31, low, high);
  }
  if (!plain && (kvm & K.STORE_GPR0) !== 0) {
    s[W.ENTER_GPRS] = low;
    s[W.ENTER_GPRS + 1] = high;
    s[W.DIRTY] |= D.GPR0;
  }
};

/** Sets RMI_EMULATED_MMIO where the revision sets it at this point. */
export const flagEmulated = (f: Fast, point: number): void => {
  const { s } = f;
  if (s[W.IS_REC] === 0 || (s[W.KVM] & point) === 0) return;
  s[W.ENTER_FLAGS] |= FLAG.EMUL_MMIO;
  s[W.DIRTY] |= D.FLAGS;
};

/**
 * Completes the access whose answer lies in run.mmio.data; nothing when none
 * is owed or an exception is pending. The saved syndrome rules, not run.mmio.
 */
export const mmioReturn = (f: Fast): void => {
  const { s } = f;
  if (s[W.MMIO_NEEDED] === 0 || yields(f)) return;
  s[W.MMIO_NEEDED] = 0;
  flagEmulated(f, K.EMUL_TOP);
  const esr = s[W.FAULT_ESR];
  if ((esr & WnR) === 0) store(f, esr);
  flagEmulated(f, K.EMUL_END);
  if (s[W.IS_REC] === 0 || (s[W.KVM] & K.INC_PC) !== 0) incrPc(f);
};
