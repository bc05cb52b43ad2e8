/**
 * Every device a board can carry, behind one interface.
 *
 * A device sees offsets, never addresses; a read that changes nothing returns
 * the very state it was given.
 *
 * @module
 */

import type { ReadResult, WriteResult } from "./lanes.ts";
import * as Uart from "./pl011.ts";
import type { Pl011 } from "./pl011_state.ts";
import * as Rtc from "./pl031.ts";
import type { Pl031 } from "./pl031.ts";
import * as Test from "./testdev.ts";
import type { TestDevice } from "./testdev.ts";

/** A device and its state. */
export type Device =
  | { readonly tag: "Pl011"; readonly state: Pl011 }
  | { readonly tag: "Pl031"; readonly state: Pl031 }
  | { readonly tag: "TestDevice"; readonly state: TestDevice };

const keepRead = <D extends Device>(
  device: D,
  result: ReadResult<D["state"]>,
): ReadResult<Device> =>
  result.state === device.state
    ? { ...result, state: device }
    : { ...result, state: { ...device, state: result.state } as Device };

const keepWrite = <D extends Device>(
  device: D,
  result: WriteResult<D["state"]>,
): WriteResult<Device> =>
  result.state === device.state
    ? { ...result, state: device }
    : { ...result, state: { ...device, state: result.state } as Device };

/** Reads `bytes` (1, 2, 4 or 8) bytes at `offset`. */
export const read = (
  device: Device,
  offset: number,
  bytes: number,
): ReadResult<Device> => {
  switch (device.tag) {
    case "Pl011":
      return keepRead(device, Uart.read(device.state, offset, bytes));
    case "Pl031":
      return keepRead(device, Rtc.read(device.state, offset, bytes));
    case "TestDevice":
      return keepRead(device, Test.read(device.state, offset, bytes));
  }
};

/** Writes the low `bytes` (1, 2, 4 or 8) bytes of `value` at `offset`. */
export const write = (
  device: Device,
  offset: number,
  bytes: number,
  value: bigint,
): WriteResult<Device> => {
  switch (device.tag) {
    case "Pl011":
      return keepWrite(device, Uart.write(device.state, offset, bytes, value));
    case "Pl031":
      return keepWrite(device, Rtc.write(device.state, offset, bytes, value));
    case "TestDevice":
      return keepWrite(device, Test.write(device.state, offset, bytes, value));
  }
};

/** Lets `seconds` seconds pass; only a clock notices. */
export const tick = (device: Device, seconds: number): Device => {
  if (device.tag !== "Pl031") return device;
  const state = Rtc.tick(device.state, seconds);
  return state === device.state ? device : { ...device, state };
};

/** Bytes arrive at the device's receiver; only a UART notices. */
export const receive = (device: Device, bytes: readonly number[]): Device => {
  if (device.tag !== "Pl011") return device;
  const state = Uart.receive(device.state, bytes);
  return state === device.state ? device : { ...device, state };
};

/** The level of the device's interrupt line; the test device has none. */
export const irq = (device: Device): boolean => {
  switch (device.tag) {
    case "Pl011":
      return Uart.irq(device.state);
    case "Pl031":
      return Rtc.irq(device.state);
    case "TestDevice":
      return false;
  }
};
