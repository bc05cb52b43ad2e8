/**
 * Watches: one thing of the world that can be named, read at any moment, and
 * waited for.
 *
 * @module
 */

import { PSTATE } from "../arch/pstate.ts";
import { type Draft, draft, page_bytes, readable } from "../realm/memory.ts";
import { type Machine, readPstate } from "../realm/machine.ts";
import { reset_sysregs, type Sysregs } from "../realm/rec.ts";
import { FLAG, zero_enter, zero_exit } from "../rmm/recrun.ts";
import type { World } from "../world.ts";

/** What a watch reads: a word, or a name where the world holds one. */
export type Watched = bigint | string;

/** One thing to look at, in one REC. */
export interface Watch {
  /** As the user named it. */
  readonly name: string;
  /** The REC it belongs to; memory belongs to every REC. */
  readonly rec: number;
  /** What it is in a world. */
  readonly read: (world: World) => Watched;
  /**
   * What it is while a REC runs, or null for what no realm instruction can
   * change. `own` is false when the machine is another REC's.
   */
  readonly peek: ((m: Machine, own: boolean) => Watched | null) | null;
}

/** Reads up to 8 bytes at an IPA of RAM, little-endian; outside RAM it reads zero. */
const word = (open: Draft, ipa: number, bytes: number): bigint => {
  let value = 0n;
  for (let at = bytes - 1; 0 <= at; at--) {
    const offset = ipa + at - open.from.base;
    const inside = 0 <= offset && offset < open.from.bytes;
    const page = inside
      ? readable(open, Math.floor(offset / page_bytes))
      : undefined;
    value = value << 8n | BigInt(page?.[offset % page_bytes] ?? 0);
  }
  return value;
};

const memory = (name: string, ipa: number, bytes: number): Watch => ({
  name,
  rec: -1,
  read: (world) => word(draft(world.realm.memory), ipa, bytes),
  peek: (m) => word(m.memory, ipa, bytes),
});

const register = (
  name: string,
  rec: number,
  read: Watch["read"],
  peek: (m: Machine) => Watched,
): Watch => ({ name, rec, read, peek: (m, own) => own ? peek(m) : null });

const flags = { n: PSTATE.N, z: PSTATE.Z, c: PSTATE.C, v: PSTATE.V } as const;

/** The realm's registers by name: X0 to X30, SP, PC, PSTATE with its flags, system registers. */
const ofRealm = (name: string, rec: number): Watch | null => {
  const general = /^x(\d{1,2})$/.exec(name);
  const n = Number(general?.[1]);
  if (general !== null && n < 31) {
    return register(
      name,
      rec,
      (world) => world.realm.recs[rec]?.x[n] ?? 0n,
      (m) => m.cpu.x[n] ?? 0n,
    );
  }
  if (Object.hasOwn(flags, name)) {
    const mask = flags[name as keyof typeof flags];
    const one = (pstate: bigint) => (pstate & mask) === 0n ? 0n : 1n;
    return register(
      name,
      rec,
      (world) => one(world.realm.recs[rec]?.pstate ?? 0n),
      (m) => one(readPstate(m)),
    );
  }
  if (Object.hasOwn(reset_sysregs, name)) {
    const key = name as keyof Sysregs;
    return register(
      name,
      rec,
      (world) => world.realm.recs[rec]?.sys[key] ?? 0n,
      (m) => m.sys[key],
    );
  }
  const named: Readonly<Record<string, (m: Machine) => bigint>> = {
    pc: (m) => m.cpu.pc,
    pstate: readPstate,
    sp_el0: (m) => m.cpu.sp[0],
    sp_el1: (m) => m.cpu.sp[1],
  };
  const peek = Object.hasOwn(named, name) ? named[name] : undefined;
  if (peek === undefined) return null;
  const key = name as "pc" | "pstate" | "sp_el0" | "sp_el1";
  return register(
    name,
    rec,
    (world) => world.realm.recs[rec]?.[key] ?? 0n,
    peek,
  );
};

const outside = (
  name: string,
  rec: number,
  read: Watch["read"],
): Watch => ({ name, rec, read, peek: null });

/** A field of one half of the RecRun page: `enter.flags`, `exit.gprs[0]`. */
const ofPage = (name: string, rec: number): Watch | null => {
  const match = /^(enter|exit)\.([a-z0-9_]+)(?:\[(\d+)\])?$/.exec(name);
  if (match === null) return null;
  const [, half, field = "", index] = match;
  const zero = half === "enter" ? zero_enter : zero_exit;
  if (!Object.hasOwn(zero, field)) return null;
  const pick = (from: object): bigint | null => {
    const value = (from as Record<string, bigint | readonly bigint[]>)[field];
    if (typeof value === "bigint") return index === undefined ? value : null;
    return index === undefined ? null : value?.[Number(index)] ?? null;
  };
  if (pick(zero) === null) return null;
  return outside(name, rec, (world) => {
    const page = world.runs[rec];
    if (page === undefined) return 0n;
    return pick(half === "enter" ? page.enter : page.exit) ?? 0n;
  });
};

/** What KVM keeps and shows: `at`, `owed`, `ret`, `exit_reason`. */
const ofHost = (name: string, rec: number): Watch | null => {
  switch (name) {
    case "at":
    case "ret":
      return outside(name, rec, (world) => world.host.vcpus[rec]?.[name] ?? "");
    case "owed":
      return outside(
        name,
        rec,
        (world) => world.host.vcpus[rec]?.owed ?? "nothing",
      );
    case "exit_reason":
      return outside(
        name,
        rec,
        (world) => world.host.vcpus[rec]?.run.exit_reason ?? "",
      );
    default:
      return null;
  }
};

const ofFlag = (name: string, rec: number): Watch | null => {
  const upper = name.toUpperCase();
  if (!Object.hasOwn(FLAG, upper)) return null;
  const mask = FLAG[upper as keyof typeof FLAG];
  return outside(upper, rec, (world) => {
    const set = (world.runs[rec]?.enter.flags ?? 0n) & mask;
    return set === 0n ? 0n : 1n;
  });
};

/** What `watchOf` understands, for refusals. */
export const watch_names: string =
  "x0..x30, sp_el0, sp_el1, pc, pstate, n z c v, a system register, " +
  "enter.FIELD, exit.FIELD, a RecEnter flag, at, owed, ret, exit_reason, " +
  "or 0xIPA[:BYTES]";

/**
 * The watch of a name in REC `rec`, or null when nothing has that name. An
 * address is an IPA of RAM, read as 8 bytes unless `:1`, `:2` or `:4` follows.
 */
export const watchOf = (name: string, rec: number): Watch | null => {
  const at = /^(0x[0-9a-f]{1,12})(?::([1248]))?$/i.exec(name);
  if (at !== null) return memory(name, Number(at[1]), Number(at[2] ?? 8));
  const lower = name.toLowerCase();
  return ofRealm(lower, rec) ?? ofPage(lower, rec) ?? ofFlag(lower, rec) ??
    ofHost(lower, rec);
};
