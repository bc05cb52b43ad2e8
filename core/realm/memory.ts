/**
 * Guest memory: pages that worlds share until one of them is written.
 *
 * A memory is a value. A writer opens a `Draft`, which copies a page the first
 * time it is written, and seals it into a new memory that shares every page
 * it did not touch. Pages never written read as zero and are not stored. One
 * whose pages are worked out when somebody looks (`deferred.ts`) is a memory
 * like any other.
 *
 * @module
 */

/** Bytes in a page. */
export const page_bytes = 4096;

/** Pages in a chunk, the unit in which page lists are shared between worlds. */
export const chunk_pages = 128;

/** One page; never written after it was sealed. */
export type Page = Uint8Array;

/** `chunk_pages` pages; a page that was never written is absent. */
export type Chunk = readonly (Page | undefined)[];

/** RAM of a realm, `[base, base + bytes)` in Protected IPA space. */
export interface Memory {
  /** IPA of the first byte; page aligned. */
  readonly base: number;
  /** Size in bytes; a multiple of the page size. */
  readonly bytes: number;
  /** Chunks in address order; a chunk that was never written is absent. */
  readonly chunks: readonly (Chunk | undefined)[];
}

/** Memory of `bytes` zero bytes at `base`. */
export const zeroed = (base: number, bytes: number): Memory => ({
  base,
  bytes,
  chunks: [],
});

/** The page with index `index` from the memory's base, or undefined while it is all zero. */
export const pageAt = (memory: Memory, index: number): Page | undefined =>
  memory.chunks[Math.floor(index / chunk_pages)]?.[index % chunk_pages];

/** A memory being written: the base it started from and the pages copied since. */
export interface Draft {
  /** The memory the draft started from. */
  readonly from: Memory;
  /** Pages this draft owns and may write, by page index. */
  readonly owned: Map<number, Page>;
}

/** Opens a memory for writing. */
export const draft = (from: Memory): Draft => ({ from, owned: new Map() });

/** The page at `index` to read from: the draft's own copy if it has one. */
export const readable = (open: Draft, index: number): Page | undefined =>
  open.owned.get(index) ?? pageAt(open.from, index);

/** The page at `index` to write to, copied from the shared one on first use. */
export const writable = (open: Draft, index: number): Page => {
  const own = open.owned.get(index);
  if (own !== undefined) return own;
  const copy = pageAt(open.from, index)?.slice() ?? new Uint8Array(page_bytes);
  open.owned.set(index, copy);
  return copy;
};

/**
 * A copy of `from` with at least `length` items. It is padded, never left with
 * holes, so that equal memories compare equal.
 */
const padded = <T>(
  from: readonly (T | undefined)[],
  length: number,
): (T | undefined)[] => {
  const copy = from.slice();
  while (copy.length < length) copy.push(undefined);
  return copy;
};

/** Seals a draft: a memory that shares every page the draft did not write. */
export const seal = (open: Draft): Memory => {
  if (open.owned.size === 0) return open.from;
  let chunks = open.from.chunks.slice();
  const fresh = new Map<number, (Page | undefined)[]>();
  for (const [index, page] of open.owned) {
    const at = Math.floor(index / chunk_pages);
    const chunk = fresh.get(at) ?? padded(chunks[at] ?? [], chunk_pages);
    chunk[index % chunk_pages] = page;
    chunks = chunks.length > at ? chunks : padded(chunks, at + 1);
    chunks[at] = chunk;
    fresh.set(at, chunk);
  }
  return { ...open.from, chunks };
};

/** Returns the memory with `data` written at IPA `at`; the range must lie inside. */
export const write = (memory: Memory, at: number, data: Uint8Array): Memory => {
  const open = draft(memory);
  let done = 0;
  while (done < data.length) {
    const offset = at - memory.base + done;
    const within = offset % page_bytes;
    const length = Math.min(page_bytes - within, data.length - done);
    const page = writable(open, Math.floor(offset / page_bytes));
    page.set(data.subarray(done, done + length), within);
    done += length;
  }
  return seal(open);
};

/** Reads `bytes` bytes at IPA `at`; the range must lie inside. */
export const read = (
  memory: Memory,
  at: number,
  bytes: number,
): Uint8Array => {
  const out = new Uint8Array(bytes);
  let done = 0;
  while (done < bytes) {
    const offset = at - memory.base + done;
    const within = offset % page_bytes;
    const length = Math.min(page_bytes - within, bytes - done);
    const page = pageAt(memory, Math.floor(offset / page_bytes));
    if (page !== undefined) {
      out.set(page.subarray(within, within + length), done);
    }
    done += length;
  }
  return out;
};
