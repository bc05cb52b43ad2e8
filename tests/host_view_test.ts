import { assertEquals, assertNotEquals } from "@std/assert";
import { boot } from "../core/boot.ts";
import { virt } from "../core/device/board.ts";
import { sync } from "../core/host/revision.ts";
import { hostView } from "../core/host/view.ts";
import { parseElf } from "../core/realm/elf.ts";
import { write } from "../core/realm/memory.ts";
import { rmm_2_0 } from "../core/rmm/profile.ts";
import { next } from "../core/schedule.ts";
import { step } from "../core/step.ts";
import type { Event, World } from "../core/world.ts";

const ram = virt.ram.base;

/** A realm whose registers, stack pointers and memory hold `secret`. */
const worldWith = async (secret: bigint, guest: string): Promise<World> => {
  const bytes = await Deno.readFile(`tests/guests/${guest}.elf`);
  const image = parseElf(bytes, virt.ram);
  if (image.tag === "Refused") throw new Error(image.what);
  const booted = boot({
    board: virt,
    rmm: rmm_2_0,
    kvm: sync,
    devices: "user",
    ipa_bits: 40,
    recs: 1,
    image,
  });
  if (booted.tag === "Refused") throw new Error(booted.what);
  const { world } = booted;
  const [rec] = world.realm.recs;
  if (rec === undefined) throw new Error("no REC");
  const data = new Uint8Array(8);
  new DataView(data.buffer).setBigUint64(0, secret);
  return {
    ...world,
    realm: {
      recs: [{
        ...rec,
        x: rec.x.map((_, n) => secret ^ BigInt(n)),
        sp_el0: secret,
        sys: { ...rec.sys, tpidr_el0: secret, contextidr_el1: secret },
      }],
      memory: write(world.realm.memory, ram + 0x700_0000, data),
    },
  };
};

/** Takes the events a correct host brings about, and returns the views along the way. */
const views = (start: World, events: number) => {
  const seen: unknown[] = [];
  let world = start;
  for (let count = 0; count < events; count++) {
    const event = next(world, 0, 1_000);
    if (event === null) break;
    world = step(world, event).world;
    seen.push(hostView(world));
  }
  return seen;
};

for (const guest of ["hello", "alias", "isv0", "rtc"]) {
  Deno.test(`hostView() of ${guest} shows nothing of what the realm does not release`, async () => {
    const one = await worldWith(0x1111_2222_3333_4444n, guest);
    const two = await worldWith(0xfeed_beef_dead_c0den, guest);
    assertNotEquals(one, two);
    assertEquals(hostView(one), hostView(two));
    // These guests never look at the planted secrets, so no release ever differs.
    assertEquals(views(one, 400), views(two, 400));
  });
}

const rec = 0;

/** A running REC, with nothing of the realm but `secret`. */
const running = async (secret: bigint): Promise<World> => {
  let world = await worldWith(secret, "hello");
  for (const tag of ["KvmRun", "RecEnter"] as const) {
    const event: Event = tag === "KvmRun"
      ? { tag, rec, immediate_exit: false }
      : { tag, rec };
    world = step(world, event).world;
  }
  return world;
};

const unprotected = 0x80_0900_0000n >> 8n;
const va = 0xffff_8000_1234_5abcn;

/** Exceptions that release nothing: the far address above bit 11 may differ too. */
const silent = (secret: bigint): readonly Event[] => {
  const far = (va & 0xfffn) | (secret & 0xffff_f000n);
  const at = (esr: bigint, hpfar: bigint) => ({ rec, esr, far, hpfar });
  return [
    { tag: "Irq", rec },
    { tag: "Fiq", rec },
    { tag: "Serror", rec, esr: 0xbe00_0411n },
    { tag: "Wfx", ...at(0x07e0_0000n, 0n) },
    { tag: "Dabt", ...at(0x9383_0007n, unprotected) },
    { tag: "Dabt", ...at(0x9200_0007n, unprotected) },
    { tag: "Dabt", ...at(0x9383_0047n, 0x40_0000n) },
    { tag: "Iabt", ...at(0x8200_0007n, 0x40_0000n) },
    { tag: "Dabt", ...at(0x9383_0010n, unprotected) },
  ];
};

Deno.test("hostView() is the same after every exception that declares no release", async () => {
  const secrets = [0x0123_4567_89ab_cdefn, 0xffff_0000_aaaa_5555n] as const;
  const [one, two] = [await running(secrets[0]), await running(secrets[1])];
  const [mine, theirs] = [silent(secrets[0]), silent(secrets[1])];
  mine.forEach((event, index) => {
    const other = theirs[index];
    if (other === undefined) throw new Error("unequal lists");
    const left = step(one, event);
    const right = step(two, other);
    assertEquals(left.tag, "Stepped");
    assertEquals(hostView(left.world), hostView(right.world));
  });
});

Deno.test("hostView() differs once a store releases its value", async () => {
  const store: Event = {
    tag: "Dabt",
    rec,
    esr: 0x93c3_8047n,
    far: va,
    hpfar: unprotected,
  };
  const one = step(await running(1n), store).world;
  const two = step(await running(2n), store).world;
  assertNotEquals(hostView(one), hostView(two));
});
