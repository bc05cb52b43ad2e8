/**
 * The book-keeping of rmm.md §8: every row is a test or has a reason not to be.
 *
 * @module
 */

import { assert, assertEquals } from "@std/assert";

/** Rows about things this model does not have. */
const absent: Readonly<Record<number, string>> = {
  48: "granule states: a REC's run page is always an NS granule here",
  55: "RTT_DESTROY: tables always exist down to level 3",
  56: "RTT_DESTROY: tables always exist down to level 3",
  57: "RTT_MAP_UNPROTECTED: the Unprotected half is never mapped",
  60: "timer interrupts: no timer asserts in this model",
  61: "granule protection faults: a run page is always writable",
};

const titles = async (): Promise<string> => {
  const here = new URL(".", import.meta.url);
  let all = "";
  for await (const { name } of Deno.readDir(here)) {
    if (!/^rmm_\w+_test\.ts$/.test(name)) continue;
    all += await Deno.readTextFile(new URL(name, here));
  }
  return all;
};

Deno.test("each of the 70 rows of rmm.md §8 is tested once or said to be absent", async () => {
  const found = [...(await titles()).matchAll(/\btest\("§8 row (\d+):/g)]
    .map(([, row]) => Number(row));
  const rows = [...found, ...Object.keys(absent).map(Number)];
  assertEquals(
    rows.toSorted((a, b) => a - b),
    Array.from({ length: 70 }, (_, n) => n + 1),
  );
  assert(Object.values(absent).every((reason) => 20 < reason.length));
});
