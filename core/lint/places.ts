/**
 * Names of addresses: which symbol holds one, and whether it is code or data.
 *
 * @module
 */

import type { Symbol } from "./sections.ts";

/** A name and how far behind it an address lies. */
export interface Named {
  readonly name: string;
  readonly offset: bigint;
}

const isMapping = ({ name }: Symbol): boolean => name.startsWith("$");

const byAddress = (a: Symbol, b: Symbol): number =>
  a.at === b.at ? 0 : a.at < b.at ? -1 : 1;

/** The last symbol at or below `at`, of symbols in ascending order. */
const below = (sorted: readonly Symbol[], at: bigint): number => {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((sorted[middle] as Symbol).at <= at) low = middle + 1;
    else high = middle;
  }
  return low - 1;
};

const covers = ({ at, bytes }: Symbol, address: bigint): boolean =>
  bytes === 0n || address < at + bytes;

/**
 * A lookup from address to symbol: the nearest one below that covers the
 * address; of several at one address a function, then the first by name.
 */
export const namer = (
  symbols: readonly Symbol[],
): (at: bigint) => Named | null => {
  const sorted = symbols.filter((symbol) => !isMapping(symbol)).sort((a, b) =>
    byAddress(a, b) || Number(a.isFunction) - Number(b.isFunction) ||
    (a.name < b.name ? 1 : -1)
  );
  return (at) => {
    for (let index = below(sorted, at); 0 <= index; index--) {
      const symbol = sorted[index] as Symbol;
      if (covers(symbol, at)) {
        return { name: symbol.name, offset: at - symbol.at };
      }
      // A function that ends before the address: nothing older reaches further.
      if (symbol.isFunction) return null;
    }
    return null;
  };
};

/**
 * True where an address holds an instruction: everywhere without mapping
 * symbols, else after `$x` and not after `$d`.
 */
export const codeTest = (
  symbols: readonly Symbol[],
): (at: bigint) => boolean => {
  const marks = symbols.filter(isMapping)
    .filter(({ name }) => /^\$[xd](\.|$)/.test(name)).sort(byAddress);
  if (marks.length === 0) return () => true;
  return (at) => marks[below(marks, at)]?.name.startsWith("$x") ?? false;
};
