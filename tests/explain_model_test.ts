import { assert, assertEquals } from "@std/assert";
import { get, put } from "../core/arch/word.ts";
import { tryEnter } from "../core/explain/entry.ts";
import { fieldsOf } from "../core/explain/fields.ts";
import { faultName } from "../core/explain/faults.ts";
import { exitedWorlds } from "../core/explain/samples.ts";
import { statusOf } from "../core/explain/refusal.ts";
import { tried } from "../core/explain/reasons.ts";
import {
  hpfarAt,
  inside,
  type Place,
  places,
  type Setting,
} from "../core/explain/scene.ts";
import { exceptionEvent, explainException } from "../core/explain/syndrome.ts";
import { revisions } from "../core/host/revision.ts";
import { profiles } from "../core/rmm/profile.ts";
import { step } from "../core/step.ts";

const [kvm] = revisions;
assert(kvm !== undefined);

const settings: readonly Setting[] = Object.values(profiles).map((rmm) => ({
  profile: { rmm, kvm },
  ipa_bits: 40,
}));

Deno.test("fieldsOf() covers each bit at most once, and of a described data abort every one", () => {
  for (let ec = 0; ec < 64; ec++) {
    for (const isv of [0n, 1n << 24n]) {
      const esr = (BigInt(ec) << 26n) | isv | 0x7n;
      let covered = 0n;
      let rebuilt = 0n;
      for (const { at } of fieldsOf(esr)) {
        const bits = put(0n, at, 0xffff_ffff);
        assertEquals(covered & bits, 0n);
        covered |= bits;
        rebuilt = put(rebuilt, at, get(esr, at));
      }
      assertEquals(rebuilt, esr & covered);
      if (ec === 0x24 && isv !== 0n) assertEquals(covered, 0xffff_ffffn);
    }
  }
});

Deno.test("faultName() names every allocated code and no other", () => {
  const reserved = Array.from({ length: 64 }, (_, fsc) => fsc)
    .filter((fsc) => faultName(fsc) === "reserved");
  const expected = [0x19, 0x20, 0x2d, 0x2e, 0x2f, 0x32, 0x33];
  for (let fsc = 0x36; fsc < 0x40; fsc++) expected.push(fsc);
  assertEquals(reserved, expected);
  assertEquals(faultName(0x07), "translation fault, level 3");
  assertEquals(faultName(0x0f), "permission fault, level 3");
});

/** Whether the flags are granted after a data abort, as rmm.md §3.3 and §3.4 have it. */
const granted = (
  place: Place,
  isv: boolean,
  flags: bigint,
): boolean => {
  const unprotected = place === "unprotected";
  if ((flags & 2n) !== 0n) return unprotected;
  // Both profiles forget ISV where the reported syndrome lost it.
  return (flags & 1n) === 0n || (unprotected && isv);
};

for (const setting of settings) {
  const { rmm } = setting.profile;
  Deno.test(`tryEnter() grants of ${rmm.name} what the specification grants, after every data abort`, () => {
    for (const place of ["unprotected", "protected", "destroyed"] as const) {
      for (const esr of [0x9383_0007n, 0x9383_0047n, 0x9200_0007n]) {
        const world = inside(setting, place);
        assert(world !== null);
        const hpfar = hpfarAt(place, setting.ipa_bits);
        const event = exceptionEvent(0, { esr, far: 0n, hpfar });
        const exited = step(world, event).world;
        assertEquals(exited.host.vcpus[0]?.at, "exit");
        for (const flags of [0n, 1n, 2n, 3n]) {
          const [status] = tryEnter(exited, 0, flags);
          const isv = (esr >> 24n & 1n) === 1n;
          assertEquals(
            status === "RMI_SUCCESS",
            granted(place, isv, flags),
            `${place} ${esr.toString(16)} ${flags}`,
          );
        }
      }
    }
  });

  Deno.test(`explainException() of ${rmm.name} leaves its world as it was and answers every class at every place`, () => {
    for (let ec = 0; ec < 64; ec++) {
      for (const place of Object.keys(places) as Place[]) {
        const world = inside(setting, place);
        assert(world !== null);
        const before = structuredClone(world);
        const esr = (BigInt(ec) << 26n) | 0x0200_0007n;
        const hpfar = hpfarAt(place, setting.ipa_bits);
        const answer = explainException(world, 0, { esr, far: 0n, hpfar });
        assert(2 <= answer.sections.length);
        assertEquals(world, before);
      }
    }
  });

  Deno.test(`exitedWorlds() of ${rmm.name} have all left the realm`, () => {
    const worlds = exitedWorlds(setting);
    assertEquals(worlds.length, 9);
    for (const { world } of worlds) {
      assertEquals(world.host.vcpus[0]?.at, "exit");
      assertEquals(tryEnter(world, 0, 0n)[0], "RMI_SUCCESS");
    }
  });

  Deno.test(`tried() of ${rmm.name} fails in every situation but those the profile allows`, () => {
    const failed = tried(setting).filter(({ failure }) => failure !== null);
    const succeeded = tried(setting).filter(({ failure }) => failure === null)
      .map(({ when }) => when);
    const allowed = [
      ...(rmm.vgic === "registers"
        ? ["gicv3_hcr has a bit the host may not set"]
        : []),
      "EMUL_MMIO after: load, Unprotected, ISV=1",
      "INJECT_SEA after: load, Unprotected, ISV=1",
      "EMUL_MMIO after: store, Unprotected, ISV=1",
      "INJECT_SEA after: store, Unprotected, ISV=1",
      "INJECT_SEA after: data abort, Unprotected, ISV=0",
    ];
    assertEquals(succeeded, allowed);
    assert(0 < failed.length);
  });
}

Deno.test("statusOf() reads a status by name and by X0", () => {
  assertEquals(statusOf("RMI_ERROR_REC"), {
    status: "RMI_ERROR_REC",
    index: null,
  });
  assertEquals(statusOf("0x304"), { status: "RMI_ERROR_RTT", index: 3 });
  assertEquals(statusOf("2"), { status: "RMI_ERROR_REALM", index: 0 });
  assertEquals(statusOf("0x10000"), null);
  assertEquals(statusOf("0xff"), null);
  assertEquals(statusOf("REC"), null);
});
