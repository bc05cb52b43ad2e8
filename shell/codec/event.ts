/**
 * Events as JSON text, one a line, as scenario files write them.
 *
 * @module
 */

import * as Effect from "effect/Effect";
import type { Event } from "../../core/world.ts";
import { parseJson } from "../decode.ts";
import { decodeEvent } from "../scenario.ts";
import type { BadInput } from "../services.ts";

/** An event as one line of JSON, its tag first. */
export const eventText = (event: Event): string =>
  JSON.stringify(
    event,
    (_, value: unknown) =>
      typeof value === "bigint" ? `0x${value.toString(16)}` : value,
  );

/** Reads events line by line; equal lines share one event. */
export interface EventReader {
  /** The event of a line; `where` is named in refusals. */
  readonly read: (
    text: string,
    where: string,
  ) => Effect.Effect<Event, BadInput> | Event;
}

/** Lines an `EventReader` remembers before it starts over. */
const lines_max = 100_000;

/** A reader that has read nothing yet. */
export const eventReader = (): EventReader => {
  const known = new Map<string, Event>();
  const decode = Effect.fnUntraced(function* (text: string, where: string) {
    const json = yield* parseJson(text, where);
    const event = yield* decodeEvent(json, where);
    if (known.size >= lines_max) known.clear();
    known.set(text, event);
    return event;
  });
  return { read: (text, where) => known.get(text) ?? decode(text, where) };
};
