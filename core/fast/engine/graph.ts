/**
 * The blocks of a region: straight-line code reachable from its root by direct
 * jumps inside one page. A called function is copied into the call, so that
 * its return, checked, is a direct jump too.
 *
 * @module
 */

import type { Value } from "../../a64/micro.ts";
import { wordAt } from "./code.ts";
import { page_words } from "./layout.ts";
import { directOffset, lastJump, type Runnable } from "./shape.ts";
import type { CodePage, Engine } from "./state.ts";
import { encoded } from "./word.ts";
import { staysInPage } from "./words.ts";

/** One instruction of a block. */
export interface Step {
  /** Word of the page. */
  readonly at: number;
  readonly micros: readonly Runnable[];
  readonly spBase: boolean;
}

/** Where control goes. */
export type Edge =
  | { readonly tag: "Block"; readonly id: number }
  /** To a word of the page, outside the region. */
  | { readonly tag: "Leave"; readonly at: number }
  /** To another page: bytes from the start of this one. */
  | { readonly tag: "Far"; readonly bytes: number };

/** How a block ends. */
export type End =
  | { readonly tag: "Go"; readonly to: Edge }
  | {
    readonly tag: "Branch";
    readonly when: Value;
    readonly taken: Edge;
    readonly next: Edge;
  }
  /** To an address; the word it is expected to be, if any, and its block. */
  | {
    readonly tag: "Indirect";
    readonly address: Value;
    readonly expected: { readonly at: number; readonly edge: Edge } | null;
  }
  /** The next instruction, at this word, goes the slow way. */
  | { readonly tag: "Slow"; readonly at: number };

/** A block; the first is the root. */
export interface Block {
  readonly id: number;
  readonly steps: readonly Step[];
  readonly end: End;
}

/** Instructions a region may hold, and calls it may be deep. */
const steps_max = 384;
const calls_max = 3;

const isCall = (micros: readonly Runnable[]): boolean =>
  micros.length > 1 && micros.at(-1)?.op === "jump" &&
  micros.some((micro) => micro.op === "setX" && micro.n === 30);

/** Words of the page at which a block begins: targets of jumps, and what follows a branch or call. */
const leadersFrom = (
  e: Engine,
  page: CodePage,
  root: number,
): ReadonlySet<number> => {
  const leaders = new Set<number>([root]);
  const seen = new Set<number>();
  const todo = [root];
  const visit = (at: number): void => {
    if (!(at < page_words) || leaders.has(at)) return;
    leaders.add(at);
    todo.push(at);
  };
  for (let at = todo.pop(); at !== undefined; at = todo.pop()) {
    for (; at < page_words && !seen.has(at); at++) {
      if (!(seen.size < 2 * steps_max)) return leaders;
      seen.add(at);
      const { micros, offset } = encoded(wordAt(e, page, at));
      if (micros === null) break;
      const last = lastJump(micros);
      if (last === null) continue;
      if (offset !== null && staysInPage(at, offset)) visit(at + offset / 4);
      if (last.op === "branch" || isCall(micros)) visit(at + 1);
      break;
    }
  }
  return leaders;
};

/** Blocks being made: by where they begin and the calls they are in. */
interface Build {
  readonly e: Engine;
  readonly page: CodePage;
  readonly root: number;
  readonly leaders: ReadonlySet<number>;
  readonly ids: Map<string, number>;
  readonly todo: { readonly at: number; readonly calls: readonly number[] }[];
  steps: number;
}

/** The edge to a word, in the midst of `calls`, the words they return to. */
const edgeTo = (b: Build, at: number, calls: readonly number[]): Edge => {
  if (!(0 <= at && at < page_words)) return { tag: "Far", bytes: at * 4 };
  const key = `${at}:${calls.join()}`;
  const found = b.ids.get(key);
  if (found !== undefined) return { tag: "Block", id: found };
  if (!(b.steps < steps_max)) return { tag: "Leave", at };
  const id = b.ids.size;
  b.ids.set(key, id);
  b.todo.push({ at, calls });
  return { tag: "Block", id };
};

/**
 * The edge of a jump. One back beyond the root goes round a larger loop than
 * the root's: it leaves for that loop's own region, which has this one inside
 * and its head where it belongs.
 */
const jumpTo = (b: Build, at: number, calls: readonly number[]): Edge =>
  0 <= at && at < b.root && calls.length === 0
    ? { tag: "Leave", at }
    : edgeTo(b, at, calls);

const endAfter = (
  b: Build,
  { at, micros }: Step,
  calls: readonly number[],
): End | null => {
  const last = lastJump(micros);
  if (last === null) return null;
  const offset = directOffset(last.to);
  if (last.op === "branch") {
    if (offset === null) return { tag: "Slow", at };
    return {
      tag: "Branch",
      when: last.when,
      taken: jumpTo(b, at + offset / 4, calls),
      next: edgeTo(b, at + 1, calls),
    };
  }
  if (offset !== null) {
    const enters = isCall(micros) && calls.length < calls_max &&
      staysInPage(at, offset) && at + 1 < page_words;
    const inside = enters ? [...calls, at + 1] : isCall(micros) ? [] : calls;
    return { tag: "Go", to: jumpTo(b, at + offset / 4, inside) };
  }
  const back = calls.at(-1);
  const returns = last.to.op === "x" && last.to.n === 30;
  const expected = returns && back !== undefined
    ? { at: back, edge: edgeTo(b, back, calls.slice(0, -1)) }
    : null;
  return { tag: "Indirect", address: last.to, expected };
};

const blockFrom = (
  b: Build,
  id: number,
  from: number,
  calls: readonly number[],
): Block => {
  const steps: Step[] = [];
  for (let at = from;; at++) {
    if (at !== from && (b.leaders.has(at) || !(at < page_words))) {
      return { id, steps, end: { tag: "Go", to: edgeTo(b, at, calls) } };
    }
    const word = wordAt(b.e, b.page, at);
    const { micros, spBase } = encoded(word);
    if (micros === null) return { id, steps, end: { tag: "Slow", at } };
    b.page.used[at] = 1;
    b.page.words[at] = word;
    b.steps++;
    const step = { at, micros, spBase };
    steps.push(step);
    const end = endAfter(b, step, calls);
    if (end !== null) return { id, steps, end };
  }
};

/** The blocks of the region rooted at a word. */
export const blocksFrom = (
  e: Engine,
  page: CodePage,
  root: number,
): readonly Block[] => {
  const leaders = leadersFrom(e, page, root);
  const b: Build = {
    e,
    page,
    root,
    leaders,
    ids: new Map(),
    todo: [],
    steps: 0,
  };
  edgeTo(b, root, []);
  const blocks: Block[] = [];
  for (let next = b.todo.shift(); next !== undefined; next = b.todo.shift()) {
    blocks.push(blockFrom(b, blocks.length, next.at, next.calls));
  }
  return blocks;
};

/** The edges out of a block. */
export const edgesOf = ({ end }: Block): readonly Edge[] => {
  switch (end.tag) {
    case "Go":
      return [end.to];
    case "Branch":
      return [end.taken, end.next];
    case "Indirect":
      return end.expected === null ? [] : [end.expected.edge];
    case "Slow":
      return [];
  }
};
