/**
 * Conditions: what a walk through a recording can wait for.
 *
 * @module
 */

import type { Machine } from "../realm/machine.ts";
import type { Event, World } from "../world.ts";
import { type Watch, watch_names, type Watched, watchOf } from "./watch.ts";

/** Something that happens at a step: in a realm instruction or in an event. */
export type Condition =
  /** A watched thing gets another value; a write of the value it had is none. */
  | { readonly tag: "Changes"; readonly watch: Watch }
  /** A watched thing gets this value and had another. */
  | { readonly tag: "Becomes"; readonly watch: Watch; readonly value: Watched }
  /** An event of this kind. */
  | { readonly tag: "Event"; readonly event: Event["tag"] }
  /** RMI_REC_ENTER returns to KVM. */
  | { readonly tag: "Exit" };

/** Every kind of event. */
const tags = {
  Run: 0,
  Script: 0,
  Dabt: 0,
  Iabt: 0,
  Wfx: 0,
  SysregTrap: 0,
  Smc: 0,
  Hvc: 0,
  Sync: 0,
  Irq: 0,
  Fiq: 0,
  Serror: 0,
  RecEnter: 0,
  RecExit: 0,
  KvmRun: 0,
  Signal: 0,
  FailRecEnter: 0,
  SetVcpuEvents: 0,
  SetOneReg: 0,
  GetOneReg: 0,
  WriteKvmRun: 0,
  VmmHandle: 0,
  MmioComplete: 0,
  RmiRecEnter: 0,
  RmiPsciComplete: 0,
  RmiRttSetRipas: 0,
  Tick: 0,
  UartRx: 0,
} as const satisfies Record<Event["tag"], 0>;

const isTag = (text: string): text is Event["tag"] => Object.hasOwn(tags, text);

const valueOf = (text: string): Watched =>
  /^(0x[0-9a-f]+|[0-9]+)$/i.test(text) ? BigInt(text) : text;

/** What `conditionOf` returns: a condition, or one line saying what was expected. */
export type Parsed =
  | { readonly tag: "Parsed"; readonly condition: Condition }
  | { readonly tag: "Refused"; readonly what: string };

/**
 * Reads a condition: `pc==0x40080000` (becomes), `x5` (changes), `EMUL_MMIO`
 * (is set), `Dabt` (an event of that kind), `exit` (RMI_REC_ENTER returns).
 */
export const conditionOf = (text: string, rec: number): Parsed => {
  if (text === "exit") return { tag: "Parsed", condition: { tag: "Exit" } };
  if (isTag(text)) {
    return { tag: "Parsed", condition: { tag: "Event", event: text } };
  }
  const [name = "", value, ...more] = text.split("==").map((part) =>
    part.trim()
  );
  const watch = watchOf(name, rec);
  if (watch === null || value === "" || more.length > 0) {
    return {
      tag: "Refused",
      what:
        `expected an event, exit, NAME or NAME==VALUE with NAME one of ${watch_names} but found ${
          JSON.stringify(text)
        }`,
    };
  }
  if (value !== undefined) {
    const becomes = valueOf(value);
    return {
      tag: "Parsed",
      condition: { tag: "Becomes", watch, value: becomes },
    };
  }
  // A flag named alone is waited for until it is set.
  const isFlag = /^[A-Z_0-9]+$/.test(watch.name) && watch.peek === null;
  return {
    tag: "Parsed",
    condition: isFlag
      ? { tag: "Becomes", watch, value: 1n }
      : { tag: "Changes", watch },
  };
};

/** The watch of a condition, or null when it is about events alone. */
const watchIn = (condition: Condition): Watch | null =>
  "watch" in condition ? condition.watch : null;

const met = (condition: Condition, before: Watched, after: Watched): boolean =>
  before !== after &&
  (condition.tag !== "Becomes" || after === condition.value);

const isExit = (event: Event, before: World, after: World): boolean => {
  if (!("rec" in event)) return false;
  const { rec } = event;
  const left = after.host.vcpus[rec]?.at === "exit";
  return left && before.host.vcpus[rec]?.at !== "exit";
};

/** True when an event taken whole meets the condition. */
export const metByEvent = (
  condition: Condition,
  event: Event,
  before: World,
  after: World,
): boolean => {
  switch (condition.tag) {
    case "Event":
      return event.tag === condition.event && before !== after;
    case "Exit":
      return isExit(event, before, after);
    default: {
      const { read } = condition.watch;
      return met(condition, read(before), read(after));
    }
  }
};

/** True when realm instructions can meet the condition one by one. */
export const needsTurns = (condition: Condition): boolean =>
  (watchIn(condition)?.peek ?? null) !== null;

/**
 * A test to ask after every turn of a machine: true when the turn met the
 * condition. It remembers what it saw last, starting with the machine as it is.
 */
export const turnTest = (condition: Condition, m: Machine): () => boolean => {
  const watch = watchIn(condition);
  const peek = watch?.peek ?? null;
  if (watch === null || peek === null) return () => false;
  const own = watch.rec === m.rec;
  let last = peek(m, own);
  return () => {
    const now = peek(m, own);
    if (now === last || now === null || last === null) return false;
    const before = last;
    last = now;
    return met(condition, before, now);
  };
};
