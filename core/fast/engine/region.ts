/**
 * Tier 2: a region as one WebAssembly function, registers in locals.
 *
 * It is entered at its root with budget for every instruction up to a loop
 * head or the way out, or leaves the work to tier 1; it looks at the budget
 * again at each loop head. So counts and stops are exact.
 *
 * @module
 */

import { decode } from "./code.ts";
import { type Flow, flowOf } from "./dominators.ts";
import { usesFlags } from "./flag_use.ts";
import { KIND } from "./flags.ts";
import { blocksFrom, edgesOf } from "./graph.ts";
import { loadFlags, storeFlags } from "./home.ts";
import { kindsOf } from "./kinds.ts";
import { CELL, cellAt, RECORD, record_bytes } from "./layout.ts";
import type { CodePage, Engine } from "./state.ts";
import { install, takeSlot } from "./table.ts";
import { homeOf, record, type Region, tree } from "./structure.ts";
import {
  access,
  close,
  get,
  i32,
  local,
  op,
  open,
  peek,
  set,
  type Unit,
  unit,
} from "./unit.ts";
import { type Func, I32, OP, unsigned } from "./wasm.ts";

/** Reads the budget, and leaves to the handler of the root where it may not be enough. */
const prologue = (r: Region, u: Unit): void => {
  peek(u, OP.i32_load, cellAt(CELL.left));
  i32(u, 1); // already taken for the root
  op(u, OP.i32_add);
  set(u, r.left);
  get(u, r.left);
  i32(u, r.ahead[0]!);
  op(u, OP.i32_le_s);
  open(u, OP.if);
  get(u, record);
  get(u, record);
  access(u, OP.i32_load, RECORD.base);
  op(u, OP.return_call_indirect);
  unsigned(u.code, 0);
  unsigned(u.code, 0);
  close(u);
  for (const [cell, at] of r.registers) {
    peek(u, OP.i64_load, cellAt(cell));
    set(u, at);
  }
};

const epilogue = (r: Region, u: Unit): void => {
  for (const cell of r.written) {
    i32(u, 0);
    get(u, r.registers.get(cell)!);
    access(u, OP.i64_store, cellAt(cell));
  }
  i32(u, 0);
  get(u, r.left);
  access(u, OP.i32_store, cellAt(CELL.left));
  get(u, r.result);
};

/** Most instructions from each block to the next loop head or the way out. */
const aheadOf = ({ blocks, order, loops }: Flow): readonly number[] => {
  const ahead = blocks.map(() => 0);
  // Between loop heads every edge goes forward in the order.
  for (const id of order.toReversed()) {
    const block = blocks[id]!;
    const beyond = edgesOf(block).map((edge) =>
      edge.tag === "Block" && !loops.has(edge.id) ? ahead[edge.id]! : 0
    );
    ahead[id] = block.steps.length + Math.max(0, ...beyond);
  }
  return ahead;
};

const build = (flow: Flow, root: number): Func => {
  const reached = flow.order.map((id) => flow.blocks[id]!);
  const steps = reached.flatMap((block) => block.steps);
  const flags = steps.some(({ micros }) => micros.some(usesFlags));
  const u = unit(homeOf(() => r));
  const r: Region = {
    flow,
    root,
    ahead: aheadOf(flow),
    kinds: kindsOf(flow),
    registers: new Map(),
    written: new Set(),
    at: root,
    done: 0,
    left: local(u, I32),
    result: local(u, I32),
  };
  const inner: Unit = { ...u, code: [] };
  open(inner, OP.block);
  tree(r, inner, 0, new Map());
  close(inner);
  epilogueFlags(inner, flags);
  epilogue(r, inner);
  prologue(r, u);
  if (flags) loadFlags(u);
  for (const byte of inner.code) u.code.push(byte);
  return { type: 0, locals: u.locals, code: u.code };
};

const epilogueFlags = (u: Unit, flags: boolean): void => {
  u.kind = KIND.unknown;
  if (flags) storeFlags(u);
};

/** Compiles the region rooted at a word of a page and puts it into the word's record. */
export const compileRegion = (e: Engine, page: CodePage, at: number): void => {
  const handler = (page.records + at * record_bytes + RECORD.handler) / 4;
  decode(e, page, at);
  const blocks = blocksFrom(e, page, at);
  // A root that goes the slow way, or has a region, stays as it is.
  if (blocks[0]!.steps.length === 0 || e.u32[handler] !== e.u32[handler + 1]) {
    return;
  }
  const slot = takeSlot(e);
  install(e, [build(flowOf(blocks), at)], [slot]);
  page.regions.push(slot);
  e.u32[handler] = slot;
};
