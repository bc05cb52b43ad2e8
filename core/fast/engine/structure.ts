/**
 * The code of a region: its blocks in the structure their dominator tree
 * gives, registers in locals, one way out.
 *
 * @module
 */

import type { Value } from "../../a64/micro.ts";
import { type Flow, startOf } from "./dominators.ts";
import { checkSp, perform } from "./effect.ts";
import { KIND } from "./flags.ts";
import type { Block, Edge } from "./graph.ts";
import { CELL, cellAt, EXIT, record_bytes } from "./layout.ts";
import {
  access,
  branchTo,
  close,
  get,
  type Home,
  i32,
  i64,
  local,
  nextInstruction,
  op,
  open,
  set,
  type Stop,
  type Unit,
} from "./unit.ts";
import { condition, value } from "./value.ts";
import { I64, OP } from "./wasm.ts";

/** The parameter: the record of the root. */
export const record = 0;

/** A region being compiled. */
export interface Region {
  readonly flow: Flow;
  /** Word of the root. */
  readonly root: number;
  /** Most instructions from the start of each block to the next loop head or the way out. */
  readonly ahead: readonly number[];
  /** Kind of the flags at the start of each block, see `flags.ts`. */
  readonly kinds: readonly number[];
  /** Locals of the cells it uses, and the cells it writes. */
  readonly registers: Map<number, number>;
  readonly written: Set<number>;
  /** Word of the instruction being compiled, and how many ran before it in its block. */
  at: number;
  done: number;
  /** Locals: budget left, and what the function returns. */
  left: number;
  result: number;
}

const register = (r: Region, u: Unit, cell: number): number => {
  let at = r.registers.get(cell);
  if (at === undefined) {
    at = local(u, I64);
    r.registers.set(cell, at);
  }
  return at;
};

const writeRegister = (r: Region, u: Unit, cell: number): void => {
  r.written.add(cell);
  set(u, register(r, u, cell));
};

/** Pushes the record of a word. */
const recordOf = (r: Region, u: Unit, at: number): void => {
  get(u, record);
  i32(u, (at - r.root) * record_bytes);
  op(u, OP.i32_add);
};

/** Keeps the kind of the flags where it is not known on arrival. */
const keepKind = (u: Unit): void => {
  if (u.kind === KIND.unknown) return;
  i32(u, u.kind);
  set(u, u.flags.fk);
};

const spend = (r: Region, u: Unit, count: number): void => {
  if (count === 0) return;
  get(u, r.left);
  i32(u, count);
  op(u, OP.i32_sub);
  set(u, r.left);
};

/** Leaves with what is on top as the result; label 0 is the way out. */
const leave = (r: Region, u: Unit): void => {
  set(u, r.result);
  keepKind(u);
  branchTo(u, 0);
};

const stop = (r: Region, u: Unit, why: Stop): void => {
  i32(u, 0);
  recordOf(r, u, r.at);
  access(u, OP.i32_store, cellAt(CELL.record));
  spend(r, u, r.done);
  if (why.tag === "Slow") {
    i32(u, EXIT.slow);
    return leave(r, u);
  }
  i32(u, 0);
  get(u, why.address);
  access(u, OP.i64_store, cellAt(CELL.address));
  i32(u, 0);
  i32(u, why.bytes);
  access(u, OP.i32_store, cellAt(CELL.bytes));
  i32(u, why.kind === "read" ? EXIT.read : EXIT.write);
  leave(r, u);
};

/** Pushes the address `bytes` from the start of the page. */
const addressIn = (r: Region, u: Unit, bytes: number): void => {
  get(u, register(r, u, CELL.page));
  i64(u, BigInt(bytes));
  op(u, OP.i64_add);
};

/** Where a region keeps registers: in locals, by cell. */
export const homeOf = (region: () => Region): Home => ({
  x: (u, n) => get(u, register(region(), u, n)),
  setX: (u, n) => writeRegister(region(), u, n),
  sp: (u) => get(u, register(region(), u, CELL.sp)),
  setSp: (u) => writeRegister(region(), u, CELL.sp),
  pc: (u) => addressIn(region(), u, region().at * 4),
  stop: (u, why) => stop(region(), u, why),
});

