import { assertEquals } from "@std/assert";
import * as Effect from "effect/Effect";
import { boot } from "../core/boot.ts";
import { virt } from "../core/device/board.ts";
import { type Placement, rxRoom } from "../core/device/bus.ts";
import { CODE } from "../core/fast/protocol/layout.ts";
import { direct, type KvmRevision, sync } from "../core/host/revision.ts";
import { type Image, parseElf } from "../core/realm/elf.ts";
import { rmm_1_0, rmm_2_0, type RmmProfile } from "../core/rmm/profile.ts";
import { next } from "../core/schedule.ts";
import type { Event, World } from "../core/world.ts";
import { default_options } from "../shell/run_options.ts";
import { parseScenario } from "../shell/scenario.ts";
import { build } from "../shell/source.ts";
import { type Pair, pairAt, take } from "./fast_protocol_fold.ts";

const here = (path: string): URL => new URL(path, import.meta.url);

const worldWith = (
  image: Image | null,
  devices: Placement,
  rmm: RmmProfile = rmm_2_0,
  kvm: KvmRevision = sync,
): World => {
  const options = { board: virt, rmm, kvm, ipa_bits: 40, recs: 1 };
  const booted = boot({ ...options, devices, image });
  if (booted.tag === "Refused") throw new Error(booted.what);
  return booted.world;
};

const imageOf = async (guest: string): Promise<Image> => {
  const elf = await Deno.readFile(here(`./guests/${guest}.elf`));
  const image = parseElf(elf, virt.ram);
  if (image.tag !== "Loaded") throw new Error(`${guest}: ${image.tag}`);
  return image;
};

/** How often each event was taken by the fast path. */
type Count = Map<string, number>;

const counted = (count: Count, pair: Pair, event: Event): Pair => {
  const taken = take(pair, event);
  if (taken.code === CODE.done) {
    count.set(event.tag, (count.get(event.tag) ?? 0) + 1);
  }
  return taken.pair;
};

/** Events after which a guest of these tests is stuck. */
const events_max = 20_000;

/** Runs a guest to its end, its instructions by the pure evaluator, everything else by both. */
const runGuest = (start: World, input: string): Count => {
  const count: Count = new Map();
  const typed = [...new TextEncoder().encode(input)];
  let pair = pairAt(start);
  for (let events = 0; events < events_max; events++) {
    const event = next(pair.pure, 0, 100_000);
    if (event === null) return count;
    pair = counted(count, pair, event);
    if (rxRoom(pair.pure.bus) === 0) continue;
    const bytes = typed.splice(0, 1);
    if (bytes.length === 1) {
      pair = counted(count, pair, { tag: "UartRx", bytes });
    }
  }
  throw new Error(`expected the guest to end within ${events_max} events`);
};

/** Every guest that makes an access (fault and spin make none), and what is typed. */
const guests: Readonly<Record<string, string>> = {
  alias: "",
  echo: "on\nquit\n",
  forms: "",
  fpsimd: "",
  hello: "",
  isv0: "",
  mmu: "",
  rsi: "",
  rtc: "",
  soak: "",
};

const kinds: readonly (readonly [Placement, RmmProfile, KvmRevision])[] = [
  ["user", rmm_2_0, sync],
  ["kernel", rmm_1_0, direct],
];

for (const [guest, input] of Object.entries(guests)) {
  Deno.test(`the fast protocol equals step() after every event of ${guest}`, async () => {
    const image = await imageOf(guest);
    for (const [devices, rmm, kvm] of kinds) {
      const count = runGuest(worldWith(image, devices, rmm, kvm), input);
      assertEquals(0 < (count.get("Dabt") ?? 0), true);
      assertEquals(0 < (count.get("RecEnter") ?? 0), true);
    }
  });
}

Deno.test("the fast protocol equals step() after every event of every scenario", async () => {
  let played = 0;
  for await (const { name } of Deno.readDir(here("./scenarios"))) {
    if (!name.endsWith(".json")) continue;
    const text = await Deno.readTextFile(here(`./scenarios/${name}`));
    const scenario = await Effect.runPromise(parseScenario(text, name));
    const options = { ...default_options, ...scenario.options };
    let pair = pairAt(await Effect.runPromise(build(null, options)));
    for (const event of scenario.events ?? []) {
      pair = counted(new Map(), pair, event);
      played += 1;
    }
  }
  assertEquals(0 < played, true);
});
