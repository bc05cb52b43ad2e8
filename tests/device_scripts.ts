/**
 * The scripts of the device tests with their logs: what each device does,
 * line by line.
 *
 * @module
 */

import type { Device } from "../core/device/device.ts";
import * as Pl011 from "../core/device/pl011_state.ts";
import * as Pl031 from "../core/device/pl031.ts";
import * as TestDevice from "../core/device/testdev.ts";

/** A device after reset, by the name a script is filed under. */
export const fresh: Readonly<Record<"uart" | "rtc" | "test" | "log", Device>> =
  {
    uart: { tag: "Pl011", state: Pl011.reset },
    rtc: { tag: "Pl031", state: Pl031.reset },
    test: { tag: "TestDevice", state: TestDevice.reset },
    log: { tag: "TestDevice", state: TestDevice.logging(TestDevice.reset) },
  };

/** One script: the law it shows, its device, and the annotated text. */
export interface Script {
  readonly law: string;
  readonly on: keyof typeof fresh;
  readonly text: string;
}

/** Every script. */
export const scripts: readonly Script[] = [
  {
    law: "the UART reads its reset values",
    on: "uart",
    text: `
      r 0x000           = 0x0
      r 0x004           = 0x0
      r 0x018           = 0x90
      r 0x020           = 0x0
      r 0x024           = 0x0
      r 0x028           = 0x0
      r 0x02c           = 0x0
      r 0x030           = 0x300
      r 0x034           = 0x12
      r 0x038           = 0x0
      r 0x03c           = 0x0
      r 0x040           = 0x0
      r 0x044           = 0x0
      r 0x048           = 0x0
      r 0xfe0           = 0x11
      r 0xfe4           = 0x10
      r 0xfe8           = 0x14
      r 0xfec           = 0x0
      r 0xff0           = 0xd
      r 0xff4           = 0xf0
      r 0xff8           = 0x5
      r 0xffc           = 0xb1
    `,
  },
  {
    law: "the UART sends a byte at once and asserts its transmit interrupt",
    on: "uart",
    text: `
      w 0x000 41        tx 0x41
      r 0x018           = 0x90
      r 0x03c           = 0x20
      r 0x040           = 0x0
      w 0x038 20        irq high
      r 0x040           = 0x20
      w 0x044 20        irq low
      w 0x000 142       tx 0x42  irq high
    `,
  },
  {
    law: "the UART without FIFOs holds one character and loses the next",
    on: "uart",
    text: `
      w 0x038 450
      rx 41             irq high
      r 0x018           = 0xc0
      r 0x03c           = 0x50
      rx 42
      r 0x03c           = 0x450
      r 0x004           = 0x8
      r 0x000           = 0x41
      r 0x004           = 0x0
      r 0x03c           = 0x400
      w 0x044 400       irq low
      # The next character that finds room carries the news in bit 11.
      rx 43             irq high
      r 0x000           = 0x843  irq low
      r 0x004           = 0x8
      w 0x004 0
      r 0x004           = 0x0
      w 0x004 0         !
      r 0x000           = 0x0
    `,
  },
  {
    law:
      "the UART's receive interrupt waits for the level, its timeout does not",
    on: "uart",
    text: `
      w 0x02c 10
      # Half of 16; unmask RX alone.
      w 0x034 12
      w 0x038 10
      rx 1 2 3 4 5 6 7
      r 0x03c           = 0x40
      rx 8              irq high
      r 0x03c           = 0x50
      # Down to the level is not below it.
      rx 9
      r 0x000           = 0x1
      r 0x03c           = 0x50
      r 0x000           = 0x2  irq low
      r 0x03c           = 0x40
      r 0x000           = 0x3
      r 0x000           = 0x4
      r 0x000           = 0x5
      r 0x000           = 0x6
      r 0x000           = 0x7
      r 0x000           = 0x8
      r 0x018           = 0x80
      r 0x000           = 0x9
      r 0x03c           = 0x0
      r 0x018           = 0x90
    `,
  },
  {
    law: "the UART's receive FIFO is 16 deep and turning it off empties it",
    on: "uart",
    text: `
      w 0x02c 70
      rx 0 1 2 3 4 5 6 7 8 9 a b c d e
      r 0x018           = 0x80
      rx f
      r 0x018           = 0xc0
      # Other bits of UARTLCR_H leave the FIFO alone.
      w 0x02c 10
      r 0x018           = 0xc0
      w 0x02c 70
      rx 10
      r 0x004           = 0x8
      r 0x000           = 0x0
      r 0x018           = 0x80
      w 0x02c 60
      r 0x018           = 0x90
      r 0x03c           = 0x400
      r 0x000           = 0x0
    `,
  },
  {
    law: "the UART in loopback hears itself and not the line",
    on: "uart",
    text: `
      w 0x030 380
      rx 41
      r 0x018           = 0x90
      w 0x000 42        tx 0x42
      r 0x018           = 0xc0
      r 0x000           = 0x42
      w 0x030 300
      rx 41
      r 0x000           = 0x41
    `,
  },
  {
    law: "the UART keeps the implemented bits of what is written",
    on: "uart",
    text: `
      w 0x020 ffffffff
      r 0x020           = 0xff
      w 0x024 ffffffff
      r 0x024           = 0xffff
      w 0x028 ffffffff
      r 0x028           = 0x3f
      w 0x02c ffffffff
      r 0x02c           = 0xff
      w 0x030 ffffffff
      r 0x030           = 0xffff
      w 0x034 ffffffff
      r 0x034           = 0x3f
      w 0x038 ffffffff
      r 0x038           = 0x7ff
      w 0x048 ffffffff
      r 0x048           = 0x7
      # Read-only and reserved.
      w 0x018 ffffffff  !
      w 0x03c ffffffff  !
      w 0x040 ffffffff  !
      w 0x008 ffffffff  !
      w 0x04c ffffffff  !
      w 0xfe0 ffffffff  !
      w 0xffc ffffffff  !
    `,
  },
  {
    law: "the UART takes accesses of other widths as its 32-bit port does",
    on: "uart",
    text: `
      # A narrow write at lane 0 is the write; elsewhere there is no strobe.
      w 0x024 1234 2
      w 0x025 ff 1      !
      w 0x026 ff 2      !
      r 0x024           = 0x1234
      r 0x024 1         = 0x34
      r 0x025 1         = 0x12
      r 0x026 2         = 0x0
      # A byte read of any lane of UARTDR is a read of UARTDR.
      rx 41
      r 0x001 1         = 0x0
      r 0x018           = 0x90
      # A doubleword is two registers.
      w 0x028 7000000015 8
      r 0x028 8         = 0x7000000015
      r 0x024 8         = 0x0
      # Not aligned to its own size.
      w 0x002 41 4      !
      r 0x019 2         = 0x0
      w 0x000 4241 2    tx 0x41
      w 0x000 43 1      tx 0x43
      w 0x000 44 8      tx 0x44
    `,
  },
  {
    law: "the clock reads its reset values",
    on: "rtc",
    text: `
      r 0x000           = 0x0
      r 0x004           = 0x0
      r 0x008           = 0x0
      r 0x00c           = 0x1
      r 0x010           = 0x0
      r 0x014           = 0x0
      r 0x018           = 0x0
      r 0x01c           = 0x0
      r 0xfe0           = 0x31
      r 0xfe4           = 0x10
      r 0xfe8           = 0x14
      r 0xfec           = 0x0
      r 0xff0           = 0xd
      r 0xff4           = 0xf0
      r 0xff8           = 0x5
      r 0xffc           = 0xb1
    `,
  },
  {
    law: "the clock's alarm goes off when the counter meets the match register",
    on: "rtc",
    text: `
      w 0x004 2
      w 0x010 1
      tick 1
      r 0x000           = 0x1
      r 0x014           = 0x0
      tick 1            irq high
      r 0x000           = 0x2
      r 0x014           = 0x1
      r 0x018           = 0x1
      # Clearing does not need the counter to move; a zero clears nothing.
      w 0x01c 0         !
      w 0x01c 1         irq low
      tick 4294967295
      r 0x000           = 0x1
      r 0x014           = 0x0
      tick 1            irq high
    `,
  },
  {
    law: "the clock's alarm is not missed by a tick that passes it",
    on: "rtc",
    text: `
      w 0x010 1
      w 0x008 fffffff0
      r 0x000           = 0xfffffff0
      r 0x008           = 0xfffffff0
      w 0x004 8
      tick 23
      r 0x000           = 0x7
      tick 100          irq high
      r 0x000           = 0x6b
      # Loading or matching the same value is a match as well.
      w 0x01c 1         irq low
      w 0x004 6b        irq high
      w 0x01c 1         irq low
      w 0x008 6b        irq high
      # Masking hides it and does not clear it.
      w 0x010 0         irq low
      r 0x014           = 0x1
      r 0x018           = 0x0
      w 0x010 ffffffff  irq high
      r 0x010           = 0x1
    `,
  },
  {
    law: "the clock ignores writes to what is read-only or fixed",
    on: "rtc",
    text: `
      w 0x000 5         !
      w 0x00c 0         !
      w 0x014 1         !
      w 0x018 1         !
      w 0x020 1         !
      w 0xfe0 1         !
      r 0x00c           = 0x1
      tick 0
      r 0x000           = 0x0
      w 0x008 12345678
      r 0x000 1         = 0x78
      r 0x002 2         = 0x1234
      w 0x008 ff 1
      r 0x000           = 0xff
      w 0x009 ff 1      !
      r 0x000 8         = 0xff
      r 0x008 8         = 0x1000000ff
    `,
  },
  {
    law: "the test device is little-endian memory of every size",
    on: "test",
    text: `
      r 0x000 8         = 0x0
      w 0x000 1122334455667788 8
      r 0x000 1         = 0x88
      r 0x001 2         = 0x6677
      r 0x004           = 0x11223344
      r 0x003 8         = 0x1122334455
      # Across two rows, and the last byte.
      w 0x03e aabbccdd
      r 0x03e           = 0xaabbccdd
      r 0x040 1         = 0xbb
      w 0xfff ff 1
      r 0xfff 1         = 0xff
      w 0x000 fff 1
      r 0x000 2         = 0x77ff
    `,
  },
  {
    law: "the test device with its log on remembers what it saw",
    on: "log",
    text: `
      w 0x008 beef 2
      r 0x008 4         = 0xbeef
    `,
  },
];
