import { assert, assertEquals } from "@std/assert";
import { virt } from "../core/device/board.ts";
import type { Placement } from "../core/device/bus.ts";
import { type Drive, driveOn, driverOn } from "../core/fast/drive.ts";
import { revisions } from "../core/host/revision.ts";
import { profiles } from "../core/rmm/profile.ts";
import type { World } from "../core/world.ts";
import {
  apart,
  driveFor,
  driven,
  folded,
  rules,
  type Stand,
  standing,
} from "./fast_drive_compare.ts";
import {
  device_va,
  devicePage,
  deviceWorld,
  loopOf,
  placed,
} from "./fast_drive_program.ts";
import { engineFor } from "./fast_engine_compare.ts";
import {
  mrsWord,
  msrWord,
  pageAt,
  ram,
  tableAt,
  tables,
  vectors,
  withRmm,
} from "./realm_fixture.ts";

const uart = virt.uart.base;
const test = virt.test.base;

/** LDR W2, [X1]; EOR W2, W2, #0x100; STR W2, [X1]; SUBS X0, X0, #1; B.NE: a driver's loop. */
const polling = [0xb940_0022, 0x5218_0042, 0xb900_0022, 0xf100_0400];
const poll = [...polling, 0x54ff_ff81, 0x1400_0000];

/** UARTIBRD, which keeps what is written. */
const ibrd = 0x24;

/** Words that are run X0 times over before the REC spins: what the last access left stays. */
const spinsAfter = (words: readonly number[]): readonly number[] => [
  ...words,
  0xf100_0400, // SUBS X0, X0, #1
  (0x5400_0001 | ((-words.length - 1) & 0x7_ffff) << 5) >>> 0, // B.NE
  0x1400_0000, // B to itself
];

/** The fold and the drive to `steps`, in slices; where they agree. */
const agreed = (
  drive: Drive,
  world: World,
  steps: number,
  slice: number = Infinity,
): Stand => {
  const start = standing(world);
  const fast = driven(drive, start, steps, slice);
  assertEquals(apart(fast, folded(start, steps), world), null);
  return fast;
};

/** The same at cuts one after the other, each from where the last one ended. */
const agreedAt = (
  drive: Drive,
  world: World,
  steps: number,
  cut: number,
): Stand => {
  let at = standing(world);
  for (let to = cut; to <= steps && !at.over; to += cut) {
    const pure = folded(at, to);
    const fast = driven(drive, at, to);
    assertEquals(apart(fast, pure, at.world), null, `step ${to}`);
    at = fast;
  }
  return at;
};

/** Loads and stores with a syndrome of their own, by name. */
const plain = {
  "LDRB W2": 0x3940_0022,
  "LDRH W2": 0x7940_0022,
  "LDR W2": 0xb940_0022,
  "LDR X2": 0xf940_0022,
  "LDRSB X2": 0x3980_0022,
  "LDRSB W2": 0x39c0_0022,
  "LDRSH X2": 0x7980_0022,
  "LDRSH W2": 0x79c0_0022,
  "LDRSW X2": 0xb980_0022,
  "LDR WZR": 0xb940_003f,
  "LDR X30": 0xf940_003e,
  "STRB W2": 0x3900_0022,
  "STRH W2": 0x7900_0022,
  "STR W2": 0xb900_0022,
  "STR X2": 0xf900_0022,
  "STR XZR": 0xf900_003f,
  "STR WZR": 0xb900_003f,
  "LDAR W2": 0x88df_fc22,
  "STLR X2": 0xc89f_fc22,
  "LDR W2, X3": 0xb863_6822,
} as const;

/** Forms without one, and others that are not the road's. */
const odd = {
  "LDR W2, post": 0xb840_0422,
  "STR W2, pre": 0xb800_0c22,
  "LDP W2, W3": 0x2940_0c22,
  "STP X2, X3": 0xa900_0c22,
  "LDXR W2": 0x885f_7c22,
  "LDADD W2": 0xb822_0023,
  "LDTR W2": 0xb840_0822,
  "STTR W2": 0xb800_0822,
  "DC CIVAC": 0xd50b_7e21,
  "LDR Q0": 0x3dc0_0020,
} as const;

/** EOR X2, X2, X2, ROR #9: between one access and the next. */
const mix = 0xcac2_2442;

const formsOf = (words: readonly number[]): readonly number[] =>
  loopOf(words.flatMap((word) => [word, mix]));

