/**
 * Equality of plain data by value.
 *
 * @module
 */

/** True when two values of plain data are equal all the way down. */
export const same = (a: unknown, b: unknown): boolean => {
  if (Object.is(a, b)) return true;
  if (typeof a !== "object" || typeof b !== "object") return false;
  if (a === null || b === null) return false;
  if (Array.isArray(a) || a instanceof Uint8Array) {
    const [left, right] = [a, b as ArrayLike<unknown>];
    if (left.length !== right.length) return false;
    for (let at = 0; at < left.length; at++) {
      if (!same(left[at], right[at])) return false;
    }
    return true;
  }
  const left = a as Readonly<Record<string, unknown>>;
  const right = b as Readonly<Record<string, unknown>>;
  const keys = Object.keys(left);
  if (keys.length !== Object.keys(right).length) return false;
  return keys.every((key) => key in right && same(left[key], right[key]));
};
