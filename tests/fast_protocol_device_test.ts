import { assert, assertEquals } from "@std/assert";
import {
  type Bus,
  make,
  readBus,
  receive,
  tick,
  writeBus,
} from "../core/device/bus.ts";
import { virt } from "../core/device/board.ts";
import { logging } from "../core/device/testdev.ts";
import type { Fast } from "../core/fast/protocol/arrays.ts";
import {
  deviceRead,
  deviceWrite,
  findDevice,
  tick as fastTick,
  uartRx,
} from "../core/fast/protocol/bus.ts";
import { W } from "../core/fast/protocol/layout.ts";
import { reload } from "../core/fast/protocol/load.ts";
import { store } from "../core/fast/protocol/store.ts";
import type { World } from "../core/world.ts";
import { high, loaded, low, same } from "./fast_protocol_fold.ts";
import { type Random, random } from "./fast_protocol_logs.ts";
import { worldOf } from "./fast_protocol_world.ts";

/** A clock, two UARTs and two test devices of which the second keeps a log. */
const bases = {
  rtc: 0x1000,
  uart: 0x2000,
  second: 0x3000,
  test: 0x4000,
  logged: 0x6000,
} as const;

const bus = (): Bus => {
  const { rtc, uart, test } = virt;
  if (test.device.tag !== "TestDevice") throw new Error("no test device");
  const device = { ...test.device, state: logging(test.device.state) };
  const made = make([
    { ...rtc, base: bases.rtc, placement: "user" },
    { ...uart, base: bases.uart, placement: "user" },
    { ...uart, base: bases.second, placement: "user" },
    { ...test, base: bases.test, placement: "user" },
    { ...test, base: bases.logged, placement: "user", device },
  ]);
  if (made.tag !== "Made") throw new Error(made.tag);
  return made.bus;
};

const start = (): World => ({ ...worldOf(), bus: bus() });

/** One thing that happens to a device. */
type Happening =
  | { readonly tag: "Read"; readonly at: number; readonly len: number }
  | {
    readonly tag: "Write";
    readonly at: number;
    readonly len: number;
    readonly value: bigint;
  }
  | { readonly tag: "Tick"; readonly seconds: number }
  | { readonly tag: "Rx"; readonly bytes: readonly number[] };

/** The pure bus after it, what a read returned and what was sent. */
const pureOf = (before: Bus, happens: Happening) => {
  const sent = (asks: readonly { readonly tag: string }[]): number =>
    asks.length;
  switch (happens.tag) {
    case "Tick":
      return { bus: tick(before, happens.seconds), value: 0n, sent: 0 };
    case "Rx":
      return { bus: receive(before, happens.bytes), value: 0n, sent: 0 };
    case "Read": {
      const done = readBus(before, happens.at, happens.len);
      if (done.tag === "Fault") return null;
      return { bus: done.bus, value: done.value, sent: sent(done.asks) };
    }
    case "Write": {
      const { at, len, value } = happens;
      const done = writeBus(before, at, len, BigInt.asUintN(8 * len, value));
      if (done.tag === "Fault") return null;
      return { bus: done.bus, value: 0n, sent: sent(done.asks) };
    }
  }
};

const valueOf = (f: Fast): bigint =>
  (BigInt((f.s[W.VALUE + 1] ?? 0) >>> 0) << 32n) |
  BigInt(f.s[W.VALUE] >>> 0);

/** The same on the arrays: what a read returned, or null where no device is. */
const fastOf = (f: Fast, happens: Happening): bigint | null => {
  switch (happens.tag) {
    case "Tick":
      fastTick(f, happens.seconds);
      return 0n;
    case "Rx":
      uartRx(f, happens.bytes);
      return 0n;
    case "Read": {
      const device = findDevice(f, happens.at, happens.len);
      if (device < 0) return null;
      deviceRead(f, device, happens.at, happens.len);
      return valueOf(f);
    }
    case "Write": {
      const { at, len, value } = happens;
      const device = findDevice(f, at, len);
      if (device < 0) return null;
      deviceWrite(f, device, at, len, low(value), high(value));
      return 0n;
    }
  }
};

const said = (happens: Happening): string =>
  JSON.stringify(
    happens,
    (_, value) => typeof value === "bigint" ? `0x${value.toString(16)}` : value,
  );

