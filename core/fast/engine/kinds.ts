/**
 * Where flags are read and set, and of which kind they are at the start of
 * each block of a region.
 *
 * @module
 */

import type { Micro, Value } from "../../a64/micro.ts";
import type { Flow } from "./dominators.ts";
import { KIND, sourceOf } from "./flags.ts";
import { type Block, edgesOf } from "./graph.ts";
import type { Runnable } from "./shape.ts";

const asksFlags = (value: Value): boolean => {
  switch (value.op) {
    case "cond":
    case "carry":
    case "nzcv":
      return true;
    case "const":
    case "x":
    case "sp":
    case "pc":
    case "temp":
      return false;
    case "select":
      return [value.when, value.a, value.b].some(asksFlags);
    case "nzcvAdd":
      return [value.a, value.b, value.carry].some(asksFlags);
    case "crc":
      return asksFlags(value.acc) || asksFlags(value.data);
    default:
      return asksFlags(value.a) || ("b" in value && asksFlags(value.b));
  }
};

/** True of a micro-op whose operands include a flag. */
export const readsFlags = (micro: Micro): boolean =>
  ("value" in micro && asksFlags(micro.value)) ||
  ("at" in micro && asksFlags(micro.at)) ||
  ("when" in micro && asksFlags(micro.when));

/** True of a micro-op that has to do with the flags. */
export const usesFlags = (micro: Runnable): boolean =>
  micro.op === "setNzcv" || readsFlags(micro);

/** The kind the flags have after a block, or null where it leaves them alone. */
const kindAfter = (block: Block): number | null => {
  let kind: number | null = null;
  for (const { micros } of block.steps) {
    for (const micro of micros) {
      if (micro.op !== "setNzcv") continue;
      const source = sourceOf(micro.value);
      kind = source.tag === "Lazy" ? source.kind : KIND.packed;
    }
  }
  return kind;
};

/** The kind of the flags on entry to each block: that of every way in, or unknown. */
export const kindsOf = ({ blocks, order }: Flow): readonly number[] => {
  const kinds: (number | null)[] = blocks.map(() => null);
  const after = blocks.map(kindAfter);
  kinds[0] = KIND.unknown;
  for (let changed = true; changed;) {
    changed = false;
    for (const id of order) {
      const out = after[id] ?? kinds[id] ?? null;
      for (const edge of edgesOf(blocks[id]!)) {
        if (edge.tag !== "Block") continue;
        const known = kinds[edge.id] ?? null;
        const met = known === null || known === out ? out : KIND.unknown;
        changed ||= met !== known;
        kinds[edge.id] = met;
      }
    }
  }
  return kinds.map((kind) => kind ?? KIND.unknown);
};
