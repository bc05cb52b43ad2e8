import { assertEquals } from "@std/assert";
import { boot } from "../core/boot.ts";
import { virt } from "../core/device/board.ts";
import type { Placement } from "../core/device/bus.ts";
import { sync } from "../core/host/revision.ts";
import { parseElf } from "../core/realm/elf.ts";
import { rmm_2_0 } from "../core/rmm/profile.ts";
import type { World } from "../core/world.ts";
import {
  apart,
  driveFor,
  driven,
  folded,
  standing,
} from "./fast_drive_compare.ts";

const folder = new URL("guests/", import.meta.url);

const guests = [...Deno.readDirSync(folder)]
  .map(({ name }) => name)
  .filter((name) => name.endsWith(".elf"))
  .sort();

const worldOf = (name: string, devices: Placement): World => {
  const image = parseElf(Deno.readFileSync(new URL(name, folder)), virt.ram);
  if (image.tag !== "Loaded") throw new Error(`${name}: expected a guest`);
  const options = { board: virt, rmm: rmm_2_0, kvm: sync, recs: 1 };
  const made = boot({ ...options, devices, ipa_bits: 40, image });
  if (made.tag !== "Booted") throw new Error(made.what);
  return made.world;
};

/** Steps of one pass: enough for every guest but soak and spin to end. */
const steps_max = 40_000;

for (const name of guests) {
  for (const devices of ["user", "kernel"] as const) {
    Deno.test(`driveOn() is the fold of step() on ${name}, devices in ${devices}`, () => {
      const world = worldOf(name, devices);
      const start = standing(world);
      const pure = folded(start, steps_max);
      const drive = driveFor(world, 3);
      for (const slice of [Infinity, 1000, 1]) {
        const fast = driven(drive, start, steps_max, slice);
        assertEquals(apart(fast, pure, world), null, `slice ${slice}`);
      }
    });
  }

  Deno.test(`driveOn() is the fold of step() at every cut of ${name}`, () => {
    const world = worldOf(name, "user");
    const drive = driveFor(world, 3);
    let at = standing(world);
    for (let cut = 37; cut < steps_max && !at.over; cut += 37) {
      const pure = folded(at, cut);
      const fast = driven(drive, at, cut);
      assertEquals(apart(fast, pure, at.world), null, `step ${cut}`);
      at = fast;
    }
  });
}
