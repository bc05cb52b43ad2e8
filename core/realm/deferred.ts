/**
 * Memory before its pages are worked out.
 *
 * A memory is a value, and one that nobody looks at need not be there yet. A
 * deferred memory is an ordinary `Memory` whose list of chunks stands in for
 * the real one: the first look at it works the chunks out, once, and leaves
 * them in its place. The work must always come to the same, so that no look,
 * whoever takes it, whenever and in whatever order, can tell. A structured
 * clone is no look: it takes no memory that was not looked at before.
 *
 * @module
 */

import type { Chunk, Memory } from "./memory.ts";

/** Chunks in address order. */
export type Chunks = Memory["chunks"];

type List = (Chunk | undefined)[];

type Looks = Pick<
  ProxyHandler<List>,
  "get" | "has" | "ownKeys" | "getOwnPropertyDescriptor" | "preventExtensions"
>;

/** What stands in for the list of a memory, with every way to look at it. */
interface Curtain extends Required<Looks> {
  /** Works the chunks out. */
  readonly work: (of: unknown) => Chunks;
  /** What from. */
  of: unknown;
  /** Null once they are there. */
  memory: { chunks: List } | null;
}

const lift = (curtain: Curtain, list: List): void => {
  const { work, of, memory } = curtain;
  if (memory === null) return;
  for (const chunk of work(of)) list.push(chunk);
  curtain.memory = null;
  curtain.of = null;
  // A memory that was frozen keeps what stands in, with the list behind it.
  Reflect.set(memory, "chunks", list);
};

const no_list: List = [];

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
  preventExtensions(this: Curtain, list) {
    lift(this, list);
    return Reflect.preventExtensions(list);
  },
};

/**
 * The memory whose chunks `work` returns for `of`; it is called at the first
 * look, or never, and `of` let go of then.
 */
export const deferred = <Of>(
  base: number,
  bytes: number,
  work: (of: Of) => Chunks,
  of: Of,
): Memory => {
  const curtain = {
    get: looks.get,
    has: looks.has,
    ownKeys: looks.ownKeys,
    getOwnPropertyDescriptor: looks.getOwnPropertyDescriptor,
    preventExtensions: looks.preventExtensions,
    work: work as Curtain["work"],
    of,
    memory: { base, bytes, chunks: no_list },
  };
  const { memory } = curtain;
  memory.chunks = new Proxy<List>([], curtain);
  return memory;
};

/** Looks at a memory: from now on its chunks are a plain list. */
export const looked = ({ chunks }: Memory): void => {
  void chunks.length;
};
