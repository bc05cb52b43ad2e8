/**
 * One line of kernel trace text, as ftrace and `trace-cmd report` write it.
 *
 * ```text
 * comm-pid [cpu] flags secs.usecs: event: payload     (ftrace)
 * comm-pid [cpu] secs.usecs: event:   payload         (trace-cmd report)
 * ```
 *
 * A comm may hold spaces, slashes and dashes: the pid follows the last dash
 * before the CPU. A bare `event: payload` is read too, for pasted lines.
 *
 * Source: kvm.md §5.
 *
 * @module
 */

import { formats, type KvmEvent, type KvmEventName } from "./event.ts";

/** Where a line came from: its thread, or null for a bare `event: payload`. */
export interface Origin {
  readonly comm: string;
  readonly pid: string;
}

/** What one line is. */
export type Line =
  | {
    readonly tag: "Event";
    readonly origin: Origin | null;
    readonly event: KvmEvent;
  }
  /** A trace line of an event that is none of those read here. */
  | { readonly tag: "Other"; readonly name: string }
  /** A known event whose payload has another shape. */
  | {
    readonly tag: "Malformed";
    readonly name: KvmEventName;
    readonly expected: string;
    readonly found: string;
  }
  /** The tracer lost events here: nothing before says anything about what follows. */
  | { readonly tag: "Lost" }
  /** A header, a comment or an empty line. */
  | { readonly tag: "Comment" }
  /** No line of a trace. */
  | { readonly tag: "Unknown" };

const head =
  /^\s*(?<comm>\S.*)-(?<pid>\d+)\s+(?:\([\s\d-]+\)\s+)?\[\d+\]\s+(?:[.a-zA-Z#][^\s:]{2,7}\s+)?\d+(?:\.\d+)?:\s+(?<rest>\S.*)$/;

const named = /^(?<name>[a-zA-Z_]\w*):\s*(?<payload>.*?)\s*$/;

const comment = /^\s*$|^\s*#|^cpus=\d+$|^version = |^CPU \d+ is empty$/;

const lost = /^CPU:\s*\d+ \[.*(?:LOST|DROPPED).*\]$/;

const isKvmEvent = (name: string): name is KvmEventName =>
  Object.hasOwn(formats, name);

/** The text of an event after its line's head. */
const readEvent = (text: string, origin: Origin | null): Line | null => {
  const { name, payload = "" } = named.exec(text)?.groups ?? {};
  if (name === undefined) return null;
  if (!isKvmEvent(name)) return origin === null ? null : { tag: "Other", name };
  const { shape, pattern, read } = formats[name];
  const groups = pattern.exec(payload)?.groups;
  return groups === undefined
    ? { tag: "Malformed", name, expected: shape, found: payload }
    : { tag: "Event", origin, event: read(groups) };
};

/** Reads one line, without its line end. Never fails: see `Line`. */
export const readLine = (text: string): Line => {
  if (comment.test(text)) return { tag: "Comment" };
  if (lost.test(text)) return { tag: "Lost" };
  const { comm, pid, rest } = head.exec(text)?.groups ?? {};
  const read = comm === undefined || pid === undefined || rest === undefined
    ? readEvent(text.trim(), null)
    : readEvent(rest, { comm, pid });
  return read ?? { tag: "Unknown" };
};
