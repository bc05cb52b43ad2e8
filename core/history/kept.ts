/**
 * What is kept on the way: close together near the place one looks at and
 * further apart the further away, so that there are few and one is near.
 *
 * @module
 */

/** Distance between neighbours near the place one looks at. */
export const stride_steps = 512;

/** A gap between neighbours is at most this part of their distance from there. */
const gap_part = 8;

/** The gap allowed at a distance. */
export const gapAt = (distance: number): number =>
  Math.max(stride_steps, Math.floor(distance / gap_part));

/**
 * Drops every item whose neighbours are close enough without it, seen from
 * position `at`; the first and the last always stay.
 */
export const thinned = <T>(
  of: readonly T[],
  at: number,
  positionOf: (item: T) => number,
): readonly T[] => {
  const left: T[] = [];
  of.forEach((item, index) => {
    const [before, after] = [left.at(-1), of[index + 1]];
    if (before === undefined || after === undefined) {
      left.push(item);
      return;
    }
    const [low, high] = [positionOf(before), positionOf(after)];
    const straddles = low < at && at < high;
    const near = Math.min(Math.abs(at - low), Math.abs(at - high));
    if (gapAt(straddles ? 0 : near) < high - low) left.push(item);
  });
  return left;
};

/** Puts an item in its place, unless one is there, and thins the others out. */
export const keeping = <T>(
  of: readonly T[],
  item: T,
  positionOf: (item: T) => number,
): readonly T[] => {
  const position = positionOf(item);
  const at = of.findLastIndex((other) => positionOf(other) <= position);
  const found = of[at];
  if (found !== undefined && positionOf(found) === position) return of;
  return thinned(of.toSpliced(at + 1, 0, item), position, positionOf);
};