const placements: readonly Placement[] = ["user", "kernel"];

/** How a device page is mapped: not at all, Normal, Device. */
const mappings = { flat: null, Normal: 0n, Device: 1n << 2n } as const;

Deno.test("driveOn() is the fold of step() for every form of access, aligned or not", () => {
  for (const page of Object.values(mappings)) {
    for (const offset of [0, 1, 2, 4, 0x40, 0xffc, 0xfff]) {
      const words = formsOf([...Object.values(plain), ...Object.values(odd)]);
      const setup = { x: { 2: 0x8899_aabb_ccdd_eeffn } };
      const world = deviceWorld(words, { base: test, offset, page, setup });
      for (const hot of [0, 2]) agreed(driveFor(world, hot), world, 2_000);
    }
  }
});

Deno.test("driveOn() takes each form with a syndrome past the device at every cut", () => {
  for (const word of Object.values(plain)) {
    const setup = { x: { 2: 0x8899_aabb_ccdd_eeffn } };
    const world = deviceWorld(formsOf([word]), { base: test, setup });
    const drive = driveFor(world, 2);
    for (let steps = 1; steps < 60; steps++) agreed(drive, world, steps);
    for (const cut of [3, 41, 97]) agreedAt(drive, world, 400, cut);
  }
});

/** Places that keep what is written: memory, and a register that is a word. */
const keepers = [
  { base: test, offset: 0x40 },
  { base: uart, offset: ibrd },
] as const;

/** What is left when a form was the last of a few accesses. */
const agreedLast = (word: number, before: number, page: bigint | null) => {
  const words = spinsAfter([before, mix, word, mix, mix]);
  const setup = { x: { 0: 9n, 2: 0x8899_aabb_ccdd_eeffn } };
  for (const place of keepers) {
    for (const placement of placements) {
      const made = deviceWorld(words, { ...place, page, setup });
      const world = placed(made, placement);
      agreed(driveFor(world, 2), world, 300);
    }
  }
};

Deno.test("driveOn() leaves behind what the last access of each form does", () => {
  for (const word of Object.values(plain)) {
    // The access before is another: what it left must be gone.
    agreedLast(word, plain["LDR X2"], null);
    agreedLast(word, plain["STR W2"], mappings.Device);
  }
});

/** PL011 registers that are a word, and those that are more. */
const uart_registers = [
  0x00,
  0x04,
  0x18,
  0x20,
  0x24,
  0x28,
  0x2c,
  0x30,
  0x34,
  0x38,
  0x3c,
  0x40,
  0x44,
  0x48,
  0x80,
  0xfe0,
];

Deno.test("driveOn() reads and writes every register of the UART and the clock", () => {
  const words = spinsAfter([...polling.slice(0, 3), mix, plain["STR W2"]]);
  const setup = { x: { 0: 6n, 2: 0x8899_aabb_ccdd_eeffn } };
  for (const base of [uart, virt.rtc.base]) {
    for (const offset of uart_registers) {
      for (const placement of placements) {
        const made = deviceWorld(words, { base, offset, setup });
        const world = placed(made, placement);
        agreed(driveFor(world, 2), world, 250);
      }
    }
  }
});

Deno.test("driveOn() is the fold of step() for every RMM on every KVM", () => {
  const made = deviceWorld(poll, {
    base: uart,
    offset: ibrd,
    setup: { x: { 0: 1_000n } },
  });
  const drive = driveFor(made, 2);
  let accesses = 0;
  for (const rmm of Object.values(profiles)) {
    for (const kvm of revisions) {
      for (const placement of placements) {
        const world = placed({ ...made, profile: { rmm, kvm } }, placement);
        agreed(drive, world, 900, 350);
        accesses += agreedAt(drive, world, 900, 131).events.Dabt ?? 0;
      }
    }
  }
  assert(100 * revisions.length < accesses);
});

Deno.test("driveOn() passes accesses that follow one another, and gives a run up as stuck", () => {
  // 8 loads and no instruction between them, then a branch.
  const words = loopOf(Array.from({ length: 8 }, () => 0xb940_0022));
  const world = deviceWorld(words, { base: uart, offset: ibrd });
  for (let steps = 1; steps < 120; steps++) {
    agreed(driveFor(world, 2), world, steps, 29);
  }
  // Nothing retires: 12 pages of loads.
  const endless = Array.from({ length: 1_000 }, () => 0xb940_0022);
  const barren = deviceWorld(endless, { base: uart, offset: ibrd });
  const end = agreed(driveFor(barren, 2), barren, 5_000);
  assertEquals(end.steps < 5_000, true);
});

