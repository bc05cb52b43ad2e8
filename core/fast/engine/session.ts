/**
 * A run in progress: how it takes a world in and gives the next one out.
 *
 * Registers and resident pages stay in linear memory from run to run; what
 * comes in or goes out is what differs. A run that begins where the last one
 * ended takes nothing in at all.
 *
 * @module
 */

import type { Cpu } from "../../a64/cpu.ts";
import { PSTATE } from "../../arch/pstate.ts";
import { closeWith } from "../../realm/close.ts";
import { type Machine, open } from "../../realm/machine.ts";
import type { Memory } from "../../realm/memory.ts";
import { drop, forget } from "../../realm/pages.ts";
import { portOf } from "../../realm/port.ts";
import type { Rec } from "../../realm/rec.ts";
import type { World } from "../../world.ts";
import { postponed, runs_max, turns_max } from "./recipe.ts";
import { copyOut, flushAll, hold } from "./residence.ts";
import type { Again, Engine, Session } from "./state.ts";
import { flush } from "./tlb.ts";

/** The registers where the engine keeps them. */
const attach = (e: Engine, own: Rec): Pick<Cpu, "x" | "sp"> => {
  if (e.context?.left !== own) {
    for (let n = 0; n < own.x.length; n++) e.x[n] = own.x[n]!;
    e.sp[0] = own.sp_el0;
    e.sp[1] = own.sp_el1;
  }
  return {
    // An array of words for whoever indexes it.
    x: e.x as unknown as bigint[],
    sp: e.sp as unknown as [bigint, bigint],
  };
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

const opened = (e: Engine, world: World, rec: number): Session | null => {
  const own = world.realm.recs[rec]!;
  const m = open(world, rec, {
    pages: e.pages,
    registers: () => attach(e, own),
    memory: e.draft,
  });
  if (m === null) return null;
  if (continues(e, m, own)) {
    // A store may have to open a monitor that was not there.
    if (m.others.some((monitor) => monitor !== null)) {
      flush(e.write);
      forget(e.pages.write);
    }
  } else {
    flushAll(e);
    drop(e.pages);
  }
  e.pages.rewritten.clear();
  return { e, m, port: portOf(m) };
};

/** The last run, where this one begins as it ended. */
const resumed = (e: Engine, world: World, rec: number): Session | null => {
  const { context, session } = e;
  const { realm, rmm, profile } = world;
  const goesOn = context !== null && session !== null &&
    context.rec === rec && context.recs === realm.recs &&
    context.kept === rmm.recs[rec] && context.stage2 === rmm.stage2 &&
    context.ipa_bits === rmm.ipa_bits &&
    context.features === profile.rmm.features;
  if (!goesOn) return null;
  const { m } = session;
  m.memory = e.draft;
  m.asks = [];
  if (m.told.size > 0) m.told.clear();
  return session;
};

/** Forgets what linear memory holds: a run broke off. */
const lose = (e: Engine): void => {
  e.running = false;
  e.holds = null;
  e.recipe = null;
  e.context = null;
  e.session = null;
};

/** Opens REC `rec` of a world on an engine; null where there is nothing to run. */
export const begin = (
  e: Engine,
  world: World,
  rec: number,
): Session | null => {
  const kept = world.rmm.recs[rec];
  if (kept === undefined || kept.trap !== null) return null;
  if (world.realm.recs[rec] === undefined) return null;
  if (e.running) lose(e);
  hold(e, world.realm.memory);
  const session = resumed(e, world, rec) ?? opened(e, world, rec);
  e.tables = e.pages.tables.size;
  e.session = session;
  e.running = session !== null;
  return session;
};

/** X0 to X30; a word that did not change is the same value as in the last world. */
const wordsOf = ({ x, u32, given }: Engine): readonly bigint[] => {
  const words = given.x.slice();
  const halves = given.u32;
  for (let n = 0; n < words.length; n++) {
    const low = u32[n * 2]!;
    const high = u32[n * 2 + 1]!;
    if (low === halves[n * 2] && high === halves[n * 2 + 1]) continue;
    halves[n * 2] = low;
    halves[n * 2 + 1] = high;
    words[n] = x[n]!;
  }
  given.x = words;
  return words;
};

/** The memory a run came to: nothing new, to be made later, or copied out. */
const memoryAfter = (
  e: Engine,
  before: World,
  rec: number,
  again: Again | null,
  turns: number,
): Memory => {
  if (e.draft.owned.size === 0) return before.realm.memory;
  e.runs += 1;
  e.turns += turns;
  return again !== null && e.runs < runs_max && e.turns < turns_max
    ? postponed(e, again, before, rec, turns)
    : copyOut(e);
};

/**
 * Closes the run into the world that follows `before`. Its memory is copied
 * out, unless `again` from `before`, for as many turns as it took, comes to
 * the same: then, now and again.
 */
export const finish = (
  { e, m }: Session,
  before: World,
  again: Again | null = null,
  turns: number = 0,
): World => {
  e.running = false;
  e.holds = memoryAfter(e, before, m.rec, again, turns);
  const world = closeWith(before, m, wordsOf(e), e.holds);
  e.context = {
    rec: m.rec,
    recs: world.realm.recs,
    left: world.realm.recs[m.rec]!,
    kept: world.rmm.recs[m.rec]!,
    stage2: m.stage2,
    ipa_bits: m.ipa_bits,
    features: m.features,
  };
  return world;
};
