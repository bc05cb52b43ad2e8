/**
 * The slow way: one turn of the pure machine, and what the engine must forget
 * or may remember after it.
 *
 * @module
 */

import { isPlain } from "../../realm/access.ts";
import { page_bytes } from "../../realm/memory.ts";
import { locate, type Place } from "../../realm/mmu.ts";
import { turn } from "../../realm/run.ts";
import { verify } from "./code.ts";
import { learnDevice, READ, WRITE } from "./device.ts";
import { CELL, frameAt, ram_base } from "./layout.ts";
import { adopt, ensure, flushAll, forgetViews, viewOf } from "./residence.ts";
import type { Engine, Session } from "./state.ts";
import { enter, flush, soil } from "./tlb.ts";

const page_mask = ~0xfffn;

/** After a walk: what holds descriptors now must not be written unseen. */
const notice = ({ e }: Session): void => {
  if (e.pages.tables.size === e.tables) return;
  e.tables = e.pages.tables.size;
  flush(e.write);
};

/** Translates for a TLB; null, and no exception, where that fails. */
export const place = (
  s: Session,
  kind: "read" | "write" | "fetch",
  va: bigint,
): Place | null => {
  const { m } = s;
  const found = locate(m, va, {
    kind,
    unprivileged: m.el === 0,
    unaligned: false,
    transfer: null,
    bytes: 1,
  });
  m.exception = null;
  notice(s);
  return found;
};

/** Forgets the translations that may hold no longer, if the machine has dropped its own since `drops`. */
export const heed = (e: Engine, drops: number): void => {
  if (e.pages.drops === drops) return;
  flushAll(e);
  e.tables = 0;
};

/** One turn of the pure machine at PC. */
export const slow = (s: Session): void => {
  const { e, m, port } = s;
  const { drops } = e.pages;
  const owned = m.memory.owned.size;
  e.looked = true;
  turn(m, port);
  adopt(e, m.memory, owned);
  if (e.pages.rewritten.size > 0) {
    for (const index of e.pages.rewritten) verify(e, index);
    e.pages.rewritten.clear();
  }
  heed(e, drops);
  notice(s);
};

/** Enters the page of an access that went the slow way, if the next one need not. */
const learn = (s: Session, kind: "read" | "write", va: bigint): void => {
  const { e, m } = s;
  if (!m.little) return;
  const found = place(s, kind, va);
  if (found === null) return;
  // A store to its own descriptor leaves its address to a page it has not written.
  const written = m.memory.owned.has(found.index);
  if (kind === "write" && !(written && isPlain(m, found))) return;
  ensure(e, m.memory, found.index);
  const page = va & page_mask;
  const addend = frameAt(found.index) - Number(BigInt.asUintN(32, page));
  enter(kind === "read" ? e.read : e.write, page, addend >>> 0);
};

/** Performs an access that missed, and enters its page if it went through. */
export const missed = (s: Session, kind: "read" | "write"): void => {
  const { e, m } = s;
  const va = e.u64[CELL.address]!;
  const { retired } = m;
  slow(s);
  // A page that was not written must not come out as a new one.
  if (m.retired !== retired) learn(s, kind, va);
  if (m.trap === null) return;
  learnDevice(e.devices, kind === "read" ? READ : WRITE, m.trap);
};

/** Lets a store go ahead that missed only because its page was not written yet in this run. */
export const rewrite = ({ e, m }: Session): boolean => {
  const va = e.u64[CELL.address]!;
  const aligned = (va & BigInt(e.u32[CELL.bytes * 2]! - 1)) === 0n;
  const page = va & page_mask;
  const addend = aligned ? soil(e.write, page) : null;
  if (addend === null) return false;
  const host = (addend + Number(BigInt.asUintN(32, page))) >>> 0;
  const index = (host - ram_base) / page_bytes;
  m.memory.owned.set(index, viewOf(e, index));
  forgetViews(e);
  return true;
};
