/**
 * A run as JSON lines: one object per event, its input as scenario files have
 * it and what came of it.
 *
 * @module
 */

import type { World } from "../../core/world.ts";
import { eventText } from "../codec/event.ts";
import type { Writer } from "./sequence.ts";
import { placeOf, recOf, type Taken, whatOf } from "./taken.ts";

const hex = (value: bigint): string => `0x${value.toString(16)}`;

/** Fields of the exit half that are not zero, when the step brought a new one. */
const exitOf = (
  before: World,
  after: World,
  rec: number,
): Readonly<Record<string, unknown>> | null => {
  const exit = after.runs[rec]?.exit;
  if (exit === undefined || exit === before.runs[rec]?.exit) return null;
  const shown: Record<string, unknown> = {
    exit_reason: Number(exit.exit_reason),
  };
  for (const [name, value] of Object.entries(exit)) {
    if (typeof value === "bigint" && value !== 0n && name !== "exit_reason") {
      shown[name] = hex(value);
    }
  }
  const last = exit.gprs.findLastIndex((value) => value !== 0n);
  if (last >= 0) shown["gprs"] = exit.gprs.slice(0, last + 1).map(hex);
  return shown;
};

/** One step as an object, keys in a fixed order. */
export const objectOf = (taken: Taken): Readonly<Record<string, unknown>> => {
  const { index, time, before, event, result } = taken;
  const rec = recOf(event);
  const after = result.world;
  const exit = rec === null ? null : exitOf(before, after, rec);
  return {
    event: index,
    time,
    input: JSON.parse(eventText(event)),
    what: whatOf(taken),
    ...(result.tag === "Refused"
      ? { refused: JSON.parse(JSON.stringify(result.why)) }
      : {}),
    ...(rec === null ? {} : {
      vcpu: placeOf(after, rec),
      pc: hex(after.realm.recs[rec]?.pc ?? 0n),
    }),
    ...(exit === null ? {} : { exit }),
    ...(result.tag === "Stepped" && result.asks.length > 0
      ? {
        asks: JSON.parse(JSON.stringify(result.asks, (_, value) =>
          typeof value === "bigint" ? hex(value) : value)),
      }
      : {}),
  };
};

/** JSON lines. */
export const jsonl: Writer = {
  head: () => "",
  step: (taken) => `${JSON.stringify(objectOf(taken))}\n`,
  tail: () => "",
};
