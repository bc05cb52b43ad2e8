/**
 * The shape of an instruction: its micro-ops with registers and constants
 * taken out. Instructions of one shape share one handler and differ in their
 * operands, which are cells.
 *
 * A shape is found by walking a tree along the micro-ops, without building
 * anything; `abstract.ts` takes out the leaves in the same order.
 *
 * @module
 */

import type { Micro, Value } from "../../a64/micro.ts";
import type { Prepared } from "../../realm/prepared.ts";
import { type Effect, isEffect } from "./effect.ts";
import { CELL } from "./layout.ts";

/** Where a direct jump of an instruction goes. */
export type Reach = "near" | "far";

/** The address `pc + offset` of a direct jump, or null for an indirect one. */
export const directOffset = (to: Value): number | null =>
  to.op === "add" && to.a.op === "pc" && to.b.op === "const"
    ? Number(BigInt.asIntN(64, to.b.value))
    : null;

/** How an instruction goes elsewhere. */
export type Jump = Extract<Micro, { readonly op: "jump" | "branch" }>;

/** The jump an instruction ends with, or null. */
export const lastJump = (micros: readonly Micro[]): Jump | null => {
  const last = micros.at(-1);
  return last?.op === "jump" || last?.op === "branch" ? last : null;
};

/** Micro-ops that compiled code runs: effects, then at most one jump. */
export type Runnable = Effect | Jump;

const isRunnable = (micro: Micro): micro is Runnable =>
  micro.op === "jump" || micro.op === "branch" || isEffect(micro);

/** The micro-ops of an instruction if compiled code runs all of them, else null. */
export const runnable = (
  { micros }: Prepared,
): readonly Runnable[] | null => micros.every(isRunnable) ? micros : null;

/** A tree of shapes, and the cells of constants. */
export interface Shapes {
  /** Edges: node * 256 + step to node; node 0 is the root. */
  readonly edges: Map<number, number>;
  nodes: number;
  /** Cell of each constant. */
  readonly constants: Map<bigint, number>;
  /** Puts a constant into its cell. */
  readonly define: (cell: number, value: bigint) => void;
}

/** No shapes. */
export const shapes = (define: Shapes["define"]): Shapes => ({
  edges: new Map(),
  nodes: 1,
  constants: new Map(),
  define,
});

const names: readonly string[] = [
  "add",
  "sub",
  "mul",
  "and",
  "or",
  "xor",
  "shl",
  "lshr",
  "ashr",
  "ror64",
  "ror32",
  "udiv",
  "sdiv",
  "umulh",
  "smulh",
  "eq",
  "clz64",
  "clz32",
  "rbit64",
  "rbit32",
  "rev64",
  "rev32",
  "rev16",
  "sext8",
  "sext16",
  "sext32",
  "zext8",
  "zext16",
  "zext32",
  "pc",
  "temp",
  "select",
  "cond",
  "carry",
  "nzcv",
  "nzcvAdd",
  "nzcvLogic",
  "crc",
  "let",
  "setX",
  "setSp",
  "setNzcv",
  "load",
  "store",
  "barrier",
  "jump",
  "branch",
  "cell",
  "zero",
  "one",
  "ones",
  "near",
  "far",
  "spBase",
];

const steps: Readonly<Record<string, number>> = Object.fromEntries(
  names.map((name, at) => [name, at]),
);

const ones = 0xffff_ffff_ffff_ffffn;

/** Constants that decide how an instruction is compiled stay in its shape. */
export const isStructural = (constant: bigint): boolean =>
  constant === 0n || constant === 1n || constant === ones;

/** A walk along the tree. */
interface Walk {
  readonly shapes: Shapes;
  node: number;
  readonly operands: number[];
}

const step = (w: Walk, code: number): void => {
  const key = w.node * 256 + code;
  const found = w.shapes.edges.get(key);
  if (found !== undefined) {
    w.node = found;
    return;
  }
  w.node = w.shapes.nodes++;
  w.shapes.edges.set(key, w.node);
};

/** The cell of a constant, given one when it is first asked for. */
export const constantCell = (
  { constants, define }: Shapes,
  value: bigint,
): number => {
  const found = constants.get(value);
  if (found !== undefined) return found;
  const cell = CELL.constants + constants.size;
  constants.set(value, cell);
  define(cell, value);
  return cell;
};

const walkConstant = (w: Walk, value: bigint): void => {
  if (isStructural(value)) {
    step(w, steps[value === 0n ? "zero" : value === 1n ? "one" : "ones"]!);
    return;
  }
  step(w, steps["cell"]!);
  w.operands.push(constantCell(w.shapes, value));
};

const walkRegister = (w: Walk, cell: number): void => {
  step(w, steps["cell"]!);
  w.operands.push(cell);
};

const walkValue = (w: Walk, v: Value): void => {
  switch (v.op) {
    case "x":
      return walkRegister(w, v.n);
    case "const":
      return walkConstant(w, v.value);
    case "sp":
      return walkRegister(w, CELL.sp);
  }
  step(w, steps[v.op]!);
  switch (v.op) {
    case "pc":
    case "carry":
    case "nzcv":
      return;
    case "temp":
      return step(w, v.n);
    case "cond":
      return step(w, v.cond);
    case "select":
      walkValue(w, v.when);
      walkValue(w, v.a);
      return walkValue(w, v.b);
    case "nzcvAdd":
      step(w, v.width);
      walkValue(w, v.a);
      walkValue(w, v.b);
      return walkValue(w, v.carry);
    case "nzcvLogic":
      step(w, v.width);
      return walkValue(w, v.a);
    case "crc":
      step(w, v.poly === "crc32" ? 0 : 1);
      step(w, v.bytes);
      walkValue(w, v.acc);
      return walkValue(w, v.data);
    default:
      walkValue(w, v.a);
      if ("b" in v) walkValue(w, v.b);
  }
};

const walkTarget = (w: Walk, to: Value, reach: Reach): void => {
  const offset = directOffset(to);
  if (offset === null) return walkValue(w, to);
  step(w, steps[reach]!);
  if (reach === "far") {
    w.operands.push(constantCell(w.shapes, BigInt.asUintN(64, BigInt(offset))));
  }
};

const walkMicro = (w: Walk, micro: Runnable, reach: Reach): void => {
  step(w, steps[micro.op]!);
  switch (micro.op) {
    case "let":
      step(w, micro.temp);
      return walkValue(w, micro.value);
    case "setX":
      w.operands.push(micro.n);
      return walkValue(w, micro.value);
    case "setSp":
    case "setNzcv":
      return walkValue(w, micro.value);
    case "load":
      step(w, micro.temp);
      step(w, micro.bytes);
      return walkValue(w, micro.at);
    case "store":
      step(w, micro.bytes);
      walkValue(w, micro.at);
      return walkValue(w, micro.value);
    case "jump":
      return walkTarget(w, micro.to, reach);
    case "branch":
      walkValue(w, micro.when);
      return walkTarget(w, micro.to, reach);
    case "barrier":
      return;
  }
};

/** Where an instruction lies in the tree, and the cells that are its operands. */
export const shapeOf = (
  tree: Shapes,
  micros: readonly Runnable[],
  spBase: boolean,
  reach: Reach,
): { readonly node: number; readonly operands: readonly number[] } => {
  const w: Walk = { shapes: tree, node: 0, operands: [] };
  if (spBase) step(w, steps["spBase"]!);
  for (const micro of micros) walkMicro(w, micro, reach);
  return w;
};