/** Where the labels of loops and of blocks to come were opened, by block. */
type Labels = ReadonlyMap<number, number>;

const follow = (
  r: Region,
  u: Unit,
  from: number,
  edge: Edge,
  labels: Labels,
): void => {
  switch (edge.tag) {
    case "Leave":
      recordOf(r, u, edge.at);
      i32(u, 1); // counted
      op(u, OP.i32_or);
      return leave(r, u);
    case "Far":
      i32(u, 0);
      addressIn(r, u, edge.bytes);
      access(u, OP.i64_store, cellAt(CELL.pc));
      i32(u, EXIT.away);
      return leave(r, u);
    case "Block": {
      const { rank, merges } = r.flow;
      if (r.kinds[edge.id] === KIND.unknown) keepKind(u);
      const back = rank[edge.id]! <= rank[from]!;
      if (!back && !merges.has(edge.id)) return tree(r, u, edge.id, labels);
      branchTo(u, labels.get(edge.id)!);
    }
  }
};

/** Follows an edge inside an `if`, with the flags as they are before it. */
const arm = (u: Unit, body: () => void): void => {
  const { kind } = u;
  open(u, OP.if);
  body();
  close(u);
  u.kind = kind;
};

const finish = (r: Region, u: Unit, block: Block, labels: Labels): void => {
  const { id, end, steps } = block;
  switch (end.tag) {
    case "Go":
      spend(r, u, steps.length);
      return follow(r, u, id, end.to, labels);
    case "Branch":
      spend(r, u, steps.length);
      condition(u, end.when);
      arm(u, () => follow(r, u, id, end.taken, labels));
      return follow(r, u, id, end.next, labels);
    case "Indirect":
      spend(r, u, steps.length);
      return jump(r, u, id, end, labels);
    case "Slow":
      r.at = end.at;
      r.done = steps.length;
      return stop(r, u, { tag: "Slow" });
  }
};

const jump = (
  r: Region,
  u: Unit,
  id: number,
  { address, expected }: {
    readonly address: Value;
    readonly expected: { readonly at: number; readonly edge: Edge } | null;
  },
  labels: Labels,
): void => {
  const to = local(u, I64);
  value(u, address);
  set(u, to);
  if (expected !== null) {
    get(u, to);
    addressIn(r, u, expected.at * 4);
    op(u, OP.i64_eq);
    arm(u, () => follow(r, u, id, expected.edge, labels));
  }
  i32(u, 0);
  get(u, to);
  access(u, OP.i64_store, cellAt(CELL.pc));
  i32(u, EXIT.away);
  leave(r, u);
};

const body = (r: Region, u: Unit, block: Block, labels: Labels): void => {
  u.kind = r.kinds[block.id]!;
  block.steps.forEach((step, at) => {
    r.at = step.at;
    r.done = at;
    nextInstruction(u);
    if (step.spBase) checkSp(u);
    for (const micro of step.micros) {
      if (micro.op !== "jump" && micro.op !== "branch") perform(u, micro);
    }
  });
  finish(r, u, block, labels);
};

/** Opens a block for each child several edges go to, the last in order outermost, then the block itself. */
const within = (
  r: Region,
  u: Unit,
  id: number,
  merges: readonly number[],
  labels: Labels,
): void => {
  const [child, ...rest] = merges;
  if (child === undefined) return body(r, u, r.flow.blocks[id]!, labels);
  open(u, OP.block);
  within(r, u, id, rest, new Map([...labels, [child, u.depth - 1]]));
  close(u);
  tree(r, u, child, labels);
};

/** A block and all it dominates. */
export const tree = (r: Region, u: Unit, id: number, labels: Labels): void => {
  const merges = r.flow.children[id]!.filter((at) => r.flow.merges.has(at));
  if (!r.flow.loops.has(id)) return within(r, u, id, merges, labels);
  open(u, OP.loop);
  u.kind = r.kinds[id]!;
  get(u, r.left);
  i32(u, r.ahead[id]!);
  op(u, OP.i32_le_s);
  arm(u, () => {
    recordOf(r, u, startOf(r.flow.blocks[id]!));
    leave(r, u);
  });
  within(r, u, id, merges, new Map([...labels, [id, u.depth - 1]]));
  close(u);
};
