/**
 * The commonest road in one piece: an emulatable access of a device on the
 * board, by the default rows, with nothing else pending.
 *
 * What the five events of such a road leave behind, computed without what
 * they only pass to each other. Anything unusual is left to the events
 * themselves, before anything has changed.
 *
 * @module
 */

import type { Fast } from "./arrays.ts";
import { deviceRead, deviceWrite, findDevice, isUser } from "./bus.ts";
import { loadX } from "./enter.ts";
import { timers } from "./exit.ts";
import {
  AT,
  D,
  EVENT,
  EXIT,
  FLAG,
  OWED,
  REALM,
  REASON,
  REG,
  RET,
  STATUS,
  W,
} from "./layout.ts";
import { fillData } from "./mmio.ts";
import { ESR_MASK, K, R } from "./switches.ts";

/** RMM switches this road depends on, and how they have to stand. */
const rmm_read = R.STORE_MASKED | R.STORE_HIDDEN | R.LOAD_RAW | R.VGIC_RECRUN;
const rmm_wanted = R.STORE_MASKED;

/** The same of KVM: an access is completed by INCREMENT_PC and X0 at the next entry. */
const kvm_wanted = K.WRITE_COPY | K.EMUL_ENTRY | K.STORE_REG | K.INC_PC |
  K.INC_SIGNAL;
const kvm_read = kvm_wanted | K.EMUL_ABORT | K.EMUL_TOP | K.EMUL_END |
  K.STORE_GPR0 | K.CLEAR_DISPATCH | K.CLEAR_NEVER;

/** True when the rows, and all that no access changes, allow the common road. */
export const isPlain = (f: Fast): boolean => {
  const { s } = f;
  const rows = (s[W.RMM] & rmm_read) === rmm_wanted &&
    (s[W.KVM] & kvm_read) === kvm_wanted;
  const alias = ((s[W.ALIAS_HI] >>> 0) * 0x1_0000_0000) +
    (s[W.ALIAS_LO] >>> 0);
  // One IPA space for RMM and KVM, of which an access has the upper half.
  const space = f.limits[0] === alias && f.limits[1] === 2 * alias &&
    f.limits[2] === 2 * alias;
  const closed = s[W.STOPPED] | s[W.PSCI_PENDING] | s[W.OPEN] |
    s[W.RMI_REQUEST] | s[W.BIG_ENDIAN];
  return rows && space && closed === 0 && s[W.IS_REC] !== 0 &&
    s[W.RUNNABLE] !== 0 && s[W.REALM_STATE] === REALM.ACTIVE;
};

/** EC, ISV, SET and FSC but for its level: a data abort with a syndrome, a translation fault, no LS64. */
const shape_read = 0xfd00_183c | 0;
const shape_wanted = 0x9100_0004 | 0;

const WnR = 1 << 6;

/** True when nothing is under way that the events would have to look at. */
const idle = (f: Fast): boolean => {
  const { r, s } = f;
  const open = s[W.PENDING] | s[W.INCREMENT_PC] | s[W.DEAD] | s[W.TRAP] |
    r[REG.MONITOR] | (r[REG.PSTATE] & 0x10);
  return open === 0 && s[W.PLAIN] !== 0 && s[W.AT] === AT.guest;
};

/** The address without the alias bit, or -1, where no device is, when it is not the host's to emulate. */
const deviceAddress = (f: Fast, far: number, hpfar: number, high: number) => {
  if ((high & 0xf000) !== 0) return -1;
  const ipa = (high & 0xfff) * 0x100_0000_0000 + (hpfar >>> 4) * 4096;
  const half = f.limits[0] as number;
  if (!(half <= ipa && ipa < 2 * half)) return -1;
  const page = ipa - half;
  const { slots } = f;
  for (let at = 0; at < slots.length; at += 3) {
    if ((slots[at] as number) <= page && page < (slots[at + 1] as number)) {
      return -1;
    }
  }
  return page + (far & 0xfff);
};

