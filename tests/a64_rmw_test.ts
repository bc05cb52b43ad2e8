import { assertEquals } from "@std/assert";
import { modify } from "../core/a64/evaluate/rmw.ts";
import type { Rmw } from "../core/a64/micro.ts";

/** The atomics on single bytes, in ordinary numbers. */
const onBytes: Readonly<Record<Rmw, (old: number, by: number) => number>> = {
  swp: (_, by) => by,
  add: (old, by) => (old + by) % 256,
  clr: (old, by) => old - (old & by),
  eor: (old, by) => old ^ by,
  set: (old, by) => old | by,
  smax: (old, by) => Math.max(old << 24, by << 24) >>> 24,
  smin: (old, by) => Math.min(old << 24, by << 24) >>> 24,
  umax: Math.max,
  umin: Math.min,
};

Deno.test("modify() is right for every pair of bytes, whatever lies above the operand", () => {
  for (const rmw of Object.keys(onBytes) as Rmw[]) {
    for (let pair = 0; pair < 65536; pair++) {
      const [old, by] = [pair & 255, pair >> 8];
      const found = modify(rmw, 1, BigInt(old), 0xa500n | BigInt(by));
      if (Number(found) === onBytes[rmw](old, by)) continue;
      assertEquals({ rmw, old, by, found }, {
        rmw,
        old,
        by,
        found: BigInt(onBytes[rmw](old, by)),
      });
    }
  }
});

Deno.test("modify() compares at the width of the access", () => {
  for (const bytes of [1, 2, 4, 8] as const) {
    const least = 1n << BigInt(8 * bytes - 1);
    assertEquals(modify("smax", bytes, least, 1n), 1n);
    assertEquals(modify("umax", bytes, least, 1n), least);
    assertEquals(modify("smin", bytes, 1n, least), least);
    assertEquals(modify("umin", bytes, 1n, least), 1n);
    assertEquals(modify("add", bytes, 2n * least - 1n, 1n), 0n);
  }
});
