/**
 * Boards: which devices are where, and where RAM is.
 *
 * @module
 */

import { type Bus, type BusError, make, type Placement } from "./bus.ts";
import type { Device } from "./device.ts";
import * as Pl011 from "./pl011_state.ts";
import * as Pl031 from "./pl031.ts";
import * as TestDevice from "./testdev.ts";

/** A device of a board, before it is placed. */
export interface Part {
  /** First IPA, in the low half. */
  readonly base: number;
  /** Size of the range. */
  readonly bytes: number;
  /** The device after reset. */
  readonly device: Device;
}

/** A memory map: devices and RAM. */
export interface Board {
  /** What a scenario calls it. */
  readonly name: string;
  /** The PL011. */
  readonly uart: Part;
  /** The PL031. */
  readonly rtc: Part;
  /** The test device. */
  readonly test: Part;
  /** RAM, in bytes from `base`. */
  readonly ram: { readonly base: number; readonly bytes: number };
}

/** The devices of a board, by the name a scenario places them with. */
export type PartName = "uart" | "rtc" | "test";

const mib = 1024 * 1024;

const parts = (
  uart: number,
  rtc: number,
  test: number,
): Pick<Board, PartName> => ({
  uart: {
    base: uart,
    bytes: Pl011.pl011_bytes,
    device: { tag: "Pl011", state: Pl011.reset },
  },
  rtc: {
    base: rtc,
    bytes: Pl031.pl031_bytes,
    device: { tag: "Pl031", state: Pl031.reset },
  },
  test: {
    base: test,
    bytes: TestDevice.testdev_bytes,
    device: { tag: "TestDevice", state: TestDevice.reset },
  },
});

/** QEMU virt's addresses; the test device lies in the hole after virtio-mmio (kvm.md §6). */
export const virt: Board = {
  name: "virt",
  ...parts(0x0900_0000, 0x0901_0000, 0x0b00_0000),
  ram: { base: 0x4000_0000, bytes: 128 * mib },
};

/**
 * kvmtool's addresses, carrying the same devices (kvmtool itself has a 16550
 * and an MC146818 there); the test device lies in the hole above PVTIME.
 */
export const kvmtool: Board = {
  name: "kvmtool",
  ...parts(0x0100_0000, 0x0101_0000, 0x0103_0000),
  ram: { base: 0x8000_0000, bytes: 128 * mib },
};

/** Every board, the default first. */
export const boards: readonly Board[] = [virt, kvmtool];

/** What `busOf` returns. */
export type BoardBus =
  | { readonly tag: "Made"; readonly bus: Bus }
  | BusError
  /** A device's addresses lie in RAM. */
  | { readonly tag: "InRam"; readonly part: PartName };

/**
 * The bus of a board, with each device where `placements` puts it: in the
 * kernel or, by default, in user space. Errors: `Overlap`, `Empty`, `InRam`.
 */
export const busOf = (
  board: Board,
  placements: Readonly<Partial<Record<PartName, Placement>>> = {},
): BoardBus => {
  const { base, bytes } = board.ram;
  const names = ["uart", "rtc", "test"] as const;
  for (const part of names) {
    const at = board[part];
    if (at.base < base + bytes && base < at.base + at.bytes) {
      return { tag: "InRam", part };
    }
  }
  return make(names.map((name) => ({
    ...board[name],
    placement: placements[name] ?? "user",
  })));
};
