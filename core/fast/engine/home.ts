/**
 * Where the handlers of tier 1 find things: operands of the record, cells of
 * linear memory; and how they leave.
 *
 * @module
 */

import { KIND } from "./flags.ts";
import { CELL, cellAt, EXIT, RECORD } from "./layout.ts";
import {
  access,
  get,
  type Home,
  i32,
  local,
  op,
  peek,
  set,
  type Stop,
  type Unit,
} from "./unit.ts";
import { I64, OP } from "./wasm.ts";

/** The parameter. */
export const record = 0;

/** Stores what is on top at a fixed address; the zero address was pushed before. */
export const poke = (u: Unit, code: number, cell: number): void =>
  access(u, code, cellAt(cell));

/** Pushes the byte address of operand `n`'s cell. */
const operandAt = (u: Unit, n: number): void => {
  get(u, record);
  access(u, OP.i32_load16_u, RECORD.operands + 2 * n);
  i32(u, 3);
  op(u, OP.i32_shl);
};

/** Gives the budget back the instruction that was not executed. */
export const refund = (u: Unit): void => {
  i32(u, 0);
  peek(u, OP.i32_load, cellAt(CELL.left));
  i32(u, 1);
  op(u, OP.i32_add);
  poke(u, OP.i32_store, CELL.left);
};

/** Leaves with a reason, of `EXIT`. */
export const leave = (u: Unit, exit: number): void => {
  i32(u, exit);
  op(u, OP.return);
};

/** Leaves in the middle of the instruction, which was not executed. */
export const stop = (u: Unit, why: Stop): void => {
  i32(u, 0);
  get(u, record);
  poke(u, OP.i32_store, CELL.record);
  refund(u);
  if (why.tag === "Slow") return leave(u, EXIT.slow);
  i32(u, 0);
  get(u, why.address);
  poke(u, OP.i64_store, CELL.address);
  i32(u, 0);
  i32(u, why.bytes);
  poke(u, OP.i32_store, CELL.bytes);
  leave(u, why.kind === "read" ? EXIT.read : EXIT.write);
};

/** Pushes the address of the instruction: that of the page, and 4 bytes for each record. */
export const pc = (u: Unit): void => {
  peek(u, OP.i64_load, cellAt(CELL.page));
  get(u, record);
  peek(u, OP.i32_load, cellAt(CELL.records));
  op(u, OP.i32_sub);
  i32(u, 3);
  op(u, OP.i32_shr_u);
  op(u, OP.i64_extend_i32_u);
  op(u, OP.i64_add);
};

/** Registers and constants are in cells; the stack pointer is an operand too. */
export const home: Home = {
  x: (u, n) => {
    operandAt(u, n);
    access(u, OP.i64_load, 0);
  },
  setX: (u, n) => {
    const result = local(u, I64);
    set(u, result);
    operandAt(u, n);
    get(u, result);
    access(u, OP.i64_store, 0);
  },
  sp: (u) => peek(u, OP.i64_load, cellAt(CELL.sp)),
  setSp: (u) => {
    const result = local(u, I64);
    set(u, result);
    i32(u, 0);
    get(u, result);
    poke(u, OP.i64_store, CELL.sp);
  },
  pc,
  stop,
};

/** Reads the flags from their cells. */
export const loadFlags = (u: Unit): void => {
  const { fk, fa, fb, nz } = u.flags;
  const load = (to: number, code: number, cell: number): void => {
    peek(u, code, cellAt(cell));
    set(u, to);
  };
  load(fk, OP.i32_load, CELL.fk);
  load(fa, OP.i64_load, CELL.fa);
  load(fb, OP.i64_load, CELL.fb);
  load(nz, OP.i32_load, CELL.nz);
};

/** Writes the flags to their cells: of a kind that is known, what belongs to it. */
export const storeFlags = (u: Unit): void => {
  const { fk, fa, fb, nz } = u.flags;
  const { kind } = u;
  i32(u, 0);
  if (kind === KIND.unknown) get(u, fk);
  else i32(u, kind);
  poke(u, OP.i32_store, CELL.fk);
  const store = (from: number, code: number, cell: number): void => {
    i32(u, 0);
    get(u, from);
    poke(u, code, cell);
  };
  const lazy = kind !== KIND.packed;
  const two = kind !== KIND.logic64 && kind !== KIND.logic32;
  if (lazy) store(fa, OP.i64_store, CELL.fa);
  if (lazy && two) store(fb, OP.i64_store, CELL.fb);
  if (kind <= KIND.packed) store(nz, OP.i32_store, CELL.nz);
};

/** Leaves for an address, which `push` pushes. */
export const far = (u: Unit, push: () => void): void => {
  i32(u, 0);
  push();
  poke(u, OP.i64_store, CELL.pc);
};
