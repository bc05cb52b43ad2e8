/**
 * Folds the pure and the fast protocol over the same events and compares
 * whole states after every one.
 *
 * @module
 */

import { assertEquals } from "@std/assert";
import type { Ask } from "../core/device/ask.ts";
import { recExit } from "../core/fast/protocol/abort.ts";
import type { Fast } from "../core/fast/protocol/arrays.ts";
import { tick, uartRx } from "../core/fast/protocol/bus.ts";
import { recEnter, rmiRecEnter } from "../core/fast/protocol/enter.ts";
import { dabt, fiq, irq } from "../core/fast/protocol/exit.ts";
import { CODE, type Code } from "../core/fast/protocol/layout.ts";
import { load, reload } from "../core/fast/protocol/load.ts";
import { store } from "../core/fast/protocol/store.ts";
import {
  kvmRun,
  mmioAnswer,
  mmioComplete,
  vmmHandle,
} from "../core/fast/protocol/user.ts";
import { step } from "../core/step.ts";
import type { Event, World } from "../core/world.ts";

/** The low 32 bits of a word, signed. */
export const low = (word: bigint): number => Number(BigInt.asIntN(32, word));

/** The high 32 bits of a word, signed. */
export const high = (word: bigint): number => low(word >> 32n);

/** 31 registers in halves. */
const halves = (words: readonly bigint[]): Int32Array =>
  Int32Array.from(words.flatMap((word) => [low(word), high(word)]));

/** The fast path's answer to an event of its REC; events it does not know are slow. */
export const fastStep = (f: Fast, event: Event): Code => {
  if ("rec" in event && event.rec !== f.rec) return CODE.slow;
  switch (event.tag) {
    case "Dabt": {
      const { esr, far, hpfar } = event;
      return dabt(
        f,
        low(esr),
        high(esr),
        low(far),
        high(far),
        low(hpfar),
        high(hpfar),
      );
    }
    case "Irq":
      return irq(f);
    case "Fiq":
      return fiq(f);
    case "RecExit":
      return recExit(f);
    case "RecEnter":
      return recEnter(f);
    case "RmiRecEnter":
      return rmiRecEnter(
        f,
        low(event.flags),
        high(event.flags),
        halves(event.gprs),
      );
    case "KvmRun":
      return kvmRun(f, event.immediate_exit);
    case "VmmHandle":
      return vmmHandle(f);
    case "MmioComplete":
      return event.data === null
        ? mmioComplete(f)
        : mmioAnswer(f, low(event.data), high(event.data));
    case "Tick":
      tick(f, event.seconds);
      return CODE.done;
    case "UartRx":
      uartRx(f, event.bytes);
      return CODE.done;
    default:
      return CODE.slow;
  }
};

/** Deep equality of plain data; parts that are one object are not looked into. */
export const same = (a: unknown, b: unknown): boolean => {
  if (a === b) return true;
  if (typeof a !== "object" || typeof b !== "object") return false;
  if (a === null || b === null) return false;
  const keys = Object.keys(a);
  if (keys.length !== Object.keys(b).length) return false;
  const [left, right] = [a, b] as Record<string, unknown>[];
  return keys.every((key) => same(left?.[key], right?.[key]));
};

/** The arrays of a world's REC 0; a world without one is the test's fault. */
export const loaded = (world: World): Fast => {
  const f = load(world, 0);
  if (f === null) throw new Error("expected a world with a REC 0");
  return f;
};

const sentBytes = (f: Fast): readonly Ask[] => {
  const bytes = [...f.tx.subarray(0, f.sent)];
  f.sent = 0;
  return bytes.map((byte) => ({ tag: "UartTx", byte }));
};

/** Both implementations at one moment. */
export interface Pair {
  /** The pure world. */
  readonly pure: World;
  /** The fast one, stored. */
  readonly fast: World;
  /** The arrays it was stored from. */
  readonly f: Fast;
}

/** A pair at `world`; the arrays can be those of an earlier one. */
export const pairAt = (world: World, f: Fast = loaded(world)): Pair => {
  if (!reload(f, world)) throw new Error("expected a world with a REC 0");
  return { pure: world, fast: world, f };
};

/** How an event went: the pair after it and what the fast path answered. */
export interface Taken {
  readonly pair: Pair;
  readonly code: Code;
}

const leaf = (value: unknown): string =>
  typeof value === "bigint" ? `0x${value.toString(16)}` : String(value);

/** The first place where two values differ, as `host.vcpus.0.at: pure enter, fast user`. */
const difference = (pure: unknown, fast: unknown, path: string): string => {
  const plain = (value: unknown): value is Record<string, unknown> =>
    typeof value === "object" && value !== null;
  if (plain(pure) && plain(fast)) {
    const keys = Object.keys({ ...pure, ...fast });
    const key = keys.find((name) => !same(pure[name], fast[name])) ?? "";
    return difference(
      pure[key],
      fast[key],
      path === "" ? key : `${path}.${key}`,
    );
  }
  return `${path}: pure ${leaf(pure)}, fast ${leaf(fast)}`;
};

/** Fails with the first difference when two worlds are not the same. */
export const assertSame = (fast: World, pure: World, what: string): void => {
  if (!same(fast, pure)) {
    throw new Error(`${what}: ${difference(pure, fast, "")}`);
  }
};

const shown = (event: Event): string =>
  JSON.stringify(
    event,
    (_, value) => typeof value === "bigint" ? `0x${value.toString(16)}` : value,
  );

/**
 * Takes one event by both and compares: the codes, the worlds, what was asked
 * for, and that an event refused or left to the pure code changed nothing.
 */
export const take = (pair: Pair, event: Event): Taken => {
  const { f } = pair;
  const pure = step(pair.pure, event);
  const code = fastStep(f, event);
  const fast = store(f, pair.fast);
  if (code === CODE.done) {
    assertEquals(pure.tag, "Stepped", shown(event));
    if (pure.tag === "Stepped") {
      assertSame(fast, pure.world, shown(event));
      const sent = sentBytes(f);
      if (!same(sent, pure.asks)) assertEquals(sent, pure.asks, shown(event));
    }
    return { pair: { pure: pure.world, fast, f }, code };
  }
  assertEquals(fast === pair.fast, true, `${shown(event)} changed something`);
  if (code === CODE.refused) assertEquals(pure.tag, "Refused", shown(event));
  return { pair: pairAt(pure.world, f), code };
};

/** Takes events in order; each has to be taken by the fast path. */
export const takeAll = (pair: Pair, events: readonly Event[]): Pair =>
  events.reduce((at, event) => {
    const taken = take(at, event);
    assertEquals(taken.code, CODE.done, shown(event));
    return taken.pair;
  }, pair);
