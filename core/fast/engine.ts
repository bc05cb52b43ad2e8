/**
 * `Run` on the fast engine: the same worlds as the pure `run`, instruction by
 * instruction, from compiled micro-ops.
 *
 * Whatever compiled code does not do itself is one turn of the pure machine on
 * the same registers and pages: there is one slow way, and it is the
 * reference.
 *
 * @module
 */

import type { Port } from "../a64/cpu.ts";
import { PSTATE } from "../arch/pstate.ts";
import type { Ask } from "../device/ask.ts";
import { isPlain } from "../realm/access.ts";
import { branchAddress } from "../realm/exception.ts";
import { close, type Machine, open } from "../realm/machine.ts";
import { locate } from "../realm/mmu.ts";
import { drop, forget } from "../realm/pages.ts";
import { portOf } from "../realm/port.ts";
import type { Rec } from "../realm/rec.ts";
import { run, turn } from "../realm/run.ts";
import type { World } from "../world.ts";
import { codePage, decode, verify } from "./engine/code.ts";
import { CELL, EXIT, record_bytes } from "./engine/layout.ts";
import { compileRegion } from "./engine/region.ts";
import { adopt, ensure, flushAll, hold, settled } from "./engine/residence.ts";
import { type CodePage, create, type Engine, frameAt } from "./engine/state.ts";
import { KIND } from "./engine/flags.ts";
import { enter, find, flush } from "./engine/tlb.ts";

/** What a run returns. */
export interface Ran {
  readonly world: World;
  readonly asks: readonly Ask[];
}

/** A run in progress. */
interface Session {
  readonly e: Engine;
  readonly m: Machine;
  readonly port: Port;
}

const page_mask = ~0xfffn;

/** The machine with its registers and lookups where the engine keeps them. */
const attach = (e: Engine, opened: Machine): Machine => {
  e.x.set(opened.cpu.x);
  e.sp.set(opened.cpu.sp);
  const cpu = {
    ...opened.cpu,
    // An array of words for whoever indexes it.
    x: e.x as unknown as bigint[],
    sp: e.sp as unknown as [bigint, bigint],
  };
  return { ...opened, cpu, pages: e.pages };
};

/** Bits of PSTATE that translations depend on: EL and PAN. */
const regime = PSTATE.PAN | 0xcn;

/** True when the translations of the last run hold for this one. */
const continues = (e: Engine, m: Machine, own: Rec): boolean => {
  const { context } = e;
  return context !== null && context.rec === m.rec &&
    context.stage2 === m.stage2 && context.ipa_bits === m.ipa_bits &&
    context.left.sys === own.sys &&
    ((context.left.pstate ^ own.pstate) & regime) === 0n;
};

const begin = (e: Engine, opened: Machine, own: Rec): Machine => {
  const m = attach(e, opened);
  hold(e, m.memory.from);
  if (continues(e, m, own)) {
    forget(e.pages.read);
    forget(e.pages.write);
    forget(e.pages.execute);
  } else {
    flushAll(e);
    drop(e.pages);
  }
  e.pages.rewritten.clear();
  e.tables = e.pages.tables.size;
  return m;
};

const finish = (e: Engine, m: Machine, before: World): World => {
  // Every page must be seen to be written again in the next run.
  flush(e.write);
  const [sp_el0, sp_el1] = e.sp;
  const world = close(before, {
    ...m,
    cpu: { ...m.cpu, x: [...e.x], sp: [sp_el0!, sp_el1!] },
    memory: settled(m.memory),
  });
  e.holds = world.realm.memory;
  e.context = {
    rec: m.rec,
    left: world.realm.recs[m.rec]!,
    stage2: m.stage2,
    ipa_bits: m.ipa_bits,
  };
  return world;
};

/** After a walk: what holds descriptors now must not be written unseen. */
const notice = ({ e }: Session): void => {
  if (e.pages.tables.size === e.tables) return;
  e.tables = e.pages.tables.size;
  flush(e.write);
};

