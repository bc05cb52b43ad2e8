import { assertEquals, assertStrictEquals } from "@std/assert";
import * as Board from "../core/device/board.ts";
import * as Bus from "../core/device/bus.ts";
import * as TestDevice from "../core/device/testdev.ts";

const slot = (base: number, bytes = 0x1000): Bus.Slot => ({
  base,
  bytes,
  placement: "user",
  device: { tag: "TestDevice", state: TestDevice.reset },
});

const made = (slots: readonly Bus.Slot[]): Bus.Bus => {
  const result = Bus.make(slots);
  if (result.tag !== "Made") throw new Error(result.tag);
  return result.bus;
};

const boardBus = (board: Board.Board): Bus.Bus => {
  const result = Board.busOf(board, { test: "kernel" });
  if (result.tag !== "Made") throw new Error(result.tag);
  return result.bus;
};

Deno.test("make() sorts disjoint slots and names the two that overlap", () => {
  // Every order of every pair of starts and sizes on a line of eight units.
  for (let a = 0; a < 8; a++) {
    for (let b = 0; b < 8; b++) {
      for (const [m, n] of [[1, 1], [1, 3], [3, 1], [3, 3]] as const) {
        const result = Bus.make([slot(a, m), slot(b, n)]);
        const disjoint = a + m <= b || b + n <= a;
        assertEquals(result.tag, disjoint ? "Made" : "Overlap");
        if (result.tag === "Made") {
          const [first, second] = result.bus.slots;
          assertEquals([first?.base, second?.base], [a, b].sort());
        }
      }
    }
  }
});

Deno.test("make() refuses a slot without addresses", () => {
  const empty = slot(0x1000, 0);
  assertEquals(Bus.make([slot(0), empty]), { tag: "Empty", slot: empty });
});

Deno.test("readBus() and writeBus() reach a device only with all their bytes inside its range", () => {
  const bus = made([slot(0x1000), slot(0x2000), slot(0x4000)]);
  for (const bytes of [1, 2, 4, 8]) {
    for (let at = 0xff0; at < 0x5010; at++) {
      const inside = bus.slots.some((s) =>
        s.base <= at && at + bytes <= s.base + s.bytes
      );
      const touched = bus.slots.some((s) =>
        s.base < at + bytes && at < s.base + s.bytes
      );
      const why = touched ? "Straddles" : "Unclaimed";
      const result = Bus.readBus(bus, at, bytes);
      assertEquals(result.tag, inside ? "Read" : "Fault");
      if (result.tag === "Fault") assertEquals(result.why, why);
      assertEquals(
        Bus.placementAt(bus, at, bytes),
        inside ? "user" : null,
      );
      // Only every 61st write, as each makes a device.
      if (at % 61 === 0) {
        const wrote = Bus.writeBus(bus, at, bytes, 1n);
        assertEquals(wrote.tag, inside ? "Written" : "Fault");
      }
    }
  }
});

Deno.test("readBus() that changes nothing returns the same bus, and a write changes one slot", () => {
  const bus = made([slot(0x1000), slot(0x3000)]);
  const read = Bus.readBus(bus, 0x1008, 4);
  if (read.tag !== "Read") throw new Error(read.tag);
  assertStrictEquals(read.bus, bus);
  const wrote = Bus.writeBus(bus, 0x3008, 4, 7n);
  if (wrote.tag !== "Written") throw new Error(wrote.tag);
  assertStrictEquals(wrote.bus.slots[0], bus.slots[0]);
  const back = Bus.readBus(wrote.bus, 0x3008, 8);
  assertEquals(back.tag === "Read" && back.value, 7n);
});

Deno.test("busOf() puts every board's devices where its map says, outside RAM", () => {
  const maps = Board.boards.map((board) => ({
    name: board.name,
    slots: boardBus(board).slots.map(({ base, bytes, placement, device }) =>
      `${base.toString(16)} ${bytes.toString(16)} ${placement} ${device.tag}`
    ),
    ram: `${board.ram.base.toString(16)} ${board.ram.bytes.toString(16)}`,
  }));
  assertEquals(maps, [
    {
      name: "virt",
      slots: [
        "9000000 1000 user Pl011",
        "9010000 1000 user Pl031",
        "b000000 1000 kernel TestDevice",
      ],
      ram: "40000000 8000000",
    },
    {
      name: "kvmtool",
      slots: [
        "1000000 1000 user Pl011",
        "1010000 1000 user Pl031",
        "1030000 1000 kernel TestDevice",
      ],
      ram: "80000000 8000000",
    },
  ]);
});

Deno.test("busOf() refuses a device inside RAM and devices on one another", () => {
  const { virt } = Board;
  const inRam = { ...virt, rtc: { ...virt.rtc, base: virt.ram.base } };
  assertEquals(Board.busOf(inRam), { tag: "InRam", part: "rtc" });
  const doubled = { ...virt, rtc: { ...virt.rtc, base: virt.uart.base } };
  assertEquals(Board.busOf(doubled).tag, "Overlap");
});

Deno.test("receive() and rxRoom() know the first UART only", () => {
  const bus = boardBus(Board.virt);
  assertEquals(Bus.rxRoom(bus), 1);
  const full = Bus.receive(bus, [0x41]);
  assertEquals(Bus.rxRoom(full), 0);
  const read = Bus.readBus(full, Board.virt.uart.base, 4);
  assertEquals(read.tag === "Read" && read.value, 0x41n);
  assertStrictEquals(Bus.receive(bus, []), bus);
  const none = made([slot(0)]);
  assertEquals(Bus.rxRoom(none), 0);
  assertStrictEquals(Bus.receive(none, [1]), none);
});

Deno.test("tick() moves the clock and nothing else", () => {
  const bus = boardBus(Board.virt);
  const later = Bus.tick(bus, 5);
  const read = Bus.readBus(later, Board.virt.rtc.base, 4);
  assertEquals(read.tag === "Read" && read.value, 5n);
  assertStrictEquals(later.slots[0], bus.slots[0]);
  assertStrictEquals(later.slots[2], bus.slots[2]);
  assertStrictEquals(Bus.tick(bus, 0), bus);
});
