import { assertEquals } from "@std/assert";
import { CODE } from "../core/fast/protocol/layout.ts";
import { plain_revisions, revisions, sync } from "../core/host/revision.ts";
import { profiles, rmm_2_0 } from "../core/rmm/profile.ts";
import { specOf } from "../core/rmm/spec.ts";
import type { Event } from "../core/world.ts";
import { loaded, pairAt, take, takeAll } from "./fast_protocol_fold.ts";
import {
  dabtAt,
  edge_syndromes,
  entersWith,
  places,
  syndromes,
  worldOf,
} from "./fast_protocol_world.ts";

const flags = [0n, 1n, 2n, 3n];

/** What a host may put into gprs[0]: a sign bit for every width, and junk above. */
const answer = 0xdead_beef_8000_8080n;

const letters = Object.values(profiles).map((row) => ({
  title: row.name as string,
  rmm: row,
}));

const rows = [
  ...letters,
  ...letters.map(({ title, rmm }) => ({
    title: `${title} to the letter`,
    rmm: specOf(rmm),
  })),
].flatMap(({ title, rmm }) =>
  [...revisions, ...plain_revisions].map((kvm) => ({ title, rmm, kvm }))
);

for (const { title, rmm, kvm } of rows) {
  // Every SRT where nothing is special, the edges of SRT under every other pair of rows.
  const all = rmm === rmm_2_0 && kvm === sync;
  const parts_of = all ? syndromes : edge_syndromes;
  const name = `${title} under ${kvm.name}`;

  Deno.test(`dabt() and rmiRecEnter() equal step() on every syndrome, half and flag: ${name}`, () => {
    const start = worldOf({ rmm, kvm });
    const f = loaded(start);
    for (const ipa of [places.unprotected, places.protected]) {
      for (const parts of parts_of) {
        const { pair, code } = take(
          pairAt(start, f),
          dabtAt(parts, ipa, 0xd4n),
        );
        assertEquals(code, CODE.done);
        for (const bits of flags) {
          take(pairAt(pair.pure, f), entersWith(bits | (bits << 2n), answer));
        }
      }
    }
  });

  Deno.test(`recExit(), kvmRun() and recEnter() equal step() on every syndrome and half: ${name}`, () => {
    for (const devices of ["user", "kernel"] as const) {
      const start = worldOf({ rmm, kvm, devices });
      const f = loaded(start);
      for (const ipa of [places.unprotected, places.protected]) {
        for (const parts of parts_of) {
          const exit = take(pairAt(start, f), dabtAt(parts, ipa, 0xd4n));
          let { pair, code } = take(exit.pair, { tag: "RecExit", rec: 0 });
          assertEquals(code, CODE.done);
          if (pair.pure.host.vcpus[0]?.owed === "MmioComplete") {
            pair = takeAll(pair, [
              { tag: "MmioComplete", rec: 0, data: answer },
              { tag: "KvmRun", rec: 0, immediate_exit: false },
            ]);
          }
          ({ code } = take(pair, { tag: "RecEnter", rec: 0 }));
          const at = pair.pure.host.vcpus[0]?.at;
          assertEquals(code, at === "enter" ? CODE.done : CODE.refused);
        }
      }
    }
  });
}

/** Every access of an aligned or unaligned address, by every fault status, at every place. */
const edges = (): readonly Event[] =>
  Object.values(places).flatMap((ipa) =>
    [0n, 1n, 0xffcn, 0xfffn].flatMap((offset) =>
      Array.from({ length: 64 }, (_, FSC) => FSC).flatMap((FSC) =>
        [0, 1, 2, 3].map((SET) => dabtAt({ SAS: 3, FSC, SET }, ipa, offset))
      )
    )
  );

Deno.test("dabt() and recExit() equal step() on every fault status, SET and edge of the address space", () => {
  let slow = 0;
  for (const { rmm, kvm } of rows) {
    const start = worldOf({ rmm, kvm });
    const f = loaded(start);
    for (const event of edges()) {
      const { pair, code } = take(pairAt(start, f), event);
      slow += Number(code === CODE.slow);
      const { at } = pair.pure.host.vcpus[0] ?? {};
      const next = take(pair, { tag: "RecExit", rec: 0 });
      assertEquals(next.code, at === "exit" ? CODE.done : CODE.refused);
    }
  }
  // Only an uncontainable external abort, which stops the RMM: SET 1 or 2, six codes.
  assertEquals(slow, rows.length * 6 * 4 * 6 * 2);
});

Deno.test("recExit() equals step() on every combination of CM, S1PTW, WnR and half that reaches the host", () => {
  for (const { rmm, kvm } of rows) {
    for (const readonly of [false, true]) {
      const world = worldOf({ rmm, kvm });
      const slots = world.host.vm.slots.map((slot) => ({ ...slot, readonly }));
      const vm = { ...world.host.vm, slots, nisv_to_user: readonly };
      const start = { ...world, host: { ...world.host, vm } };
      const f = loaded(start);
      for (let bits = 0; bits < 16; bits++) {
        for (const ipa of [places.unprotected, places.protected]) {
          for (const FSC of [0x07, 0x0b, 0x0f, 0x21, 0x35]) {
            const exit = take(pairAt(start, f), dabtAt({ FSC }, ipa));
            const [vcpu] = exit.pair.pure.host.vcpus;
            if (vcpu === undefined) throw new Error("no vCPU");
            // The RMM hides CM and S1PTW: a host that sees them is another RMM's.
            const esr = vcpu.fault.esr | exit.pair.pure.runs[0]!.exit.esr |
              (BigInt(bits) << 6n);
            const leak = {
              ...exit.pair.pure,
              host: {
                ...exit.pair.pure.host,
                vcpus: [{ ...vcpu, fault: { ...vcpu.fault, esr } }],
              },
              runs: exit.pair.pure.runs.map((run) => ({
                ...run,
                exit: { ...run.exit, esr },
              })),
            };
            const { pair, code } = take(pairAt(leak, f), {
              tag: "RecExit",
              rec: 0,
            });
            assertEquals(code, CODE.done);
            take(pair, { tag: "RecEnter", rec: 0 });
          }
        }
      }
    }
  }
});
