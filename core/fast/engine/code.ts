/**
 * Pages of code: decoding words into records, and forgetting them when the
 * words change.
 *
 * @module
 */

import { forget } from "../../realm/pages.ts";
import { frameAt, page_words, RECORD, SLOT } from "./layout.ts";
import type { CodePage, Engine } from "./state.ts";
import { stamp } from "./template.ts";
import { flush } from "./tlb.ts";
import { batch, compile, recordFor } from "./word.ts";
import { endsAfter, entryOf, record_words } from "./words.ts";

const handler_word = RECORD.handler / 4;
const base_word = RECORD.base / 4;
const heat_word = RECORD.heat / 4;

/** Makes every record of a page one that is not decoded: the first is copied, twice as many each time. */
const clear = (e: Engine, records: number): void => {
  const from = records / 4;
  e.u32[from + handler_word] = SLOT.fresh;
  e.u32[from + base_word] = SLOT.fresh;
  e.u32[from + heat_word] = e.tuning.hot;
  const end = from + page_words * record_words;
  let made = from + record_words;
  while (made < end) {
    e.u32.copyWithin(made, from, Math.min(made, from + end - made));
    made += made - from;
  }
  e.u32[end + handler_word] = SLOT.cross;
  e.u32[end + base_word] = SLOT.cross;
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
  const { u32, words } = e;
  const { records } = words;
  const code = frameAt(page.index) / 4;
  const first = page.records / 4;
  let at = from;
  for (let ends = false; at < page_words && !ends; at++) {
    const record = first + at * record_words;
    if (u32[record + handler_word] !== SLOT.fresh) break;
    const word = u32[code + at]!;
    if (stamp(e, word, record, into)) continue;
    const entry = entryOf(words, word);
    const made = recordFor(e, entry, at, into);
    // All of it but the heat.
    u32[record] = records[made]!;
    u32[record + 1] = records[made + 1]!;
    u32[record + 3] = records[made + 3]!;
    u32[record + 4] = records[made + 4]!;
    u32[record + 5] = records[made + 5]!;
    u32[record + 6] = records[made + 6]!;
    u32[record + 7] = records[made + 7]!;
    ends = endsAfter(words, entry);
  }
  page.used.fill(1, from, at);
  page.words.set(u32.subarray(code + from, code + at), from);
  compile(e, into);
};
