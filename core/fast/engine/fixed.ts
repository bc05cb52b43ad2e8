/**
 * The handlers with a fixed slot: what a record holds before it is decoded,
 * where it goes the slow way, and beyond the end of a page; `pack`, and the
 * way in.
 *
 * @module
 */

import { KIND, packed, packKind, setPacked } from "./flags.ts";
import {
  far,
  home,
  loadFlags,
  poke,
  record,
  refund,
  stop,
  storeFlags,
} from "./home.ts";
import { CELL, cellAt, EXIT, SLOT } from "./layout.ts";
import { close, get, i32, i64, op, open, peek, unit } from "./unit.ts";
import { type Func, I32, I64, OP, type Signature, unsigned } from "./wasm.ts";

/** The types every module of the engine starts with: handlers, and `pack`. */
export const signatures: readonly Signature[] = [
  { params: [I32], results: [I32] },
  { params: [I32, I64, I64, I32], results: [I32] },
];

/** SLOT.slow: stops at the instruction. */
export const slowHandler = (): Func => {
  const u = unit(home);
  stop(u, { tag: "Slow" });
  op(u, 0x00); // unreachable
  return { type: 0, locals: u.locals, code: u.code };
};

/** SLOT.fresh: stops for the instruction to be decoded. */
export const freshHandler = (): Func => {
  const u = unit(home);
  i32(u, 0);
  get(u, record);
  poke(u, OP.i32_store, CELL.record);
  refund(u);
  i32(u, EXIT.fresh);
  return { type: 0, locals: u.locals, code: u.code };
};

/** SLOT.cross: goes on at the first word of the next page. */
export const crossHandler = (): Func => {
  const u = unit(home);
  refund(u);
  far(u, () => {
    peek(u, OP.i64_load, cellAt(CELL.page));
    i64(u, 4096n);
    op(u, OP.i64_add);
  });
  i32(u, EXIT.away);
  return { type: 0, locals: u.locals, code: u.code };
};

/** SLOT.pack: kind, two operands and packed flags to packed flags. */
export const packHandler = (): Func => {
  const flags = { fk: 0, fa: 1, fb: 2, nz: 3 };
  const u = unit(home, 4, flags);
  for (const kind of Object.values(KIND)) {
    if (kind <= KIND.packed) continue;
    get(u, flags.fk);
    i32(u, kind);
    op(u, OP.i32_eq);
    open(u, OP.if);
    packKind(u, kind);
    op(u, OP.return);
    close(u);
  }
  get(u, flags.nz);
  return { type: 1, locals: u.locals, code: u.code };
};

/** The way in: as SLOT.loop, but leaves the flags as one number. */
export const runHandler = (): Func => {
  const u = unit(home);
  get(u, record);
  i32(u, SLOT.loop);
  op(u, OP.call_indirect);
  unsigned(u.code, 0);
  unsigned(u.code, 0);
  loadFlags(u);
  u.kind = KIND.unknown;
  packed(u);
  setPacked(u);
  storeFlags(u);
  return { type: 0, locals: u.locals, code: u.code };
};
