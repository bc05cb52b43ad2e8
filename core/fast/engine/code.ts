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
import { batch, compile, encoded, handled } from "./word.ts";

const handler_word = RECORD.handler / 4;
const base_word = RECORD.base / 4;
const heat_word = RECORD.heat / 4;
const delta_word = RECORD.delta / 4;

/** Words decoded at a time. */
const decode_max = 64;

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

/** True where a direct jump from word `at` over `offset` bytes stays in the page. */
export const staysInPage = (at: number, offset: number): boolean => {
  const to = at * 4 + offset;
  return 0 <= to && to < page_words * 4;
};

/** The word of a page of code. */
export const wordAt = (e: Engine, page: CodePage, at: number): number =>
  e.u32[frameAt(page.index) / 4 + at]!;

/** Decodes words from word `from` on, to the end of straight-line code. */
export const decode = (e: Engine, page: CodePage, from: number): void => {
  const into = batch();
  const end = Math.min(page_words, from + decode_max);
  for (let at = from; at < end; at++) {
    const record = (page.records + at * record_bytes) / 4;
    if (e.u32[record + handler_word] !== SLOT.fresh) break;
    const word = wordAt(e, page, at);
    const described = encoded(e, word);
    const { offset, ends } = described;
    const far = offset !== null && !staysInPage(at, offset);
    const { slot, operands } = handled(
      e,
      described,
      far ? "far" : "near",
      into,
    );
    e.u32[record + handler_word] = slot;
    e.u32[record + base_word] = slot;
    e.u32[record + delta_word] = offset === null
      ? described.syndrome
      // Eight bytes of record for one of code; jumps back are counted.
      : offset * 8 + (offset <= 0 ? 1 : 0);
    const first = record * 2 + RECORD.operands / 2;
    for (let n = 0; n < operands.length; n++) e.u16[first + n] = operands[n]!;
    page.used[at] = 1;
    page.words[at] = word;
    if (ends) break;
  }
  compile(e, into);
};
