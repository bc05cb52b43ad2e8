/**
 * The TLB of what is not there: virtual pages that stage 1 translates, with
 * the permission for a kind of access, to an IPA where stage 2 maps nothing.
 *
 * An entry is proven by the abort of one access; it then holds for every
 * aligned access of its kind, and is forgotten with the other translations.
 *
 * @module
 */

import type { Syndrome } from "../../rmm/state.ts";
import { EC, FSC } from "../../arch/esr.ts";

/** Entries; a power of two. */
const entries = 64;

/** Words of an entry. */
export const device_words = 8;

/** What the words of an entry are. */
export const DEVICE = {
  /** Low half of the page's address, and the kind of access in bits 1:0. */
  TAG: 0,
  TAG_HIGH: 1,
  HPFAR: 2,
  HPFAR_HIGH: 3,
  /** For who drives: the device all of the page belongs to, or one of the below. */
  DEVICE: 4,
  /** Bytes from the device's first to the page's. */
  OFFSET: 5,
  /** 1 when the device is in user space, 0 in the kernel. */
  USER: 6,
} as const;

/** Nobody has looked yet; there is no device that has the whole page. */
export const unknown = -1;
export const none = -2;

/** Kinds of access, as a tag holds them. */
export const READ = 1;
export const WRITE = 2;

/** No entry has tag 0. */
export type Devices = Int32Array<ArrayBuffer>;

/** An empty TLB. */
export const noDevices = (): Devices => new Int32Array(entries * device_words);

/** The first word of the entry for an address, given by its low half. */
export const entryOf = (low: number, kind: number): number =>
  ((low >>> 11 & ~1 | kind >> 1) & (entries - 1)) * device_words;

/** Forgets every page. */
export const forgetDevices = (devices: Devices): void => {
  devices.fill(0);
};

/** Looks for every page's device anew. */
export const forgetBus = (devices: Devices): void => {
  for (let at = 0; at < devices.length; at += device_words) {
    devices[at + DEVICE.DEVICE] = unknown;
  }
};

const CM = 1n << 8n;
const S1PTW = 1n << 7n;
const DABT = BigInt(EC.DABT_LOW);

/** Level 3, not of a table walk, not of maintenance: an access that stage 2 has nothing for. */
const isUnmapped = (esr: bigint): boolean =>
  esr >> 26n === DABT && (esr & 0x3fn) === BigInt(FSC.TRANSLATION + 3) &&
  (esr & (CM | S1PTW)) === 0n;

const low = (value: bigint): number => Number(BigInt.asIntN(32, value));

/** Enters the page of an access of this kind that ended in `trap`, if that proves it. */
export const learnDevice = (
  devices: Devices,
  kind: number,
  { esr, far, hpfar }: Syndrome,
): void => {
  if (!isUnmapped(esr)) return;
  const page = low(far) & ~0xfff;
  const at = entryOf(page, kind);
  devices[at + DEVICE.TAG] = page | kind;
  devices[at + DEVICE.TAG_HIGH] = low(far >> 32n);
  devices[at + DEVICE.HPFAR] = low(hpfar);
  devices[at + DEVICE.HPFAR_HIGH] = low(hpfar >> 32n);
  devices[at + DEVICE.DEVICE] = unknown;
};
