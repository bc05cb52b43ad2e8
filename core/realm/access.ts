/**
 * Plain loads and stores: the lookups first, then translation page by page.
 *
 * An access that crosses a page is checked on both pages before a byte moves;
 * an abort reports the first address of the part that failed (rmm.md §8
 * row 19).
 *
 * Source: Arm ARM (DDI 0487) B2.8 (alignment), D24.2.37 (FAR_EL1).
 *
 * @module
 */

import type { Access, Size } from "../a64/micro.ts";
import type { Fault } from "../a64/cpu.ts";
import { PSTATE } from "../arch/pstate.ts";
import { bit, word } from "../arch/word.ts";
import { readWord, writeWord } from "./bytes.ts";
import { type Machine, readView, writeView } from "./machine.ts";
import { page_bytes } from "./memory.ts";
import { raiseAlignment, type Request } from "./abort.ts";
import { locate, type Place } from "./mmu.ts";
import { drop, find, remember, signed } from "./pages.ts";

const fault: Fault = { tag: "Fault" };

/** Bytes of the block an exclusive monitor covers: CTR_EL0.ERG. */
const granule_shift = 6n;

/** True when an LDTR or STTR is checked as EL0: PSTATE.UAO turns them into LDR and STR. */
const isUnprivileged = (m: Machine, access: Access): boolean =>
  m.el === 0 ||
  (access.unprivileged === true && (m.pstate & PSTATE.UAO) === 0n);

const requestOf = (
  m: Machine,
  kind: "read" | "write",
  at: bigint,
  bytes: Size,
  access: Access,
): Request => ({
  kind,
  unprivileged: isUnprivileged(m, access),
  unaligned: (at & BigInt(bytes - 1)) !== 0n,
  transfer: access.transfer,
  bytes,
});

/** SCTLR_EL1.A checks every access, ordered accesses are always checked. */
const misaligned = (m: Machine, request: Request, access: Access): boolean =>
  request.unaligned && (access.ordered === true || bit(m.sys.sctlr_el1, 1));

/** A place and how many bytes of the access are there. */
interface Part extends Place {
  readonly offset: number;
  readonly bytes: number;
}

/** The one or two pages of an access, both checked; null when one aborts. */
const parts = (
  m: Machine,
  at: bigint,
  bytes: number,
  request: Request,
): readonly Part[] | null => {
  const offset = Number(at & BigInt(page_bytes - 1));
  const here = Math.min(bytes, page_bytes - offset);
  const first = locate(m, at, request);
  if (first === null) return null;
  const head = { ...first, offset, bytes: here };
  if (here === bytes) return [head];
  const second = locate(m, word(at + BigInt(here)), request);
  if (second === null) return null;
  return [head, { ...second, offset: 0, bytes: bytes - here }];
};

/**
 * A store went to `ipa`: the other RECs' monitors over its block open, and
 * lookups that came from descriptors in its page are dropped.
 */
export const stored = (m: Machine, place: Place): void => {
  const block = place.ipa >> granule_shift;
  for (let at = 0; at < m.others.length; at++) {
    const marked = m.others[at]?.ipa;
    if (marked !== undefined && marked >> granule_shift === block) {
      m.others[at] = null;
    }
  }
  if (m.pages.code.has(place.index)) m.pages.rewritten.add(place.index);
  if (m.pages.tables.has(place.index)) drop(m.pages);
};

/** True while stores to a page need no second look: no code, no walked descriptor, no other REC's monitor is in it. */
export const isPlain = (m: Machine, place: Place): boolean =>
  !m.pages.code.has(place.index) &&
  !m.pages.tables.has(place.index) &&
  m.others.every((other) =>
    other === null || other.ipa >> 12n !== place.ipa >> 12n
  );

const pageOf = (at: bigint): number => {
  const from = signed(at);
  return (from - (from & (page_bytes - 1))) / page_bytes;
};

const gather = (
  m: Machine,
  split: readonly Part[],
  bytes: Size,
): bigint => {
  const buffer = new DataView(new ArrayBuffer(8));
  let done = 0;
  for (const part of split) {
    const view = readView(m, part.index);
    for (let at = 0; at < part.bytes; at++) {
      buffer.setUint8(done++, view.getUint8(part.offset + at));
    }
  }
  return readWord(buffer, 0, bytes, m.little);
};

const loadSlow = (
  m: Machine,
  at: bigint,
  bytes: Size,
  access: Access,
): bigint | Fault => {
  const request = requestOf(m, "read", at, bytes, access);
  if (misaligned(m, request, access)) {
    raiseAlignment(m, at, request);
    return fault;
  }
  const split = parts(m, at, bytes, request);
  if (split === null) return fault;
  const only = split[0]!;
  if (split.length > 1) return gather(m, split, bytes);
  const view = readView(m, only.index);
  const own = request.unprivileged === (m.el === 0);
  if (own) remember(m.pages.read, pageOf(at), view);
  return readWord(view, only.offset, bytes, m.little);
};

/** Port.load. */
export const load = (
  m: Machine,
  at: bigint,
  bytes: Size,
  access: Access,
): bigint | Fault => {
  const from = signed(at);
  const offset = from & (page_bytes - 1);
  // An aligned access stays in its page and never faults on alignment.
  if ((offset & (bytes - 1)) === 0 && access.unprivileged !== true) {
    const view = find(m.pages.read, (from - offset) / page_bytes);
    if (view !== null) return readWord(view, offset, bytes, m.little);
  }
  return loadSlow(m, at, bytes, access);
};

const scatter = (
  m: Machine,
  split: readonly Part[],
  bytes: Size,
  value: bigint,
): void => {
  const buffer = new DataView(new ArrayBuffer(8));
  writeWord(buffer, 0, bytes, value, m.little);
  let done = 0;
  for (const part of split) {
    const view = writeView(m, part.index);
    for (let at = 0; at < part.bytes; at++) {
      view.setUint8(part.offset + at, buffer.getUint8(done++));
    }
    stored(m, part);
  }
};

const storeSlow = (
  m: Machine,
  at: bigint,
  bytes: Size,
  value: bigint,
  access: Access,
): Fault | null => {
  const request = requestOf(m, "write", at, bytes, access);
  if (misaligned(m, request, access)) {
    raiseAlignment(m, at, request);
    return fault;
  }
  const split = parts(m, at, bytes, request);
  if (split === null) return fault;
  const only = split[0]!;
  if (split.length > 1) {
    scatter(m, split, bytes, value);
    return null;
  }
  const view = writeView(m, only.index);
  writeWord(view, only.offset, bytes, value, m.little);
  stored(m, only);
  const own = request.unprivileged === (m.el === 0);
  if (own && isPlain(m, only)) remember(m.pages.write, pageOf(at), view);
  return null;
};

/** Port.store. */
export const store = (
  m: Machine,
  at: bigint,
  bytes: Size,
  value: bigint,
  access: Access,
): Fault | null => {
  const from = signed(at);
  const offset = from & (page_bytes - 1);
  if ((offset & (bytes - 1)) === 0 && access.unprivileged !== true) {
    const view = find(m.pages.write, (from - offset) / page_bytes);
    if (view !== null) {
      writeWord(view, offset, bytes, value, m.little);
      return null;
    }
  }
  return storeSlow(m, at, bytes, value, access);
};
