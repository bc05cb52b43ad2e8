/**
 * A guest run by a program that imports recrun as a module, without its
 * command line: `start_module.ts GUEST.elf`.
 *
 * @module
 */

import {
  type Ask,
  boot,
  next,
  parseElf,
  rmm_2_0,
  step,
  sync,
  virt,
} from "../mod.ts";

const image = parseElf(Deno.readFileSync(Deno.args[0]!), virt.ram);
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

/** Performs what a step asks for; true when it is to be the last. */
const perform = (asks: readonly Ask[]): boolean => {
  for (const ask of asks) {
    if (ask.tag === "Halt") return true;
    if (ask.tag === "UartTx") Deno.stdout.writeSync(Uint8Array.of(ask.byte));
  }
  return false;
};

let world = booted.world;
for (;;) {
  const event = next(world, 0, 1_000_000);
  if (event === null) break;
  const result = step(world, event);
  world = result.world;
  if (result.tag === "Refused" || perform(result.asks)) break;
}