Deno.test("driveOn() sends what the guest writes and tells of what it cannot, in that order", () => {
  // STRB W2, [X1]; FADD; STRB W2, [X1]; ADD W2, W2, #1.
  const words = loopOf([0x3900_0022, 0x1e62_2820, 0x3900_0022, 0x1100_0442]);
  const setup = { x: { 2: 65n }, sys: { cpacr_el1: 3n << 20n } };
  const world = deviceWorld(words, { base: uart, setup });
  const { asks } = agreed(driveFor(world, 2), world, 3_000);
  assert(asks.some(({ tag }) => tag === "UartTx"));
  assert(asks.some(({ tag }) => tag === "Unsupported"));
});

Deno.test("driveOn() forgets a device page when its descriptor is written", () => {
  // LDR W2, [X1]; STR X4, [X5]; TLBI VMALLE1; DSB; ISB; EOR X4, X4, X6.
  const words = loopOf([
    0xb940_0022,
    0xf900_00a4,
    0xd508_871f,
    0xd503_3f9f,
    0xd503_3fdf,
    0xca06_0084,
  ]);
  const entry = tables[3]! + (Number(device_va) - ram) / 4096 * 8;
  const there = pageAt(devicePage(uart)) | mappings.Device;
  const elsewhere = pageAt(devicePage(test)) | mappings.Device;
  const hidden = there & ~1n;
  const memory = pageAt(ram + 0x8000);
  const read_only = there | 1n << 7n;
  for (const other of [elsewhere, hidden, memory, read_only]) {
    for (const first of [0xb940_0022, 0xb900_0022]) {
      const world = deviceWorld([first, ...words.slice(1)], {
        base: uart,
        offset: ibrd,
        page: mappings.Device,
        setup: {
          x: { 4: other, 5: BigInt(entry), 6: there ^ other, 2: 0x55n },
        },
      });
      const drive = driveFor(world, 2);
      agreed(drive, world, 1_500);
      agreedAt(drive, world, 600, 37);
    }
  }
});

Deno.test("driveOn() takes no page for a device where a table is, or beyond the IPA space", () => {
  // The table of the second 2 MiB lies in the test device; X3 is outside.
  const words = loopOf([
    plain["LDR W2"],
    mix,
    plain["STR W2"],
    plain["LDR W2"],
    0xf940_0064, // LDR X4, [X3]
    0xf900_0064, // STR X4, [X3]
  ]);
  const inside = BigInt(ram) + 0x20_0040n;
  for (const outside of [1n << 40n, 1n << 41n, 0x4000n]) {
    const world = deviceWorld(words, {
      base: test,
      page: mappings.Device,
      setup: {
        x: { 1: inside, 3: device_va },
        data: [
          [tables[2]! + 8, tableAt(devicePage(test))],
          [
            tables[3]! + (Number(device_va) - ram) / 4096 * 8,
            pageAt(outside),
          ],
        ],
      },
    });
    agreed(driveFor(world, 2), world, 900);
  }
});

Deno.test("driveOn() asks again whether an access is permitted when EL or PAN changed", () => {
  // MSR PAN, #1; LDR; STR; MSR PAN, #0; LDR; STR.
  const pan = (imm: number) => (0xd500_409f | imm << 8) >>> 0;
  const access = [0xb940_0022, 0xb900_0022];
  const words = loopOf([pan(1), ...access, pan(0), ...access]);
  const user = 1n << 6n;
  for (const page of [user, user | 1n << 7n, 0n]) {
    const world = deviceWorld(words, { base: uart, offset: ibrd, page });
    agreed(driveFor(world, 2), world, 1_500);
  }
});

