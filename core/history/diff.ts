/**
 * What differs between two worlds, by path.
 *
 * @module
 */

import { hex } from "../arch/word.ts";
import { chunk_pages, type Memory, type Page } from "../realm/memory.ts";
import type { World } from "../world.ts";

/** One difference; text as the tool prints it. */
export interface Difference {
  /** `realm.recs[0].pc`, or `ram[0x40080000..0x40080008)`. */
  readonly path: string;
  readonly before: string;
  readonly after: string;
}

const text = (value: unknown): string => {
  if (value === undefined) return "none";
  if (typeof value === "bigint") return hex(value);
  if (typeof value !== "object" || value === null) return String(value);
  if (Array.isArray(value)) return `[${value.map(text).join(" ")}]`;
  return `{${
    Object.entries(value).map(([key, of]) => `${key} ${text(of)}`).join(" ")
  }}`;
};

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null;

/** Bytes compared at a time. */
const word_bytes = 8;

const wordAt = (page: Page | undefined, at: number): string =>
  Array.from(
    { length: word_bytes },
    (_, n) => (page?.[at + n] ?? 0).toString(16).padStart(2, "0"),
  ).join("");

const pageDifferences = (
  ipa: number,
  before: Page | undefined,
  after: Page | undefined,
): readonly Difference[] => {
  const found: { start: number; end: number }[] = [];
  const length = before?.length ?? after?.length ?? 0;
  for (let at = 0; at < length; at += word_bytes) {
    if (wordAt(before, at) === wordAt(after, at)) continue;
    const last = found.at(-1);
    if (last?.end === at) last.end += word_bytes;
    else found.push({ start: at, end: at + word_bytes });
  }
  return found.map(({ start, end }) => ({
    path: `ram[${hex(ipa + start)}..${hex(ipa + end)})`,
    before: wordAt(before, start),
    after: wordAt(after, start),
  }));
};

const memoryDifferences = (a: Memory, b: Memory): readonly Difference[] => {
  const found: Difference[] = [];
  const chunks = Math.max(a.chunks.length, b.chunks.length);
  for (let chunk = 0; chunk < chunks; chunk++) {
    const [from, to] = [a.chunks[chunk], b.chunks[chunk]];
    if (from === to) continue;
    for (let within = 0; within < chunk_pages; within++) {
      const [before, after] = [from?.[within], to?.[within]];
      if (before === after) continue;
      const ipa = a.base + (chunk * chunk_pages + within) * 4096;
      found.push(...pageDifferences(ipa, before, after));
    }
  }
  return found;
};

const isMemory = (value: object): value is Memory => "chunks" in value;

const differ = (
  path: string,
  a: unknown,
  b: unknown,
): readonly Difference[] => {
  if (a === b) return [];
  if (!isObject(a) || !isObject(b)) {
    return [{ path, before: text(a), after: text(b) }];
  }
  if (isMemory(a) && isMemory(b)) return memoryDifferences(a, b);
  if (Array.isArray(a) && Array.isArray(b)) {
    const length = Math.max(a.length, b.length);
    return Array.from({ length }, (_, n) => n).flatMap((n) =>
      differ(`${path}[${n}]`, a[n], b[n])
    );
  }
  const keys = new Set([...Object.keys(a), ...Object.keys(b)]);
  const head = path === "" ? "" : `${path}.`;
  return [...keys].flatMap((key) => differ(`${head}${key}`, a[key], b[key]));
};

/**
 * Everything in which two worlds differ, in the order of the world's fields;
 * memory by runs of changed 8-byte words, each with its first word in memory
 * order. Parts the worlds share are not looked into.
 */
export const differences = (
  before: World,
  after: World,
): readonly Difference[] => differ("", before, after);

/** A difference as one line. */
export const differenceText = ({ path, before, after }: Difference): string =>
  `${path}: ${before} -> ${after}`;
