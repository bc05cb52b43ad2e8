/**
 * The leak ledger: what the host has learnt from a realm, when, and by which
 * rule it may know.
 *
 * Every exit is taken apart field by field. Bits that no rule of `grants.ts`
 * allows are listed too, without a rule: they are a leak.
 *
 * @module
 */

import { hex } from "../arch/word.ts";
import type { RecExit } from "../rmm/recrun.ts";
import { step } from "../step.ts";
import type { Event, World } from "../world.ts";
import type { ExitField, Grant } from "./grant.ts";
import { grantsOf } from "./grants.ts";
import { keeping, stride_steps } from "./kept.ts";
import type { Tape } from "./play.ts";

/** One thing the host learnt from one exit. */
export interface Released {
  readonly what: string;
  readonly field: ExitField;
  readonly value: string;
  /** Why the host may know, or null when nothing allows it. */
  readonly rule: string | null;
}

/** One thing the host knows of a realm. */
export interface Entry extends Released {
  readonly rec: number;
  /** The event that told it first. */
  readonly first: number;
  /** The event that told it last. */
  readonly last: number;
  /** How often it was told. */
  readonly count: number;
}

/** What the host has learnt up to an event of a tape; a value. */
export interface Ledger {
  /** Events read. */
  readonly event: number;
  /** The world after them. */
  readonly world: World;
  /** Entries by what they say, in the order they were learnt. */
  readonly entries: ReadonlyMap<string, Entry>;
}

const read = (exit: RecExit, field: ExitField): bigint => {
  const match = /^(gprs|gicv3_lrs)\[(\d+)\]$/.exec(field);
  if (match === null) {
    return exit[field as Exclude<keyof RecExit, "gprs" | "gicv3_lrs">];
  }
  return exit[match[1] as "gprs" | "gicv3_lrs"][Number(match[2])] ?? 0n;
};

/** Every field of RecExit that is not zero. */
const filled = (exit: RecExit): readonly ExitField[] =>
  Object.entries(exit).flatMap(([name, value]) => {
    if (typeof value === "bigint") {
      return value === 0n ? [] : [name as ExitField];
    }
    return (value as readonly bigint[]).flatMap((word, index) =>
      word === 0n ? [] : [`${name}[${index}]` as ExitField]
    );
  });

const allowed = (
  exit: RecExit,
  { what, field, bits, rule, show, always }: Grant,
): readonly Released[] => {
  const value = read(exit, field) & bits;
  if (value === 0n && !always) return [];
  return [{ what, field, value: show(value), rule }];
};

/** What one exit shows: what the rules allow, then what none of them does. */
export const releasedBy = (exit: RecExit): readonly Released[] => {
  const grants = grantsOf(exit);
  const beyond = filled(exit).flatMap((field): readonly Released[] => {
    const bits = grants.filter((of) => of.field === field).reduce(
      (sum, of) => sum | of.bits,
      0n,
    );
    const value = read(exit, field) & ~bits;
    if (value === 0n) return [];
    const what = `bits of ${field} that no rule allows`;
    return [{ what, field, value: hex(value), rule: null }];
  });
  return [...grants.flatMap((grant) => allowed(exit, grant)), ...beyond];
};

/** What an event showed the host; nothing unless RMI_REC_ENTER returned with an exit. */
export const releasedAt = (
  event: Event,
  before: World,
  after: World,
): { readonly rec: number; readonly released: readonly Released[] } | null => {
  if (!("rec" in event)) return null;
  const { rec } = event;
  const vcpu = after.host.vcpus[rec];
  const exit = after.runs[rec]?.exit;
  const out = vcpu?.at === "exit" && vcpu.rmi.status === "RMI_SUCCESS";
  if (!out || exit === undefined || exit === before.runs[rec]?.exit) {
    return null;
  }
  return { rec, released: releasedBy(exit) };
};

/** The ledger before the first event: the host knows nothing. */
export const emptyLedger = (tape: Tape): Ledger => ({
  event: 0,
  world: tape.start,
  entries: new Map(),
});

const enter = (
  entries: Map<string, Entry>,
  event: number,
  rec: number,
  released: Released,
): void => {
  const key = `${rec} ${released.field} ${released.what} ${released.value}`;
  const known = entries.get(key);
  entries.set(
    key,
    known === undefined
      ? { ...released, rec, first: event, last: event, count: 1 }
      : { ...known, last: event, count: known.count + 1 },
  );
};

/** Reads on to `event` events; the ledger as it is when they lie behind. */
export const ledgerTo = (
  tape: Tape,
  ledger: Ledger,
  event: number,
): Ledger => {
  if (event <= ledger.event) return ledger;
  const entries = new Map(ledger.entries);
  let { world } = ledger;
  let at = ledger.event;
  for (; at < event; at++) {
    const what = tape.events[at];
    if (what === undefined) break;
    const after = step(world, what).world;
    const told = releasedAt(what, world, after);
    if (told !== null) {
      for (const of of told.released) enter(entries, at, told.rec, of);
    }
    world = after;
  }
  return { event: at, world, entries };
};

const eventOf = ({ event }: Ledger): number => event;

/** The ledger of a moment, and those kept so that going back reads little. */
export interface Ledgers {
  readonly now: Ledger;
  /** In the order of their events. */
  readonly kept: readonly Ledger[];
}

/** The ledgers before anything was read. */
export const emptyLedgers = (tape: Tape): Ledgers => {
  const now = emptyLedger(tape);
  return { now, kept: [now] };
};

/** Moves to the ledger of `event` events, from the nearest kept one on. */
export const ledgersTo = (
  tape: Tape,
  { now, kept }: Ledgers,
  event: number,
): Ledgers => {
  const last = Math.min(event, tape.events.length);
  const near = kept.findLast((of) => of.event <= last) ?? emptyLedger(tape);
  let ledger = now.event <= last && near.event < now.event ? now : near;
  let ledgers = kept;
  while (ledger.event < last) {
    const until = Math.min(last, ledger.event + stride_steps);
    ledger = ledgerTo(tape, ledger, until);
    ledgers = keeping(ledgers, ledger, eventOf);
  }
  return { now: ledger, kept: ledgers };
};

/** A ledger as lines: what, its value, since which event, how often; then the rule. */
export const ledgerLines = (ledger: Ledger): readonly string[] =>
  [...ledger.entries.values()].map((entry) => {
    const { rec, what, value, first, last, count, rule } = entry;
    const when = count === 1
      ? `event ${first}`
      : `events ${first} to ${last}, ${count} times`;
    return `rec${rec} ${what}: ${value} (${when}) by ${
      rule ?? "NO RULE: a leak"
    }`;
  });
