/**
 * What the explorer found, as people read it: the verdict, a table of events
 * and a Mermaid sequence diagram.
 *
 * @module
 */

import { breachOf } from "../../core/explore/replay.ts";
import type { Invariant } from "../../core/explore/invariant.ts";
import type { Findings, Reach } from "../../core/explore/search.ts";
import { step } from "../../core/step.ts";
import type { Event, World } from "../../core/world.ts";
import { traceLine } from "../trace.ts";
import type { ExploreCommand } from "./options.ts";

/** Exactly how far a search looked. */
export const reachText = (reach: Reach): string => {
  switch (reach.tag) {
    case "Complete":
      return "complete";
    case "Bounded":
      return `bounded at ${reach.depth}`;
    case "Stopped":
      return `stopped (${reach.by} limit)`;
    case "Violated":
      return "ended by a counterexample";
  }
};

/** What was explored and how much of it there is, the same on every machine. */
export const countLines = (
  { options, actions, invariants }: ExploreCommand,
  found: Findings,
): readonly string[] => {
  const { rmm, spec, kvm, devices, recs } = options;
  const silent = invariants.filter(({ id }) => !found.exercised.includes(id));
  const spoke = invariants.length - silent.length;
  return [
    `KVM ${kvm}, RMM ${rmm}${
      spec ? " by the letter" : ""
    }, devices in ${devices}, ${recs} REC${recs === 1 ? "" : "s"}`,
    `actions: ${actions.map(({ name }) => name).join(" ")}`,
    `${found.unique} unique states of ${found.states} generated, ${found.transitions} transitions, depth ${found.depth}`,
    `invariants: ${invariants.length} checked, ${spoke} had something to say${
      silent.length === 0
        ? ""
        : `, silent: ${silent.map(({ id }) => id).join(" ")}`
    }`,
  ];
};

/** Who sends each event to whom in a diagram. */
const arrows: Readonly<Record<Event["tag"], readonly [string, string]>> = {
  Run: ["Realm", "Realm"],
  Script: ["Realm", "Realm"],
  Dabt: ["Realm", "RMM"],
  Iabt: ["Realm", "RMM"],
  Wfx: ["Realm", "RMM"],
  SysregTrap: ["Realm", "RMM"],
  Smc: ["Realm", "RMM"],
  Hvc: ["Realm", "RMM"],
  Sync: ["Realm", "RMM"],
  Irq: ["Realm", "RMM"],
  Fiq: ["Realm", "RMM"],
  Serror: ["Realm", "RMM"],
  RecEnter: ["KVM", "RMM"],
  FailRecEnter: ["KVM", "RMM"],
  RmiRecEnter: ["KVM", "RMM"],
  RmiPsciComplete: ["KVM", "RMM"],
  RmiRttSetRipas: ["KVM", "RMM"],
  RecExit: ["RMM", "KVM"],
  KvmRun: ["VMM", "KVM"],
  Signal: ["VMM", "KVM"],
  SetVcpuEvents: ["VMM", "KVM"],
  SetOneReg: ["VMM", "KVM"],
  GetOneReg: ["VMM", "KVM"],
  WriteKvmRun: ["VMM", "KVM"],
  VmmHandle: ["KVM", "VMM"],
  MmioComplete: ["KVM", "VMM"],
  Tick: ["Board", "VMM"],
  UartRx: ["Board", "VMM"],
};

/** A counterexample: what breaks what, from where. */
export interface Counterexample {
  readonly start: World;
  readonly events: readonly Event[];
  readonly invariant: Invariant;
}

/** One line per event, as a trace has it. */
const traceOf = ({ start, events }: Counterexample): readonly string[] => {
  let world = start;
  return events.map((event, index) => {
    const result = step(world, event);
    const line = traceLine(index + 1, world, event, result);
    world = result.world;
    return line;
  });
};

const columns = /^(\S+) (\S+) (\S+) ?(.*)$/;

/** The counterexample as a table: number, REC, event, what came of it. */
export const eventTable = (found: Counterexample): readonly string[] => {
  const rows = traceOf(found).map((line) => columns.exec(line)?.slice(1) ?? []);
  const width = (at: number, least: number): number =>
    Math.max(least, ...rows.map((row) => row[at]?.length ?? 0));
  const widths = [width(0, 1), width(1, 3), width(2, 5)];
  return [["#", "who", "event", "what"], ...rows].map((row) =>
    row.map((cell, at) => cell.padEnd(widths[at] ?? 0)).join("  ").trimEnd()
  );
};

/** Text that Mermaid takes as it stands. */
const plain = (text: string): string => text.replace(/[;#:]/g, " ");

/** The counterexample as a Mermaid sequence diagram. */
export const mermaid = (found: Counterexample): readonly string[] => {
  const { events, invariant } = found;
  const lines = traceOf(found);
  const arrow = (event: Event, index: number): string => {
    const [from, to] = arrows[event.tag];
    const [, , who = "", tag = "", what = ""] =
      columns.exec(lines[index] ?? "") ?? [];
    return `  ${from}->>${to}: ${plain(`${who} ${tag} ${what}`).trimEnd()}`;
  };
  return [
    "```mermaid",
    "sequenceDiagram",
    ...["Realm", "RMM", "KVM", "VMM"].map((who) => `  participant ${who}`),
    ...events.map(arrow),
    `  Note over Realm,VMM: ${invariant.id} is violated`,
    "```",
  ];
};

/** A counterexample in full. */
export const violationLines = (
  found: Counterexample,
): readonly string[] => {
  const { start, events, invariant } = found;
  const { id, rule, source } = invariant;
  const breach = breachOf(start, events, invariant);
  return [
    `violated: ${id}: ${rule}`,
    `  rule: ${source}`,
    `  found by this model: ${breach?.wrong ?? ""}`,
    "",
    ...eventTable(found),
    "",
    ...mermaid(found),
    "",
  ];
};
