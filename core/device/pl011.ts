/**
 * PL011 UART, revision r1p4: FIFOs of 16 entries, as QEMU models it.
 *
 * Characters take no time: a byte written to UARTDR leaves at once, so the
 * transmit FIFO is always empty and UARTFR.BUSY always clear. As in QEMU the
 * byte leaves even while UARTEN or TXE is clear. The baud rate registers hold
 * values and do nothing; modem inputs and DMA are absent.
 *
 * Source: Arm PrimeCell UART (PL011) TRM, DDI 0183, chapter 3:
 * https://developer.arm.com/documentation/ddi0183
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
import {
  DR_OE,
  FEN,
  fifo_entries_max,
  FR,
  identity,
  INT,
  kept,
  LBE,
  PL011,
  type Pl011,
  RSR_OE,
} from "./pl011_state.ts";

/** Entries the receiver holds: 16, or the one holding register while FEN is clear. */
const depth = (uart: Pl011): number =>
  (uart.lcr_h & FEN) === 0 ? 1 : fifo_entries_max;

/** Characters that still find room in the receiver. */
export const rxRoom = (uart: Pl011): number =>
  Math.max(0, depth(uart) - uart.rx.length);

/** RXIFLSEL: 1/8, 1/4, 1/2, 3/4, 7/8 of the FIFO; the reserved values count as 7/8. */
const levels = [2, 4, 8, 12, 14] as const;

/** Entries at which the receive interrupt is asserted. */
const trigger = (uart: Pl011): number =>
  (uart.lcr_h & FEN) === 0 ? 1 : levels[(uart.ifls >> 3) & 7] ?? 14;

const flags = (uart: Pl011): number =>
  FR.TXFE | (uart.rx.length === 0 ? FR.RXFE : 0) |
  (rxRoom(uart) === 0 ? FR.RXFF : 0);

/** One character arrives from the line. */
const arrive = (uart: Pl011, byte: number): Pl011 => {
  // "The data in the shift register is overwritten, it is not written into the FIFO" (TRM 2.4.3).
  if (rxRoom(uart) === 0) {
    return {
      ...uart,
      overrun: true,
      rsr: uart.rsr | RSR_OE,
      ris: uart.ris | INT.OE,
    };
  }
  const rx = [...uart.rx, (byte & 0xff) | (uart.overrun ? DR_OE : 0)];
  return { ...uart, rx, overrun: false };
};

/** Raises the receive interrupts after an arrival; the timeout of 32 bit times passes at once. */
const raised = (uart: Pl011): Pl011 => {
  const full = trigger(uart) <= uart.rx.length;
  return { ...uart, ris: uart.ris | INT.RT | (full ? INT.RX : 0) };
};

/** Bytes arrive at the receiver; loopback disconnects it from the line. */
export const receive = (uart: Pl011, bytes: readonly number[]): Pl011 =>
  bytes.length === 0 || (uart.cr & LBE) !== 0
    ? uart
    : raised(bytes.reduce(arrive, uart));

/** Pops the oldest character; an empty receiver reads zero and does not change. */
const readData = (uart: Pl011): Word<Pl011> => {
  const [value, ...rx] = uart.rx;
  if (value === undefined) return { state: uart, value: 0 };
  const popped = { ...uart, rx, rsr: (value >> 8) & 0xf };
  const cleared = (rx.length < trigger(uart) ? INT.RX : 0) |
    (rx.length === 0 ? INT.RT : 0);
  return { state: { ...popped, ris: uart.ris & ~cleared }, value };
};

/** A byte leaves; the FIFO falls to its trigger level at once, which asserts UARTTXINTR. */
const writeData = (uart: Pl011, value: number): WriteResult<Pl011> => {
  const byte = value & 0xff;
  const sent = { ...uart, ris: uart.ris | INT.TX };
  return {
    state: (uart.cr & LBE) === 0 ? sent : raised(arrive(sent, byte)),
    asks: [{ tag: "UartTx", byte }],
  };
};

const readWord = (uart: Pl011, offset: number): number => {
  switch (offset) {
    case PL011.RSR:
      return uart.rsr;
    case PL011.FR:
      return flags(uart);
    case PL011.ILPR:
      return uart.ilpr;
    case PL011.IBRD:
      return uart.ibrd;
    case PL011.FBRD:
      return uart.fbrd;
    case PL011.LCR_H:
      return uart.lcr_h;
    case PL011.CR:
      return uart.cr;
    case PL011.IFLS:
      return uart.ifls;
    case PL011.IMSC:
      return uart.imsc;
    case PL011.RIS:
      return uart.ris;
    case PL011.MIS:
      return uart.ris & uart.imsc;
    case PL011.DMACR:
      return uart.dmacr;
    default:
      // ICR is write-only; every other offset is reserved and reads zero.
      return identity[(offset - PL011.ID) >> 2] ?? 0;
  }
};

const keep = (
  uart: Pl011,
  name: keyof typeof kept,
  value: number,
): Pl011 => ({ ...uart, [name]: value & kept[name] });

/** Turning the FIFOs off or on empties them (QEMU `pl011_write`, UARTLCR_H). */
const writeLine = (uart: Pl011, value: number): Pl011 => {
  const next = keep(uart, "lcr_h", value);
  if (((uart.lcr_h ^ next.lcr_h) & FEN) === 0) return next;
  return { ...next, rx: [], ris: next.ris & ~(INT.RX | INT.RT) };
};

const writeWord = (uart: Pl011, offset: number, value: number): Pl011 => {
  switch (offset) {
    case PL011.RSR:
      // "A write to this register clears the framing, parity, break and overrun errors" (TRM 3.3.2).
      return uart.rsr === 0 ? uart : { ...uart, rsr: 0 };
    case PL011.ILPR:
      return keep(uart, "ilpr", value);
    case PL011.IBRD:
      return keep(uart, "ibrd", value);
    case PL011.FBRD:
      return keep(uart, "fbrd", value);
    case PL011.LCR_H:
      return writeLine(uart, value);
    case PL011.CR:
      return keep(uart, "cr", value);
    case PL011.IFLS:
      return keep(uart, "ifls", value);
    case PL011.IMSC:
      return keep(uart, "imsc", value);
    case PL011.ICR:
      return { ...uart, ris: uart.ris & ~value };
    case PL011.DMACR:
      return keep(uart, "dmacr", value);
    default:
      // FR, RIS, MIS and the ID registers are read-only, the rest reserved.
      return uart;
  }
};

const readPort = (uart: Pl011, offset: number): Word<Pl011> =>
  offset === PL011.DR
    ? readData(uart)
    : { state: uart, value: readWord(uart, offset) };

const writePort = (
  uart: Pl011,
  offset: number,
  value: number,
): WriteResult<Pl011> =>
  offset === PL011.DR
    ? writeData(uart, value)
    : { state: writeWord(uart, offset, value), asks: quiet };

/** Reads `bytes` bytes at `offset`; only a read of UARTDR can change the UART. */
export const read = (
  uart: Pl011,
  offset: number,
  bytes: number,
): ReadResult<Pl011> => readLanes(uart, offset, bytes, readPort);

/** Writes `bytes` bytes at `offset`; a write of UARTDR asks for `UartTx`. */
export const write = (
  uart: Pl011,
  offset: number,
  bytes: number,
  value: bigint,
): WriteResult<Pl011> => writeLanes(uart, offset, bytes, value, writePort);

/** The combined interrupt line UARTINTR. */
export const irq = (uart: Pl011): boolean => (uart.ris & uart.imsc) !== 0;
