/**
 * Builds ELF files for tests, sound by default and wrong where asked.
 *
 * @module
 */

/** A program header as the builder takes it; the rest has working defaults. */
export interface Part {
  readonly type?: number;
  readonly flags?: number;
  readonly offset?: bigint;
  readonly vaddr?: bigint;
  readonly paddr?: bigint;
  readonly data?: readonly number[];
  readonly filesz?: bigint;
  readonly memsz?: bigint;
}

/** The RAM the images are made for. */
export const ram = { base: 0x4000_0000, bytes: 0x10_0000 };
/** One NOP. */
export const nop = [0x1f, 0x20, 0x03, 0xd5];

/** An ELF file byte by byte: header, program headers, then the data of each. */
export const elf = (
  parts: readonly Part[],
  entry = 0x4000_1000n,
  patch: Readonly<Record<number, number>> = {},
): Uint8Array => {
  const table = 64;
  const bytes: number[] = [0x7f, 0x45, 0x4c, 0x46, 2, 1, 1, 0];
  const put = (width: number, value: bigint | number) => {
    for (let n = 0; n < width; n++) {
      bytes.push(Number((BigInt(value) >> BigInt(8 * n)) & 0xffn));
    }
  };
  put(8, 0);
  put(2, 2); // e_type
  put(2, 183); // e_machine
  put(4, 1);
  put(8, entry);
  put(8, table);
  put(8, 0);
  put(4, 0);
  put(2, 64);
  put(2, 56);
  put(2, parts.length);
  put(2, 64);
  put(2, 0);
  put(2, 0);
  let offset = BigInt(table + 56 * parts.length);
  for (const part of parts) {
    const size = BigInt((part.data ?? []).length);
    const paddr = part.paddr ?? 0x4000_1000n;
    put(4, part.type ?? 1);
    put(4, part.flags ?? 5);
    put(8, part.offset ?? offset);
    put(8, part.vaddr ?? paddr);
    put(8, paddr);
    put(8, part.filesz ?? size);
    put(8, part.memsz ?? size);
    put(8, 4096);
    offset += size;
  }
  for (const part of parts) bytes.push(...(part.data ?? []));
  for (const [at, byte] of Object.entries(patch)) bytes[Number(at)] = byte;
  return Uint8Array.from(bytes);
};

/** A segment of code at the default entry point. */
export const code: Part = { data: nop };