Deno.test("driveOn() heeds the level and PAN that an injected abort leaves", () => {
  // At EL0: LDR X3, [X12]; LDP W2, W4, [X1], which the host answers with an SEA.
  const words = loopOf([0xf940_0183, 0x2940_1022]);
  const user = pageAt(ram + 0x8000) | 1n << 6n;
  const world = deviceWorld(words, {
    base: uart,
    offset: ibrd,
    page: 1n << 6n,
    setup: {
      x: { 12: BigInt(ram + 0x8000) },
      data: [
        [tables[3]!, pageAt(ram) | 3n << 6n],
        [tables[3]! + 8 * 8, user],
        // LDR X21, [X12], which PAN forbids; then as the other vectors.
        [Number(vectors) + 0x400, 0xd538_4034_f940_0195n],
        [Number(vectors) + 0x408, 0xd518_4034_9100_1294n],
        [Number(vectors) + 0x410, 0xd69f_03e0n],
      ],
      sys: { sctlr_el1: 0x0045_0879n },
      rec: { pstate: 0x3c0n },
    },
  });
  const end = agreed(driveFor(world, 2), world, 900);
  // The last abort at EL1 was the one that PAN caused: a permission fault.
  assertEquals(Number(end.world.realm.recs[0]!.sys.esr_el1 & 0x3cn), 0x0c);
});

Deno.test("driveOn() waits as the last entry said", () => {
  // LDR W2, [X1], after which neither of the next is trapped: WFI; WFE.
  const words = loopOf([plain["LDR W2"], 0xd503_207f, 0xd503_205f]);
  const world = deviceWorld(words, { base: uart, offset: ibrd });
  const drive = driveFor(world, 2);
  for (let steps = 100; steps < 120; steps++) {
    const { world: before } = agreed(drive, world, steps);
    const traps = withRmm(before, { trap_wfi: true, trap_wfe: true });
    agreed(drive, traps, 100);
  }
});

Deno.test("driveOn() passes an access at EL0 as far as stage 1 lets it", () => {
  for (const bits of [0n, 1n << 6n, 3n << 6n]) {
    const world = deviceWorld(poll, {
      base: uart,
      offset: ibrd,
      page: bits,
      setup: {
        x: { 0: 500n },
        data: [[tables[3]!, pageAt(ram) | 3n << 6n]],
        rec: { pstate: 0x3c0n },
      },
    });
    agreed(driveFor(world, 2), world, 1_500);
    agreedAt(driveFor(world, 2), world, 800, 53);
  }
});

Deno.test("driveOn() sees code that was stored over between two accesses", () => {
  // LDR W2, [X1]; STR W4, [X5]; IC IVAU, X5; DSB; ISB; EOR W4, W4, W6.
  const words = loopOf([
    0xb940_0022,
    0xb900_00a4,
    0xd50b_7525,
    0xd503_3f9f,
    0xd503_3fdf,
    0x4a06_0084,
  ]);
  const byte = plain["LDRB W2"];
  const word = plain["LDR W2"];
  const world = deviceWorld(words, {
    base: uart,
    offset: ibrd,
    setup: {
      x: { 4: BigInt(byte), 5: BigInt(ram), 6: BigInt((byte ^ word) >>> 0) },
    },
  });
  agreed(driveFor(world, 2), world, 2_000);
});

Deno.test("driveOn() asks what a word is that only a region has run", () => {
  const words = [
    0x9100_0400, // ADD X0, X0, #1
    0x3728_00a0, // TBNZ X0, #5, to the access
    0xb900_00a4, // STR W4, [X5]: the access is another one
    0x17ff_fffd, // B to the start
    0xd503_201f,
    0xd503_201f,
    plain["LDRB W2"],
    mix,
    0x17ff_fff8, // B to the start
  ];
  const world = deviceWorld(words, {
    base: uart,
    offset: ibrd,
    setup: {
      // The first 32 times round, what is patched later is executed.
      x: {
        0: 31n,
        4: BigInt(plain["STR W2"]),
        5: BigInt(ram + 24),
        2: 0x1234n,
      },
    },
  });
  agreed(driveFor(world, 2), world, 1_200);
});

Deno.test("driveOn() shows the timers as they read at the last access, and opens the monitor", () => {
  // LDXR W7, [X8]; LDR W2, [X1]; STXR W9, W7, [X8].
  const exclusive = [0x885f_7d07, 0xb940_0022, 0x8809_7d07];
  // MRS X10, CNTVCT_EL0; ADD X10, X10, #7; MSR CNTV_CVAL_EL0, X10.
  const timer = [mrsWord(0xdf02, 10), 0x9100_1d4a, msrWord(0xdf1a, 10)];
  const turn = [...exclusive, ...timer, ...polling.slice(0, 3)];
  for (const words of [loopOf(turn), spinsAfter(turn)]) {
    const world = deviceWorld(words, {
      base: uart,
      offset: ibrd,
      setup: {
        x: { 0: 3n, 8: BigInt(ram + 0x8000) },
        sys: { cntv_ctl_el0: 1n, cntp_ctl_el0: 1n, cntp_cval_el0: 20n },
      },
    });
    for (let steps = 60; steps < 160; steps++) {
      agreed(driveFor(world, 2), world, steps);
    }
  }
});

