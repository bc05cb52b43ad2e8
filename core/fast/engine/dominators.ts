/**
 * The order and the dominator tree of a region's blocks, which make its
 * control flow structured. An edge into the middle of a loop leaves the region
 * instead.
 *
 * Source: Cooper, Harvey, Kennedy, "A Simple, Fast Dominance Algorithm";
 * Ramsey, "Beyond Relooper" (ICFP 2022).
 *
 * @module
 */

import { type Block, type Edge, edgesOf, type End } from "./graph.ts";

/** The shape of a region's control flow; blocks by their number. */
export interface Flow {
  readonly blocks: readonly Block[];
  /** Blocks reached, in reverse postorder. */
  readonly order: readonly number[];
  /** Place in `order`. */
  readonly rank: readonly number[];
  /** Blocks each block immediately dominates, the last in order first. */
  readonly children: readonly (readonly number[])[];
  /** Blocks that an edge goes back to. */
  readonly loops: ReadonlySet<number>;
  /** Blocks that several forward edges go to. */
  readonly merges: ReadonlySet<number>;
}

const successors = (block: Block): readonly number[] =>
  edgesOf(block).flatMap((edge) => edge.tag === "Block" ? [edge.id] : []);

const orderOf = (blocks: readonly Block[]): readonly number[] => {
  const order: number[] = [];
  const seen = new Set<number>();
  const visit = (id: number): void => {
    seen.add(id);
    for (const next of successors(blocks[id]!)) {
      if (!seen.has(next)) visit(next);
    }
    order.push(id);
  };
  visit(0);
  return order.reverse();
};

type Edges = readonly (readonly [from: number, to: number])[];

/** Immediate dominators, as places in the order; edges likewise. */
const dominatorsOf = (count: number, edges: Edges): readonly number[] => {
  const idom: number[] = Array.from({ length: count }, () => -1);
  idom[0] = 0;
  const into: number[][] = idom.map(() => []);
  for (const [from, to] of edges) into[to]!.push(from);
  const meet = (a: number, b: number): number => {
    while (a !== b) {
      while (a > b) a = idom[a]!;
      while (b > a) b = idom[b]!;
    }
    return a;
  };
  for (let changed = true; changed;) {
    changed = false;
    for (let at = 1; at < count; at++) {
      let best = -1;
      for (const from of into[at]!) {
        if (idom[from] === -1) continue;
        best = best === -1 ? from : meet(from, best);
      }
      if (idom[at] !== best) {
        idom[at] = best;
        changed = true;
      }
    }
  }
  return idom;
};

const dominates = (idom: readonly number[], a: number, b: number): boolean => {
  while (b > a) b = idom[b]!;
  return a === b;
};

/** The block with its edges to `to` leaving the region. */
const cut = (block: Block, to: number, at: number): Block => {
  const edge = (from: Edge): Edge =>
    from.tag === "Block" && from.id === to ? { tag: "Leave", at } : from;
  const { end } = block;
  const ended = (): End => {
    switch (end.tag) {
      case "Go":
        return { ...end, to: edge(end.to) };
      case "Branch":
        return { ...end, taken: edge(end.taken), next: edge(end.next) };
      case "Indirect":
        return end.expected === null ? end : {
          ...end,
          expected: { ...end.expected, edge: edge(end.expected.edge) },
        };
      case "Slow":
        return end;
    }
  };
  return { ...block, end: ended() };
};

/** The word a block begins at. */
export const startOf = ({ steps, end }: Block): number => {
  const first = steps[0];
  if (first !== undefined) return first.at;
  return end.tag === "Slow" ? end.at : 0;
};

/** Analyses blocks, the first being the root. */
export const flowOf = (given: readonly Block[]): Flow => {
  const blocks = [...given];
  for (;;) {
    const order = orderOf(blocks);
    const rank: number[] = blocks.map(() => -1);
    order.forEach((id, at) => rank[id] = at);
    const edges: Edges = order.flatMap((id) =>
      successors(blocks[id]!).map((to) => [rank[id]!, rank[to]!] as const)
    );
    const idom = dominatorsOf(order.length, edges);
    const irreducible = edges.find(([from, to]) =>
      to <= from && !dominates(idom, to, from)
    );
    if (irreducible !== undefined) {
      const [from, to] = irreducible.map((at) => order[at]!);
      blocks[from!] = cut(blocks[from!]!, to!, startOf(blocks[to!]!));
      continue;
    }
    const children: number[][] = blocks.map(() => []);
    for (let at = order.length - 1; at > 0; at--) {
      children[order[idom[at]!]!]!.push(order[at]!);
    }
    const forward = blocks.map(() => 0);
    const loops = new Set<number>();
    for (const [from, to] of edges) {
      if (to <= from) loops.add(order[to]!);
      else forward[order[to]!]! += 1;
    }
    const merges = new Set(order.filter((id) => forward[id]! > 1));
    return { blocks, order, rank, children, loops, merges };
  }
};
