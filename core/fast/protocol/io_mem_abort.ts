/**
 * io_mem_abort: a fault at an address that is nobody's memory becomes an
 * access to a device, in the kernel or in user space.
 *
 * Source: kvm.md §2c.
 *
 * @module
 */

import type { Fast } from "./arrays.ts";
import { deviceRead, deviceWrite, findDevice, isUser } from "./bus.ts";
import { injectSea } from "./kvm_inject.ts";
import { D, REASON, RET, W } from "./layout.ts";
import {
  fillData,
  flagEmulated,
  mmioReturn,
  reorderHigh,
  reorderLow,
} from "./mmio.ts";
import { K } from "./switches.ts";

const ISV = 1 << 24;
const WnR = 1 << 6;

/** Where ESR[12:11] is LST. */
const hasLst = (fsc: number): boolean =>
  (0x04 <= fsc && fsc <= 0x0f) || fsc === 0x2a || fsc === 0x2b;

/** An abort without a syndrome. */
const withoutSyndrome = (f: Fast, addr: number, addr_hi: number): number => {
  const { s } = f;
  const confidential = s[W.IS_REC] !== 0;
  if (confidential && (s[W.KVM] & K.ISV0_SEA) !== 0) {
    return injectSea(f, s[W.FAULT_FAR], s[W.FAULT_FAR + 1] as number);
  }
  if (s[W.NISV_TO_USER] === 0) return RET.ENOSYS;
  return special(f, REASON.NISV, s[W.FAULT_ESR] & 0x17f, 0, addr, addr_hi);
};

/** An exit that shows the syndrome to user space; ESR bits 8, 6 and the FSC of a NISV exit make 0x17f. */
const special = (
  f: Fast,
  reason: number,
  iss: number,
  iss_hi: number,
  addr: number,
  addr_hi: number,
): number => {
  const { s } = f;
  s[W.REASON] = reason;
  s[W.NISV_ISS] = iss;
  s[W.NISV_ISS + 1] = iss_hi;
  s[W.NISV_IPA] = addr;
  s[W.NISV_IPA + 1] = addr_hi;
  s[W.DIRTY] |= D.RUN;
  return RET.OK;
};

/** The access itself: the in-kernel bus first, then user space. */
const access = (
  f: Fast,
  esr: number,
  addr: number,
  addr_hi: number,
): number => {
  const { s } = f;
  const len = 1 << ((esr >>> 22) & 3);
  const write = (esr & WnR) !== 0;
  const n = (esr >>> 16) & 31;
  const low = n === 31 ? 0 : s[W.VCPU_REGS + 2 * n] as number;
  const high = n === 31 ? 0 : s[W.VCPU_REGS + 2 * n + 1] as number;
  s[W.MMIO_WRITE] = write ? 1 : 0;
  s[W.MMIO_ADDR] = addr;
  s[W.MMIO_ADDR + 1] = addr_hi;
  s[W.MMIO_LEN] = len;
  s[W.MMIO_NEEDED] = 1;
  s[W.DIRTY] |= D.RUN | D.VCPU;
  flagEmulated(f, K.EMUL_ABORT);
  const sent = reorderLow(f, len, low, high);
  const sent_hi = reorderHigh(f, len, low, high);
  const at = (addr_hi >>> 0) * 0x1_0000_0000 + (addr >>> 0);
  const device = findDevice(f, at, len);
  if (device < 0 || isUser(f, device)) {
    // A read leaves run.mmio.data as it was.
    if (write) fillData(f, len, sent, sent_hi);
    s[W.REASON] = REASON.MMIO;
    return RET.OK;
  }
  if (write) deviceWrite(f, device, at, len, sent, sent_hi);
  else {
    deviceRead(f, device, at, len);
    fillData(f, len, s[W.VALUE], s[W.VALUE + 1] as number);
  }
  mmioReturn(f);
  return RET.again;
};

/** io_mem_abort: a fault at an address that is nobody's memory. */
export const ioMemAbort = (f: Fast, page: number, page_hi: number): number => {
  const { s } = f;
  const esr = s[W.FAULT_ESR];
  const addr = page | (s[W.FAULT_FAR] & 0xfff);
  if ((esr & ISV) === 0) return withoutSyndrome(f, addr, page_hi);
  const lst = hasLst(esr & 0x3f) && (esr & (3 << 11)) !== 0;
  if ((s[W.KVM] & K.LDST64B) !== 0 && lst) {
    const high = s[W.FAULT_ESR + 1] as number;
    return special(f, REASON.LDST64B, esr & ~0x3f, high, addr, page_hi);
  }
  return access(f, esr, addr, page_hi);
};
