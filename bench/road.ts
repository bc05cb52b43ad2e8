/**
 * Accesses of a guest to a device over the whole road, against QEMU TCG and its
 * PL011: `deno task bench:road [rounds]`.
 *
 * The guest is one loop, LDR, EOR, STR, SUBS, B.NE on a register of the UART:
 * two accesses in five instructions. "drive" is the fast engine with the fast
 * protocol, "events" the fast engine with the pure reducers event by event,
 * which makes a world after each. Every round runs everything once.
 *
 * @module
 */

import type { Placement } from "../core/device/bus.ts";
import { fastDrive } from "../core/fast/drive.ts";
import { fastEngine } from "../core/fast/engine.ts";
import { write } from "../core/realm/memory.ts";
import { next } from "../core/schedule.ts";
import { type Execute, stepOn } from "../core/step.ts";
import type { World } from "../core/world.ts";
import { median, spread } from "./engine_measure.ts";
import { qemu, qemu_command } from "./engine_qemu.ts";
import { worldOf } from "./engine_world.ts";
import { head, machine, print, row } from "./table.ts";

const taken = (world: World, execute: Execute, budget: number): World => {
  const event = next(world, 0, budget);
  if (event === null) throw new Error("expected the host to go on");
  const result = stepOn(execute, world, event);
  if (result.tag === "Refused") throw new Error(result.why.tag);
  return result.world;
};

/** The Unprotected half, and where `worldOf` puts its tables. */
const alias = 0x80_0000_0000;
const tables = 0x4040_0000;

/** The first GiB of virtual addresses as Device memory of the Unprotected half. */
const block = BigInt(alias) | 0x405n;

/** Registers of the UART that keep what is written. */
const registers = { uartcr: 0x0900_0030, uartibrd: 0x0900_0024 } as const;

/** A register's name. */
type Register = keyof typeof registers;

/** How a row's world is made. */
interface Row {
  readonly name: string;
  readonly devices: Placement;
  readonly mmu: boolean;
}

const rows: readonly Row[] = [
  { name: "drive, device in user space", devices: "user", mmu: false },
  { name: "drive, the same, MMU on", devices: "user", mmu: true },
  { name: "drive, device in the kernel", devices: "kernel", mmu: false },
];

const placed = (world: World, placement: Placement): World => ({
  ...world,
  bus: { slots: world.bus.slots.map((slot) => ({ ...slot, placement })) },
});

/** REC 0 about to make `accesses`, its host ready. */
const start = (row: Row, register: Register, accesses: number): World => {
  const address = registers[register] + (row.mmu ? 0 : alias);
  const x = [BigInt(accesses / 2), BigInt(address)];
  const made = worldOf({ name: "mmio", at: 4, x }, row.mmu);
  const memory = row.mmu
    ? write(
      made.realm.memory,
      tables,
      new Uint8Array(BigUint64Array.of(block).buffer),
    )
    : made.realm.memory;
  const engine = fastEngine();
  let world = placed(
    { ...made, realm: { ...made.realm, memory } },
    row.devices,
  );
  while (world.host.vcpus[0]?.at !== "guest") world = taken(world, engine, 0);
  return world;
};

/** An iteration retires 3 instructions and takes 2 roads of 5 or 3 events. */
const stepsOf = (row: Row, accesses: number): number =>
  accesses / 2 * (row.devices === "user" ? 13 : 9);

const drive = fastDrive();
const execute = fastEngine();

const limits = {
  slice: 1_000_000,
  run_budget: 1_000_000,
  barren: 0,
  barren_max: 10_000,
};

/** Millions of accesses per second of a drive, slice by slice as the run loop has it. */
const driven = (row: Row, register: Register, accesses: number): number => {
  let world = start(row, register, accesses);
  const from = performance.now();
  for (let left = stepsOf(row, accesses); left > 0;) {
    const ran = drive(world, 0, { ...limits, steps: left });
    left -= Math.max(1, ran.steps);
    world = ran.steps > 0 ? ran.world : taken(world, execute, left);
  }
  return accesses / (performance.now() - from) / 1000;
};

/** The same of single events. */
const stepped = (row: Row, register: Register, accesses: number): number => {
  let world = start(row, register, accesses);
  const from = performance.now();
  for (let done = 0; done < accesses;) {
    world = taken(world, execute, limits.run_budget);
    if (world.rmm.recs[0]!.trap !== null) done += 1;
  }
  return accesses / (performance.now() - from) / 1000;
};

/** QEMU's millions of accesses per second by register, by the guest's own clock. */
const peer = (): ReadonlyMap<string, number> => {
  const found = new Map<string, number>();
  const text = qemu("mmio.elf")?.text ?? "";
  const line = /^(\w+) accesses (\d+) ticks (\d+) hz (\d+)$/gm;
  for (const [, name, accesses, ticks, hz] of text.matchAll(line)) {
    found.set(name!, Number(accesses) * Number(hz) / Number(ticks) / 1e6);
  }
  return found;
};

/** Accesses of one measurement of a drive, and of single events. */
const drive_accesses = 2_000_000;
const event_accesses = 4_000;

/** A row's name, and a list of millions of accesses per second for each register. */
type Scores = Map<string, Record<Register, number[]>>;

const note = (
  to: Scores,
  name: string,
  register: Register,
  value: number,
): void => {
  const row = to.get(name) ?? { uartcr: [], uartibrd: [] };
  row[register].push(value);
  to.set(name, row);
};

const names = Object.keys(registers) as readonly Register[];

const round = (to: Scores, least: number): void => {
  for (const register of names) {
    for (const row of rows) {
      note(to, row.name, register, driven(row, register, drive_accesses));
    }
    const value = stepped(rows[0]!, register, least);
    note(to, "events", register, value);
  }
  const theirs = peer();
  for (const register of names) {
    const value = theirs.get(register);
    if (value !== undefined) note(to, "QEMU", register, value);
  }
};

const width = 27;

/** The ratio to QEMU in the same round, or a dash without it. */
const ratio = (scores: Scores, name: string, register: Register): string => {
  const theirs = scores.get("QEMU")?.[register] ?? [];
  const ours = scores.get(name)?.[register] ?? [];
  const ratios = theirs.map((value, n) => ours[n]! / value);
  return ratios.length === 0 ? "-" : median(ratios).toFixed(2);
};

if (import.meta.main) {
  const rounds = Number(Deno.args[0] ?? 7);
  // The first round compiles; it does not count.
  round(new Map(), 100);
  const scores: Scores = new Map();
  for (let n = 0; n < rounds; n++) round(scores, event_accesses);
  machine(scores.has("QEMU") ? [...qemu_command, "mmio.elf"] : null);
  print(`\nGuest-driven accesses over the whole road, millions per second:`);
  print(`median [quartiles] of ${rounds} rounds, ratios of the same round\n`);
  head(["", "UARTCR", ": QEMU", "UARTIBRD", ": QEMU"], width);
  for (const [name, lists] of scores) {
    const cells = names.flatMap((register) => [
      spread(lists[register], name === "events" ? 3 : 1),
      ratio(scores, name, register),
    ]);
    row([name, ...cells], width);
  }
}
