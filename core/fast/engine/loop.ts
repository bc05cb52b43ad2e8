/**
 * The loop that runs records: calls the handler of one, which goes on to
 * others, counts the jump it comes back with and calls again, until the budget
 * is spent or a handler says why it cannot go on.
 *
 * @module
 */

import {
  CELL,
  cellAt,
  code_entries,
  code_tlb,
  EXIT,
  RECORD,
} from "./layout.ts";
import {
  access,
  branchTo,
  close,
  get,
  type Home,
  i32,
  i64,
  local,
  op,
  open,
  peek,
  set,
  tee,
  type Unit,
  unit,
} from "./unit.ts";
import { type Func, I32, I64, OP, unsigned } from "./wasm.ts";

const record = 0;

/** The loop touches no register itself. */
const home: Home = {
  x: () => {},
  setX: () => {},
  sp: () => {},
  setSp: () => {},
  pc: () => {},
  stop: () => {},
};

const leaveAt = (u: Unit, exit: number): void => {
  i32(u, 0);
  get(u, record);
  access(u, OP.i32_store, cellAt(CELL.record));
  i32(u, exit);
  op(u, OP.return);
};

/** Spends one of the budget, or leaves when there is none. */
const spend = (u: Unit, left: number): void => {
  peek(u, OP.i32_load, cellAt(CELL.left));
  tee(u, left);
  op(u, OP.i32_eqz);
  open(u, OP.if);
  leaveAt(u, EXIT.budget);
  close(u);
  i32(u, 0);
  get(u, left);
  i32(u, 1);
  op(u, OP.i32_sub);
  access(u, OP.i32_store, cellAt(CELL.left));
};

/** Looks the address in `pc` up in the TLB of code; leaves where it misses or is not aligned. */
const lookUp = (u: Unit): void => {
  const pc = local(u, I64);
  const page = local(u, I64);
  const entry = local(u, I32);
  peek(u, OP.i64_load, cellAt(CELL.pc));
  tee(u, pc);
  op(u, OP.i32_wrap_i64);
  i32(u, 8);
  op(u, OP.i32_shr_u);
  i32(u, (code_entries - 1) * 16);
  op(u, OP.i32_and);
  tee(u, entry);
  access(u, OP.i64_load, code_tlb);
  tee(u, page);
  get(u, pc);
  i64(u, ~0xffcn);
  op(u, OP.i64_and);
  op(u, OP.i64_ne);
  open(u, OP.if);
  i32(u, EXIT.away);
  op(u, OP.return);
  close(u);
  i32(u, 0);
  get(u, page);
  access(u, OP.i64_store, cellAt(CELL.page));
  i32(u, 0);
  get(u, entry);
  access(u, OP.i32_load, code_tlb + 8);
  tee(u, entry);
  access(u, OP.i32_store, cellAt(CELL.records));
  // A record has 32 bytes for 4 of code.
  get(u, pc);
  op(u, OP.i32_wrap_i64);
  i32(u, 0xffc);
  op(u, OP.i32_and);
  i32(u, 3);
  op(u, OP.i32_shl);
  get(u, entry);
  op(u, OP.i32_add);
  set(u, record);
};

/** Counts a jump to the record; leaves when it has become hot. */
const heat = (u: Unit): void => {
  const left = local(u, I32);
  get(u, record);
  get(u, record);
  access(u, OP.i32_load, RECORD.heat);
  i32(u, 1);
  op(u, OP.i32_sub);
  tee(u, left);
  access(u, OP.i32_store, RECORD.heat);
  get(u, left);
  op(u, OP.i32_eqz);
  open(u, OP.if);
  leaveAt(u, EXIT.hot);
  close(u);
};

/** The run: record to start from, to why it stopped (`EXIT`). */
export const runLoop = (): Func => {
  const u = unit(home);
  const left = local(u, I32);
  const next = local(u, I32);
  open(u, OP.loop);
  const top = u.depth - 1;
  spend(u, left);
  get(u, record);
  get(u, record);
  access(u, OP.i32_load, RECORD.handler);
  op(u, OP.call_indirect);
  unsigned(u.code, 0);
  unsigned(u.code, 0);
  tee(u, next);
  i32(u, 1);
  op(u, OP.i32_and);
  op(u, OP.i32_eqz);
  open(u, OP.if);
  get(u, next);
  op(u, OP.i32_eqz);
  open(u, OP.if);
  i32(u, EXIT.budget);
  op(u, OP.return);
  close(u);
  get(u, next);
  set(u, record);
  branchTo(u, top);
  close(u);
  get(u, next);
  i32(u, EXIT.away);
  op(u, OP.i32_eq);
  open(u, OP.if);
  lookUp(u);
  op(u, OP.else);
  get(u, next);
  i32(u, EXIT.write);
  op(u, OP.i32_le_u);
  open(u, OP.if);
  get(u, next);
  op(u, OP.return);
  close(u);
  get(u, next);
  i32(u, 1);
  op(u, OP.i32_sub);
  set(u, record);
  close(u);
  heat(u);
  branchTo(u, top);
  close(u);
  op(u, 0x00); // unreachable
  return { type: 0, locals: u.locals, code: u.code };
};
