/**
 * The road as a timeline: one column to an event, one lane to an actor.
 *
 * @module
 */

import type { Event } from "../world.ts";
import { type Line, type Span, span } from "./ansi.ts";

/** The lanes from the realm outwards. */
export const lanes = ["realm", "RMM", "KVM", "VMM"] as const;

type Lane = typeof lanes[number];

/** Which actor acts in an event, and the letter that stands for it. */
const acts: Readonly<Record<Event["tag"], readonly [Lane, string]>> = {
  Run: ["realm", "r"],
  Script: ["realm", "s"],
  Dabt: ["RMM", "D"],
  Iabt: ["RMM", "A"],
  Wfx: ["RMM", "W"],
  SysregTrap: ["RMM", "T"],
  Smc: ["RMM", "C"],
  Hvc: ["RMM", "H"],
  Sync: ["RMM", "Y"],
  Irq: ["RMM", "I"],
  Fiq: ["RMM", "F"],
  Serror: ["RMM", "S"],
  RecEnter: ["RMM", "e"],
  RmiRecEnter: ["RMM", "e"],
  FailRecEnter: ["RMM", "!"],
  RmiPsciComplete: ["RMM", "p"],
  RmiRttSetRipas: ["RMM", "t"],
  RecExit: ["KVM", "x"],
  KvmRun: ["KVM", "k"],
  Signal: ["KVM", "g"],
  SetVcpuEvents: ["VMM", "v"],
  SetOneReg: ["VMM", "o"],
  GetOneReg: ["VMM", "o"],
  WriteKvmRun: ["VMM", "w"],
  VmmHandle: ["VMM", "h"],
  MmioComplete: ["VMM", "m"],
  Tick: ["VMM", "c"],
  UartRx: ["VMM", "u"],
};

const name_width = 6;

const cell = (
  event: Event | undefined,
  lane: Lane,
  place: "past" | "next" | "future",
): Span => {
  if (event === undefined) return span(" ");
  const [of, letter] = acts[event.tag];
  const text = of === lane ? letter : "·";
  if (place === "next") return span(text, "invert");
  if (of !== lane) return span(text, "dim");
  return span(text, place === "past" ? "bold" : "plain");
};

/**
 * The lanes around event `at`, the next to happen, and a ruler below that
 * points at it; `width` characters wide.
 */
export const road = (
  events: readonly Event[],
  at: number,
  width: number,
): readonly Line[] => {
  const columns = width - name_width;
  const half = Math.floor(columns / 2);
  const latest = Math.max(0, events.length + 1 - columns);
  const first = Math.min(Math.max(0, at - half), latest);
  const shown = Array.from({ length: columns }, (_, n) => first + n);
  const rows = lanes.map((lane): Line => [
    span(lane.padEnd(name_width)),
    ...shown.map((index) => {
      const place = index < at ? "past" : index === at ? "next" : "future";
      return cell(events[index], lane, place);
    }),
  ]);
  const pointer = "^";
  const offset = at - first;
  const label = `${at}`;
  const before = offset > label.length
    ? `${label}${pointer}`.padStart(offset + 1)
    : `${" ".repeat(offset)}${pointer}${label}`;
  return [...rows, [span(`${"event".padEnd(name_width)}${before}`)]];
};
