/**
 * RIPAS changes: asked by the realm, done by the host, answered at entry.
 *
 * @module
 */

import { assertEquals, assertStrictEquals } from "@std/assert";
import { FLAG, zero_exit } from "../core/rmm/recrun.ts";
import { rttSetRipas } from "../core/rmm/ripas.ts";
import {
  type Extent,
  RIPAS,
  type Ripas,
  setRipas,
  type Stage2,
  stateAt,
} from "../core/rmm/stage2.ts";
import type { RmmProfile } from "../core/rmm/profile.ts";
import type { World } from "../core/world.ts";
import {
  entered,
  exited,
  exitHalf,
  pc,
  ram,
  realm,
  regs,
  resumed,
  smc,
  smc_esr,
  state,
  taken,
  unprot,
  withRmm,
  withState,
} from "./rmm_world.ts";

const trap = taken(smc_esr);
const page = 0x1000n;
const { base } = ram;

/** A realm that asked for a RIPAS change and is outside. */
const asking = (
  ripas: Ripas,
  top: bigint,
  flags: bigint = 0n,
  switches: Partial<RmmProfile> = {},
): World => {
  const world = realm(switches);
  const x = [0xc400_0197n, base, top, RIPAS[ripas], flags];
  return exited(smc(world, ...x), trap);
};

/** X0 to X2 at the next entry. */
const answered = (world: World, flags: bigint = 0n): readonly bigint[] => {
  const after = entered(world, flags);
  assertEquals(state(after).ripas_request, null);
  return regs(after).x.slice(0, 3);
};

const done = (world: World, from: bigint, to: bigint): World => {
  const outcome = rttSetRipas(world, 0, from, to);
  if (outcome.tag !== "Done") throw new Error(`found ${outcome.status}`);
  assertEquals(state(outcome.world).ripas_request?.addr, outcome.out_top);
  return outcome.world;
};

Deno.test("RSI_IPA_STATE_SET exits with the range and the wish", () => {
  for (const [ripas, value] of [["empty", 0n], ["ram", 1n]] as const) {
    const out = asking(ripas, ram.top);
    assertEquals(exitHalf(out), {
      ...zero_exit,
      exit_reason: 4n,
      ripas_base: base,
      ripas_top: ram.top,
      ripas_value: value,
    });
    assertEquals(regs(out).x.slice(0, 4), [0n, ram.top, 0n, 0n]);
    assertEquals(regs(out).pc, pc + 4n);
  }
});

Deno.test("RSI_IPA_STATE_SET and GET refuse ranges that are not", () => {
  const ranges = [
    [base + 1n, ram.top],
    [base, ram.top + 1n],
    [base, base],
    [ram.top, base],
    [unprot, unprot + page],
    [(1n << 39n) - page, (1n << 39n) + page],
  ] as const;
  for (const fid of [0xc400_0197n, 0xc400_0198n]) {
    for (const [from, to] of ranges) {
      const after = regs(resumed(smc(realm(), fid, from, to, 0n), trap));
      assertEquals(after.x.slice(0, 4), [1n, 0n, 0n, 0n]);
    }
  }
  const dev = smc(realm(), 0xc400_0197n, base, ram.top, 2n);
  assertEquals(regs(resumed(dev, trap)).x[0], 1n);
  const high = smc(realm(), 0xc400_0197n, base, ram.top, 1n << 32n);
  assertEquals(exitHalf(exited(high, trap)).ripas_value, 0n);
});

Deno.test("RSI_IPA_STATE_GET stops where RIPAS changes, at the end asked for and at a table's end", () => {
  const world = withRmm(realm(), {
    stage2: [
      { base, top: base + page, ripas: "ram", assigned: true },
      { base: base + page, top: ram.top, ripas: "ram", assigned: false },
      {
        base: ram.top,
        top: ram.top + page,
        ripas: "destroyed",
        assigned: false,
      },
    ],
  });
  const get = (from: bigint, to: bigint) =>
    regs(resumed(smc(world, 0xc400_0198n, from, to), trap)).x.slice(0, 3);
  assertEquals(get(base, base + page), [0n, base + page, 1n]);
  assertEquals(get(base, ram.top + page), [0n, ram.top, 1n]);
  assertEquals(get(ram.top, 1n << 39n), [0n, ram.top + page, 2n]);
  const after = ram.top + page;
  assertEquals(get(after, 1n << 39n), [0n, base + 0x20_0000n, 0n]);
});

Deno.test("§3.5 the answer by wish, progress and the host's response", () => {
  for (const ripas of ["empty", "ram"] as const) {
    for (const pages of [0n, 1n, 2n]) {
      for (const reject of [false, true]) {
        const out = asking(ripas, base + 2n * page);
        const made = pages === 0n ? out : done(out, base, base + pages * page);
        const refused = ripas === "ram" && reject && pages !== 2n;
        const flags = reject ? FLAG.RIPAS_RESPONSE : 0n;
        const expected = [0n, base + pages * page, refused ? 1n : 0n];
        assertEquals(answered(made, flags), expected);
      }
    }
  }
});

Deno.test("§8 row 50: rejecting a change to EMPTY is accepting it", () => {
  const out = asking("empty", base + page);
  assertEquals(answered(out, FLAG.RIPAS_RESPONSE), [0n, base, 0n]);
});

Deno.test("§8 row 51: a change done in part is accepted as far as it went", () => {
  const out = asking("empty", base + 3n * page);
  const made = done(out, base, base + page);
  assertEquals(answered(made), [0n, base + page, 0n]);
  assertEquals(stateAt(made.rmm.stage2, base).ripas, "empty");
  assertEquals(stateAt(made.rmm.stage2, base + page).ripas, "ram");
});

