/**
 * Memory before its pages are worked out.
 *
 * A memory is a value, and one that nobody looks at need not be there yet. A
 * deferred memory is an ordinary `Memory` whose list of chunks stands in for
 * the real one: the first look at it works the chunks out, once, and leaves
 * them in its place. The work must always come to the same, so that no look,
 * whoever takes it, whenever and in whatever order, can tell.
 *
 * @module
 */

import type { Chunk, Memory } from "./memory.ts";

/** Chunks in address order. */
export type Chunks = Memory["chunks"];

type List = (Chunk | undefined)[];

/** What stands in for a list, with every way to look at it. */
interface Curtain extends Required<Looks> {
  /** Works the chunks out; null once they are there. */
  work: (() => Chunks) | null;
  memory: { chunks: List } | null;
}

type Looks = Pick<
  ProxyHandler<List>,
  "get" | "has" | "ownKeys" | "getOwnPropertyDescriptor"
>;

const lift = (curtain: Curtain, list: List): void => {
  const { work, memory } = curtain;
  if (work === null) return;
  for (const chunk of work()) list.push(chunk);
  curtain.work = null;
  curtain.memory = null;
  if (memory !== null) memory.chunks = list;
};

// One set for all: a run must not pay for functions of its own.
const looks: Required<Looks> = {
  get(this: Curtain, list, key) {
    lift(this, list);
    return Reflect.get(list, key);
  },
  has(this: Curtain, list, key) {
    lift(this, list);
    return Reflect.has(list, key);
  },
  ownKeys(this: Curtain, list) {
    lift(this, list);
    return Reflect.ownKeys(list);
  },
  getOwnPropertyDescriptor(this: Curtain, list, key) {
    lift(this, list);
    return Reflect.getOwnPropertyDescriptor(list, key);
  },
};

/**
 * The memory whose chunks `work` returns; it is called at the first look, or
 * never, and let go of then.
 */
export const deferred = (
  base: number,
  bytes: number,
  work: () => Chunks,
): Memory => {
  const curtain: Curtain = { ...looks, work, memory: null };
  const memory = { base, bytes, chunks: new Proxy<List>([], curtain) };
  curtain.memory = memory;
  return memory;
};

/** Looks at a memory: from now on its chunks are a plain list. */
export const looked = ({ chunks }: Memory): void => {
  void chunks.length;
};
