/**
 * The world the benches start from.
 *
 * @module
 */

import { boot } from "../core/boot.ts";
import { virt } from "../core/device/board.ts";
import { sync } from "../core/host/revision.ts";
import { parseElf } from "../core/realm/elf.ts";
import { rmm_2_0 } from "../core/rmm/profile.ts";
import type { World } from "../core/world.ts";

/** The guest of a file beside this one. */
const imageOf = (guest: string) => {
  const parsed = parseElf(
    Deno.readFileSync(new URL(guest, import.meta.url)),
    virt.ram,
  );
  if (parsed.tag === "Refused") throw new Error(parsed.what);
  return parsed;
};

/** A realm of `recs` RECs on the newest RMM and KVM, with a guest or none. */
export const bootedWith = (guest: string | null, recs: number = 1): World => {
  const booted = boot({
    board: virt,
    rmm: rmm_2_0,
    kvm: sync,
    devices: "user",
    ipa_bits: 40,
    recs,
    image: guest === null ? null : imageOf(guest),
  });
  if (booted.tag === "Refused") throw new Error(booted.what);
  return booted.world;
};
