import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { decode } from "../core/a64/decode.ts";
import { lintWord } from "../core/lint/forms.ts";
import { liner, readLines } from "../core/lint/lines.ts";
import { codeTest, namer } from "../core/lint/places.ts";
import { readElfSections, type Sections } from "../core/lint/sections.ts";
import { columns } from "../shell/columns.ts";
import { code, elf } from "./elf_build.ts";
import { invoke } from "./invoke.ts";

const raw = { serializer: (text: string): string => text };

const sample = (version: 4 | 5): string => `tests/lint/dwarf${version}.elf`;

const sectionsOf = async (path: string): Promise<Sections> => {
  const read = readElfSections(await Deno.readFile(path));
  assert(read.tag === "Sections");
  return read;
};

/** Words by what GNU as makes of the text, and what an abort of each reports. */
const words: readonly (readonly [number, string, string | null])[] = [
  [0xb9400001, "ldr w1, [x0]", null],
  [0x39800002, "ldrsb x2, [x0]", null],
  [0xf8627820, "ldr x0, [x1, x2, lsl #3]", null],
  [0xf8408420, "ldr x0, [x1], #8", "writeback"],
  [0xf8008c20, "str x0, [x1, #8]!", "writeback"],
  [0xb8400821, "ldtr w1, [x1]", null],
  [0x88dffc20, "ldar w0, [x1]", null],
  [0x889ffc20, "stlr w0, [x1]", null],
  [0x38bfc020, "ldaprb w0, [x1]", null],
  [0xa9400820, "ldp x0, x2, [x1]", "pair"],
  [0x28010820, "stnp w0, w2, [x1, #8]", "pair"],
  [0x69400820, "ldpsw x0, x2, [x1]", "pair"],
  [0xa8c10820, "ldp x0, x2, [x1], #16", "pair"],
  [0xc85f7c20, "ldxr x0, [x1]", "exclusive"],
  [0xc87f0820, "ldxp x0, x2, [x1]", "exclusive"],
  [0x88027c20, "stxr w2, w0, [x1]", "exclusive"],
  [0xf8200022, "ldadd x0, x2, [x1]", "atomic"],
  [0xf8208022, "swp x0, x2, [x1]", "atomic"],
  [0x88a07c22, "cas w0, w2, [x1]", "atomic"],
  [0x48207c22, "casp x0, x1, x2, x3, [x1]", "atomic"],
  [0x3d800000, "str q0, [x0]", "simd"],
  [0x1c000000, "ldr s0, literal", "simd"],
  [0x0c407000, "ld1 {v0.8b}, [x0]", "simd"],
  [0xa540a000, "ld1w {z0.s}, p0/z, [x0]", "simd"],
  [0x1e612800, "fadd d0, d0, d1", null],
  [0x4e201c00, "and v0.16b, v0.16b, v0.16b", null],
  [0x04200000, "add z0.b, z0.b, z0.b", null],
  [0xf9800020, "prfm pldl1keep, [x1]", null],
  [0xd50b7420, "dc zva, x0", null],
  [0x58000000, "ldr x0, literal", null],
  [0x00000000, "udf #0", null],
  [0xd503201f, "nop", null],
];

for (const [word, text, form] of words) {
  Deno.test(`lintWord() takes ${text} for ${form ?? "no hit"}`, () => {
    assert(decode(word) !== null);
    assertEquals(lintWord(word, 0n)?.form ?? null, form);
  });
}

Deno.test("lintWord() knows a base register that is SP, not a literal's bits", () => {
  assertEquals(lintWord(0xa9bf7fff, 0n)?.stack, true); // stp xzr, xzr, [sp, #-16]!
  assertEquals(lintWord(0xa9007c1f, 0n)?.stack, false); // stp xzr, xzr, [x0]
  assertEquals(lintWord(0x1c0003e0, 0n)?.stack, false); // ldr s0, literal
});

