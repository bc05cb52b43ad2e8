import { assert, assertEquals } from "@std/assert";
import { decode } from "../core/a64/decode.ts";
import { encode } from "../core/a64/encode.ts";
import { encodings, type Insn, type Tag } from "../core/a64/encoding.ts";
import { rows } from "../core/a64/encoding/row.ts";

interface Place {
  readonly name: string;
  readonly width: number;
}

/** A row read by this file on its own: fixed bits as text, fields as places. */
const tokens = (tag: Tag): readonly (string | Place)[] =>
  encodings[tag].split(" ").map((token) => {
    const [name = "", width] = token.split(":");
    return width === undefined ? name : { name, width: Number(width) };
  });

/** Fields that select an operation rather than name a register or a number. */
const selectors = new Set(["opcode", "imms"]);

/** Every value of a narrow or selecting field, the corners and patterns of a wide one. */
const valuesOf = ({ name, width }: Place): readonly number[] => {
  const top = 2 ** width - 1;
  if (width <= 4 || selectors.has(name)) {
    return Array.from({ length: top + 1 }, (_, value) => value);
  }
  return [0, 1, top >> 1, 0x2aaaaaaa % top, top - 1, top];
};

/** Calls `visit` with the bits, as text, and the fields of every combination of a row. */
const enumerate = (
  tag: Tag,
  visit: (bits: string, fields: Readonly<Record<string, number>>) => void,
): void => {
  const parts = tokens(tag);
  const fields: Record<string, number> = {};
  const walk = (at: number, bits: string): void => {
    const part = parts[at];
    if (part === undefined) return visit(bits, fields);
    if (typeof part === "string") return walk(at + 1, bits + part);
    for (const value of valuesOf(part)) {
      fields[part.name] = value;
      walk(at + 1, bits + value.toString(2).padStart(part.width, "0"));
    }
  };
  walk(0, "");
};

const isSame = (
  insn: Insn,
  tag: Tag,
  fields: Readonly<Record<string, number>>,
): boolean =>
  insn.tag === tag &&
  Object.entries(fields).every(([name, value]) =>
    (insn as unknown as Readonly<Record<string, number>>)[name] === value
  ) && Object.keys(insn).length === Object.keys(fields).length + 1;

for (const tag of Object.keys(encodings) as Tag[]) {
  Deno.test(`decode() and encode() are inverse on ${tag}`, () => {
    let allocated = 0;
    enumerate(tag, (bits, fields) => {
      const word = parseInt(bits, 2);
      const insn = decode(word);
      if (insn === null) return;
      allocated++;
      if (!isSame(insn, tag, fields)) {
        assertEquals<unknown>(insn, { tag, ...fields });
      }
      if (encode(insn) !== word) assertEquals(encode(insn), word);
    });
    assert(0 < allocated);
  });
}

Deno.test("encodings have 32 bits each", () => {
  for (const tag of Object.keys(encodings) as Tag[]) {
    const width = tokens(tag).reduce(
      (sum, part) =>
        sum + (typeof part === "string" ? part.length : part.width),
      0,
    );
    assertEquals([tag, width], [tag, 32]);
  }
});

Deno.test("encodings match disjoint sets of words", () => {
  const meet = rows.flatMap((a, at) =>
    rows.slice(at + 1)
      .filter((b) => ((a.value ^ b.value) & a.mask & b.mask) === 0)
      .map((b) => [a.tag, b.tag])
  );
  assertEquals(meet, []);
});

Deno.test("decode() calls every FP, SIMD and SVE word by its space", () => {
  for (let high = 0; high < 0x10000; high++) {
    const word = (high * 0x10000 + 0x5a5a) >>> 0;
    const op0 = (word >>> 25) & 15;
    const isSimd = (op0 & 6) === 6;
    const insn = decode(word);
    assertEquals(insn?.tag === "simd", isSimd);
    assertEquals(insn?.tag === "sve", op0 === 2);
    if (isSimd || op0 === 2) assertEquals(encode(insn!), word);
  }
});

