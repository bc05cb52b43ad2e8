/**
 * A run in progress: how it takes a world in and gives the next one out.
 *
 * Registers and resident pages stay in linear memory from run to run; what
 * comes in or goes out is what differs.
 *
 * @module
 */

import type { Port } from "../../a64/cpu.ts";
import { PSTATE } from "../../arch/pstate.ts";
import { close, type Machine, open } from "../../realm/machine.ts";
import { drop, forget } from "../../realm/pages.ts";
import { portOf } from "../../realm/port.ts";
import type { Rec } from "../../realm/rec.ts";
import type { World } from "../../world.ts";
import { flushAll, hold, settled } from "./residence.ts";
import type { Engine } from "./state.ts";
import { cleanse, flush } from "./tlb.ts";

/** A run in progress. */
export interface Session {
  readonly e: Engine;
  readonly m: Machine;
  readonly port: Port;
}

/** The machine with its registers where the engine keeps them. */
const attach = (e: Engine, opened: Machine, own: Rec): Machine => {
  if (e.context?.left !== own) {
    for (let n = 0; n < own.x.length; n++) e.x[n] = own.x[n]!;
    e.sp[0] = own.sp_el0;
    e.sp[1] = own.sp_el1;
  }
  const cpu = {
    ...opened.cpu,
    // An array of words for whoever indexes it.
    x: e.x as unknown as bigint[],
    sp: e.sp as unknown as [bigint, bigint],
  };
  return { ...opened, cpu };
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

/** Forgets the views of pages of the last run's draft. */
export const forgetViews = (e: Engine): void => {
  if (!e.looked) return;
  forget(e.pages.read);
  forget(e.pages.write);
  forget(e.pages.execute);
  e.looked = false;
};

/** Opens REC `rec` of a world on an engine; null where there is nothing to run. */
export const begin = (
  e: Engine,
  world: World,
  rec: number,
): Session | null => {
  const opened = open(world, rec, e.pages);
  const own = world.realm.recs[rec];
  if (opened === null || opened.trap !== null || own === undefined) return null;
  const m = attach(e, opened, own);
  hold(e, m.memory.from);
  if (continues(e, m, own)) {
    forgetViews(e);
    // A store may have to open a monitor that was not there.
    if (m.others.some((monitor) => monitor !== null)) flush(e.write);
  } else {
    flushAll(e);
    drop(e.pages);
  }
  e.pages.rewritten.clear();
  e.tables = e.pages.tables.size;
  return { e, m, port: portOf(m) };
};

const wordsOf = (from: BigUint64Array): bigint[] => {
  const words: bigint[] = [];
  for (let at = 0; at < from.length; at++) words.push(from[at]!);
  return words;
};

/** Closes the run into the world that follows `before`. */
export const finish = ({ e, m }: Session, before: World): World => {
  // Every page must be seen to be written again in the next run.
  cleanse(e.write);
  const world = close(before, {
    ...m,
    cpu: { ...m.cpu, x: wordsOf(e.x), sp: [e.sp[0]!, e.sp[1]!] },
    memory: settled(e, m.memory),
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