for (const guest of ["isv0", "forms", "hello"]) {
  Deno.test(`lint names the instructions of ${guest} that abort with ISV=0 and no other`, async () => {
    const path = `tests/guests/${guest}.elf`;
    const { code } = await sectionsOf(path);
    const { written } = await invoke(["run", path, "--trace", "t"]);
    let aborts = 0;
    const shape = / Dabt pc (0x[0-9a-f]+) .*? esr (0x[0-9a-f]+) /g;
    for (const [, pc, esr] of (written["t"] ?? "").matchAll(shape)) {
      const at = BigInt(pc ?? "");
      const held = code.find(({ at: base, data }) =>
        base <= at && at < base + BigInt(data.length)
      );
      if (held === undefined) continue; // a form run from data
      const { buffer, byteOffset } = held.data;
      const word = new DataView(buffer, byteOffset)
        .getUint32(Number(at - held.at), true);
      const isv = (BigInt(esr ?? "") >> 24n) & 1n;
      assertEquals(lintWord(word, at) === null, isv === 1n, pc ?? "");
      aborts += 1;
    }
    assert(0 < aborts);
  });
}

for (const version of [4, 5] as const) {
  Deno.test(`recrun lint names symbol and line from DWARF ${version} and skips data`, async (t) => {
    const { code, out, err } = await invoke(["lint", sample(version)]);
    assertEquals(code, 1);
    await t.assertSnapshot(out + err, raw);
    assertEquals(out.includes("0x40080000 "), false);
  });
}

Deno.test("readLines() gives version 4 and version 5 the same rows", async () => {
  const [four, five] = await Promise.all([
    sectionsOf(sample(4)),
    sectionsOf(sample(5)),
  ]);
  const rows = readLines(four.sections);
  assert(rows.tag === "Lines" && 20 < rows.rows.length);
  assertEquals(readLines(five.sections), rows);
});

Deno.test("readLines() says what it cannot read", async () => {
  const { sections } = await sectionsOf(sample(5));
  const changed = (change: (data: Uint8Array) => void) =>
    readLines(sections.map((section) => {
      if (section.name !== ".debug_line") return section;
      const data = section.data.slice();
      change(data);
      return { ...section, data };
    }));
  const why = (lines: ReturnType<typeof readLines>): string =>
    lines.tag === "NoLines" ? lines.why : "";
  assertStringIncludes(why(changed((data) => data[4] = 9)), "version 9");
  assertStringIncludes(
    why(changed((data) => data.fill(0xff, 0, 4))),
    ".debug_line at byte",
  );
  assertEquals(why(readLines([])), "no .debug_line");
  const packed = sections.map((section) => ({ ...section, compressed: true }));
  assertEquals(why(readLines(packed)), ".debug_line is compressed");
});

Deno.test("liner() ends a sequence where it ends", () => {
  const line = liner([
    { at: 4n, file: "a", line: 1 },
    { at: 8n, file: "a", line: 0 },
    { at: 8n, file: "b", line: 7 },
    { at: 12n, file: "b", line: 0 },
  ]);
  assertEquals(
    [0n, 4n, 7n, 8n, 11n, 12n].map((at) => line(at)?.line ?? null),
    [null, 1, 1, 7, 7, null],
  );
});

Deno.test("namer() gives the symbol that covers an address", () => {
  const symbol = (name: string, at: bigint, bytes: bigint) => ({
    name,
    at,
    bytes,
    isFunction: 0n < bytes,
  });
  const name = namer([
    symbol("label", 0x20n, 0n),
    symbol("f", 0x10n, 8n),
    symbol("$x", 0x14n, 0n),
  ]);
  const at = (address: bigint) => {
    const found = name(address);
    return found && `${found.name}+${found.offset}`;
  };
  assertEquals(at(0x8n), null);
  assertEquals(at(0x14n), "f+4");
  assertEquals(at(0x18n), null);
  assertEquals(at(0x24n), "label+4");
});

