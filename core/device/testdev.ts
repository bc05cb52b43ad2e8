/**
 * Test device: 4 KiB of little-endian memory that can keep a log.
 *
 * It takes every access of 1, 2, 4 or 8 bytes at any alignment inside its
 * range. With the log on, each access appends an entry, so that a test can
 * read what the device saw and in which order.
 *
 * @module
 */

import { quiet, type ReadResult, type WriteResult } from "./lanes.ts";

/** Bytes of address space, all of them memory. */
export const testdev_bytes = 0x1000;

/** Bytes in a row, the unit a write copies. */
const row_bytes = 64;

/** Entries the log keeps; the oldest go first. */
export const log_entries_max = 256;

/** One access the device saw. */
export interface Entry {
  /** Read or write. */
  readonly op: "r" | "w";
  /** From the device's first byte. */
  readonly offset: number;
  /** The bytes read or written, in memory order. */
  readonly data: readonly number[];
}

/** State of the device; plain data. */
export interface TestDevice {
  /** 64 rows of 64 bytes; untouched rows are shared. */
  readonly rows: readonly (readonly number[])[];
  /** The accesses seen, oldest first, or null while the log is off. */
  readonly log: readonly Entry[] | null;
}

const zero_row: readonly number[] = Array.from({ length: row_bytes }, () => 0);

/** The device after reset: all bytes zero, the log off. */
export const reset: TestDevice = {
  rows: Array.from({ length: testdev_bytes / row_bytes }, () => zero_row),
  log: null,
};

/** The same device with an empty log that records from now on. */
export const logging = (device: TestDevice): TestDevice => ({
  ...device,
  log: [],
});

const noted = (device: TestDevice, entry: Entry): TestDevice => {
  if (device.log === null) return device;
  return { ...device, log: [...device.log, entry].slice(-log_entries_max) };
};

const byteAt = (device: TestDevice, offset: number): number =>
  device.rows[Math.floor(offset / row_bytes)]?.[offset % row_bytes] ?? 0;

/** Reads `bytes` bytes at `offset`; changes nothing but the log. */
export const read = (
  device: TestDevice,
  offset: number,
  bytes: number,
): ReadResult<TestDevice> => {
  const data = Array.from(
    { length: bytes },
    (_, index) => byteAt(device, offset + index),
  );
  const value = data.reduceRight(
    (high, low) => high << 8n | BigInt(low),
    0n,
  );
  return {
    state: noted(device, { op: "r", offset, data }),
    value,
    asks: quiet,
  };
};

/** Writes the low `bytes` bytes of `value` at `offset`. */
export const write = (
  device: TestDevice,
  offset: number,
  bytes: number,
  value: bigint,
): WriteResult<TestDevice> => {
  const data = Array.from(
    { length: bytes },
    (_, index) => Number(value >> BigInt(8 * index) & 0xffn),
  );
  const rows = [...device.rows];
  data.forEach((byte, index) => {
    const row = Math.floor((offset + index) / row_bytes);
    rows[row] = (rows[row] ?? zero_row).with(
      (offset + index) % row_bytes,
      byte,
    );
  });
  const state = noted({ ...device, rows }, { op: "w", offset, data });
  return { state, asks: quiet };
};
