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

/** Every way to look at a list that is filled by `look`. */
const curtain = (look: () => void): ProxyHandler<List> => ({
  get: (list, key) => {
    look();
    return Reflect.get(list, key);
  },
  has: (list, key) => {
    look();
    return Reflect.has(list, key);
  },
  ownKeys: (list) => {
    look();
    return Reflect.ownKeys(list);
  },
  getOwnPropertyDescriptor: (list, key) => {
    look();
    return Reflect.getOwnPropertyDescriptor(list, key);
  },
});

/**
 * The memory whose chunks `work` returns; it is called at the first look, or
 * never, and let go of then.
 */
export const deferred = (
  base: number,
  bytes: number,
  work: () => Chunks,
): Memory => {
  const list: List = [];
  let todo: (() => Chunks) | null = work;
  const look = (): void => {
    if (todo === null) return;
    const made = todo();
    todo = null;
    for (const chunk of made) list.push(chunk);
    memory.chunks = list;
  };
  const memory = { base, bytes, chunks: new Proxy(list, curtain(look)) };
  return memory;
};

/** Looks at a memory: from now on its chunks are a plain list. */
export const looked = ({ chunks }: Memory): void => {
  void chunks.length;
};
