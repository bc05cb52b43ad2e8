import { assertEquals, assertStrictEquals } from "@std/assert";
import { type Device, read, write } from "../core/device/device.ts";
import { fresh } from "./device_scripts.ts";

/** A register: how it may be used, the bits it keeps and what it reads after reset. */
interface Register {
  readonly at: number;
  readonly access: "RO" | "RW" | "WO";
  readonly kept: number;
  readonly reset: number;
}

const reg = (
  at: number,
  access: Register["access"],
  kept: number,
  reset: number,
): Register => ({ at, access, kept, reset });

const id = (...bytes: readonly number[]): readonly Register[] =>
  bytes.map((byte, index) => reg(0xfe0 + 4 * index, "RO", 0, byte));

/** Table 3-1 of DDI 0183, without UARTDR and UARTRSR, whose two faces the scripts show. */
const pl011 = [
  reg(0x018, "RO", 0, 0x90),
  reg(0x020, "RW", 0xff, 0),
  reg(0x024, "RW", 0xffff, 0),
  reg(0x028, "RW", 0x3f, 0),
  reg(0x02c, "RW", 0xff, 0),
  reg(0x030, "RW", 0xffff, 0x300),
  reg(0x034, "RW", 0x3f, 0x12),
  reg(0x038, "RW", 0x7ff, 0),
  reg(0x03c, "RO", 0, 0),
  reg(0x040, "RO", 0, 0),
  reg(0x044, "WO", 0, 0),
  reg(0x048, "RW", 0x7, 0),
  ...id(0x11, 0x10, 0x14, 0x00, 0x0d, 0xf0, 0x05, 0xb1),
];

/** Table 3-1 of DDI 0224, RTCCR as QEMU has it. */
const pl031 = [
  reg(0x000, "RO", 0, 0),
  reg(0x004, "RW", 0xffff_ffff, 0),
  reg(0x008, "RW", 0xffff_ffff, 0),
  reg(0x00c, "RO", 0, 1),
  reg(0x010, "RW", 1, 0),
  reg(0x014, "RO", 0, 0),
  reg(0x018, "RO", 0, 0),
  reg(0x01c, "WO", 0, 0),
  ...id(0x31, 0x10, 0x14, 0x00, 0x0d, 0xf0, 0x05, 0xb1),
];

const patterns = [0n, 0xffff_ffffn, 0xa5a5_5a5an];

const checkOne = (device: Device, register: Register): void => {
  const { at, access, kept, reset } = register;
  const first = read(device, at, 4);
  assertStrictEquals(first.state, device);
  assertEquals(first.value, BigInt(reset), `0x${at.toString(16)} at reset`);
  for (const pattern of patterns) {
    const after = write(device, at, 4, pattern).state;
    if (access === "RO") assertStrictEquals(after, device);
    const { value } = read(after, at, 4);
    const expected = access === "RW"
      ? pattern & BigInt(kept >>> 0)
      : BigInt(reset);
    assertEquals(value, expected, `0x${at.toString(16)} := ${pattern}`);
  }
};

for (
  const [name, device, table, apart] of [
    ["PL011", fresh.uart, pl011, [0x000, 0x004]],
    ["PL031", fresh.rtc, pl031, []],
  ] as const
) {
  Deno.test(`read() and write() give every ${name} register its access type, mask and reset value`, () => {
    for (const register of table) checkOne(device, register);
  });

  Deno.test(`read() and write() treat every other ${name} offset as RAZ/WI`, () => {
    const known = new Set<number>([
      ...table.map((register) => register.at),
      ...apart,
    ]);
    let count = 0;
    for (let at = 0; at < 0x1000; at += 4) {
      if (known.has(at)) continue;
      checkOne(device, reg(at, "RO", 0, 0));
      count += 1;
    }
    assertEquals(count, 0x400 - table.length - apart.length);
  });

  Deno.test(`read() gives every narrower or wider ${name} access its lanes, and RAZ/WI when it is not aligned`, () => {
    const word = (at: number): bigint => read(device, at, 4).value;
    for (let at = 0; at < 0x1000; at++) {
      for (const bytes of [1, 2, 4, 8]) {
        if (0x1000 < at + bytes) continue;
        const { value, state } = read(device, at, bytes);
        assertStrictEquals(state, device);
        const base = at & ~3;
        const both = word(base) | word((base + 4) & 0xfff) << 32n;
        const lanes = BigInt.asUintN(8 * bytes, both >> BigInt(8 * (at & 3)));
        assertEquals(value, at % bytes === 0 ? lanes : 0n);
        if (at % bytes !== 0 || at % 4 !== 0) {
          assertStrictEquals(
            write(device, at, bytes, ~0n & 0xffffn).state,
            device,
          );
        }
      }
    }
  });
}

Deno.test("read() and write() of the test device round-trip every size at every offset", () => {
  const value = 0x8877_6655_4433_2211n;
  for (let at = 0; at < 0x1000; at++) {
    for (const bytes of [1, 2, 4, 8]) {
      if (0x1000 < at + bytes) continue;
      const { state } = write(fresh.test, at, bytes, value);
      assertEquals(
        read(state, at, bytes).value,
        BigInt.asUintN(8 * bytes, value),
      );
      // The bytes around stay zero.
      if (0 < at) assertEquals(read(state, at - 1, 1).value, 0n);
      if (at + bytes < 0x1000) {
        assertEquals(read(state, at + bytes, 1).value, 0n);
      }
    }
  }
});

Deno.test("logging() keeps the last 256 accesses, oldest first", () => {
  let device = fresh.log;
  for (let index = 0; index < 300; index++) {
    device = write(device, index % 64, 1, BigInt(index % 256)).state;
  }
  if (device.tag !== "TestDevice") throw new Error(device.tag);
  const { log } = device.state;
  assertEquals(log?.length, 256);
  assertEquals(log?.[0], { op: "w", offset: 44, data: [44] });
  assertEquals(log?.at(-1), { op: "w", offset: 43, data: [43] });
  assertEquals(read(device, 43, 2).value, 0x002bn | 236n << 8n);
});