Deno.test("codeTest() follows mapping symbols, and takes all for code without", () => {
  const mark = (name: string, at: bigint) => ({
    name,
    at,
    bytes: 0n,
    isFunction: false,
  });
  const isCode = codeTest([mark("$d", 8n), mark("$x", 4n), mark("$x.1", 16n)]);
  assertEquals([0n, 4n, 8n, 12n, 16n].map(isCode), [
    false,
    true,
    false,
    false,
    true,
  ]);
  assertEquals(codeTest([])(0n), true);
});

Deno.test("recrun lint looks at segments where there are no sections", async () => {
  const stp = [0x1f, 0x7c, 0x00, 0xa9];
  const files = { "a.elf": elf([{ data: [...code.data ?? [], ...stp] }]) };
  const { out, err } = await invoke(["lint", "a.elf"], { files });
  assertEquals(out, "0x40001004  ?  stp xzr, xzr, [x0]  pair\n");
  assertStringIncludes(err, "1 of 2 instructions");
});

Deno.test("recrun lint narrows to a symbol, off the stack, and to what a trace saw", async () => {
  const lint = (...more: readonly string[]) =>
    invoke(["lint", sample(5), ...more]);
  const atomics = await lint("--symbol", "atomic");
  assertEquals(atomics.out.split("\n").length, 3);
  assertEquals((await lint("--symbol", "plain")).code, 0);
  assertEquals((await lint("--no-stack")).out.includes("[sp"), false);
  const isv0 = "tests/guests/isv0.elf";
  const { written } = await invoke(["run", isv0, "--trace", "t"]);
  const seen = await invoke(["lint", isv0, "--trace", "t"], {
    files: { t: written["t"] ?? "" },
  });
  assertEquals(seen.code, 1);
  const recorded = await invoke(["run", isv0, "--record", "r"]);
  const played = await invoke(["lint", isv0, "--recording", "r"], {
    files: { r: recorded.written["r"] ?? "" },
  });
  assertEquals(played, seen);
  assert(
    seen.out.trimEnd().split("\n").every((line) => /[1-9] aborts$/.test(line)),
  );
});

const refuses = (
  name: string,
  args: readonly string[],
  line: string,
  files: Readonly<Record<string, Uint8Array | string>> = {},
): void =>
  Deno.test(`recrun lint refuses ${name}`, async () => {
    const { code, out, err } = await invoke(["lint", ...args], { files });
    assertEquals({ code, out, err }, {
      code: 2,
      out: "",
      err: `recrun: ${line}\n`,
    });
  });

refuses(
  "no file",
  [],
  "expected lint to be given one GUEST.elf but found 0",
);
refuses(
  "a file that is no ELF",
  ["a.elf"],
  "a.elf: expected the ELF magic 7f 45 4c 46 at byte 0 but found 74 65 78 74",
  { "a.elf": "text" },
);
refuses(
  "a trace and a recording at once",
  [sample(5), "--trace", "t", "--recording", "r"],
  "expected --trace or --recording but found both",
);
refuses(
  "a symbol the file does not have",
  [sample(5), "--symbol", "nobody"],
  'tests/lint/dwarf5.elf: expected one of its 17 symbols but found "nobody"',
);
refuses(
  "section headers beyond the file",
  ["a.elf"],
  "a.elf: expected 1 section headers (byte 60) at bytes 0x400 to 0x440 but found a file of 0x7c bytes",
  { "a.elf": elf([code], 0x4000_1000n, { 41: 4, 58: 64, 60: 1 }) },
);

Deno.test("columns() takes more rows than a call takes arguments", () => {
  const rows = Array.from({ length: 200_000 }, (_, n) => [String(n), "x"]);
  assertEquals(columns(rows).at(-1), "199999  x");
  assertEquals(columns(rows)[0], "0       x");
});