/** Lets it happen to both and compares values, bytes sent and, stored, the whole bus. */
const both = (world: World, f: Fast, happens: Happening): World => {
  f.sent = 0;
  const pure = pureOf(world.bus, happens);
  const found = fastOf(f, happens);
  const stored = store(f, world);
  assertEquals(found, pure === null ? null : pure.value, said(happens));
  if (pure === null) return stored;
  assertEquals(f.sent, pure.sent, said(happens));
  if (!same(stored.bus, pure.bus)) {
    assertEquals(stored.bus, pure.bus, said(happens));
  }
  // A device that was not written is the very same one while it is so in the pure bus.
  for (const [n, slot] of stored.bus.slots.entries()) {
    const written = happens.tag === "Write" && slot.base <= happens.at &&
      happens.at < slot.base + slot.bytes;
    const kept = !written && pure.bus.slots[n] === world.bus.slots[n];
    if (kept) assert(slot === world.bus.slots[n], said(happens));
  }
  return stored;
};

const offsets = [
  ...Array.from({ length: 0x54 }, (_, n) => n),
  ...Array.from({ length: 0x30 }, (_, n) => 0xfd8 + n),
];

Deno.test("deviceRead() and deviceWrite() equal the bus at every register, width and alignment", () => {
  const f = loaded(start());
  for (const base of Object.values(bases)) {
    for (const len of [1, 2, 4, 8]) {
      let world = start();
      reload(f, world);
      for (const offset of offsets) {
        const at = base + offset;
        world = both(world, f, { tag: "Read", at, len });
        for (const value of [0xffff_ffff_ffff_ffffn, 0x8182_8384_8586_8788n]) {
          world = both(world, f, { tag: "Write", at, len, value });
          world = both(world, f, { tag: "Read", at, len });
        }
      }
    }
  }
});

const pick = <T>(r: Random, from: readonly T[]): T =>
  from[r.below(from.length)] as T;

/** Registers worth hitting: those that do something, and their neighbours. */
const registers = [0, 4, 8, 0x10, 0x18, 0x1c, 0x2c, 0x30, 0x34, 0x38, 0x44];

/** Values that turn FIFOs and loopback on and off, choose levels, match a clock. */
const values = [0n, 1n, 5n, 0x10n, 0x70n, 0x80n, 0x380n, 0x12n, 0x24n, 0x7ffn];

const happening = (r: Random): Happening => {
  const base = pick(r, Object.values(bases));
  const offset = r.below(3) === 0 ? r.below(0x1000) : pick(r, registers);
  const [at, len] = [base + offset, pick(r, [1, 2, 4, 8])];
  switch (r.below(10)) {
    case 0:
      return { tag: "Tick", seconds: pick(r, [0, 1, 4, r.below(2 ** 31) * 4]) };
    case 1:
    case 2: {
      const bytes = Array.from({ length: r.below(9) }, () => r.below(256));
      return { tag: "Rx", bytes };
    }
    case 3:
    case 4:
    case 5:
      return { tag: "Read", at, len };
    default:
      return {
        tag: "Write",
        at,
        len,
        value: r.below(3) === 0 ? r.word() : pick(r, values),
      };
  }
};

Deno.test("the fast devices equal the pure ones over random scripts, loaded anew now and then", () => {
  const r = random(11);
  let f = loaded(start());
  let world = start();
  reload(f, world);
  for (let n = 0; n < 20_000; n++) {
    world = both(world, f, happening(r));
    // From the same arrays by way of another world, or into new ones.
    if (r.below(60) === 0) {
      reload(f, start());
      for (let after = 0; after < 5; after++) {
        const happens = happening(r);
        if (happens.tag === "Write") fastOf(f, happens);
      }
      reload(f, world);
    }
    if (r.below(200) === 0) f = loaded(world);
    if (r.below(2000) === 0) world = start();
    if (r.below(2000) === 0) reload(f, world);
    reload(f, world);
  }
});

Deno.test("store() of devices changed many times over gives what storing every time gives", () => {
  const r = random(12);
  for (let script = 0; script < 50; script++) {
    const first = start();
    const f = loaded(first);
    let pure = first.bus;
    for (let n = 0; n < 60; n++) {
      const happens = happening(r);
      pure = pureOf(pure, happens)?.bus ?? pure;
      fastOf(f, happens);
    }
    assertEquals(store(f, first).bus, pure);
  }
});
