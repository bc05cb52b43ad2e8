/**
 * The bus: disjoint ranges of IPA space, each owned by one device.
 *
 * Ranges are checked once, by `make`; an access finds the one device that
 * holds all its bytes, or a named fault.
 *
 * @module
 */

import type { Ask } from "./ask.ts";
import * as Devices from "./device.ts";
import type { Device } from "./device.ts";
import * as Uart from "./pl011.ts";

/** Who answers a device's accesses: KVM's in-kernel bus, or the VMM. */
export type Placement = "kernel" | "user";

/** One device at its addresses. */
export interface Slot {
  /** First IPA, in the low half of the IPA space. */
  readonly base: number;
  /** Size of the range. */
  readonly bytes: number;
  /** Who answers. */
  readonly placement: Placement;
  /** The device and its state. */
  readonly device: Device;
}

/** Devices at their addresses, in ascending order and disjoint. */
export interface Bus {
  /** The devices. */
  readonly slots: readonly Slot[];
}

/** Why a bus could not be built. */
export type BusError =
  /** Two slots share an address. */
  | { readonly tag: "Overlap"; readonly first: Slot; readonly second: Slot }
  /** A slot without addresses. */
  | { readonly tag: "Empty"; readonly slot: Slot };

/** What `make` returns. */
export type MadeBus =
  | { readonly tag: "Made"; readonly bus: Bus }
  | BusError;

/** Why an access found no device: nothing is there, or it runs past the end of what is. */
export interface BusFault {
  /** How the access ended. */
  readonly tag: "Fault";
  /** What kept it from a device. */
  readonly why: "Unclaimed" | "Straddles";
}

/** A read that a device answered. */
export interface BusRead {
  /** How the access ended. */
  readonly tag: "Read";
  /** The same value if nothing changed. */
  readonly bus: Bus;
  /** Zero-extended. */
  readonly value: bigint;
  /** What the device asks for. */
  readonly asks: readonly Ask[];
}

/** A write that a device took. */
export interface BusWritten {
  /** How the access ended. */
  readonly tag: "Written";
  /** The same value if nothing changed. */
  readonly bus: Bus;
  /** What the device asks for. */
  readonly asks: readonly Ask[];
}

/** A bus without devices. */
export const empty: Bus = { slots: [] };

/** Builds a bus from slots in any order. Errors: `Overlap`, `Empty`. */
export const make = (slots: readonly Slot[]): MadeBus => {
  const sorted = [...slots].sort((a, b) => a.base - b.base);
  for (const [index, slot] of sorted.entries()) {
    if (!(0 < slot.bytes)) return { tag: "Empty", slot };
    const next = sorted[index + 1];
    if (next !== undefined && next.base < slot.base + slot.bytes) {
      return { tag: "Overlap", first: slot, second: next };
    }
  }
  return { tag: "Made", bus: { slots: sorted } };
};

/** The index of the slot that holds all of `[ipa, ipa + bytes)`, or why there is none. */
export const find = (
  bus: Bus,
  ipa: number,
  bytes: number,
): number | BusFault => {
  const index = bus.slots.findIndex((slot) =>
    slot.base < ipa + bytes && ipa < slot.base + slot.bytes
  );
  const slot = bus.slots[index];
  if (slot === undefined) return { tag: "Fault", why: "Unclaimed" };
  if (slot.base <= ipa && ipa + bytes <= slot.base + slot.bytes) return index;
  return { tag: "Fault", why: "Straddles" };
};

/** Who answers an access to `[ipa, ipa + bytes)`, or null when no device holds it. */
export const placementAt = (
  bus: Bus,
  ipa: number,
  bytes: number,
): Placement | null => {
  const found = find(bus, ipa, bytes);
  if (typeof found !== "number") return null;
  return bus.slots[found]?.placement ?? null;
};

/** Puts a changed device back; the same bus when the device is the same. */
const withDevice = (bus: Bus, index: number, device: Device): Bus => {
  const slot = bus.slots[index];
  if (slot === undefined || slot.device === device) return bus;
  return { ...bus, slots: bus.slots.with(index, { ...slot, device }) };
};

/** Reads `bytes` (1, 2, 4 or 8) bytes at `ipa`. Errors: `BusFault`. */
export const readBus = (
  bus: Bus,
  ipa: number,
  bytes: number,
): BusRead | BusFault => {
  const found = find(bus, ipa, bytes);
  if (typeof found !== "number") return found;
  const slot = bus.slots[found] as Slot;
  const { state, value, asks } = Devices.read(
    slot.device,
    ipa - slot.base,
    bytes,
  );
  return { tag: "Read", bus: withDevice(bus, found, state), value, asks };
};

/** Writes the low `bytes` (1, 2, 4 or 8) bytes of `value` at `ipa`. Errors: `BusFault`. */
export const writeBus = (
  bus: Bus,
  ipa: number,
  bytes: number,
  value: bigint,
): BusWritten | BusFault => {
  const found = find(bus, ipa, bytes);
  if (typeof found !== "number") return found;
  const slot = bus.slots[found] as Slot;
  const { state, asks } = Devices.write(
    slot.device,
    ipa - slot.base,
    bytes,
    value,
  );
  return { tag: "Written", bus: withDevice(bus, found, state), asks };
};

/** The index of the UART that the terminal is wired to: the first one. */
const terminal = (bus: Bus): number =>
  bus.slots.findIndex((slot) => slot.device.tag === "Pl011");

/** Bytes arrive at the first UART; what finds no room there is an overrun. */
export const receive = (bus: Bus, bytes: readonly number[]): Bus => {
  const index = terminal(bus);
  const slot = bus.slots[index];
  if (slot === undefined) return bus;
  return withDevice(bus, index, Devices.receive(slot.device, bytes));
};

/** Characters the first UART's receiver can still take; 0 without a UART. */
export const rxRoom = (bus: Bus): number => {
  const device = bus.slots[terminal(bus)]?.device;
  return device?.tag === "Pl011" ? Uart.rxRoom(device.state) : 0;
};

/** Lets `seconds` seconds pass for every device. */
export const tick = (bus: Bus, seconds: number): Bus =>
  bus.slots.reduce(
    (after, slot, index) =>
      withDevice(after, index, Devices.tick(slot.device, seconds)),
    bus,
  );
