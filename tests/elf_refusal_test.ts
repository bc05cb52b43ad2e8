import { assertEquals } from "@std/assert";
import { parseElf } from "../core/realm/elf.ts";
import { code, elf, ram } from "./elf_build.ts";

const refused = (bytes: Uint8Array): string => {
  const result = parseElf(bytes, ram);
  assertEquals(result.tag, "Refused");
  return result.tag === "Refused" ? result.what : "";
};

/** Every refusal: what is wrong, the file, the line. */
const refusals: readonly (readonly [string, Uint8Array, string])[] = [
  [
    "an empty file",
    new Uint8Array(),
    "expected an ELF file but found an empty file",
  ],
  [
    "a file that is not ELF",
    new TextEncoder().encode("#!/bin/sh\n"),
    "expected the ELF magic 7f 45 4c 46 at byte 0 but found 23 21 2f 62",
  ],
  [
    "a byte that is not ELF",
    Uint8Array.of(0x7e),
    "expected the ELF magic 7f 45 4c 46 at byte 0 but found 7e",
  ],
  [
    "a truncated ELF header",
    elf([code]).subarray(0, 63),
    "expected an ELF header of 64 bytes but found a file of 63 bytes",
  ],
  [
    "a truncated magic",
    elf([code]).subarray(0, 2),
    "expected an ELF header of 64 bytes but found a file of 2 bytes",
  ],
  [
    "a 32-bit ELF",
    elf([code], undefined, { 4: 1 }),
    "expected ELF class 2 (64-bit) at byte 4 but found 1 (32-bit)",
  ],
  [
    "a big-endian ELF",
    elf([code], undefined, { 5: 2 }),
    "expected ELF data encoding 1 (little-endian) at byte 5 but found 2 (big-endian)",
  ],
  [
    "an ELF of another version",
    elf([code], undefined, { 6: 0 }),
    "expected ELF version 1 (current) at byte 6 but found 0 (unknown)",
  ],
  [
    "an object file",
    elf([code], undefined, { 16: 1 }),
    "expected ELF type 2 (executable) at byte 16 but found 1 (relocatable file)",
  ],
  [
    "a position-independent executable",
    elf([code], undefined, { 16: 3 }),
    "expected ELF type 2 (executable) at byte 16 but found 3 (shared object or position-independent executable)",
  ],
  [
    "another machine",
    elf([code], undefined, { 18: 62 }),
    "expected ELF machine 183 (AArch64) at byte 18 but found 62 (x86-64)",
  ],
  [
    "32-bit Arm",
    elf([code], undefined, { 18: 40 }),
    "expected ELF machine 183 (AArch64) at byte 18 but found 40 (32-bit Arm)",
  ],
  [
    "a machine nobody knows",
    elf([code], undefined, { 18: 0xff, 19: 0xff }),
    "expected ELF machine 183 (AArch64) at byte 18 but found 65535 (unknown)",
  ],
  [
    "program headers of another size",
    elf([code], undefined, { 54: 32 }),
    "expected ELF program header size 56 (ELF64) at byte 54 but found 32 (ELF32)",
  ],
  [
    "truncated program headers",
    elf([code]).subarray(0, 119),
    "expected 1 program headers (byte 56) at bytes 0x40 to 0x78 but found a file of 0x77 bytes",
  ],
  [
    "program headers beyond any file",
    elf([code], undefined, { 39: 0x80 }),
    "expected 1 program headers (byte 56) at bytes 0x8000000000000040 to 0x8000000000000078 but found a file of 0x7c bytes",
  ],
  [
    "truncated segment data",
    elf([{ type: 0 }, code]).subarray(0, 179),
    "expected p_offset and p_filesz of program header 1 (byte 0x80) to stay inside the file of 0xb3 bytes but found 0xb0 to 0xb4",
  ],
  [
    "segment data beyond any file",
    elf([{ offset: 0xffff_ffff_ffff_fff0n, filesz: 0x20n, memsz: 0x20n }]),
    "expected p_offset and p_filesz of program header 0 (byte 0x48) to stay inside the file of 0x78 bytes but found 0xfffffffffffffff0 to 0x10000000000000010",
  ],
  [
    "a segment smaller in memory than in the file",
    elf([{ ...code, memsz: 3n }]),
    "expected p_memsz of program header 0 (byte 0x68) to be at least p_filesz 0x4 but found 0x3",
  ],
  [
    "a segment below RAM",
    elf([code, { paddr: 0x3fff_ffffn, data: [1, 2] }]),
    "expected p_paddr and p_memsz of program header 1 (byte 0x90) to stay inside RAM 0x40000000 to 0x40100000 but found 0x3fffffff to 0x40000001",
  ],
  [
    "a segment over the end of RAM",
    elf([{ ...code, paddr: 0x400f_fffcn, memsz: 5n }]),
    "expected p_paddr and p_memsz of program header 0 (byte 0x58) to stay inside RAM 0x40000000 to 0x40100000 but found 0x400ffffc to 0x40100001",
  ],
  [
    "a segment over the end of the address space",
    elf([{ paddr: 0x4000_0000n, memsz: 0xffff_ffff_ffff_ffffn }]),
    "expected p_paddr and p_memsz of program header 0 (byte 0x58) to stay inside RAM 0x40000000 to 0x40100000 but found 0x40000000 to 0x1000000003fffffff",
  ],
  [
    "overlapping segments",
    elf([{ ...code, paddr: 0x4000_1003n }, { type: 0 }, code]),
    "expected program headers 2 and 0 to load apart but found 0x40001000 to 0x40001004 and 0x40001003 to 0x40001007",
  ],
  [
    "no program headers",
    elf([]),
    "expected a PT_LOAD segment that is not empty but found none in 0 program headers at byte 0x40",
  ],
  [
    "no loadable segment",
    elf([{ type: 4, data: [1] }, {}]),
    "expected a PT_LOAD segment that is not empty but found none in 2 program headers at byte 0x40",
  ],
  [
    "an entry point before the segment",
    elf([code], 0x4000_0ffcn),
    "expected the entry point (byte 24) inside an executable segment but found 0x40000ffc",
  ],
  [
    "an entry point after the segment",
    elf([code], 0x4000_1004n),
    "expected the entry point (byte 24) inside an executable segment but found 0x40001004",
  ],
  [
    "an entry point in data",
    elf([{ ...code, flags: 6 }]),
    "expected the entry point (byte 24) inside an executable segment but found 0x40001000",
  ],
  [
    "an entry point given as a virtual address",
    elf([{ ...code, vaddr: 0x8000n }], 0x8000n),
    "expected the entry point (byte 24) inside an executable segment but found 0x8000",
  ],
  [
    "an entry point that is not aligned",
    elf([code], 0x4000_1002n),
    "expected the entry point (byte 24) to be a multiple of 4 but found 0x40001002",
  ],
];

for (const [name, bytes, line] of refusals) {
  Deno.test(`parseElf() refuses ${name}`, () => {
    assertEquals(refused(bytes), line);
  });
}
