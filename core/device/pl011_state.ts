/**
 * PL011 UART: its registers, their bits and its state.
 *
 * Source: Arm PrimeCell UART (PL011) TRM, DDI 0183, table 3-1:
 * https://developer.arm.com/documentation/ddi0183
 *
 * @module
 */

/** Bytes of address space. */
export const pl011_bytes = 0x1000;

/** Entries of the receive FIFO while LCR_H.FEN is set. */
export const fifo_entries_max = 16;

/** Register offsets. */
export const PL011 = {
  DR: 0x000, // Data (RW): pops the receive FIFO, feeds the transmitter
  RSR: 0x004, // Receive status (RO) / error clear (WO)
  FR: 0x018, // Flags (RO)
  ILPR: 0x020, // IrDA low-power counter (RW, 8 bits)
  IBRD: 0x024, // Integer baud rate (RW, 16 bits)
  FBRD: 0x028, // Fractional baud rate (RW, 6 bits)
  LCR_H: 0x02c, // Line control (RW, 8 bits)
  CR: 0x030, // Control (RW, 16 bits, reset 0x0300)
  IFLS: 0x034, // Interrupt FIFO level select (RW, 6 bits, reset 0x12)
  IMSC: 0x038, // Interrupt mask set or clear (RW, 11 bits)
  RIS: 0x03c, // Raw interrupt status (RO)
  MIS: 0x040, // Masked interrupt status (RO)
  ICR: 0x044, // Interrupt clear (WO)
  DMACR: 0x048, // DMA control (RW, 3 bits)
  ID: 0xfe0, // PeriphID0..3, PCellID0..3 (RO), one byte a word
} as const;

/** Bits of UARTFR that this model can set. */
export const FR = { RXFE: 1 << 4, RXFF: 1 << 6, TXFE: 1 << 7 } as const;

/** Interrupt bits, alike in IMSC, RIS, MIS and ICR, that this model can raise. */
export const INT = { RX: 1 << 4, TX: 1 << 5, RT: 1 << 6, OE: 1 << 10 } as const;

/** UARTLCR_H.FEN: the FIFOs are on. */
export const FEN = 1 << 4;
/** UARTCR.LBE: what is transmitted is received, and the line is not. */
export const LBE = 1 << 7;
/** UARTDR.OE: a character before this one was lost. */
export const DR_OE = 1 << 11;
/** UARTRSR.OE. */
export const RSR_OE = 1 << 3;

/** Bits each register keeps of what is written to it. */
export const kept = {
  ilpr: 0xff,
  ibrd: 0xffff,
  fbrd: 0x3f,
  lcr_h: 0xff,
  cr: 0xffff,
  ifls: 0x3f,
  imsc: 0x7ff,
  dmacr: 0x7,
} as const;

/** PeriphID0..3 (part 0x011, revision r1p4, designer Arm) and PCellID0..3. */
export const identity = [
  0x11,
  0x10,
  0x14,
  0x00,
  0x0d,
  0xf0,
  0x05,
  0xb1,
] as const;

/** State of the UART; plain data. */
export interface Pl011 {
  /** Received characters, oldest first: data in bits 7:0, overrun in bit 11. */
  readonly rx: readonly number[];
  /** A character was lost since the last one that found room. */
  readonly overrun: boolean;
  /** Receive status: framing, parity, break and overrun errors. */
  readonly rsr: number;
  /** IrDA low-power counter. */
  readonly ilpr: number;
  /** Integer baud rate divisor. */
  readonly ibrd: number;
  /** Fractional baud rate divisor. */
  readonly fbrd: number;
  /** Line control. */
  readonly lcr_h: number;
  /** Control. */
  readonly cr: number;
  /** Interrupt FIFO level select. */
  readonly ifls: number;
  /** Interrupt mask. */
  readonly imsc: number;
  /** Raw interrupt status. */
  readonly ris: number;
  /** DMA control. */
  readonly dmacr: number;
}

/** The UART after reset. */
export const reset: Pl011 = {
  rx: [],
  overrun: false,
  rsr: 0,
  ilpr: 0,
  ibrd: 0,
  fbrd: 0,
  lcr_h: 0,
  cr: 0x300,
  ifls: 0x12,
  imsc: 0,
  ris: 0,
  dmacr: 0,
};
