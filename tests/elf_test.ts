import { assert, assertEquals, assertStrictEquals } from "@std/assert";
import { type Image, parseElf, placeImage } from "../core/realm/elf.ts";
import { pageAt, read, write, zeroed } from "../core/realm/memory.ts";
import { code, elf, nop, ram } from "./elf_build.ts";

const loaded = (bytes: Uint8Array): Image => {
  const result = parseElf(bytes, ram);
  assert(result.tag === "Loaded", Deno.inspect(result));
  return result;
};

Deno.test("parseElf() reads segments and the entry point", () => {
  const data = { paddr: 0x4000_2000n, flags: 6, data: [1, 2, 3], memsz: 8n };
  assertEquals(loaded(elf([code, { type: 4, data: [9] }, data])), {
    tag: "Loaded",
    entry: 0x4000_1000n,
    segments: [
      {
        index: 0,
        at: 0x4000_1000,
        data: Uint8Array.from(nop),
        bytes: 4,
        executable: true,
      },
      {
        index: 2,
        at: 0x4000_2000,
        data: Uint8Array.from([1, 2, 3]),
        bytes: 8,
        executable: false,
      },
    ],
  });
});

Deno.test("parseElf() loads at p_paddr whatever p_vaddr says", () => {
  const high = { ...code, vaddr: 0xffff_0000_0000_0000n };
  assertEquals(loaded(elf([high])).segments[0]?.at, 0x4000_1000);
});

Deno.test("parseElf() reads a file inside a larger buffer", () => {
  const file = elf([code]);
  const larger = new Uint8Array(file.length + 16);
  larger.set(file, 7);
  const inside = larger.subarray(7, 7 + file.length);
  assertEquals(parseElf(inside, ram), parseElf(file, ram));
});

Deno.test("parseElf() copies: the image does not follow the file", () => {
  const file = elf([code]);
  const image = loaded(file);
  file.fill(0);
  assertEquals(image.segments[0]?.data, Uint8Array.from(nop));
});

Deno.test("parseElf() ignores an empty segment wherever it points", () => {
  const empty = { paddr: 0n, offset: 0xffff_ffff_ffff_ffffn };
  assertEquals(loaded(elf([code, empty])).segments.length, 1);
});

Deno.test("parseElf() takes zeros from no file offset", () => {
  const bss = { paddr: 0x4000_2000n, offset: 0x9000n, memsz: 16n };
  assertEquals(loaded(elf([code, bss])).segments[1]?.data, new Uint8Array());
});

Deno.test("parseElf() accepts segments that touch and that fill RAM", () => {
  const low = { paddr: 0x4000_0000n, memsz: 0x1000n };
  const high = { paddr: 0x4000_1004n, memsz: 0xf_effcn };
  assertEquals(loaded(elf([low, code, high])).segments.length, 3);
});

Deno.test("parseElf() is total: no prefix and no bent byte throws", () => {
  const file = elf([code, { ...code, paddr: 0x4000_2000n }]);
  for (let length = 0; length < file.length; length++) {
    assertEquals(parseElf(file.subarray(0, length), ram).tag, "Refused");
  }
  let placed = 0;
  for (let at = 0; at < file.length; at++) {
    for (const flip of [0x01, 0x80, 0xff]) {
      const bent = file.slice();
      bent[at] = (bent[at] ?? 0) ^ flip;
      const result = parseElf(bent, ram);
      if (result.tag === "Refused") continue;
      placeImage(zeroed(ram.base, ram.bytes), result);
      placed++;
    }
  }
  assert(0 < placed && placed < 3 * file.length);
});

Deno.test("placeImage() writes data, zeroes tails and shares untouched pages", () => {
  const image = loaded(elf([
    code,
    { paddr: 0x4000_2ffen, flags: 6, data: [1, 2, 3, 4], memsz: 0x1004n },
  ]));
  const before = write(
    write(
      zeroed(ram.base, ram.bytes),
      0x4000_3000,
      new Uint8Array(4096).fill(7),
    ),
    0x4000_5000,
    Uint8Array.of(8),
  );
  const after = placeImage(before, image);
  assertEquals(read(after, 0x4000_1000, 4), Uint8Array.from(nop));
  assertEquals(read(after, 0x4000_2ffe, 4), Uint8Array.of(1, 2, 3, 4));
  assertEquals(read(after, 0x4000_3002, 0xffe), new Uint8Array(0xffe));
  assertEquals(read(before, 0x4000_3002, 1), Uint8Array.of(7));
  assertStrictEquals(pageAt(after, 5), pageAt(before, 5));
});

Deno.test("placeImage() keeps the byte after the tail", () => {
  const image = loaded(elf([{ ...code, memsz: 6n }]));
  const before = write(
    zeroed(ram.base, ram.bytes),
    0x4000_1000,
    new Uint8Array(8).fill(7),
  );
  assertEquals(
    read(placeImage(before, image), 0x4000_1000, 8),
    Uint8Array.of(...nop, 0, 0, 7, 7),
  );
});

Deno.test("placeImage() stores no page for zeros", () => {
  const image = loaded(elf([code, { paddr: 0x4000_8000n, memsz: 0x4000n }]));
  const after = placeImage(zeroed(ram.base, ram.bytes), image);
  assertEquals(pageAt(after, 8), undefined);
});

Deno.test("parseElf() loads every committed guest", async () => {
  const board = { base: 0x4000_0000, bytes: 128 * 1024 * 1024 };
  const folder = new URL("guests/", import.meta.url);
  const names: string[] = [];
  for await (const { name } of Deno.readDir(folder)) {
    if (!name.endsWith(".elf")) continue;
    names.push(name);
    const image = parseElf(await Deno.readFile(new URL(name, folder)), board);
    assert(image.tag === "Loaded", `${name}: ${Deno.inspect(image)}`);
    assertEquals(image.entry, 0x4008_0000n, name);
  }
  assert(names.includes("hello.elf"));
});
