/**
 * PL011 as words: its registers, and the receive FIFO as a ring.
 *
 * Source: Arm PrimeCell UART (PL011) TRM, DDI 0183, chapter 3.
 *
 * @module
 */

import type { Fast } from "./arrays.ts";
import { type Plain, plainOf } from "./plain.ts";

/** Words of the UART's state. */
export const UART = {
  HEAD: 0, // oldest entry of the ring
  COUNT: 1, // entries held
  OVERRUN: 2, // a character was lost since the last one that found room
  RSR: 3,
  ILPR: 4,
  IBRD: 5,
  FBRD: 6,
  LCR_H: 7,
  CR: 8,
  IFLS: 9,
  IMSC: 10,
  RIS: 11,
  DMACR: 12,
  RX: 16, // the ring
} as const;

/** Entries of the ring. */
export const rx_entries = 16;

const FEN = 1 << 4;
const LBE = 1 << 7;
const INT = { RX: 1 << 4, TX: 1 << 5, RT: 1 << 6, OE: 1 << 10 } as const;

const get = (d: Int32Array, at: number): number => d[at] as number;

/** Entries the receiver holds: the ring, or one register while the FIFOs are off. */
const depth = (d: Int32Array, at: number): number =>
  (get(d, at + UART.LCR_H) & FEN) === 0 ? 1 : rx_entries;

/** Entries at which the receive interrupt is asserted: 1/8, 1/4, 1/2, 3/4, 7/8 of 16. */
const trigger = (d: Int32Array, at: number): number => {
  if ((get(d, at + UART.LCR_H) & FEN) === 0) return 1;
  switch ((get(d, at + UART.IFLS) >> 3) & 7) {
    case 0:
      return 2;
    case 1:
      return 4;
    case 2:
      return 8;
    case 3:
      return 12;
    default:
      return 14;
  }
};

/** One character arrives; without room it is lost. */
const arrive = (d: Int32Array, at: number, byte: number): void => {
  const count = get(d, at + UART.COUNT);
  if (depth(d, at) <= count) {
    d[at + UART.OVERRUN] = 1;
    d[at + UART.RSR] = get(d, at + UART.RSR) | 1 << 3;
    d[at + UART.RIS] = get(d, at + UART.RIS) | INT.OE;
    return;
  }
  const entry = (get(d, at + UART.HEAD) + count) & (rx_entries - 1);
  const lost = get(d, at + UART.OVERRUN) === 0 ? 0 : 1 << 11;
  d[at + UART.RX + entry] = (byte & 0xff) | lost;
  d[at + UART.COUNT] = count + 1;
  d[at + UART.OVERRUN] = 0;
};

const raise = (d: Int32Array, at: number): void => {
  const full = trigger(d, at) <= get(d, at + UART.COUNT);
  d[at + UART.RIS] = get(d, at + UART.RIS) | INT.RT | (full ? INT.RX : 0);
};

/** Bytes arrive from the line, which loopback disconnects; true when anything changed. */
export const receive = (
  d: Int32Array,
  at: number,
  bytes: ArrayLike<number>,
): boolean => {
  if (bytes.length === 0 || (get(d, at + UART.CR) & LBE) !== 0) return false;
  for (let n = 0; n < bytes.length; n++) arrive(d, at, bytes[n] as number);
  raise(d, at);
  return true;
};

/** True when a read of UARTDR finds a character. */
export const holds = (d: Int32Array, at: number): boolean =>
  get(d, at + UART.COUNT) !== 0;

/** Takes the oldest character; its status goes to UARTRSR. */
export const pop = (d: Int32Array, at: number): number => {
  const head = get(d, at + UART.HEAD);
  const value = get(d, at + UART.RX + head);
  const left = get(d, at + UART.COUNT) - 1;
  d[at + UART.HEAD] = (head + 1) & (rx_entries - 1);
  d[at + UART.COUNT] = left;
  d[at + UART.RSR] = (value >> 8) & 0xf;
  const cleared = (left < trigger(d, at) ? INT.RX : 0) |
    (left === 0 ? INT.RT : 0);
  d[at + UART.RIS] = get(d, at + UART.RIS) & ~cleared;
  return value;
};

/** A byte leaves at once; in loopback it also arrives. */
export const send = (f: Fast, at: number, value: number): void => {
  const d = f.devices;
  const byte = value & 0xff;
  d[at + UART.RIS] = get(d, at + UART.RIS) | INT.TX;
  if ((get(d, at + UART.CR) & LBE) !== 0) {
    arrive(d, at, byte);
    raise(d, at);
  }
  if (f.sent === f.tx.length) {
    const longer = new Uint8Array(2 * f.tx.length);
    longer.set(f.tx);
    f.tx = longer;
  }
  f.tx[f.sent] = byte;
  f.sent += 1;
};

/** UARTFR: TXFE always, RXFE and RXFF by the FIFO. */
const flags = (d: Int32Array, at: number): number => {
  const count = get(d, at + UART.COUNT);
  return 0x80 | (count === 0 ? 0x10 : 0) |
    (depth(d, at) <= count ? 0x40 : 0);
};

/** PeriphID0..3 and PCellID0..3. */
const identity = Int32Array.of(0x11, 0x10, 0x14, 0, 0x0d, 0xf0, 0x05, 0xb1);

/** Registers that are a word. */
export const plain: Plain = plainOf([
  [0x004, UART.RSR, null],
  [0x020, UART.ILPR, 0xff],
  [0x024, UART.IBRD, 0xffff],
  [0x028, UART.FBRD, 0x3f],
  [0x02c, UART.LCR_H, null],
  [0x030, UART.CR, 0xffff],
  [0x034, UART.IFLS, 0x3f],
  [0x038, UART.IMSC, 0x7ff],
  [0x03c, UART.RIS, null],
  [0x048, UART.DMACR, 0x7],
]);

/** Reads a register; of UARTDR, what an empty receiver reads. */
export const read = (d: Int32Array, at: number, offset: number): number => {
  const word = plain.reads[offset >> 2] as number;
  if (word >= 0) return get(d, at + word);
  switch (offset) {
    case 0x018:
      return flags(d, at);
    case 0x040:
      return get(d, at + UART.RIS) & get(d, at + UART.IMSC);
    default:
      return offset < 0xfe0 ? 0 : identity[(offset - 0xfe0) >> 2] ?? 0;
  }
};

/** Turning the FIFOs off or on empties the receiver. */
const writeLine = (d: Int32Array, at: number, value: number): void => {
  const old = get(d, at + UART.LCR_H);
  d[at + UART.LCR_H] = value & 0xff;
  if (((old ^ value) & FEN) === 0) return;
  d[at + UART.COUNT] = 0;
  d[at + UART.RIS] = get(d, at + UART.RIS) & ~(INT.RX | INT.RT);
};

/** Writes a register other than UARTDR. */
export const write = (
  d: Int32Array,
  at: number,
  offset: number,
  value: number,
): void => {
  const word = plain.writes[offset >> 2] as number;
  if (word >= 0) {
    d[at + word] = value & (plain.kept[offset >> 2] as number);
    return;
  }
  switch (offset) {
    case 0x004:
      d[at + UART.RSR] = 0;
      break;
    case 0x02c:
      writeLine(d, at, value);
      break;
    case 0x044:
      d[at + UART.RIS] = get(d, at + UART.RIS) & ~value;
  }
};
