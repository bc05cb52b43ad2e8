import { assertEquals, assertStringIncludes } from "@std/assert";
import { virt } from "../core/device/board.ts";
import type { World } from "../core/world.ts";
import { snapshotText } from "../shell/codec/world.ts";
import { deviceWorld, placed } from "./fast_drive_program.ts";
import { invoke } from "./invoke.ts";

/**
 * Counts X2 up and sends it X0 times, then is UNDEF for good: STRB W2, [X1];
 * ADD W2, W2, #1; LDR W3, [X1, #24]; FADD; SUBS X0, X0, #1; B.NE; B.
 */
const words = [
  0x3900_0022,
  0x1100_0442,
  0xb940_1823,
  0x1e62_2820,
  0xf100_0400,
  0x54ff_ff61,
  0x1400_0000,
];

const talker = deviceWorld(words, {
  base: virt.uart.base,
  setup: { x: { 0: 300n, 2: 65n }, sys: { cpacr_el1: 3n << 20n } },
});

const runOf = (world: World, more: readonly string[]) =>
  invoke(["run", "--from", "talker.json", ...more], {
    files: { "talker.json": snapshotText(world) },
  });

Deno.test("recrun run tells the same with a drive, event by event, and on the pure engine", async () => {
  for (const world of [talker, placed(talker, "kernel")]) {
    for (const steps of ["7", "40", "41", "150", "2999", "9000"]) {
      const driven = await runOf(world, ["--steps", steps]);
      const pure = await runOf(world, ["--steps", steps, "--engine", "pure"]);
      const seen = await runOf(world, ["--steps", steps, "--trace", "t"]);
      assertEquals(driven, pure);
      assertEquals({ ...seen, written: {} }, pure);
      assertStringIncludes(driven.err, "stopped at the step limit");
    }
  }
});
