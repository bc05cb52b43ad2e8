/**
 * The two halves of the commonest road: serving an access, and what the road
 * leaves behind. Of several accesses in a row only the last one's traces are
 * still there, so they can be written once, before anyone looks.
 *
 * @module
 */

import type { Fast } from "./arrays.ts";
import {
  DEV,
  device_words,
  isUser,
  plain_kept,
  plain_reads,
  plain_writes,
  readAt,
  writeAt,
} from "./bus.ts";
import { loadX } from "./enter.ts";
import { timers } from "./exit.ts";
import { D, EXIT, FLAG, OWED, REASON, RET, STATUS, W } from "./layout.ts";
import { fillData } from "./mmio.ts";
import { plainAt } from "./plain.ts";
import { ESR_MASK } from "./switches.ts";

const WnR = 1 << 6;

const SSE = 1 << 21;

/** The value on its way through X0 of KVM: what was written, or what was read. */
const carry = ({ s }: Fast, low: number, high: number): void => {
  s[W.VCPU_REGS] = low;
  s[W.VCPU_REGS + 1] = high;
};

const read = (f: Fast, iss: number, device: number, offset: number): void => {
  const { s } = f;
  const len = 1 << ((iss >>> 22) & 3);
  readAt(f, device, offset, len);
  const low = s[W.VALUE];
  const high = s[W.VALUE + 1] as number;
  fillData(f, len, low, high);
  // KVM sees SF but not SSE: it cuts, and the RMM extends.
  const kept = (iss & (1 << 15)) === 0 ? 0 : high;
  carry(f, low, kept);
  loadX(f, iss, low, kept);
};

const write = (f: Fast, iss: number, device: number, offset: number): void => {
  const { x } = f;
  const n = (iss >>> 16) & 31;
  const size = (iss >>> 22) & 3;
  const whole = n === 31 ? 0 : x[2 * n] as number;
  const low = size === 0 ? whole & 0xff : size === 1 ? whole & 0xffff : whole;
  const high = size < 3 || n === 31 ? 0 : x[2 * n + 1] as number;
  carry(f, low, high);
  if (isUser(f, device)) fillData(f, 1 << size, low, high);
  writeAt(f, device, offset, 1 << size, low, high);
};

/** SAS and SSE of a plain 32-bit access, and register 31, which is none. */
const word_read = 3 << 22 | SSE;
const word_wanted = 2 << 22;

/** True of 32 bits, not extended, at an offset that is a register's. */
const isWord = (iss: number, offset: number): boolean =>
  (iss & word_read) === word_wanted && (offset & 3) === 0;

/** LDR Wt of a register that is a word of its device; false, and nothing done, for any other. */
const readWord = (
  f: Fast,
  iss: number,
  device: number,
  offset: number,
): boolean => {
  const { s, x, devices } = f;
  const n = (iss >>> 16) & 31;
  const at = device * device_words;
  const word = plain_reads[plainAt(devices[at] as number, offset)] as number;
  if (!isWord(iss, offset) || n === 31 || word < 0) return false;
  const value = devices[at + DEV.STATE + word] as number;
  s[W.MMIO_DATA] = value;
  s[W.VCPU_REGS] = value;
  s[W.VCPU_REGS + 1] = 0;
  x[2 * n] = value;
  x[2 * n + 1] = 0;
  return true;
};

/** STR Wt of the same. */
const writeWord = (
  f: Fast,
  iss: number,
  device: number,
  offset: number,
): boolean => {
  const { s, x, devices } = f;
  const n = (iss >>> 16) & 31;
  const at = device * device_words;
  const plain = plainAt(devices[at] as number, offset);
  const word = plain_writes[plain] as number;
  if (!isWord(iss, offset) || n === 31 || word < 0) return false;
  const value = x[2 * n] as number;
  if (devices[at + DEV.USER] === 1) s[W.MMIO_DATA] = value;
  s[W.VCPU_REGS] = value;
  s[W.VCPU_REGS + 1] = 0;
  devices[at + DEV.DIRTY] = 1;
  devices[at + DEV.STATE + word] = value &
    (plain_kept[plain] as number);
  s[W.DIRTY] |= D.BUS;
  return true;
};

/**
 * Serves an access with ISS `iss` to `device`, `offset` bytes from its first:
 * the device, X0 to X30, and what only this access knows of the rest of the
 * state, which `settle` writes, but for PC.
 */