Deno.test("driveOn() starts anew on another world, with other devices at other places", () => {
  const setup = { x: { 0: 21n } };
  const world = deviceWorld(poll, { base: uart, offset: ibrd, setup });
  const d = driverOn(engineFor(world, 2));
  const drive: Drive = (at, rec, limits) => driveOn(d, at, rec, limits);
  agreed(drive, world, 500);
  const slots = world.bus.slots.map((slot) => ({
    ...slot,
    base: slot.base === uart ? test : slot.base === test ? uart : slot.base,
  }));
  const moved = { ...world, bus: { slots } };
  for (const at of [moved, world, placed(world, "kernel"), moved]) {
    agreed(drive, at, 700);
  }
});

Deno.test("driveOn() leaves to others what a device has not of a page", () => {
  // The last load is of UARTPeriphID0.
  const words = spinsAfter([...polling.slice(0, 3), 0xb94f_bc22, mix]);
  const setup = { x: { 0: 9n } };
  const world = deviceWorld(words, { base: uart, offset: ibrd, setup });
  const slots = world.bus.slots.map((slot) => ({ ...slot, bytes: 0x48 }));
  const short = { ...world, bus: { slots } };
  agreed(driveFor(short, 2), short, 300);
});

Deno.test("driveOn() leaves KVM_RUN behind as the last access through it did", () => {
  const setup = { x: { 0: 30n } };
  const world = deviceWorld(poll, { base: uart, offset: ibrd, setup });
  const drive = driveFor(world, 2);
  const { world: at } = agreed(drive, world, 150);
  const [vcpu] = at.host.vcpus;
  if (vcpu === undefined) throw new Error("expected a vCPU");
  const run = { ...vcpu.run, exit_reason: "KVM_EXIT_INTR" as const };
  const vcpus = [{ ...vcpu, run, ret: "-EINTR" as const }];
  const odd: World = { ...at, host: { ...at.host, vcpus } };
  for (const placement of placements) {
    agreed(drive, placed(odd, placement), 600);
  }
});

Deno.test("driveOn() gives a world after a slice", () => {
  const setup = { x: { 0: 1_000n } };
  const world = deviceWorld(poll, { base: uart, offset: ibrd, setup });
  const begun = folded(standing(world), 40).world;
  for (const slice of [1, 50, 2_000]) {
    const ran = driveFor(world, 2)(begun, 0, {
      ...rules,
      steps: 20_000,
      slice,
      barren: 0,
    });
    assert(slice <= ran.steps && ran.steps < slice + 13);
  }
});

Deno.test("driveOn() drives one REC after the other", () => {
  const made = deviceWorld(poll, {
    base: uart,
    offset: ibrd,
    setup: { recs: 2, x: { 0: 1_000n } },
  });
  const guest = folded(standing(made), 2).world;
  const twice = <T>([own]: readonly T[]): readonly T[] => [own!, own!];
  const both: World = {
    ...guest,
    realm: { ...guest.realm, recs: twice(guest.realm.recs) },
    rmm: { ...guest.rmm, recs: twice(guest.rmm.recs) },
    runs: twice(guest.runs),
    host: { ...guest.host, vcpus: twice(guest.host.vcpus) },
  };
  const drive = driveFor(both, 2);
  let at = standing(both);
  for (const [n, rec] of [0, 1, 1, 0, 1, 0].entries()) {
    const steps = at.steps + 200 + n;
    const fast = driven(drive, at, steps, 90, rec);
    assertEquals(apart(fast, folded(at, steps, rec), at.world), null);
    at = fast;
  }
});

Deno.test("driveOn() goes nowhere where it is not the realm's turn", () => {
  const world = deviceWorld(poll, { base: uart });
  const drive = driveFor(world, 2);
  const limits = {
    steps: 100,
    slice: 100,
    run_budget: 100,
    barren: 0,
    barren_max: 100,
  };
  const ran = drive(world, 0, limits);
  assertEquals([ran.steps, ran.world === world], [0, true]);
  assertEquals(drive(world, 1, limits).steps, 0);
});
