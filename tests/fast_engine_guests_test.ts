import { assertEquals } from "@std/assert";
import { boot } from "../core/boot.ts";
import { virt } from "../core/device/board.ts";
import { sync } from "../core/host/revision.ts";
import { parseElf } from "../core/realm/elf.ts";
import { rmm_2_0 } from "../core/rmm/profile.ts";
import { next } from "../core/schedule.ts";
import { step } from "../core/step.ts";
import type { World } from "../core/world.ts";
import { both, engineFor, slices } from "./fast_engine_compare.ts";

const folder = "tests/guests";

const guests = [...Deno.readDirSync(folder)]
  .map(({ name }) => name)
  .filter((name) => name.endsWith(".elf"))
  .sort();

const worldOf = (name: string): World => {
  const image = parseElf(Deno.readFileSync(`${folder}/${name}`), virt.ram);
  if (image.tag !== "Loaded") throw new Error(`${name}: expected a guest`);
  const made = boot({
    board: virt,
    rmm: rmm_2_0,
    kvm: sync,
    devices: "user",
    ipa_bits: 40,
    recs: 1,
    image,
  });
  if (made.tag !== "Booted") throw new Error(made.what);
  return made.world;
};

/** Events in all, and runs of more than one instruction, of one pass over a guest. */
const events_max = 6_000;

/** Instructions of one pass: enough for every guest but soak and spin to end. */
const instructions_max = 60_000;

/** Plays a guest with the well-behaved host; each run on both. The first difference, or null. */
const play = (name: string, slice: number, hot: number): string | null => {
  let world = worldOf(name);
  const e = engineFor(world, hot);
  for (let events = 0; events < events_max; events++) {
    const event = next(world, 0, slice);
    if (event === null) return null;
    if (event.tag === "Run") {
      const ran = both(e, world, slice);
      if (ran.wrong !== null) return `event ${events}: ${ran.wrong}`;
      world = ran.world;
    } else {
      const stepped = step(world, event);
      if (stepped.tag === "Refused") return `refused: ${stepped.why.tag}`;
      world = stepped.world;
      if (stepped.asks.some((ask) => ask.tag === "Halt")) return null;
    }
    if (world.realm.recs[0]!.retired > instructions_max) return null;
  }
  return null;
};

for (const name of guests) {
  for (const slice of slices) {
    Deno.test(`runOn() equals run() on ${name} in slices of ${slice}`, () => {
      assertEquals(play(name, slice, 3), null);
    });
  }
}
