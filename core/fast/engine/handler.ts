/**
 * Tier 1: the handler of a shape. It takes the record of an instruction,
 * executes it on the cells and goes on to the handler of the next record, or
 * returns where a jump is to be counted or why it cannot go on.
 *
 * Handlers call one another in the place of themselves, so that a processor
 * learns what follows each instruction rather than what follows any.
 *
 * @module
 */

import { checkSp, perform } from "./effect.ts";
import { readsFlags } from "./flag_use.ts";
import {
  far,
  home,
  leave,
  loadFlags,
  pc,
  poke,
  record,
  storeFlags,
} from "./home.ts";
import { CELL, cellAt, EXIT, RECORD, record_bytes } from "./layout.ts";
import { directOffset, type Reach, type Runnable } from "./shape.ts";
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
  tee,
  type Unit,
  unit,
} from "./unit.ts";
import { condition, value } from "./value.ts";
import { type Func, I32, OP, unsigned } from "./wasm.ts";

const next = (u: Unit): void => {
  get(u, record);
  i32(u, record_bytes);
  op(u, OP.i32_add);
};

/** Pushes the record a near jump goes to, with its bit 0. */
const near = (u: Unit): void => {
  get(u, record);
  get(u, record);
  access(u, OP.i32_load, RECORD.delta);
  op(u, OP.i32_add);
};

/** Goes on at the record on top, an even number, if there is budget for it. */
const goOn = (u: Unit): void => {
  const left = local(u, I32);
  set(u, record);
  peek(u, OP.i32_load, cellAt(CELL.left));
  tee(u, left);
  op(u, OP.i32_eqz);
  open(u, OP.if);
  i32(u, 0);
  get(u, record);
  poke(u, OP.i32_store, CELL.record);
  leave(u, EXIT.budget);
  close(u);
  i32(u, 0);
  get(u, left);
  i32(u, 1);
  op(u, OP.i32_sub);
  poke(u, OP.i32_store, CELL.left);
  get(u, record);
  get(u, record);
  access(u, OP.i32_load, RECORD.handler);
  op(u, OP.return_call_indirect);
  unsigned(u.code, 0);
  unsigned(u.code, 0);
};

/** As `goOn`, but hands a record whose bit 0 is set to the loop, which counts it. */
const goOnOrCount = (u: Unit): void => {
  const to = local(u, I32);
  tee(u, to);
  i32(u, 1);
  op(u, OP.i32_and);
  open(u, OP.if);
  get(u, to);
  op(u, OP.return);
  close(u);
  get(u, to);
  goOn(u);
};

const finish = (u: Unit, last: Runnable | undefined, reach: Reach): void => {
  if (last?.op !== "jump" && last?.op !== "branch") {
    next(u);
    return goOn(u);
  }
  const isNear = directOffset(last.to) !== null;
  const target = (): void => {
    value(u, last.to);
    if (reach === "near") return;
    pc(u);
    op(u, OP.i64_add);
  };
  if (last.op === "jump") {
    if (isNear) {
      near(u);
      return goOnOrCount(u);
    }
    far(u, target);
    return i32(u, EXIT.away);
  }
  if (isNear) {
    near(u);
    next(u);
    condition(u, last.when);
    op(u, OP.select);
    return goOnOrCount(u);
  }
  condition(u, last.when);
  open(u, OP.if);
  far(u, target);
  leave(u, EXIT.away);
  close(u);
  next(u);
  goOn(u);
};

/** The handler of an abstracted instruction; `direct` tells a far jump from an indirect one. */
export const handler = (
  micros: readonly Runnable[],
  spBase: boolean,
  reach: Reach,
): Func => {
  const u = unit(home);
  if (micros.some(readsFlags)) loadFlags(u);
  if (spBase) checkSp(u);
  const last = micros.at(-1);
  for (const micro of micros) {
    if (micro.op !== "jump" && micro.op !== "branch") perform(u, micro);
  }
  const writes = micros.some((micro) => micro.op === "setNzcv");
  if (writes) storeFlags(u);
  finish(u, last, reach);
  return { type: 0, locals: u.locals, code: u.code };
};