/** Translates for a TLB; null, and no exception, where that fails. */
const place = (s: Session, kind: "read" | "write" | "fetch", va: bigint) => {
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

/** One turn of the pure machine at PC. */
const slow = (s: Session): void => {
  const { e, m, port } = s;
  const { drops } = e.pages;
  const owned = m.memory.owned.size;
  turn(m, port);
  adopt(e, m.memory, owned);
  if (e.pages.rewritten.size > 0) {
    for (const index of e.pages.rewritten) verify(e, index);
    e.pages.rewritten.clear();
  }
  if (e.pages.drops !== drops) {
    flushAll(e);
    e.tables = 0;
  }
  notice(s);
};

/** Enters the page of an access that went the slow way, if the next one need not. */
const learn = (s: Session, kind: "read" | "write", va: bigint): void => {
  const { e, m } = s;
  if (!m.little) return;
  const found = place(s, kind, va);
  if (found === null) return;
  if (kind === "write") {
    const watched = e.pages.tables.has(found.index) || !isPlain(m, found);
    // A page that was not written must not come out as a new one.
    if (watched || !m.memory.owned.has(found.index)) return;
  }
  ensure(e, m.memory, found.index);
  const page = va & page_mask;
  const addend = frameAt(found.index) - Number(BigInt.asUintN(32, page));
  enter(kind === "read" ? e.read : e.write, page, addend >>> 0);
};

/** The record of PC, or null where the slow way has to say what happens. */
const recordOf = (s: Session): number | null => {
  const { e, m } = s;
  const { pc } = m.cpu;
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

const budget_max = 0x4000_0000;

/** Copies in what compiled code works on beside X0 to X30. */
const copyIn = ({ e, m }: Session, left: number): void => {
  e.u32[CELL.left * 2] = left;
  e.u64[CELL.sp] = e.sp[m.cpu.spIndex]!;
  e.u32[CELL.nz * 2] = m.cpu.nzcv;
  e.u32[CELL.fk * 2] = KIND.packed;
};

const flagsOf = (e: Engine): number => {
  const nz = e.u32[CELL.nz * 2]!;
  const fk = e.u32[CELL.fk * 2]!;
  if (fk === KIND.packed) return nz;
  return e.pack(fk, e.u64[CELL.fa]!, e.u64[CELL.fb]!, nz);
};

/** Copies it out; PC is the address of the record, or where a jump left its page for. */
const copyOut = ({ e, m }: Session, exit: number): void => {
  e.sp[m.cpu.spIndex] = e.u64[CELL.sp]!;
  m.cpu.nzcv = flagsOf(e);
  if (exit === EXIT.away) {
    m.cpu.pc = e.u64[CELL.pc]!;
    return;
  }
  const record = e.u32[CELL.record * 2]!;
  const ahead = (record - e.u32[CELL.records * 2]!) / record_bytes * 4;
  m.cpu.pc = BigInt.asUintN(64, e.u64[CELL.page]! + BigInt(ahead));
};

/** The page of code that holds the current page's records. */
const currentPage = ({ e }: Session): CodePage | null => {
  const records = e.u32[CELL.records * 2];
  for (const page of e.code.values()) {
    if (page.records === records) return page;
  }
  return null;
};

/** Does what compiled code stopped for; true where it spent one of the budget. */
const serve = (s: Session, exit: number): boolean => {
  const { e, m } = s;
  switch (exit) {
    case EXIT.fresh:
    case EXIT.hot: {
      const page = currentPage(s)!;
      const at = (e.u32[CELL.record * 2]! - page.records) / record_bytes;
      if (exit === EXIT.fresh) decode(e, page, at);
      else compileRegion(e, page, at);
      return false;
    }
    case EXIT.slow:
      slow(s);
      return true;
    case EXIT.read:
    case EXIT.write: {
      const va = e.u64[CELL.address]!;
      const { retired } = m;
      const { drops } = e.pages;
      slow(s);
      // Only an access that went through is worth remembering.
      if (m.retired !== retired && e.pages.drops === drops) {
        learn(s, exit === EXIT.read ? "read" : "write", va);
      }
      return true;
    }
    default:
      return false;
  }
};

/** True where an exception comes before the next instruction. */
const isDue = (m: Machine): boolean =>
  (m.pstate & PSTATE.IL) !== 0n ||
  (m.vserror !== null && (m.pstate & PSTATE.A) === 0n);

/** Compiled code from PC on, and what it stopped for; how much of `left` is spent. */
const burst = (s: Session, left: number): number => {
  const { e, m } = s;
  const record = isDue(m) ? null : recordOf(s);
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
  return serve(s, exit) ? done + 1 : done;
};

/** As the pure `run`, on engine `e`. */
export const runOn = (
  e: Engine,
  world: World,
  rec: number,
  budget: number,
): Ran => {
  const opened = open(world, rec);
  const own = world.realm.recs[rec];
  const runs = opened !== null && opened.trap === null && own !== undefined;
  if (!runs || !(0 < budget)) return run(world, rec, budget);
  const m = begin(e, opened, own);
  const s: Session = { e, m, port: portOf(m) };
  for (let left = budget; 0 < left && m.trap === null;) left -= burst(s, left);
  return { world: finish(e, m, world), asks: m.asks };
};

/** Jumps to an instruction before a region is compiled from it. */
const hot_jumps = 500;

/** The engine of this process: made for the first world, made anew for one with more RAM. */
let shared: Engine | null = null;

/**
 * As the pure `run`: executes at most `budget` instructions of REC `rec`.
 * RAM beyond what linear memory holds is left to the pure machine.
 */
export const runFast = (world: World, rec: number, budget: number): Ran => {
  const { bytes } = world.realm.memory;
  if (shared === null || shared.ram_bytes < bytes) {
    shared = create(bytes, { hot: hot_jumps });
  }
  return shared === null
    ? run(world, rec, budget)
    : runOn(shared, world, rec, budget);
};
