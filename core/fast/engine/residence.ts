/**
 * RAM in linear memory: pages come in when they are needed and dirty ones go
 * out as new pages of the next world.
 *
 * @module
 */

import { looked } from "../../realm/deferred.ts";
import {
  chunk_pages,
  type Draft,
  draft,
  type Memory,
  type Page,
  page_bytes,
  pageAt,
  readable,
  seal,
} from "../../realm/memory.ts";
import { drop, forget } from "../../realm/pages.ts";
import { discardAll, verify } from "./code.ts";
import { forgetDevices } from "./device.ts";
import { frameAt } from "./layout.ts";
import type { Engine } from "./state.ts";
import { cleanse, flush } from "./tlb.ts";

/** The bytes of a page of RAM in linear memory. */
export const viewOf = (e: Engine, index: number): Page => {
  const known = e.views.get(index);
  if (known !== undefined) return known;
  const at = frameAt(index);
  const view = e.u8.subarray(at, at + page_bytes);
  e.views.set(index, view);
  return view;
};

const bring = (e: Engine, index: number, page: Page | undefined): void => {
  const at = frameAt(index);
  if (page === undefined) e.u8.fill(0, at, at + page_bytes);
  else e.u8.set(page, at);
  e.resident[index] = 1;
};

/** Makes a page resident. */
export const ensure = (e: Engine, from: Draft, index: number): void => {
  if (e.resident[index] === 0) bring(e, index, readable(from, index));
};

/** Forgets every translation. */
export const flushAll = (e: Engine): void => {
  flush(e.read);
  flush(e.write);
  flush(e.execute);
  forgetDevices(e.devices);
};

/** Forgets the slow way's views of pages: from now on others are read, or must be seen written. */
export const forgetViews = (e: Engine): void => {
  if (!e.looked) return;
  forget(e.pages.read);
  forget(e.pages.write);
  forget(e.pages.execute);
  e.looked = false;
};

/** Starts writing anew: what linear memory holds is `from`. */
const redraft = (e: Engine, from: Memory): void => {
  e.draft = draft(from);
  e.runs = 0;
  e.turns = 0;
  // Every page must be seen to be written again.
  cleanse(e.write);
  forgetViews(e);
};

const restart = (e: Engine, memory: Memory): void => {
  discardAll(e);
  e.resident = new Uint8Array(memory.bytes / page_bytes);
  flushAll(e);
  drop(e.pages);
};

const renew = (e: Engine, from: Memory, to: Memory, chunk: number): void => {
  for (let at = 0; at < chunk_pages; at++) {
    const index = chunk * chunk_pages + at;
    const page = pageAt(to, index);
    if (page === pageAt(from, index)) continue;
    // A walk reads the memory itself: a table need not be resident.
    if (e.pages.tables.has(index)) {
      flushAll(e);
      drop(e.pages);
    }
    if (e.resident[index] !== 1) continue;
    bring(e, index, page);
    verify(e, index);
  }
};

const update = (e: Engine, from: Memory, to: Memory): void => {
  const chunks = Math.max(from.chunks.length, to.chunks.length);
  for (let chunk = 0; chunk < chunks; chunk++) {
    if (from.chunks[chunk] !== to.chunks[chunk]) renew(e, from, to, chunk);
  }
};

/** Brings the resident pages up to date with a memory: only those that differ are copied. */
export const hold = (e: Engine, memory: Memory): void => {
  if (e.holds === memory) return;
  // Afterwards it takes a replay to make it.
  if (e.recipe !== null) looked(e.recipe.memory);
  // And so may this one, which moves the engine.
  looked(memory);
  if (e.holds === memory) return;
  const { from } = e.draft;
  const known = e.holds !== null && from.base === memory.base &&
    from.bytes === memory.bytes;
  if (known) update(e, copyOut(e), memory);
  else restart(e, memory);
  e.holds = memory;
  redraft(e, memory);
};

/** Moves a page the slow way has copied into linear memory, where the draft then finds it. */
const adoptPage = (e: Engine, open: Draft, index: number): void => {
  const page = open.owned.get(index)!;
  if (page.buffer === e.u8.buffer) return;
  bring(e, index, page);
  open.owned.set(index, viewOf(e, index));
};

/** Moves every page the slow way has copied since `count` were owned. */
export const adopt = (e: Engine, open: Draft, count: number): void => {
  if (open.owned.size === count) return;
  for (const index of [...open.owned.keys()]) adoptPage(e, open, index);
  forget(e.pages.read);
  forget(e.pages.write);
  forget(e.pages.execute);
};

/**
 * Bytes allocated at a time for pages that go out. Small buffers are slow to
 * make; a page that is kept keeps the others of its slab.
 */
const slab_bytes = 8 * page_bytes;

const copyOf = (e: Engine, page: Page): Page => {
  if (e.slab_taken === e.slab.byteLength) {
    e.slab = new ArrayBuffer(slab_bytes);
    e.slab_taken = 0;
  }
  const copy = new Uint8Array(e.slab, e.slab_taken, page_bytes);
  e.slab_taken += page_bytes;
  copy.set(page);
  return copy;
};

/**
 * The memory that linear memory holds, with pages of its own for those that
 * were written since the last one.
 */
export const copyOut = (e: Engine): Memory => {
  const { from, owned } = e.draft;
  e.recipe = null;
  if (owned.size === 0) return from;
  const copies = new Map<number, Page>();
  for (const [index, page] of owned) copies.set(index, copyOf(e, page));
  const memory = seal({ from, owned: copies });
  redraft(e, memory);
  return memory;
};
