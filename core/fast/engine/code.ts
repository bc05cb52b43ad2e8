/**
 * Pages of code: decoding words into records, and forgetting them when the
 * words change.
 *
 * @module
 */

import { forget } from "../../realm/pages.ts";
import { page_words, RECORD, record_bytes, SLOT } from "./layout.ts";
import { type CodePage, type Engine, frameAt } from "./state.ts";
import { flush } from "./tlb.ts";
import {
  batch,
  compile,
  endsAfter,
  entryOf,
  record_words,
  recordFor,
} from "./word.ts";

const handler_word = RECORD.handler / 4;
const base_word = RECORD.base / 4;
const heat_word = RECORD.heat / 4;

/** Words decoded at a time. */
const decode_max = 256;

const clear = (e: Engine, records: number): void => {
  const from = records / 4;
  const words = record_bytes / 4;
  for (let at = 0; at < page_words; at++) {
    const record = from + at * words;
    e.u32[record + handler_word] = SLOT.fresh;
    e.u32[record + base_word] = SLOT.fresh;
    e.u32[record + heat_word] = e.tuning.hot;
  }
  const beyond = from + page_words * words;
  e.u32[beyond + handler_word] = SLOT.cross;
  e.u32[beyond + base_word] = SLOT.cross;
};

/** Forgets the records and regions of a page. */
export const discard = (e: Engine, page: CodePage): void => {
  for (const slot of page.regions) {
    e.table.set(slot, null);
    e.slots_free.push(slot);
  }
  e.code.delete(page.index);
  e.pages.code.delete(page.index);
  e.rooms.push(page.records);
  e.rooms_taken.delete(page.records);
  flush(e.execute);
};

/** Forgets all code. */
export const discardAll = (e: Engine): void => {
  for (const page of [...e.code.values()]) discard(e, page);
};

/** The page of code at page `index` of RAM, which is resident; no store goes there unseen from now on. */
export const codePage = (e: Engine, index: number): CodePage => {
  const found = e.code.get(index);
  if (found !== undefined) return found;
  if (e.rooms.length === 0) discardAll(e);
  const page: CodePage = {
    index,
    records: e.rooms.pop()!,
    words: new Uint32Array(page_words),
    used: new Uint8Array(page_words),
    regions: [],
  };
  clear(e, page.records);
  e.code.set(index, page);
  e.rooms_taken.set(page.records, page);
  e.pages.code.add(index);
  forget(e.pages.write);
  flush(e.write);
  return page;
};

/** Discards a page of code if a word that was decoded is not what it was. */
export const verify = (e: Engine, index: number): void => {
  const page = e.code.get(index);
  if (page === undefined) return;
  const frame = frameAt(index) / 4;
  for (let at = 0; at < page_words; at++) {
    if (page.used[at] === 1 && page.words[at] !== e.u32[frame + at]) {
      discard(e, page);
      return;
    }
  }
};

/** The word of a page of code. */
export const wordAt = (e: Engine, page: CodePage, at: number): number =>
  e.u32[frameAt(page.index) / 4 + at]!;

/** Decodes words from word `from` on, to the end of straight-line code. */
export const decode = (e: Engine, page: CodePage, from: number): void => {
  const into = batch();
  const { records } = e.words;
  const end = Math.min(page_words, from + decode_max);
  for (let at = from; at < end; at++) {
    const record = (page.records + at * record_bytes) / 4;
    if (e.u32[record + handler_word] !== SLOT.fresh) break;
    const word = wordAt(e, page, at);
    const entry = entryOf(e, word);
    const made = recordFor(e, entry, at, into);
    for (let n = 0; n < record_words; n++) {
      if (n !== heat_word) e.u32[record + n] = records[made + n]!;
    }
    page.used[at] = 1;
    page.words[at] = word;
    if (endsAfter(e.words, entry)) break;
  }
  compile(e, into);
};
