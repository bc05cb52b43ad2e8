/**
 * Faults KVM hands back to the guest. Whoever ends the event marks the vCPU
 * changed.
 *
 * Source: kvm.md §1b "SEA injection".
 *
 * @module
 */

import type { Fast } from "./arrays.ts";
import { D, FLAG, RET, W } from "./layout.ts";
import { K } from "./switches.ts";

const ISV = 1 << 24;
const S1PTW = 1 << 7;

/** kvm_pend_exception, which warns when INCREMENT_PC is set. */
const pend = (
  f: Fast,
  kind: number,
  esr: number,
  far: number,
  far_hi: number,
): void => {
  const { s } = f;
  s[W.PENDING] = kind;
  s[W.PEND_ESR] = esr;
  s[W.PEND_ESR + 1] = 0;
  s[W.PEND_FAR] = far;
  s[W.PEND_FAR + 1] = far_hi;
  if (s[W.INCREMENT_PC] !== 0) s[W.WARNS] = s[W.WARNS] + 1;
};

/** kvm_inject_sea_dabt: at once as a flag, or as a pending exception. */
export const injectSea = (f: Fast, far: number, far_hi: number): number => {
  const { s } = f;
  if (s[W.IS_REC] !== 0 && (s[W.KVM] & K.SEA_FLAG) !== 0) {
    s[W.ENTER_FLAGS] |= FLAG.INJECT_SEA;
    s[W.DIRTY] |= D.FLAGS;
    return RET.again;
  }
  const ec = s[W.LOWER] === 0 ? 0x25 : 0x24;
  const walk = (s[W.FAULT_ESR] & S1PTW) !== 0;
  pend(f, 1, (ec << 26) | (1 << 25) | (walk ? 0x17 : 0x10), far, far_hi);
  return RET.again;
};

/** kvm_inject_serror: HCR_EL2.VSE, or an exception at once. */
export const injectSerror = (f: Fast): number => {
  const { s } = f;
  const kvm = s[W.KVM];
  if (s[W.SERR_MASKED] !== 0 || (kvm & K.SERROR_PEND) === 0) {
    s[W.VSERROR] = 1;
  } else {
    const il = (kvm & K.SERROR_IL) === 0 ? 0 : 1 << 25;
    pend(f, 2, (0x2f << 26) | il | ISV, 0, 0);
  }
  return RET.again;
};
