/**
 * Page lookups: which virtual pages the current context reads, writes and
 * executes, found without a walk.
 *
 * A lookup is no TLB the guest could see. It holds a page only while a walk
 * would find the same: it is dropped when a register the walk depends on
 * changes, when the context (EL, PAN) changes, and when a page that holds
 * walked descriptors is written. So a run cut in two equals the whole run.
 *
 * @module
 */

/** Entries of a lookup; a power of two. */
const entries = 64;

/** A tag that no page number equals. */
const vacant = 0.5;

/** A direct-mapped map from virtual page number to the page's bytes. */
export interface Lookup {
  readonly tags: number[];
  readonly views: DataView[];
}

/** The lookups of one run. */
export interface Pages {
  readonly read: Lookup;
  readonly write: Lookup;
  readonly execute: Lookup;
  /** Pages of RAM, by index, that walks since the last drop have read. */
  readonly tables: Map<number, DataView>;
  /** Pages of RAM, by index, that an engine holds compiled code of. */
  readonly code: Set<number>;
  /** Pages of `code` that were stored to; whoever filled `code` empties it. */
  readonly rewritten: Set<number>;
  /** How often everything was forgotten. */
  drops: number;
}

/** A page that was never written. */
export const zero_view: DataView = new DataView(new ArrayBuffer(4096));

const no_tags: readonly number[] = Array.from(
  { length: entries },
  () => vacant,
);
const no_views: readonly DataView[] = no_tags.map(() => zero_view);

/** Made at the start of every run: a copy is cheaper than filling. */
const lookup = (): Lookup => ({
  tags: no_tags.slice(),
  views: no_views.slice(),
});

/** Empty lookups. */
export const pages = (): Pages => ({
  read: lookup(),
  write: lookup(),
  execute: lookup(),
  tables: new Map(),
  code: new Set(),
  rewritten: new Set(),
  drops: 0,
});

/** A 64-bit address as a signed number; exact wherever a lookup can hit. */
export const signed = (va: bigint): number => Number(BigInt.asIntN(64, va));

/** The bytes of virtual page `page`, or null. */
export const find = (from: Lookup, page: number): DataView | null => {
  const slot = page & (entries - 1);
  return from.tags[slot] === page ? from.views[slot]! : null;
};

/** Remembers a page; one beyond 52 bits is not exact as a number and is left out. */
export const remember = (into: Lookup, page: number, view: DataView): void => {
  if (!(Math.abs(page) < 2 ** 40)) return;
  const slot = page & (entries - 1);
  into.tags[slot] = page;
  into.views[slot] = view;
};

/** Forgets one kind of access. */
export const forget = (lookup: Lookup): void => {
  lookup.tags.fill(vacant);
};

/** Forgets everything. */
export const drop = (all: Pages): void => {
  forget(all.read);
  forget(all.write);
  forget(all.execute);
  all.tables.clear();
  all.drops += 1;
};
