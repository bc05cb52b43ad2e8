/**
 * Of which kind the flags are at the start of each block of a region.
 *
 * @module
 */

import type { Flow } from "./dominators.ts";
import { KIND, sourceOf } from "./flags.ts";
import { type Block, edgesOf } from "./graph.ts";

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
