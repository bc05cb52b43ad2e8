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
import { findDevice, isUser } from "./bus.ts";
import { AT, EVENT, REALM, REG, W } from "./layout.ts";
import { serve, settle } from "./serve.ts";
import { K, R } from "./switches.ts";

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

/** ISS of a syndrome. */
const ISS = 0x1ff_ffff;

/** True when nothing is under way that the events of an access would have to look at. */
export const isIdle = ({ s }: Fast): boolean => {
  const open = s[W.PENDING] | s[W.INCREMENT_PC] | s[W.DEAD] | s[W.TRAP];
  return open === 0 && s[W.PLAIN] !== 0 && s[W.AT] === AT.guest;
};

/** True when neither has the realm: an AArch64 state with no monitor to open. */
const isBare = ({ r }: Fast): boolean =>
  (r[REG.MONITOR] | (r[REG.PSTATE] & 0x10)) === 0;

/** The page without the alias bit, or -1, where no device is, when it is not the host's to emulate. */
export const devicePage = (f: Fast, hpfar: number, high: number): number => {
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
  return page;
};

/** Counts the events that roads of this kind are made of: five to user space, three within the kernel. */
export const countTrips = (
  { events }: Fast,
  user: boolean,
  trips: number,
): void => {
  events[EVENT.Dabt] = events[EVENT.Dabt] + trips;
  events[EVENT.RecExit] = events[EVENT.RecExit] + trips;
  events[EVENT.RecEnter] = events[EVENT.RecEnter] + trips;
  if (!user) return;
  events[EVENT.MmioComplete] = events[EVENT.MmioComplete] + trips;
  events[EVENT.KvmRun] = events[EVENT.KvmRun] + trips;
};

/** The emulated access is done: on to the next instruction. */
const moveOn = ({ r }: Fast): void => {
  const pc = (r[REG.PC] >>> 0) + 4;
  r[REG.PC] = pc;
  if (0xffff_ffff < pc) r[REG.PC + 1] = (r[REG.PC + 1] as number) + 1;
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
  if ((esr & shape_read) !== shape_wanted) return false;
  if (!isIdle(f) || !isBare(f)) return false;
  const page = devicePage(f, hpfar, hpfar_hi);
  if (page < 0) return false;
  const at = page + (far & 0xfff);
  const device = findDevice(f, at, 1 << ((esr >>> 22) & 3));
  if (device < 0) return false;
  const offset = at - (f.bounds[2 * device] as number);
  const user = isUser(f, device);
  serve(f, esr & ISS, device, offset);
  settle(f, user, esr, far, far_hi, hpfar, hpfar_hi);
  countTrips(f, user, 1);
  moveOn(f);
  return true;
};
