import { assertEquals } from "@std/assert";
import {
  type Bitmask,
  bitmaskElement,
  decodeBitMask,
  encodeBitMask,
} from "../core/a64/bitmask.ts";
import { mask } from "../core/arch/word.ts";

const every = function* (): Generator<Bitmask> {
  for (let code = 0; code < 8192; code++) {
    yield { n: code >> 12, immr: (code >> 6) & 63, imms: code & 63 };
  }
};

/** All masks the architecture has, built without the fields: runs of ones, rotated, repeated. */
const masks = (): ReadonlySet<bigint> => {
  const all = new Set<bigint>();
  for (let size = 2; size <= 64; size *= 2) {
    for (let ones = 1; ones < size; ones++) {
      for (let by = 0; by < size; by++) {
        const bits = mask(ones).toString(2).padStart(size, "0");
        const turned = bits.slice(size - by) + bits.slice(0, size - by);
        all.add(BigInt(`0b${turned.repeat(64 / size)}`));
      }
    }
  }
  return all;
};

Deno.test("decodeBitMask() reaches every repeated, rotated run of ones and nothing else", () => {
  const reached = new Set<bigint>();
  for (const fields of every()) {
    const value = decodeBitMask(fields);
    if (value !== null) reached.add(value);
  }
  assertEquals(reached.size, 5334);
  assertEquals(reached, masks());
});

Deno.test("decodeBitMask() refuses an element of all ones and a missing size", () => {
  for (const fields of every()) {
    const { n, imms } = fields;
    const isReserved = (n === 1 && imms === 63) ||
      (n === 0 && [31, 47, 55, 59, 61, 62, 63].includes(imms));
    assertEquals(decodeBitMask(fields) === null, isReserved);
    assertEquals(bitmaskElement(n, imms) === null, isReserved);
  }
});

Deno.test("encodeBitMask() is the inverse of decodeBitMask()", () => {
  for (const fields of every()) {
    const value = decodeBitMask(fields);
    if (value === null) continue;
    const size = bitmaskElement(fields.n, fields.imms)!;
    const back = encodeBitMask(value)!;
    assertEquals(decodeBitMask(back), value);
    // The rotation of a smaller element ignores the upper bits of immr.
    assertEquals(back, { ...fields, immr: fields.immr % size });
  }
});

Deno.test("encodeBitMask() gives N=0 for a mask whose halves are equal", () => {
  for (const value of masks()) {
    const isRepeated = (value >> 32n) === (value & mask(32));
    assertEquals(encodeBitMask(value)?.n, isRepeated ? 0 : 1);
  }
});

Deno.test("encodeBitMask() refuses what is no bitmask", () => {
  const all = masks();
  assertEquals(encodeBitMask(0n), null);
  assertEquals(encodeBitMask(mask(64)), null);
  for (let value = 1n; value < 0x10000n; value++) {
    assertEquals(encodeBitMask(value) !== null, all.has(value));
  }
});