Deno.test("§8 row 52: RTT_SET_RIPAS goes on where the last one stopped, within the request", () => {
  const out = asking("empty", base + 3n * page);
  const made = done(out, base, base + page);
  const input = { tag: "Failed", status: "RMI_ERROR_INPUT", index: 0 } as const;
  const wrong: readonly (readonly [World, bigint, bigint])[] = [
    [made, base, base + page],
    [made, base + 2n * page, base + 3n * page],
    [made, base + page, base + 4n * page],
    [made, base + page, base + page],
    [made, base + page, base + page + 1n],
    [withState(made, { ripas_request: null }), base + page, base + 2n * page],
    [withState(entered(made, 0n), { running: false }), base, base + page],
  ];
  for (const [world, from, to] of wrong) {
    assertEquals(rttSetRipas(world, 0, from, to), input);
  }
  assertEquals(rttSetRipas(made, 9, base + page, base + 2n * page), input);
  const inside = withState(made, { running: true });
  assertEquals(rttSetRipas(inside, 0, base + page, base + 2n * page), {
    tag: "Failed",
    status: "RMI_ERROR_REC",
    index: 0,
  });
});

const destroyedAt = (world: World, at: bigint): World =>
  withRmm(world, {
    stage2: setRipas(world.rmm.stage2, at, at + page, "destroyed"),
  });

Deno.test("§8 row 53: RAM over DESTROYED needs the realm's leave, first granule or not", () => {
  const top = base + 3n * page;
  const first = destroyedAt(asking("ram", top), base);
  assertEquals(rttSetRipas(first, 0, base, top), {
    tag: "Failed",
    status: "RMI_ERROR_RTT",
    index: 3,
  });
  const second = destroyedAt(asking("ram", top), base + page);
  const partial = rttSetRipas(second, 0, base, top);
  assertEquals(partial.tag === "Done" && partial.out_top, base + page);
  const allowed = destroyedAt(asking("ram", top, 1n), base);
  const { stage2 } = done(allowed, base, top).rmm;
  assertEquals(stage2, [{ ...ram, ripas: "ram", assigned: true }]);
});

Deno.test("§8 row 54: EMPTY over DESTROYED is free in 2.0 and needs leave in 1.0", () => {
  const top = base + page;
  for (const destroyed_to_empty_freely of [false, true]) {
    for (const flags of [0n, 1n]) {
      const asked = asking("empty", top, flags, { destroyed_to_empty_freely });
      const outcome = rttSetRipas(destroyedAt(asked, base), 0, base, top);
      const may = destroyed_to_empty_freely || flags === 1n;
      assertEquals(outcome.tag, may ? "Done" : "Failed");
    }
  }
});

Deno.test("RTT_SET_RIPAS stops at the end of a table and leaves device pages", () => {
  const top = base + 0x40_0000n;
  const out = asking("ram", top);
  const first = rttSetRipas(out, 0, base, top);
  assertEquals(first.tag === "Done" && first.out_top, base + 0x20_0000n);
  const dev = withRmm(asking("empty", ram.top), {
    stage2: [
      { base, top: base + page, ripas: "dev", assigned: true },
      { base: base + page, top: ram.top, ripas: "ram", assigned: true },
    ],
  });
  assertEquals(done(dev, base, ram.top).rmm.stage2, [
    { base, top: base + page, ripas: "dev", assigned: true },
    { base: base + page, top: ram.top, ripas: "empty", assigned: true },
  ]);
});

/** Every stage 2 of four pages, each in one of the eight states. */
function* stages(): Generator<Stage2> {
  const states = (["empty", "ram", "destroyed", "dev"] as const).flatMap(
    (ripas) => [false, true].map((assigned) => ({ ripas, assigned })),
  );
  for (let index = 0; index < 8 ** 4; index += 1) {
    const pages: Extent[] = [0, 1, 2, 3].map((n) => ({
      base: BigInt(n) * page,
      top: BigInt(n + 1) * page,
      ripas: states[(index >> (3 * n)) & 7]?.ripas ?? "empty",
      assigned: states[(index >> (3 * n)) & 7]?.assigned ?? false,
    }));
    yield pages;
  }
}

Deno.test("setRipas() changes RIPAS inside the range, nothing outside, and HIPAS nowhere", () => {
  for (const stage2 of stages()) {
    for (const [from, to] of [[0n, 1n], [1n, 3n], [0n, 4n]] as const) {
      const next = setRipas(stage2, from * page, to * page, "ram");
      for (let n = 0n; n < 5n; n += 1n) {
        const before = stateAt(stage2, n * page);
        const after = stateAt(next, n * page);
        const inside = from <= n && n < to;
        assertEquals(after.ripas, inside ? "ram" : before.ripas);
        assertEquals(after.assigned, before.assigned);
      }
      next.forEach((extent, at) => {
        const last = next[at - 1];
        if (last === undefined) return;
        const apart = last.top < extent.base ||
          last.ripas !== extent.ripas || last.assigned !== extent.assigned;
        assertEquals(apart && last.top <= extent.base, true);
      });
    }
  }
});

Deno.test("an entry without a request leaves X0 to X2", () => {
  const out = exited(realm(), { tag: "Irq" });
  const after = entered(out, FLAG.RIPAS_RESPONSE);
  assertStrictEquals(regs(after).x, regs(out).x);
});
