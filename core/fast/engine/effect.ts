/**
 * The effects of an instruction as WebAssembly: registers, flags, and memory
 * through the software TLB.
 *
 * A TLB entry holds the address of a virtual page and what to add to an
 * address to find it in linear memory. The comparison keeps the low bits that
 * alignment asks to be zero, so one comparison settles page, permission and
 * alignment; whatever fails it goes the slow way.
 *
 * @module
 */

import type { Micro, Size, Value } from "../../a64/micro.ts";
import { read_tlb, tlb_entries, write_tlb } from "./layout.ts";
import {
  access,
  close,
  get,
  i32,
  i64,
  type Near,
  op,
  open,
  scratch,
  set,
  tee,
  type Unit,
} from "./unit.ts";
import { setNzcv, value } from "./value.ts";
import { I32, I64, OP } from "./wasm.ts";

type Of<Op extends Micro["op"]> = Extract<Micro, { readonly op: Op }>;

/** Effects that compiled code performs itself. */
export type Effect =
  | Of<"let">
  | Of<"setX">
  | Of<"setSp">
  | Of<"setNzcv">
  | Of<"load">
  | Of<"store">
  | Of<"barrier">;

/** True of micro-ops that compiled code performs itself; the others go the slow way. */
export const isEffect = (micro: Micro): micro is Effect => {
  switch (micro.op) {
    case "let":
    case "setX":
    case "setSp":
    case "setNzcv":
    case "barrier":
      return true;
    case "load":
    case "store":
      return micro.access.unprivileged !== true;
    default:
      return false;
  }
};

const page_mask = ~0xfffn;

/** Bits 11:4 on of an address shifted right by 8: the byte offset of its TLB entry. */
const entry_mask = (tlb_entries - 1) * 16;

/** Pushes nothing; stops unless `at` is in the TLB and aligned. The local of its byte address. */
const lookUp = (
  u: Unit,
  kind: "read" | "write",
  at: Value,
  bytes: Size,
): number => {
  const tlb = kind === "read" ? read_tlb : write_tlb;
  const address = scratch(u, I64);
  const entry = scratch(u, I32);
  const host = scratch(u, I32);
  value(u, at);
  tee(u, address);
  i64(u, page_mask | BigInt(bytes - 1));
  op(u, OP.i64_and);
  get(u, address);
  op(u, OP.i32_wrap_i64);
  tee(u, host);
  i32(u, 8);
  op(u, OP.i32_shr_u);
  i32(u, entry_mask);
  op(u, OP.i32_and);
  tee(u, entry);
  access(u, OP.i64_load, tlb);
  op(u, OP.i64_ne);
  open(u, OP.if);
  u.home.stop(u, { tag: "Miss", kind, address, bytes });
  close(u);
  get(u, host);
  get(u, entry);
  access(u, OP.i32_load, tlb + 8);
  op(u, OP.i32_add);
  set(u, host);
  return host;
};

/** The constant distance of an address from a temporary, or null. */
const distance = (at: Value, temp: number): number | null => {
  if (at.op !== "add" || at.a.op !== "temp" || at.a.n !== temp) return null;
  return at.b.op === "const" && at.b.value < 16n ? Number(at.b.value) : null;
};

/** The second access of a pair, in the page of the first or the slow way; its distance, or null. */
const follow = (
  u: Unit,
  near: Near | null,
  kind: "read" | "write",
  at: Value,
): number | null => {
  if (near === null || near.kind !== kind) return null;
  const ahead = distance(at, near.temp);
  if (ahead === null) return null;
  // The sum of an aligned address and the size of the first access: zero where a page begins.
  get(u, near.host);
  i32(u, ahead);
  op(u, OP.i32_add);
  i32(u, 0xfff);
  op(u, OP.i32_and);
  op(u, OP.i32_eqz);
  open(u, OP.if);
  u.home.stop(u, { tag: "Slow" });
  close(u);
  return ahead;
};

/** Pushes the byte address an access starts from; the offset to add to it. */
const locate = (
  u: Unit,
  kind: "read" | "write",
  at: Value,
  bytes: Size,
): number => {
  const { near } = u;
  const ahead = follow(u, near, kind, at);
  if (near !== null && ahead !== null) {
    get(u, near.host);
    return ahead;
  }
  const host = lookUp(u, kind, at, bytes);
  if (at.op === "temp") u.near = { temp: at.n, kind, host };
  get(u, host);
  return 0;
};

const loads: Readonly<Record<Size, number>> = {
  1: OP.i64_load8_u,
  2: OP.i64_load16_u,
  4: OP.i64_load32_u,
  8: OP.i64_load,
};

const stores: Readonly<Record<Size, number>> = {
  1: OP.i64_store8,
  2: OP.i64_store16,
  4: OP.i64_store32,
  8: OP.i64_store,
};

const setTemp = (u: Unit, n: number): void => {
  if (u.near?.temp === n) u.near = null;
  const at = u.temps[n] ??= scratch(u, I64);
  set(u, at);
};

/** Stops where the stack pointer, used as a base, is not aligned: SCTLR_EL1.SA may mind. */
export const checkSp = (u: Unit): void => {
  u.home.sp(u);
  op(u, OP.i32_wrap_i64);
  i32(u, 15);
  op(u, OP.i32_and);
  open(u, OP.if);
  u.home.stop(u, { tag: "Slow" });
  close(u);
};

/** Performs one effect. */
export const perform = (u: Unit, micro: Effect): void => {
  switch (micro.op) {
    case "let":
      value(u, micro.value);
      return setTemp(u, micro.temp);
    case "setX":
      value(u, micro.value);
      return u.home.setX(u, micro.n);
    case "setSp":
      value(u, micro.value);
      return u.home.setSp(u);
    case "setNzcv":
      return setNzcv(u, micro.value);
    case "load": {
      const offset = locate(u, "read", micro.at, micro.bytes);
      access(u, loads[micro.bytes], offset);
      return setTemp(u, micro.temp);
    }
    case "store": {
      const offset = locate(u, "write", micro.at, micro.bytes);
      value(u, micro.value);
      return access(u, stores[micro.bytes], offset);
    }
    case "barrier":
      return;
  }
};
