/**
 * KVM with an exit to handle: a failed entry, an interrupt, or an abort that
 * becomes an access to a device.
 *
 * Source: kvm.md §1b, §2a to §2c.
 *
 * @module
 */

import type { Fast } from "./arrays.ts";
import { prepareExit } from "./exit.ts";
import { ioMemAbort } from "./io_mem_abort.ts";
import { injectSea, injectSerror } from "./kvm_inject.ts";
import {
  AT,
  CODE,
  type Code,
  D,
  EXIT,
  REASON,
  RET,
  STATUS,
  W,
} from "./layout.ts";
import { incrPc, setReg } from "./mmio.ts";
import { K } from "./switches.ts";
import { leave } from "./user.ts";

const DABT_LOW = 0x24;
const ISV = 1 << 24;
const CM = 1 << 8;
const S1PTW = 1 << 7;
const WnR = 1 << 6;

/** FSC classes of a saved syndrome (kvm.md §2a, §2b). */
const isTranslation = (fsc: number): boolean =>
  (fsc & 0x3c) === 0x04 || fsc === 0x2b;
const isPermission = (fsc: number): boolean => (fsc & 0x3c) === 0x0c;
const isAccessFlag = (fsc: number): boolean => (fsc & 0x3c) === 0x08;
const isExternal = (fsc: number): boolean =>
  fsc === 0x10 || (0x13 <= fsc && fsc <= 0x18) || (0x1b <= fsc && fsc <= 0x1f);
/** A fault inside a memory slot: KVM asks the VMM to change the page's attribute. */
const inMemory = (f: Fast, page: number, page_hi: number): number => {
  const { s } = f;
  if (isAccessFlag(s[W.FAULT_ESR] & 0x3f)) return RET.again;
  const is_private = page === (s[W.FAULT_HPFAR] << 8 & ~0xfff) &&
    page_hi === faultHigh(f);
  s[W.REASON] = REASON.MEMORY_FAULT;
  s[W.MEM_GPA] = page;
  s[W.MEM_GPA + 1] = page_hi;
  s[W.MEM_SIZE] = 0x1000;
  s[W.MEM_SIZE + 1] = 0;
  s[W.MEM_PRIVATE] = is_private ? 1 : 0;
  s[W.DIRTY] |= D.RUN;
  return RET.EFAULT;
};

/** IPA bits 55:32 of the fault, from HPFAR_EL2 bits 47:24. */
const faultHigh = (f: Fast): number =>
  (((f.s[W.FAULT_HPFAR + 1] as number) & 0xffff) << 8) |
  (f.s[W.FAULT_HPFAR] >>> 24);

/** A translation fault beyond what the host, or the VM, can address; 0 inside. */
const beyond = (f: Fast, ipa: number): number => {
  const { s } = f;
  const far = (s[W.FAULT_HPFAR] << 8 & ~0xfff) | (s[W.FAULT_FAR] & 0xfff);
  if (0x10_0000_0000_0000 <= ipa) {
    injectSea(f, far, faultHigh(f));
    // kvm_inject_size_fault clears the FSC of whatever is pending.
    if (s[W.PENDING] !== 0) s[W.PEND_ESR] &= ~0x3f;
    return RET.again;
  }
  return (f.limits[2] as number) <= ipa ? injectSea(f, far, faultHigh(f)) : 0;
};

/** The memory slot that holds an address: 0 none, 1 writable, 2 read-only. */
const slotAt = (f: Fast, gpa: number): number => {
  const { slots } = f;
  for (let at = 0; at < slots.length; at += 3) {
    if ((slots[at] as number) <= gpa && gpa < (slots[at + 1] as number)) {
      return slots[at + 2] === 0 ? 1 : 2;
    }
  }
  return 0;
};

