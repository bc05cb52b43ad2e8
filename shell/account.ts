/**
 * The account of a run: how often each part of the road was taken, and the
 * first access followed from the realm to its device and back.
 *
 * @module
 */

import type { Counts } from "../core/fast/drive.ts";
import type { Event, Step, World } from "../core/world.ts";
import type { End, Finish } from "./loop.ts";
import { placeText, refusalText, traceLine } from "./trace.ts";

/** What is remembered of a run; a value, folded over its steps. */
export interface Account {
  /** Events taken, by tag. */
  readonly events: Readonly<Partial<Record<Event["tag"], number>>>;
  /** Events the model refused. */
  readonly refused: number;
  /** Trace lines of the first access that reached the host. */
  readonly first: readonly string[];
  /** The first access has come back to the realm. */
  readonly followed: boolean;
}

/** The account of a run that has not begun. */
export const opened: Account = {
  events: {},
  refused: 0,
  first: [],
  followed: false,
};

const begins = (event: Event, after: World): boolean =>
  event.tag === "Dabt" && after.host.vcpus[event.rec]?.at === "exit";

/** Adds one step to the account. */
export const entered = (
  account: Account,
  before: World,
  event: Event,
  result: Step,
): Account => {
  if (result.tag === "Refused") {
    return { ...account, refused: account.refused + 1 };
  }
  const events = {
    ...account.events,
    [event.tag]: (account.events[event.tag] ?? 0) + 1,
  };
  const open = account.first.length > 0 || begins(event, result.world);
  if (account.followed || !open) return { ...account, events };
  const line = traceLine(account.first.length, before, event, result);
  const first = [...account.first, line];
  return { ...account, events, first, followed: event.tag === "RecEnter" };
};

/** Adds events that were taken without being seen one by one. */
export const driven = (account: Account, counts: Counts): Account => {
  const events = { ...account.events };
  for (const [name, count] of Object.entries(counts)) {
    const tag = name as Event["tag"];
    events[tag] = (events[tag] ?? 0) + count;
  }
  return { ...account, events };
};

/** Why a run ended, as people say it. */
export const endText = (end: End): string => {
  switch (end.tag) {
    case "SystemOff":
      return "the realm called PSCI SYSTEM_OFF";
    case "SystemReset":
      return "the realm called PSCI SYSTEM_RESET";
    case "HostError":
      return `the host gave up: ${end.what}`;
    case "OutOfSteps":
      return "stopped at the step limit";
    case "Stuck":
      return "the guest faulted for good: exception after exception and no instruction executed";
    case "Refused":
      return refusalText(end.why);
    case "Idle":
      return "every vCPU is off";
    case "Played":
      return "the scenario's events are played";
  }
};

/** True when a run that ended so did what was asked of it. */
export const isDone = (end: End): boolean =>
  end.tag === "SystemOff" || end.tag === "SystemReset" || end.tag === "Played";

const road: readonly (readonly [Event["tag"], string])[] = [
  ["Dabt", "realm: data aborts taken to the RMM"],
  ["RecExit", "RMM: exits shown to KVM"],
  ["MmioComplete", "VMM: accesses its devices answered"],
  ["RecEnter", "KVM: REC entries"],
];

/** The account as lines for standard error. */
export const summary = (account: Account, finish: Finish): string[] => {
  const recs = finish.world.realm.recs;
  const retired = recs.reduce((sum, rec) => sum + rec.retired, 0);
  const where = recs.map((_, rec) => placeText(rec, finish.world)).join(", ");
  const lines = [
    `recrun: ${endText(finish.end)}; ${retired} instructions, ${where}`,
  ];
  const counts = road.filter(([tag]) => account.events[tag] !== undefined);
  if (counts.length > 0) lines.push("the road:");
  for (const [tag, what] of counts) {
    lines.push(`${String(account.events[tag]).padStart(8)}  ${what}`);
  }
  if (account.refused > 0) {
    lines.push(`${String(account.refused).padStart(8)}  events refused`);
  }
  if (account.first.length > 0) {
    lines.push("the first access, event by event:");
    lines.push(...account.first.map((line) => `  ${line}`));
  }
  return lines;
};