Deno.test("decode() refuses the unallocated top-level spaces", () => {
  for (let high = 0; high < 0x10000; high++) {
    const word = (high * 0x10000) >>> 0;
    const op0 = (word >>> 25) & 15;
    if (op0 === 1 || op0 === 3) assertEquals(decode(word), null);
    // Below 0x0001_0000 is UDF; the rest of op0 = 0 is reserved or SME.
    if (op0 === 0) assertEquals(decode(word) === null, high !== 0);
  }
});

/** Words the architecture leaves unallocated, one rule a line. */
const holes: readonly (readonly [number, string])[] = [
  [0x12400000, "logical immediate: N=1 in a 32-bit form"],
  [0x9240fc00, "logical immediate: element of all ones"],
  [0x32800000, "move wide: opc 1"],
  [0x52c00000, "move wide: shift of 32 in a 32-bit form"],
  [0x13400000, "bitfield: N differs from sf"],
  [0x13200000, "bitfield: immr 32 in a 32-bit form"],
  [0x13008000, "bitfield: imms 32 in a 32-bit form"],
  [0x13808000, "extract: position 32 in a 32-bit form"],
  [0x93800000, "extract: N differs from sf"],
  [0xd4000000, "exception: SVC with LL 0"],
  [0xd4200001, "exception: BRK with LL 1"],
  [0xd4600000, "exception: opc 3, TCANCEL of FEAT_TME"],
  [0xd503323f, "barrier: op2 1, DSB of FEAT_XS"],
  [0xd500403f, "pstate: XAFLAG of FEAT_FlagM2"],
  [0xd503403f, "pstate: SSBS of FEAT_SSBS"],
  [0xd69f03c0, "branch register: ERET with Rn not 31"],
  [0xd63f081f, "branch register: BLRAAZ of FEAT_PAuth"],
  [0x48217c40, "CASP: odd Rs"],
  [0x08207c41, "CASP: odd Rt"],
  [0x08200c40, "CASP: Rt2 not 31"],
  [0x68000000, "pair: no-allocate store with opc 1"],
  [0x69000000, "pair: STGP of FEAT_MTE"],
  [0x68400000, "pair: no-allocate LDPSW"],
  [0xe9400000, "pair: opc 3"],
  [0xb8c00000, "unscaled: LDURSW to 32 bits"],
  [0xf8c00000, "unscaled: size 3 with opc 3"],
  [0xf8800400, "post-index: no prefetch"],
  [0xf8800800, "unprivileged: no prefetch"],
  [0x38200800, "register offset: option with bit 1 clear"],
  [0xd9800000, "LDAPUR: size 3 with opc 2"],
  [0xf83f9000, "atomic: ST64B of FEAT_LS64"],
  [0xf8200400, "LDRAA of FEAT_PAuth"],
  [0x1ac00000, "two sources: opcode 0"],
  [0x1ac04c00, "two sources: CRC32X in a 32-bit form"],
  [0x9ac04000, "two sources: CRC32B in a 64-bit form"],
  [0x5ac00c00, "one source: REV of 64 bits in a 32-bit form"],
  [0x5ac01800, "one source: CTZ of FEAT_CSSC"],
  [0x0a008000, "logical register: shift by 32 in a 32-bit form"],
  [0x0bc00000, "add register: shift 3"],
  [0x0b201400, "add extended: shift of 5"],
  [0x1b200000, "three sources: SMADDL in a 32-bit form"],
  [0x9b408000, "three sources: SMULH with o0"],
  [0x54000010, "BC.cond of FEAT_HBC"],
];

Deno.test("decode() refuses the holes inside a class", () => {
  for (const [word, why] of holes) {
    assertEquals([decode(word >>> 0), why], [null, why]);
  }
});
