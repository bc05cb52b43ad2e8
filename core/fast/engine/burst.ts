/**
 * Bursts: compiled code from PC until it stops, and what it stopped for.
 *
 * @module
 */

import { PSTATE } from "../../arch/pstate.ts";
import { branchAddress } from "../../realm/exception.ts";
import type { Machine } from "../../realm/machine.ts";
import { codePage, decode } from "./code.ts";
import { KIND } from "./flags.ts";
import { CELL, EXIT, page_words, record_bytes } from "./layout.ts";
import { compileRegion } from "./region.ts";
import { ensure } from "./residence.ts";
import { missed, place, rewrite, slow } from "./slow.ts";
import type { Session } from "./state.ts";
import { enter, find } from "./tlb.ts";

const page_mask = ~0xfffn;

/** The record of PC, or null where the slow way has to say what happens. */
const recordOf = (s: Session): number | null => {
  const { e, m } = s;
  const { pc } = m.cpu;
  const { stopped } = e;
  if (stopped.pc === pc && stopped.flushes === e.execute.flushes) {
    return stopped.record;
  }
  if ((pc & 3n) !== 0n) return null;
  const page = pc & page_mask;
  let records = find(e.execute, page);
  if (records === null) {
    if (branchAddress(m, pc) !== pc) return null;
    const found = place(s, "fetch", pc);
    if (found === null) return null;
    ensure(e, m.memory, found.index);
    records = codePage(e, found.index).records;
    enter(e.execute, page, records);
  }
  e.u64[CELL.page] = page;
  e.u32[CELL.records * 2] = records;
  return records + (Number(pc & 0xfffn) / 4) * record_bytes;
};

/** Budget given to compiled code at once: its counter has 32 bits. */
const budget_max = 0x4000_0000;

/** Copies in what compiled code works on beside X0 to X30. */
export const copyIn = ({ e, m }: Session, left: number): void => {
  e.u32[CELL.left * 2] = left;
  e.u64[CELL.sp] = e.sp[m.cpu.spIndex]!;
  e.u32[CELL.nz * 2] = m.cpu.nzcv;
  e.u32[CELL.fk * 2] = KIND.packed;
};

/** Bytes from the start of a page to each of its words, and to the end. */
const offsets: readonly bigint[] = Array.from(
  { length: page_words + 1 },
  (_, word) => 4n * BigInt(word),
);

/** Copies it out; PC is the address of the record, or where a jump left its page for. */
export const copyOut = ({ e, m }: Session, exit: number): void => {
  e.sp[m.cpu.spIndex] = e.u64[CELL.sp]!;
  m.cpu.nzcv = e.u32[CELL.nz * 2]!;
  if (exit === EXIT.away) {
    m.cpu.pc = e.u64[CELL.pc]!;
    e.stopped.flushes = -1;
    return;
  }
  const record = e.u32[CELL.record * 2]!;
  const word = (record - e.u32[CELL.records * 2]!) / record_bytes;
  const pc = BigInt.asUintN(64, e.u64[CELL.page]! + offsets[word]!);
  m.cpu.pc = pc;
  e.stopped.pc = pc;
  e.stopped.record = record;
  e.stopped.flushes = e.execute.flushes;
};

/** Does what compiled code stopped for; true where it spent one of the budget. */
export const attend = (s: Session, exit: number): boolean => {
  const { e } = s;
  switch (exit) {
    case EXIT.fresh:
    case EXIT.hot: {
      const page = e.rooms_taken.get(e.u32[CELL.records * 2]!)!;
      const at = (e.u32[CELL.record * 2]! - page.records) / record_bytes;
      if (exit === EXIT.fresh) decode(e, page, at);
      else compileRegion(e, page, at);
      return false;
    }
    case EXIT.slow:
      slow(s);
      return true;
    case EXIT.read:
      missed(s, "read");
      return true;
    case EXIT.write:
      if (rewrite(s)) return false;
      missed(s, "write");
      return true;
    default:
      return false;
  }
};

/** True where an exception comes before the next instruction. */
const isDue = (m: Machine): boolean =>
  (m.pstate & PSTATE.IL) !== 0n ||
  (m.vserror !== null && (m.pstate & PSTATE.A) === 0n);

/** The record to begin from, or null where the slow way has to take the next turn. */
export const startOf = (s: Session): number | null =>
  isDue(s.m) ? null : recordOf(s);

/** Compiled code from PC on, and what it stopped for; how much of `left` is spent. */
export const burst = (s: Session, left: number): number => {
  const { e, m } = s;
  const record = startOf(s);
  if (record === null) {
    slow(s);
    return 1;
  }
  const given = Math.min(left, budget_max);
  copyIn(s, given);
  const exit = e.run(record);
  const done = given - e.u32[CELL.left * 2]!;
  m.retired += done;
  copyOut(s, exit);
  // A slow instruction is never reached without budget for it.
  return attend(s, exit) ? done + 1 : done;
};
