/**
 * Load-exclusive, store-exclusive and the atomics of FEAT_LSE.
 *
 * All of them must be naturally aligned, over both words of a pair (no
 * FEAT_LSE2), and none has a syndrome (ISV=0).
 *
 * Source: Arm ARM (DDI 0487) B2.12 (exclusives), B2.8.2 (alignment).
 *
 * @module
 */

import type { Rmw, Size } from "../a64/micro.ts";
import type { Fault } from "../a64/cpu.ts";
import { modify } from "../a64/evaluate/rmw.ts";
import { mask } from "../arch/word.ts";
import { stored } from "./access.ts";
import { readWord, writeWord } from "./bytes.ts";
import { type Machine, readView, writeView } from "./machine.ts";
import { page_bytes } from "./memory.ts";
import { raiseAlignment, type Request } from "./abort.ts";
import { locate, type Place } from "./mmu.ts";

const fault: Fault = { tag: "Fault" };

/** Where an aligned access of `bytes` bytes in all goes, or null when it aborts. */
const aligned = (
  m: Machine,
  kind: "read" | "write" | "update",
  at: bigint,
  bytes: number,
): Place | null => {
  const request: Request = {
    kind,
    unprivileged: m.el === 0,
    unaligned: false,
    transfer: null,
    bytes,
  };
  if ((at & BigInt(bytes - 1)) !== 0n) return raiseAlignment(m, at, request);
  return locate(m, at, request);
};

const offsetOf = (at: bigint): number => Number(at & BigInt(page_bytes - 1));

const readWords = (
  m: Machine,
  place: Place,
  bytes: Size,
  count: number,
): readonly bigint[] => {
  const view = readView(m, place.index);
  const offset = offsetOf(place.ipa);
  return Array.from(
    { length: count },
    (_, n) => readWord(view, offset + n * bytes, bytes, m.little),
  );
};

const writeWords = (
  m: Machine,
  place: Place,
  bytes: Size,
  values: readonly bigint[],
): void => {
  const view = writeView(m, place.index);
  const offset = offsetOf(place.ipa);
  values.forEach((value, n) =>
    writeWord(view, offset + n * bytes, bytes, value, m.little)
  );
  stored(m, place);
};

/** Port.loadExclusive. */
export const loadExclusive = (
  m: Machine,
  at: bigint,
  bytes: Size,
  count: number,
): readonly bigint[] | Fault => {
  const place = aligned(m, "read", at, bytes * count);
  if (place === null) return fault;
  m.monitor = { ipa: place.ipa, bytes: bytes * count };
  return readWords(m, place, bytes, count);
};

/**
 * Port.storeExclusive. Faults are taken whether or not the monitor holds; it
 * passes for the very address and size that were marked and is open after.
 */
export const storeExclusive = (
  m: Machine,
  at: bigint,
  bytes: Size,
  values: readonly bigint[],
): boolean | Fault => {
  const total = bytes * values.length;
  const place = aligned(m, "write", at, total);
  if (place === null) return fault;
  const marked = m.monitor;
  m.monitor = null;
  if (marked === null) return false;
  if (!(marked.ipa === place.ipa && marked.bytes === total)) return false;
  writeWords(m, place, bytes, values);
  return true;
};

/** Port.atomic: the old value; memory takes the combination. */
export const atomic = (
  m: Machine,
  at: bigint,
  bytes: Size,
  rmw: Rmw,
  value: bigint,
): bigint | Fault => {
  const place = aligned(m, "update", at, bytes);
  if (place === null) return fault;
  const old = readWords(m, place, bytes, 1)[0] ?? 0n;
  writeWords(m, place, bytes, [modify(rmw, bytes, old, value)]);
  return old;
};

/** Port.compareSwap: the old values; memory changes when all equal the expected ones. */
export const compareSwap = (
  m: Machine,
  at: bigint,
  bytes: Size,
  expected: readonly bigint[],
  desired: readonly bigint[],
): readonly bigint[] | Fault => {
  const place = aligned(m, "update", at, bytes * desired.length);
  if (place === null) return fault;
  const width = mask(bytes * 8);
  const old = readWords(m, place, bytes, desired.length);
  const equal = old.every((value, n) =>
    value === ((expected[n] ?? 0n) & width)
  );
  if (equal) writeWords(m, place, bytes, desired);
  return old;
};
