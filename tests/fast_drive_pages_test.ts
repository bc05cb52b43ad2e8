import { assertEquals } from "@std/assert";
import { virt } from "../core/device/board.ts";
import {
  apart,
  driveFor,
  driven,
  folded,
  standing,
} from "./fast_drive_compare.ts";
import {
  device_va,
  devicePage,
  deviceWorld,
  loopOf,
} from "./fast_drive_program.ts";
import { pageAt, ram, tableAt, tables } from "./realm_fixture.ts";

/** UARTIBRD keeps what is written; the clock's data register counts. */
const ibrd = 0x24;

Deno.test("driveOn() tells pages apart that only the high half of their address does", () => {
  const high = device_va + (1n << 32n);
  const [level2, level3] = [ram + 0x1_5000, ram + 0x1_6000];
  const index = Number(device_va - BigInt(ram)) / 4096;
  for (const base of [virt.rtc.base, ram + 0x8000]) {
    const page = base === ram + 0x8000 ? BigInt(base) : devicePage(base);
    const words = loopOf([
      0xb940_0022, // ldr w2, [x1]
      0xb940_00c3, // ldr w3, [x6]
      0x8b02_00a5, // add x5, x5, x2
      0xb900_0024, // str w4, [x1]
      0x9100_0484, // add x4, x4, #1
      0xb900_00c4, // str w4, [x6]
    ]);
    const world = deviceWorld(words, {
      base: virt.uart.base,
      offset: ibrd,
      page: 0n,
      setup: {
        x: { 6: high },
        data: [
          [tables[1]! + 8 * 5, tableAt(level2)],
          [level2, tableAt(level3)],
          [level3 + 8 * index, pageAt(page)],
        ],
      },
    });
    for (const hot of [0, 2]) {
      const start = standing(world);
      const fast = driven(driveFor(world, hot), start, 900);
      assertEquals(apart(fast, folded(start, 900), world), null);
    }
  }
});

Deno.test("driveOn() asks stage 1 whether a page that may be read may be written", () => {
  const words = loopOf([0xb940_0022, 0xb900_0022, 0x9100_0484]);
  const world = deviceWorld(words, {
    base: virt.uart.base,
    offset: ibrd,
    page: 1n << 7n, // read-only
  });
  const start = standing(world);
  const fast = driven(driveFor(world, 2), start, 900);
  assertEquals(apart(fast, folded(start, 900), world), null);
});
