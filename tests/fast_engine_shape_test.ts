import { assert, assertEquals } from "@std/assert";
import { abstract } from "../core/fast/engine/abstract.ts";
import { handler } from "../core/fast/engine/handler.ts";
import { operands_max } from "../core/fast/engine/layout.ts";
import {
  directOffset,
  lastJump,
  type Reach,
  runnable,
  shapeOf,
  shapes,
} from "../core/fast/engine/shape.ts";
import { build } from "../core/realm/prepared.ts";
import { agree, engineFor } from "./fast_engine_compare.ts";
import { drawFrom, wordFrom } from "./fast_engine_program.ts";
import { ram, worldOf } from "./realm_fixture.ts";

const draws = 12_000;

Deno.test("shapeOf() gives one shape only to words that have one handler", () => {
  const tree = shapes(() => {});
  const handlers = new Map<number, string>();
  const draw = drawFrom(1);
  for (let n = 0; n < draws; n++) {
    const word = wordFrom(draw);
    const prepared = build(word);
    const micros = runnable(prepared);
    if (micros === null) continue;
    const jump = lastJump(micros);
    const isDirect = jump !== null && directOffset(jump.to) !== null;
    const reaches: readonly Reach[] = isDirect ? ["near", "far"] : ["near"];
    for (const reach of reaches) {
      const { spBase } = prepared;
      const { node, operands } = shapeOf(tree, micros, spBase, reach);
      if (operands.length > operands_max) continue;
      const { locals, code } = handler(abstract(micros, reach), spBase, reach);
      const made = `${locals} ${code}`;
      assertEquals(made, handlers.get(node) ?? made, word.toString(16));
      handlers.set(node, made);
    }
  }
  assert(handlers.size > 300);
});

Deno.test("runOn() checks the alignment of SP as a base, and of no other register", () => {
  const [loadX, loadSp] = [0xf940_0024, 0xf940_03e2]; // ldr x4, [x1]; ldr x2, [sp]
  const count = 0x9100_0463; // add x3, x3, #1
  for (const words of [[loadX, count, loadSp], [loadSp, count, loadX]]) {
    for (const sp of [8n, 16n]) {
      const world = worldOf({
        words: [...words, 0x17ff_fffd],
        x: { 1: BigInt(ram + 0x8008) },
        rec: { sp_el1: BigInt(ram + 0x8000) + sp },
      });
      for (const hot of [0, 2]) {
        const e = engineFor(world, hot);
        const { x } = agree(e, world, 20, 20).realm.recs[0]!;
        const before = words[0] === loadX ? 1n : 0n;
        assertEquals(x[3], sp === 16n ? 5n : before);
      }
    }
  }
});
