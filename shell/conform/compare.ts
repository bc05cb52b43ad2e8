/**
 * The first difference between what a vector expects and what was found.
 *
 * @module
 */

import type { Json } from "../codec/plain.ts";

const isRecord = (
  value: Json | undefined,
): value is { readonly [key: string]: Json } =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const shown = (value: Json | undefined): string =>
  value === undefined ? "nothing" : JSON.stringify(value);

/**
 * The first path, in the order of the keys of `expected`, at which `found`
 * is not the same, as `out.mmio.len: expected 4 but found 8`, or null.
 */
export const firstDifference = (
  expected: Json | undefined,
  found: Json | undefined,
  path: string,
): string | null => {
  if (isRecord(expected) && isRecord(found)) {
    const keys = new Set([...Object.keys(expected), ...Object.keys(found)]);
    for (const key of keys) {
      const inner = firstDifference(
        expected[key],
        found[key],
        `${path}.${key}`,
      );
      if (inner !== null) return inner;
    }
    return null;
  }
  // Any other value, a list too, is compared as it would be written.
  if (shown(expected) === shown(found)) return null;
  return `${path}: expected ${shown(expected)} but found ${shown(found)}`;
};