/** kvm_handle_guest_abort for a data abort whose syndrome is `W.FAULT_ESR`. */
const guestAbort = (f: Fast): number => {
  const { s } = f;
  const esr = s[W.FAULT_ESR];
  const fsc = esr & 0x3f;
  if (isExternal(fsc)) return injectSerror(f);
  // HPFAR_EL2 bits 47:4 are IPA bits 55:12.
  const low = s[W.FAULT_HPFAR] << 8 & ~0xfff;
  const high = faultHigh(f);
  if (isTranslation(fsc)) {
    const outside = beyond(f, high * 0x1_0000_0000 + (low >>> 0));
    if (outside !== 0) return outside;
  } else if (!isAccessFlag(fsc) && !isPermission(fsc) && fsc !== 0x35) {
    return RET.EFAULT;
  }
  const page = low & ~s[W.ALIAS_LO];
  const page_hi = high & ~s[W.ALIAS_HI];
  const slot = slotAt(f, page_hi * 0x1_0000_0000 + (page >>> 0));
  const walk = (esr & S1PTW) !== 0;
  const write = walk ? isPermission(fsc) : (esr & WnR) !== 0;
  if (slot === 1 || (slot === 2 && !write)) return inMemory(f, page, page_hi);
  if (walk) {
    return injectSea(f, s[W.FAULT_FAR], s[W.FAULT_FAR + 1] as number);
  }
  // Cache maintenance outside every slot is skipped, not emulated.
  if (slot === 0 && (esr & CM) !== 0) {
    incrPc(f);
    return RET.again;
  }
  return ioMemAbort(f, page, page_hi);
};

/** What the realm wrote goes to the register the syndrome names, for generic code to find. */
const copyWritten = (f: Fast): void => {
  const { s } = f;
  const esr = s[W.FAULT_ESR];
  if (s[W.IS_REC] === 0 || (s[W.KVM] & K.WRITE_COPY) === 0) return;
  if ((esr & ISV) === 0 || (esr & WnR) === 0) return;
  setReg(f, (esr >>> 16) & 31, s[W.EXIT_GPR0], s[W.EXIT_GPR0 + 1] as number);
};

/** What KVM_RUN makes of a failed RMI_REC_ENTER. */
const failedEntry = (f: Fast): number => {
  const { s } = f;
  const kvm = s[W.KVM];
  switch (s[W.STATUS]) {
    case STATUS.REALM: {
      if ((kvm & K.REALM_ANY) === 0 && s[W.INDEX] !== 1) return RET.ENXIO;
      const unknown = (kvm & K.REALM_UNKNOWN) !== 0;
      s[W.REASON] = unknown ? REASON.UNKNOWN : REASON.SHUTDOWN;
      s[W.DIRTY] |= D.RUN;
      return RET.OK;
    }
    case STATUS.REC:
      return (kvm & K.REC_EAGAIN) === 0 ? RET.ENXIO : RET.EAGAIN;
    default:
      if ((kvm & K.OTHER_FATAL) === 0) return RET.ENXIO;
      s[W.DEAD] = 1;
      s[W.REASON] = REASON.INTERNAL_ERROR;
      s[W.DIRTY] |= D.RUN | D.VM;
      return RET.OK;
  }
};

/** KVM handles what RMI_REC_ENTER returned: the event `RecExit`. */
export const recExit = (f: Fast): Code => {
  const { s } = f;
  if (s[W.AT] !== AT.exit) return CODE.refused;
  if (s[W.STATUS] !== STATUS.SUCCESS) return leave(f, failedEntry(f));
  const reason = s[W.EXIT_REASON];
  const dispatch = (s[W.KVM] & K.CLEAR_DISPATCH) !== 0;
  if (reason === EXIT.IRQ || reason === EXIT.FIQ) {
    if (dispatch) prepareExit(f);
    return leave(f, RET.again);
  }
  const esr = dispatch ? s[W.EXIT_ESR] : s[W.FAULT_ESR];
  if (reason !== EXIT.SYNC || esr >>> 26 !== DABT_LOW) return CODE.slow;
  if (dispatch) prepareExit(f);
  copyWritten(f);
  return leave(f, guestAbort(f));
};
