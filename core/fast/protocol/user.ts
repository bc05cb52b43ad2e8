/**
 * Between KVM and the VMM: how an exit handler ends, KVM_RUN, and what the VMM
 * does with an MMIO exit.
 *
 * Source: kvm.md §1b "entry/exit order", §2d, §2f, §6.
 *
 * @module
 */

import type { Fast } from "./arrays.ts";
import { deviceRead, deviceWrite, findDevice, isUser } from "./bus.ts";
import {
  AT,
  CODE,
  type Code,
  D,
  EXIT,
  OWED,
  REASON,
  RET,
  W,
} from "./layout.ts";
import { fillData, mmioReturn } from "./mmio.ts";
import { K } from "./switches.ts";

/**
 * KVM's copies of PC and PSTATE take what is pending as the ioctl ends; where
 * the flags are signals to the REC entry they are left alone.
 */
const adjustPc = (f: Fast): void => {
  const { s } = f;
  if (s[W.IS_REC] !== 0 && (s[W.KVM] & K.INC_SIGNAL) !== 0) return;
  if (s[W.PENDING] !== 0) {
    s[W.PENDING] = 0;
  } else if (s[W.INCREMENT_PC] !== 0) {
    s[W.INCREMENT_PC] = 0;
    const pc = (s[W.VCPU_PC] >>> 0) + 4;
    s[W.VCPU_PC] = pc;
    if (0xffff_ffff < pc) {
      s[W.VCPU_PC + 1] = (s[W.VCPU_PC + 1] as number) + 1;
    }
  }
};

const toUser = (f: Fast, ret: number, owed: number): Code => {
  const { s } = f;
  adjustPc(f);
  s[W.AT] = AT.user;
  s[W.RET] = ret;
  s[W.OWED] = owed;
  s[W.DIRTY] |= D.VCPU;
  return CODE.done;
};

/** Ends an exit handler: `RET.again` enters the REC, anything else is what KVM_RUN returns. */
export const leave = (f: Fast, ret: number): Code => {
  const { s } = f;
  if (ret !== RET.again) {
    const mmio = ret === RET.OK && s[W.REASON] === REASON.MMIO;
    return toUser(f, ret, mmio ? OWED.MmioComplete : OWED.VmmHandle);
  }
  if (s[W.DEAD] !== 0) return toUser(f, RET.EIO, OWED.VmmHandle);
  // A vCPU that sleeps in KVM_RUN until CPU_ON counts as being in user space.
  if (s[W.STOPPED] !== 0) return toUser(f, RET.OK, OWED.PowerOn);
  s[W.AT] = AT.enter;
  s[W.DIRTY] |= D.VCPU;
  return CODE.done;
};

/** -EINTR leaves exit_reason as it was: a VMM that does not heed the errno acts on it again (D15). */
const interrupted = (f: Fast): Code => {
  const { s } = f;
  const again = s[W.REASON] === REASON.MMIO &&
    (s[W.KVM] & K.HEEDS_ERRNO) === 0;
  const decision = s[W.OWED] === OWED.VmmHandle ? OWED.VmmHandle : OWED.none;
  return toUser(f, RET.EINTR, again ? OWED.MmioComplete : decision);
};

/** The VMM calls KVM_RUN: the event `KvmRun`. */
export const kvmRun = (f: Fast, immediate_exit: boolean): Code => {
  const { s } = f;
  if (s[W.AT] !== AT.user || s[W.STOPPED] !== 0) return CODE.refused;
  if (s[W.DEAD] !== 0) return toUser(f, RET.EIO, OWED.VmmHandle);
  const ripas = s[W.RMI_REQUEST] !== 0 &&
    s[W.LAST_EXIT] === EXIT.RIPAS_CHANGE;
  if (ripas) return CODE.slow;
  if (s[W.REASON] === REASON.MMIO) mmioReturn(f);
  if (immediate_exit) return interrupted(f);
  s[W.REASON] = REASON.UNKNOWN;
  s[W.AT] = AT.enter;
  s[W.OWED] = OWED.none;
  s[W.DIRTY] |= D.VCPU | D.RUN;
  return CODE.done;
};

/** The answer a read found lies in `W.VALUE`; a read of nothing keeps the old bytes or clears them. */
const answer = (f: Fast, known: boolean): Code => {
  const { s } = f;
  if (s[W.MMIO_WRITE] === 0) {
    if (known) fillData(f, s[W.MMIO_LEN], s[W.VALUE], s[W.VALUE + 1] as number);
    else if ((s[W.KVM] & K.UNCLAIMED_ZERO) !== 0) {
      fillData(f, s[W.MMIO_LEN], 0, 0);
    }
  }
  s[W.OWED] = OWED.none;
  s[W.DIRTY] |= D.VCPU;
  return CODE.done;
};

const owesAccess = (f: Fast): boolean =>
  f.s[W.AT] === AT.user && f.s[W.OWED] === OWED.MmioComplete;

/** The VMM answers the MMIO exit with what its device says: the event `MmioComplete` without data. */
export const mmioComplete = (f: Fast): Code => {
  const { s } = f;
  if (!owesAccess(f)) return CODE.refused;
  const at = ((s[W.MMIO_ADDR + 1] as number) >>> 0) * 0x1_0000_0000 +
    (s[W.MMIO_ADDR] >>> 0);
  const len = s[W.MMIO_LEN];
  const device = findDevice(f, at, len);
  if (device < 0 || !isUser(f, device)) return answer(f, false);
  if (s[W.MMIO_WRITE] === 0) {
    deviceRead(f, device, at, len);
    return answer(f, true);
  }
  const low = s[W.MMIO_DATA];
  deviceWrite(f, device, at, len, low, s[W.MMIO_DATA + 1] as number);
  return answer(f, true);
};

/** The VMM answers the MMIO exit with these eight bytes and touches no device: `MmioComplete` with data. */
export const mmioAnswer = (f: Fast, low: number, high: number): Code => {
  if (!owesAccess(f)) return CODE.refused;
  f.s[W.VALUE] = low;
  f.s[W.VALUE + 1] = high;
  return answer(f, true);
};

/**
 * The VMM decides about an exit that is not MMIO: the event `VmmHandle`. Only
 * "try again" is decided here; whatever may halt the world is the pure code's.
 */
export const vmmHandle = (f: Fast): Code => {
  const { s } = f;
  if (s[W.AT] !== AT.user || s[W.OWED] !== OWED.VmmHandle) return CODE.refused;
  const retry = s[W.RET] === RET.EINTR || s[W.RET] === RET.EAGAIN;
  const plain = s[W.REASON] !== REASON.MEMORY_FAULT;
  if (!retry || !plain || (s[W.KVM] & K.HEEDS_ERRNO) === 0) return CODE.slow;
  s[W.OWED] = OWED.none;
  s[W.DIRTY] |= D.VCPU;
  return CODE.done;
};
