/**
 * From a bus to arrays.
 *
 * @module
 */

import type { Bus } from "../../device/bus.ts";
import type { Pl011 } from "../../device/pl011_state.ts";
import type { Pl031 } from "../../device/pl031.ts";
import type { TestDevice } from "../../device/testdev.ts";
import type { Fast } from "./arrays.ts";
import { DEV, device_words, KIND } from "./bus.ts";
import { RTC } from "./rtc.ts";
import { entry_words, log_entries, TEST, test_bytes } from "./testdev.ts";
import { rx_entries, UART } from "./uart.ts";

const loadUart = (d: Int32Array, at: number, uart: Pl011): void => {
  d[at + UART.HEAD] = 0;
  d[at + UART.COUNT] = uart.rx.length;
  d[at + UART.OVERRUN] = Number(uart.overrun);
  d[at + UART.RSR] = uart.rsr;
  d[at + UART.ILPR] = uart.ilpr;
  d[at + UART.IBRD] = uart.ibrd;
  d[at + UART.FBRD] = uart.fbrd;
  d[at + UART.LCR_H] = uart.lcr_h;
  d[at + UART.CR] = uart.cr;
  d[at + UART.IFLS] = uart.ifls;
  d[at + UART.IMSC] = uart.imsc;
  d[at + UART.RIS] = uart.ris;
  d[at + UART.DMACR] = uart.dmacr;
  uart.rx.forEach((entry, n) => d[at + UART.RX + n] = entry);
};

const loadRtc = (d: Int32Array, at: number, rtc: Pl031): void => {
  d[at + RTC.COUNTER] = rtc.counter;
  d[at + RTC.MR] = rtc.mr;
  d[at + RTC.LR] = rtc.lr;
  d[at + RTC.IMSC] = rtc.imsc;
  d[at + RTC.RIS] = rtc.ris;
};

/** A little-endian half of up to four bytes. */
const half = (data: readonly number[]): number =>
  data.reduceRight((high, low) => (high << 8) | low, 0);

const loadTest = (
  f: Fast,
  at: number,
  nth: number,
  device: TestDevice,
): void => {
  const d = f.devices;
  d[at + TEST.BYTES] = nth * test_bytes;
  d[at + TEST.ROWS] = 0;
  d[at + TEST.ROWS + 1] = 0;
  d[at + TEST.LOGS] = Number(device.log !== null);
  d[at + TEST.LOG] = nth * log_entries * entry_words;
  d[at + TEST.HEAD] = 0;
  d[at + TEST.COUNT] = device.log?.length ?? 0;
  device.rows.forEach((row, n) => f.memory.set(row, nth * test_bytes + n * 64));
  device.log?.forEach(({ op, offset, data }, n) => {
    const entry = (nth * log_entries + n) * entry_words;
    const kind = data.length | (op === "w" ? 0x80 : 0);
    f.log.set(
      [offset, kind, half(data.slice(0, 4)), half(data.slice(4))],
      entry,
    );
  });
};

/** True when every UART's characters fit its FIFO, as they do in every world that steps made. */
export const fits = ({ slots }: Bus): boolean =>
  slots.every(({ device }) =>
    device.tag !== "Pl011" || device.state.rx.length <= rx_entries
  );

/** Makes room for the devices of a bus. */
const make = (f: Fast, { slots }: Bus): void => {
  const tests = slots.filter(({ device }) => device.tag === "TestDevice");
  f.bounds = Float64Array.from(
    slots.flatMap(({ base, bytes }) => [base, base + bytes]),
  );
  f.devices = new Int32Array(slots.length * device_words);
  f.memory = new Uint8Array(tests.length * test_bytes);
  f.log = new Int32Array(tests.length * log_entries * entry_words);
};

/** True when both buses have the same devices in the same places. */
const alike = (bus: Bus, was: Bus): boolean =>
  bus.slots.length === was.slots.length &&
  bus.slots.every((slot, n) => {
    const old = was.slots[n];
    return old?.base === slot.base && old.bytes === slot.bytes &&
      old.device.tag === slot.device.tag;
  });

/** Loads a bus; devices that are the same object as in `was` are left as they are. */
export const loadBus = (f: Fast, bus: Bus, was: Bus | null): void => {
  const kept = was !== null && alike(bus, was) ? was : null;
  if (kept === null) make(f, bus);
  let tests = 0;
  bus.slots.forEach(({ placement, device }, n) => {
    const at = n * device_words;
    const nth = tests;
    if (device.tag === "TestDevice") tests += 1;
    f.devices[at + DEV.USER] = Number(placement === "user");
    if (kept !== null && kept.slots[n]?.device === device) return;
    f.devices[at + DEV.KIND] = KIND[device.tag];
    f.devices[at + DEV.DIRTY] = 0;
    const state = at + DEV.STATE;
    switch (device.tag) {
      case "Pl011":
        return loadUart(f.devices, state, device.state);
      case "Pl031":
        return loadRtc(f.devices, state, device.state);
      case "TestDevice":
        return loadTest(f, state, nth, device.state);
    }
  });
};
