/**
 * From arrays back to a bus.
 *
 * @module
 */

import type { Device } from "../../device/device.ts";
import type { Pl011 } from "../../device/pl011_state.ts";
import type { Pl031 } from "../../device/pl031.ts";
import type { Entry, TestDevice } from "../../device/testdev.ts";
import type { World } from "../../world.ts";
import type { Fast } from "./arrays.ts";
import { DEV, device_words } from "./bus.ts";
import { D } from "./layout.ts";
import { RTC } from "./rtc.ts";
import { entry_words, log_entries, TEST } from "./testdev.ts";
import { rx_entries, UART } from "./uart.ts";

const uartOf = (d: Int32Array, at: number): Pl011 => {
  const get = (word: number): number => d[at + word] as number;
  return {
    rx: Array.from(
      { length: get(UART.COUNT) },
      (_, n) => get(UART.RX + ((get(UART.HEAD) + n) & (rx_entries - 1))),
    ),
    overrun: get(UART.OVERRUN) !== 0,
    rsr: get(UART.RSR),
    ilpr: get(UART.ILPR),
    ibrd: get(UART.IBRD),
    fbrd: get(UART.FBRD),
    lcr_h: get(UART.LCR_H),
    cr: get(UART.CR),
    ifls: get(UART.IFLS),
    imsc: get(UART.IMSC),
    ris: get(UART.RIS),
    dmacr: get(UART.DMACR),
  };
};

const rtcOf = (d: Int32Array, at: number): Pl031 => ({
  counter: (d[at + RTC.COUNTER] as number) >>> 0,
  mr: (d[at + RTC.MR] as number) >>> 0,
  lr: (d[at + RTC.LR] as number) >>> 0,
  imsc: d[at + RTC.IMSC] as number,
  ris: d[at + RTC.RIS] as number,
});

const logOf = (f: Fast, at: number): readonly Entry[] | null => {
  const get = (word: number): number => f.devices[at + word] as number;
  if (get(TEST.LOGS) === 0) return null;
  return Array.from({ length: get(TEST.COUNT) }, (_, n) => {
    const entry = (get(TEST.HEAD) + n) & (log_entries - 1);
    const from = get(TEST.LOG) + entry * entry_words;
    const kind = f.log[from + 1] as number;
    const halves = [f.log[from + 2] as number, f.log[from + 3] as number];
    return {
      op: (kind & 0x80) === 0 ? "r" : "w",
      offset: f.log[from] as number,
      data: Array.from(
        { length: kind & 0x7f },
        (_, byte) => ((halves[byte >> 2] as number) >>> (8 * (byte & 3))) & 255,
      ),
    };
  });
};

/** The rows that were not written stay the same ones. */
const testOf = (f: Fast, at: number, old: TestDevice): TestDevice => {
  const d = f.devices;
  const first = d[at + TEST.BYTES] as number;
  const written = (row: number): boolean =>
    ((d[at + TEST.ROWS + (row >> 5)] as number) >>> (row & 31) & 1) !== 0;
  const rows = old.rows.map((row, n) =>
    written(n)
      ? Array.from(f.memory.subarray(first + 64 * n, first + 64 * n + 64))
      : row
  );
  d[at + TEST.ROWS] = 0;
  d[at + TEST.ROWS + 1] = 0;
  return { rows, log: logOf(f, at) };
};

const deviceOf = (f: Fast, at: number, old: Device): Device => {
  switch (old.tag) {
    case "Pl011":
      return { tag: "Pl011", state: uartOf(f.devices, at) };
    case "Pl031":
      return { tag: "Pl031", state: rtcOf(f.devices, at) };
    case "TestDevice":
      return { tag: "TestDevice", state: testOf(f, at, old.state) };
  }
};

/** The world with the devices that changed. */
export const storeBus = (f: Fast, world: World, dirty: number): World => {
  if ((dirty & D.BUS) === 0) return world;
  const slots = world.bus.slots.map((slot, n) => {
    const at = n * device_words;
    if (f.devices[at + DEV.DIRTY] === 0) return slot;
    f.devices[at + DEV.DIRTY] = 0;
    return { ...slot, device: deviceOf(f, at + DEV.STATE, slot.device) };
  });
  return { ...world, bus: { slots } };
};
