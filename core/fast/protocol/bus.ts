/**
 * The bus: which device holds all bytes of an access, and its register file.
 *
 * @module
 */

import type { Fast } from "./arrays.ts";
import { D, W } from "./layout.ts";
import { joined, plainOf } from "./plain.ts";
import * as Rtc from "./rtc.ts";
import * as Test from "./testdev.ts";
import * as Uart from "./uart.ts";

/** What every device's words begin with. */
export const DEV = {
  /** 0 PL011, 1 PL031, 2 test device. */
  KIND: 0,
  /** 1 when the VMM emulates it, 0 when the kernel does. */
  USER: 1,
  /** Changed since load or store. */
  DIRTY: 2,
  /** The device's own words. */
  STATE: 4,
} as const;

/** Words of one device. */
export const device_words = 40;

/** Values of `DEV.KIND`. */
export const KIND = { Pl011: 0, Pl031: 1, TestDevice: 2 } as const;

/** The number of the device that holds `[at, at + len)`, or -1: nothing there, or not all of it. */
export const findDevice = (f: Fast, at: number, len: number): number => {
  const { bounds } = f;
  for (let n = 0; n < bounds.length; n += 2) {
    const base = bounds[n] as number;
    const top = bounds[n + 1] as number;
    if (base < at + len && at < top) {
      return base <= at && at + len <= top ? n >> 1 : -1;
    }
  }
  return -1;
};

/** True when the VMM answers the device's accesses. */
export const isUser = (f: Fast, device: number): boolean =>
  f.devices[device * device_words + DEV.USER] === 1;

const changed = (f: Fast, device: number): void => {
  f.devices[device * device_words + DEV.DIRTY] = 1;
  f.s[W.DIRTY] |= D.BUS;
};

/** Reads one 32-bit register of a PL011 or PL031. */
const readWord = (f: Fast, device: number, offset: number): number => {
  const d = f.devices;
  const at = device * device_words + DEV.STATE;
  if (d[at - DEV.STATE] === KIND.Pl031) return Rtc.read(d, at, offset);
  if (offset === 0 && Uart.holds(d, at)) {
    changed(f, device);
    return Uart.pop(d, at);
  }
  return Uart.read(d, at, offset);
};

/** Writes one 32-bit register of a PL011 or PL031. */
const writeWord = (
  f: Fast,
  device: number,
  offset: number,
  value: number,
): void => {
  const d = f.devices;
  const at = device * device_words + DEV.STATE;
  changed(f, device);
  if (d[at - DEV.STATE] === KIND.Pl031) Rtc.write(d, at, offset, value);
  else if (offset === 0) Uart.send(f, at, value);
  else Uart.write(d, at, offset, value);
};

const plain = joined([Uart.plain, Rtc.plain, plainOf([])]);

/** Registers that are a word of their device, by `plainAt` of `DEV.KIND`; the test device has none. */
export const plain_reads: Int8Array = plain.reads;
/** The same of registers that are written. */
export const plain_writes: Int8Array = plain.writes;
/** And the bits that a write keeps. */
export const plain_kept: Int32Array = plain.kept;

/** Reads `len` bytes at `offset` of a device into `W.VALUE`, zero-extended. */
export const readAt = (
  f: Fast,
  device: number,
  offset: number,
  len: number,
): void => {
  const { s } = f;
  if (f.devices[device * device_words] === KIND.TestDevice) {
    if (Test.read(f, device * device_words + DEV.STATE, offset, len)) {
      changed(f, device);
    }
    return;
  }
  s[W.VALUE] = 0;
  s[W.VALUE + 1] = 0;
  // A register file without byte strobes: an unaligned read reads zero.
  if ((offset & (len - 1)) !== 0) return;
  const word = readWord(f, device, offset & ~3);
  const lane = word >>> (8 * (offset & 3));
  s[W.VALUE] = len === 1 ? lane & 0xff : len === 2 ? lane & 0xffff : lane;
  if (len === 8) s[W.VALUE + 1] = readWord(f, device, offset + 4);
};

/** The same at an address of the device. */
export const deviceRead = (
  f: Fast,
  device: number,
  ipa: number,
  len: number,
): void => readAt(f, device, ipa - (f.bounds[2 * device] as number), len);

/** Writes the low `len` bytes of a value, in halves, at `offset` of a device. */
export const writeAt = (
  f: Fast,
  device: number,
  offset: number,
  len: number,
  low: number,
  high: number,
): void => {
  if (f.devices[device * device_words] === KIND.TestDevice) {
    changed(f, device);
    Test.write(f, device * device_words + DEV.STATE, offset, len, low, high);
    return;
  }
  // A narrow write reaches lane 0 only, with zeros in the lanes above it.
  if ((offset & (len - 1)) !== 0 || (offset & 3) !== 0) return;
  const part = len === 1 ? low & 0xff : len === 2 ? low & 0xffff : low;
  writeWord(f, device, offset, part);
  if (len === 8) writeWord(f, device, offset + 4, high);
};

/** The same at an address of the device. */
export const deviceWrite = (
  f: Fast,
  device: number,
  ipa: number,
  len: number,
  low: number,
  high: number,
): void => {
  const offset = ipa - (f.bounds[2 * device] as number);
  writeAt(f, device, offset, len, low, high);
};

/** Seconds pass: the event `Tick`. */
export const tick = (f: Fast, seconds: number): void => {
  const d = f.devices;
  for (let n = 0; n < f.bounds.length >> 1; n++) {
    if (d[n * device_words] !== KIND.Pl031) continue;
    if (Rtc.tick(d, n * device_words + DEV.STATE, seconds)) changed(f, n);
  }
};

/** Bytes arrive at the first UART: the event `UartRx`. */
export const uartRx = (f: Fast, bytes: ArrayLike<number>): void => {
  const d = f.devices;
  for (let n = 0; n < f.bounds.length >> 1; n++) {
    if (d[n * device_words] !== KIND.Pl011) continue;
    if (Uart.receive(d, n * device_words + DEV.STATE, bytes)) changed(f, n);
    return;
  }
};