/** The syndrome as the host saw it, in the run page and in KVM. */
const syndromes = (
  f: Fast,
  esr: number,
  far: number,
  hpfar: number,
  hpfar_hi: number,
): void => {
  const { s } = f;
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

/** What the RMM keeps once the REC has been entered again, and what the exit showed besides the syndrome. */
const reentered = (
  f: Fast,
  far: number,
  far_hi: number,
  hpfar: number,
  hpfar_hi: number,
): void => {
  const { r, s } = f;
  timers(f);
  f.exit_vgic = f.rec_vgic;
  s[W.LAST_ESR] = 0;
  s[W.LAST_ESR + 1] = 0;
  s[W.LAST_FAR] = far;
  s[W.LAST_FAR + 1] = far_hi;
  s[W.LAST_HPFAR] = hpfar;
  s[W.LAST_HPFAR + 1] = hpfar_hi;
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
  const pc = (r[REG.PC] >>> 0) + 4;
  r[REG.PC] = pc;
  if (0xffff_ffff < pc) r[REG.PC + 1] = (r[REG.PC + 1] as number) + 1;
};

/** The value on its way through X0 of KVM and gprs[0]: what was written, or what was read. */
const carried = (f: Fast, low: number, high: number): void => {
  const { s } = f;
  s[W.VCPU_REGS] = low;
  s[W.VCPU_REGS + 1] = high;
  s[W.ENTER_GPRS] = low;
  s[W.ENTER_GPRS + 1] = high;
};

const read = (f: Fast, esr: number, device: number, at: number): void => {
  const { s } = f;
  const len = 1 << ((esr >>> 22) & 3);
  deviceRead(f, device, at, len);
  const low = s[W.VALUE];
  const high = s[W.VALUE + 1] as number;
  fillData(f, len, low, high);
  s[W.EXIT_GPR0] = 0;
  s[W.EXIT_GPR0 + 1] = 0;
  // KVM sees SF but not SSE: it cuts, and the RMM extends.
  const kept = (esr & (1 << 15)) === 0 ? 0 : high;
  carried(f, low, kept);
  loadX(f, esr, low, kept);
};

const write = (f: Fast, esr: number, device: number, at: number): void => {
  const { s, x } = f;
  const n = (esr >>> 16) & 31;
  const size = (esr >>> 22) & 3;
  const whole = n === 31 ? 0 : x[2 * n] as number;
  const low = size === 0 ? whole & 0xff : size === 1 ? whole & 0xffff : whole;
  const high = size < 3 || n === 31 ? 0 : x[2 * n + 1] as number;
  s[W.EXIT_GPR0] = low;
  s[W.EXIT_GPR0 + 1] = high;
  carried(f, low, high);
  if (isUser(f, device)) fillData(f, 1 << size, low, high);
  deviceWrite(f, device, at, 1 << size, low, high);
};

/** The events this road is made of. */
const count = ({ events }: Fast, user: boolean): void => {
  events[EVENT.Dabt] = events[EVENT.Dabt] + 1;
  events[EVENT.RecExit] = events[EVENT.RecExit] + 1;
  events[EVENT.RecEnter] = events[EVENT.RecEnter] + 1;
  if (!user) return;
  events[EVENT.MmioComplete] = events[EVENT.MmioComplete] + 1;
  events[EVENT.KvmRun] = events[EVENT.KvmRun] + 1;
};

/**
 * The whole road at once, to the realm's next instruction; arguments as for
 * `roundTrip`. False, with nothing changed, when this is not the common road.
 */
export const commonTrip = (
  f: Fast,
  esr: number,
  far: number,
  far_hi: number,
  hpfar: number,
  hpfar_hi: number,
): boolean => {
  if ((esr & shape_read) !== shape_wanted || !idle(f)) return false;
  const at = deviceAddress(f, far, hpfar, hpfar_hi);
  const len = 1 << ((esr >>> 22) & 3);
  const device = findDevice(f, at, len);
  if (device < 0) return false;
  const { s } = f;
  syndromes(f, esr, far, hpfar, hpfar_hi);
  reentered(f, far, far_hi, hpfar, hpfar_hi);
  const is_write = (esr & WnR) !== 0;
  s[W.MMIO_WRITE] = is_write ? 1 : 0;
  s[W.MMIO_ADDR] = at;
  s[W.MMIO_ADDR + 1] = at / 0x1_0000_0000;
  s[W.MMIO_LEN] = len;
  count(f, isUser(f, device));
  if (isUser(f, device)) {
    s[W.RET] = RET.OK;
    s[W.OWED] = OWED.none;
    s[W.REASON] = REASON.UNKNOWN;
  }
  if (is_write) write(f, esr, device, at);
  else read(f, esr, device, at);
  s[W.DIRTY] |= D.PC | D.RMM | D.FLAGS | D.GPR0 | D.EXIT | D.VCPU | D.REGS |
    D.RUN;
  return true;
};
