/**
 * One step of a run as every export sees it: when it began, how long it took,
 * and its line of the trace.
 *
 * @module
 */

import { bytesOf } from "../../core/host/kvm.ts";
import type { Event, Step, World } from "../../core/world.ts";
import { traceLine } from "../trace.ts";

/** A step with its place in the run. */
export interface Taken {
  /** Event number, from 0, as a trace counts. */
  readonly index: number;
  /** When it began: instructions, and one for each event that retired none. */
  readonly time: number;
  /** How long it took, in the same unit; at least 1. */
  readonly cost: number;
  readonly before: World;
  readonly event: Event;
  readonly result: Step;
}

const retired = (world: World): number =>
  world.realm.recs.reduce((sum, rec) => sum + rec.retired, 0);

/** The step that follows `last`, or the first of a run. */
export const takenAfter = (
  last: Taken | null,
  before: World,
  event: Event,
  result: Step,
): Taken => ({
  index: last === null ? 0 : last.index + 1,
  time: last === null ? 0 : last.time + last.cost,
  cost: Math.max(1, retired(result.world) - retired(before)),
  before,
  event,
  result,
});

/** The REC an event is about, or null for the board's own. */
export const recOf = (event: Event): number | null => {
  if ("rec" in event) return event.rec;
  return "calling" in event ? event.calling : null;
};

/** What came of a step: its trace line without number, REC and tag. */
export const whatOf = ({ index, before, event, result }: Taken): string =>
  traceLine(index, before, event, result).split(" ").slice(3).join(" ");

/** Where REC `rec`'s vCPU is. */
export const placeOf = (world: World, rec: number): string =>
  world.host.vcpus[rec]?.at ?? "user";

/** An access of the bus. */
export interface BusAccess {
  readonly is_write: boolean;
  readonly len: number;
  readonly addr: bigint;
  /** In memory order. */
  readonly bytes: readonly number[];
}

/** The access a step made on the bus, for the VMM or for KVM; null when it made none. */
export const accessOf = (taken: Taken): BusAccess | null => {
  const { before, event, result } = taken;
  const rec = recOf(event);
  if (rec === null || result.tag === "Refused") return null;
  const was = before.host.vcpus[rec]?.run.mmio;
  const is = result.world.host.vcpus[rec]?.run.mmio;
  if (is === undefined) return null;
  const { is_write, len, phys_addr: addr, data } = is;
  const access = { is_write, len, addr, bytes: data.slice(0, len) };
  if (event.tag === "MmioComplete") {
    return event.data === null ? access : null;
  }
  // KVM notes every access in kvm_run, also one that user space never sees.
  const noted = event.tag === "RecExit" && is !== was;
  if (!noted || placeOf(result.world, rec) === "user") return null;
  const written = before.runs[rec]?.exit.gprs[0] ?? 0n;
  return is_write ? { ...access, bytes: bytesOf(written, len) } : access;
};
