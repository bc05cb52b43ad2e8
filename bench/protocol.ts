/**
 * Round trips per second, pure against fast, in one run.
 *
 * One round trip is one access of UARTIBRD over the whole road: data abort, RMM
 * exit, KVM, the device, KVM again, RMM enter. "stored" makes an immutable
 * world after every access; "fast" leaves the state in its arrays. Rounds of
 * the three are interleaved, and a ratio compares two of the same round.
 *
 *     deno bench bench/protocol.ts
 *
 * @module
 */

import { boot } from "../core/boot.ts";
import { virt } from "../core/device/board.ts";
import type { Placement } from "../core/device/bus.ts";
import type { Fast } from "../core/fast/protocol/arrays.ts";
import { CODE } from "../core/fast/protocol/layout.ts";
import { load } from "../core/fast/protocol/load.ts";
import { roundTrip } from "../core/fast/protocol/road.ts";
import { store } from "../core/fast/protocol/store.ts";
import { sync } from "../core/host/revision.ts";
import { rmm_2_0 } from "../core/rmm/profile.ts";
import { next } from "../core/schedule.ts";
import { step } from "../core/step.ts";
import type { Event, World } from "../core/world.ts";
import { print } from "./table.ts";

const taken = (world: World, event: Event): World => {
  const outcome = step(world, event);
  if (outcome.tag === "Refused") throw new Error(outcome.why.tag);
  return outcome.world;
};

/** Plays the host until the REC executes. */
const untilGuest = (world: World): World => {
  let at = world;
  while (at.host.vcpus[0]?.at !== "guest") {
    const event = next(at, 0, 0);
    if (event === null) throw new Error("expected the host to go on");
    at = taken(at, event);
  }
  return at;
};

/** The virt board with its devices in the kernel or in user space, REC 0 running. */
const running = (devices: Placement): World => {
  const options = { rmm: rmm_2_0, kvm: sync, ipa_bits: 40, recs: 1 };
  const booted = boot({ board: virt, devices, image: null, ...options });
  if (booted.tag === "Refused") throw new Error(booted.what);
  return untilGuest(booted.world);
};

/** UARTIBRD in the Unprotected half, and LDR W3 and STR W3 of it. */
const far = 0x80_0900_0024n;
const hpfar = 0x8009_0000n;
const accesses = { read: 0x9383_0007n, write: 0x9383_0047n } as const;

const pureTrip = (world: World, esr: bigint): World =>
  untilGuest(taken(world, { tag: "Dabt", rec: 0, esr, far, hpfar }));

const fastTrip = (f: Fast, esr: number): void => {
  const code = roundTrip(f, esr, 0, 0x0900_0024, 0x80, -0x7ff7_0000, 0);
  if (code !== CODE.done) throw new Error(`expected code 0 but found ${code}`);
};

/** One way to make round trips; `run` makes `trips` of them. */
interface Way {
  readonly name: string;
  readonly trips: number;
  readonly run: (trips: number) => void;
}

const waysOf = (devices: Placement, esr: bigint): readonly Way[] => {
  const start = running(devices);
  const word = Number(BigInt.asIntN(32, esr));
  const [f, g] = [load(start, 0), load(start, 0)];
  if (f === null || g === null) throw new Error("expected a REC 0");
  let [pure, stored] = [start, start];
  return [
    {
      name: "pure",
      trips: 10_000,
      run: (trips) => {
        for (let n = 0; n < trips; n++) pure = pureTrip(pure, esr);
      },
    },
    {
      name: "stored",
      trips: 20_000,
      run: (trips) => {
        for (let n = 0; n < trips; n++) {
          fastTrip(g, word);
          stored = store(g, stored);
        }
      },
    },
    {
      name: "fast",
      trips: 1_000_000,
      run: (trips) => {
        for (let n = 0; n < trips; n++) fastTrip(f, word);
      },
    },
  ];
};

/** Million round trips per second. */
const rate = ({ run, trips }: Way): number => {
  const start = performance.now();
  run(trips);
  return trips / (performance.now() - start) / 1000;
};

const rounds = 21;

/** Median, least and most of some numbers. */
const spread = (
  numbers: readonly number[],
): readonly [median: number, least: number, most: number] => {
  const sorted = numbers.toSorted((a, b) => a - b);
  const at = (index: number): number => sorted[index] ?? NaN;
  return [at(sorted.length >> 1), at(0), at(sorted.length - 1)];
};

const shown = (numbers: readonly number[], digits: number): string => {
  const [median, least, most] = spread(numbers).map((n) => n.toFixed(digits));
  return `${median} (${least} to ${most})`.padEnd(26);
};

const row = (devices: Placement, access: keyof typeof accesses): string => {
  const ways = waysOf(devices, accesses[access]);
  ways.forEach(rate);
  const rates = Array.from({ length: rounds }, () => ways.map(rate));
  const column = (n: number): number[] => rates.map((round) => round[n] ?? 0);
  const against = (n: number): number[] =>
    rates.map((round) => (round[n] ?? 0) / (round[0] ?? 0));
  return [
    `${devices} ${access}`.padEnd(14),
    shown(column(0), 3),
    shown(column(1), 3),
    shown(column(2), 1),
    shown(against(1), 1),
    shown(against(2), 0),
  ].join("");
};

/** The table: millions of round trips per second and ratios, median (least to most). */
const table = (): string =>
  [
    `protocol round trips, M/s and ratios: median (least to most) of ${rounds} rounds`,
    [
      "access".padEnd(14),
      ..."pure,stored,fast,stored/pure,fast/pure".split(",")
        .map((name) => name.padEnd(26)),
    ].join(""),
    row("user", "read"),
    row("user", "write"),
    row("kernel", "read"),
    row("kernel", "write"),
  ].join("\n");

print(table());

for (const devices of ["user", "kernel"] as const) {
  for (const access of ["read", "write"] as const) {
    for (const way of waysOf(devices, accesses[access])) {
      Deno.bench({
        name: `${devices} ${access}, ${way.name}`,
        group: `${devices} ${access}`,
        baseline: way.name === "pure",
        fn: () => way.run(1000),
      });
    }
  }
}