export const serve = (
  f: Fast,
  iss: number,
  device: number,
  offset: number,
): void => {
  if ((iss & WnR) === 0) {
    if (!readWord(f, iss, device, offset)) read(f, iss, device, offset);
  } else if (!writeWord(f, iss, device, offset)) {
    write(f, iss, device, offset);
  }
};

/** The syndrome as the host saw it, in the run page and in KVM. */
const syndromes = (
  { s }: Fast,
  esr: number,
  far: number,
  hpfar: number,
  hpfar_hi: number,
): void => {
  const shown = esr & ESR_MASK.emulatable;
  s[W.EXIT_REASON] = EXIT.SYNC;
  s[W.EXIT_ESR] = shown;
  s[W.EXIT_ESR + 1] = 0;
  s[W.EXIT_FAR] = far & 0xfff;
  s[W.EXIT_FAR + 1] = 0;
  s[W.EXIT_HPFAR] = hpfar;
  s[W.EXIT_HPFAR + 1] = hpfar_hi;
  s[W.FAULT_ESR] = shown;
  s[W.FAULT_ESR + 1] = 0;
  s[W.FAULT_FAR] = far & 0xfff;
  s[W.FAULT_FAR + 1] = 0;
  s[W.FAULT_HPFAR] = hpfar;
  s[W.FAULT_HPFAR + 1] = hpfar_hi;
};

/** The REC has been entered again. */
const reentered = (f: Fast): void => {
  const { s } = f;
  timers(f);
  f.exit_vgic = f.rec_vgic;
  s[W.LAST_ESR] = 0;
  s[W.LAST_ESR + 1] = 0;
  s[W.SIMD_LIVE] = 0;
  s[W.RUNNING] = 1;
  s[W.TRAP_WFI] = 0;
  s[W.TRAP_WFE] = 0;
  s[W.ENTER_FLAGS] = FLAG.EMUL_MMIO;
  s[W.ENTER_FLAGS + 1] = 0;
  s[W.LAST_EXIT] = EXIT.SYNC;
  s[W.STATUS] = STATUS.SUCCESS;
  s[W.INDEX] = 0;
  s[W.MMIO_NEEDED] = 0;
};

/** The value in both halves of the run page, and the access in kvm_run. */
const shown = ({ s, limits }: Fast, esr: number): void => {
  const write = esr & WnR;
  const low = s[W.VCPU_REGS];
  const high = s[W.VCPU_REGS + 1] as number;
  s[W.ENTER_GPRS] = low;
  s[W.ENTER_GPRS + 1] = high;
  s[W.EXIT_GPR0] = write === 0 ? 0 : low;
  s[W.EXIT_GPR0 + 1] = write === 0 ? 0 : high;
  const ipa = ((s[W.LAST_HPFAR + 1] as number) & 0xfff) * 0x100_0000_0000 +
    (s[W.LAST_HPFAR] >>> 4) * 4096;
  const at = ipa - (limits[0] as number) + (s[W.LAST_FAR] & 0xfff);
  s[W.MMIO_WRITE] = write === 0 ? 0 : 1;
  s[W.MMIO_ADDR] = at;
  s[W.MMIO_ADDR + 1] = at / 0x1_0000_0000;
  s[W.MMIO_LEN] = 1 << ((esr >>> 22) & 3);
};

/**
 * What the road of the access served last leaves behind; `user` when this one
 * or another since the last time went to a device in user space.
 */
export const settle = (
  f: Fast,
  user: boolean,
  esr: number,
  far: number,
  far_hi: number,
  hpfar: number,
  hpfar_hi: number,
): void => {
  const { s } = f;
  s[W.LAST_FAR] = far;
  s[W.LAST_FAR + 1] = far_hi;
  s[W.LAST_HPFAR] = hpfar;
  s[W.LAST_HPFAR + 1] = hpfar_hi;
  syndromes(f, esr, far, hpfar, hpfar_hi);
  reentered(f);
  shown(f, esr);
  if (user) {
    s[W.RET] = RET.OK;
    s[W.OWED] = OWED.none;
    s[W.REASON] = REASON.UNKNOWN;
  }
  if ((esr & WnR) === 0) s[W.DIRTY] |= D.X;
  s[W.DIRTY] |= D.PC | D.RMM | D.FLAGS | D.GPR0 | D.EXIT | D.VCPU | D.REGS |
    D.RUN;
};
