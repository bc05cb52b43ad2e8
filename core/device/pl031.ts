/**
 * PL031 real time clock: a 32-bit counter of seconds with one alarm.
 *
 * The counter runs from reset and cannot be stopped, as in QEMU: RTCCR reads
 * 1 and ignores writes. Time is an event: the counter moves in `tick` alone.
 *
 * Source: Arm PrimeCell Real Time Clock (PL031) TRM, DDI 0224, chapter 3:
 * https://developer.arm.com/documentation/ddi0224
 *
 * @module
 */

import {
  quiet,
  readLanes,
  type ReadResult,
  type Word,
  writeLanes,
  type WriteResult,
} from "./lanes.ts";

/** Bytes of address space. */
export const pl031_bytes = 0x1000;

/** Register offsets. */
export const PL031 = {
  DR: 0x000, // Data (RO): the counter
  MR: 0x004, // Match (RW)
  LR: 0x008, // Load (RW): writing sets the counter
  CR: 0x00c, // Control (RW in the TRM; reads 1, writes ignored here)
  IMSC: 0x010, // Interrupt mask set or clear (RW, bit 0)
  RIS: 0x014, // Raw interrupt status (RO, bit 0)
  MIS: 0x018, // Masked interrupt status (RO, bit 0)
  ICR: 0x01c, // Interrupt clear (WO, bit 0)
  ID: 0xfe0, // PeriphID0..3, PCellID0..3 (RO), one byte a word
} as const;

/** PeriphID0..3 (part 0x031, designer Arm) and PCellID0..3, as QEMU's model reads. */
const identity = [0x31, 0x10, 0x14, 0x00, 0x0d, 0xf0, 0x05, 0xb1] as const;

/** State of the clock; plain data. */
export interface Pl031 {
  /** Seconds, modulo 2^32. */
  readonly counter: number;
  /** Match register. */
  readonly mr: number;
  /** Last value loaded. */
  readonly lr: number;
  /** Interrupt mask. */
  readonly imsc: number;
  /** Raw interrupt status. */
  readonly ris: number;
}

/** The clock after reset, at second 0. */
export const reset: Pl031 = { counter: 0, mr: 0, lr: 0, imsc: 0, ris: 0 };

const readWord = (rtc: Pl031, offset: number): number => {
  switch (offset) {
    case PL031.DR:
      return rtc.counter;
    case PL031.MR:
      return rtc.mr;
    case PL031.LR:
      return rtc.lr;
    case PL031.CR:
      return 1;
    case PL031.IMSC:
      return rtc.imsc;
    case PL031.RIS:
      return rtc.ris;
    case PL031.MIS:
      return rtc.ris & rtc.imsc;
    default:
      // ICR is write-only; every other offset is reserved and reads zero.
      return identity[(offset - PL031.ID) >> 2] ?? 0;
  }
};

/** "The interrupt is asserted when the match register equals the counter" (TRM 2.2.1). */
const matched = (rtc: Pl031): Pl031 =>
  rtc.counter === rtc.mr ? { ...rtc, ris: 1 } : rtc;

const writeWord = (rtc: Pl031, offset: number, value: number): Pl031 => {
  switch (offset) {
    case PL031.MR:
      return matched({ ...rtc, mr: value });
    case PL031.LR:
      return matched({ ...rtc, lr: value, counter: value });
    case PL031.IMSC:
      return { ...rtc, imsc: value & 1 };
    case PL031.ICR:
      return (value & 1) === 0 ? rtc : { ...rtc, ris: 0 };
    default:
      // DR, RIS, MIS and the ID registers are read-only, CR is fixed, the rest reserved.
      return rtc;
  }
};

const readPort = (rtc: Pl031, offset: number): Word<Pl031> => ({
  state: rtc,
  value: readWord(rtc, offset),
});

const writePort = (
  rtc: Pl031,
  offset: number,
  value: number,
): WriteResult<Pl031> => ({
  state: writeWord(rtc, offset, value),
  asks: quiet,
});

/** Reads `bytes` bytes at `offset`; never changes the clock. */
export const read = (
  rtc: Pl031,
  offset: number,
  bytes: number,
): ReadResult<Pl031> => readLanes(rtc, offset, bytes, readPort);

/** Writes `bytes` bytes at `offset`. */
export const write = (
  rtc: Pl031,
  offset: number,
  bytes: number,
  value: bigint,
): WriteResult<Pl031> => writeLanes(rtc, offset, bytes, value, writePort);

/** Lets `seconds` whole seconds pass; the alarm goes off if the match value was passed. */
export const tick = (rtc: Pl031, seconds: number): Pl031 => {
  if (!(0 < seconds)) return rtc;
  const distance = (rtc.mr - rtc.counter) >>> 0;
  const until = distance === 0 ? 2 ** 32 : distance;
  return {
    ...rtc,
    counter: (rtc.counter + seconds % 2 ** 32) % 2 ** 32,
    ris: until <= seconds ? 1 : rtc.ris,
  };
};

/** The interrupt line: true while an unmasked alarm stands. */
export const irq = (rtc: Pl031): boolean => (rtc.ris & rtc.imsc) !== 0;
