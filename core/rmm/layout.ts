/**
 * The RecRun page as bytes: one table of fields, read both ways.
 *
 * The host writes the enter half, the RMM the exit half; all fields are
 * little-endian. Reserved bytes are written as zero and ignored when read. A
 * field the profile's specification does not have is reserved there.
 *
 * Source: DEN0137 B4 (RmiRecEnter, RmiRecExit); TF-RMM `smc-rmi.h`; rmm.md §1.
 *
 * @module
 */

import type { RmmProfile } from "./profile.ts";
import type { RecEnter, RecExit, RecRun } from "./recrun.ts";
import { zero_enter, zero_exit } from "./recrun.ts";

/** Bytes in each half of the page. */
export const half_bytes = 0x800;

/** Bytes in the page. */
export const run_bytes = 2 * half_bytes;

/** A specification version that a field can appear in. */
export type Layout = RmmProfile["layout"];

/** One field of one half: its offset there, how many words, how many bytes each. */
export interface RunField<Name> {
  /** The field of the half. */
  readonly name: Name;
  /** Bytes from the start of the half. */
  readonly offset: number;
  /** Number of words; 1 for a scalar. */
  readonly count: number;
  /** Bytes of each word. */
  readonly bytes: 1 | 4 | 8;
  /** Specification versions that have the field. */
  readonly layouts: readonly Layout[];
}

const both: readonly Layout[] = ["1.0", "2.0"];
const only_1_0: readonly Layout[] = ["1.0"];
const only_2_0: readonly Layout[] = ["2.0"];

/** RmiRecEnter (rmm.md §1.1). */
export const enter_fields: readonly RunField<keyof RecEnter>[] = [
  { name: "flags", offset: 0x000, count: 1, bytes: 8, layouts: both },
  { name: "gprs", offset: 0x200, count: 31, bytes: 8, layouts: both },
  { name: "gicv3_hcr", offset: 0x300, count: 1, bytes: 8, layouts: only_1_0 },
  { name: "gicv3_lrs", offset: 0x308, count: 16, bytes: 8, layouts: only_1_0 },
];

/** RmiRecExit (rmm.md §1.3); widths are TF-RMM's storage. */
export const exit_fields: readonly RunField<keyof RecExit>[] = [
  { name: "exit_reason", offset: 0x000, count: 1, bytes: 8, layouts: both },
  { name: "esr", offset: 0x100, count: 1, bytes: 8, layouts: both },
  { name: "far", offset: 0x108, count: 1, bytes: 8, layouts: both },
  { name: "hpfar", offset: 0x110, count: 1, bytes: 8, layouts: both },
  { name: "rtt_tree", offset: 0x118, count: 1, bytes: 8, layouts: only_2_0 },
  { name: "gprs", offset: 0x200, count: 31, bytes: 8, layouts: both },
  { name: "gicv3_hcr", offset: 0x300, count: 1, bytes: 8, layouts: only_1_0 },
  { name: "gicv3_lrs", offset: 0x308, count: 16, bytes: 8, layouts: only_1_0 },
  { name: "gicv3_misr", offset: 0x388, count: 1, bytes: 8, layouts: only_1_0 },
  { name: "gicv3_vmcr", offset: 0x390, count: 1, bytes: 8, layouts: only_1_0 },
  { name: "cntp_ctl", offset: 0x400, count: 1, bytes: 8, layouts: both },
  { name: "cntp_cval", offset: 0x408, count: 1, bytes: 8, layouts: both },
  { name: "cntv_ctl", offset: 0x410, count: 1, bytes: 8, layouts: both },
  { name: "cntv_cval", offset: 0x418, count: 1, bytes: 8, layouts: both },
  { name: "ripas_base", offset: 0x500, count: 1, bytes: 8, layouts: both },
  { name: "ripas_top", offset: 0x508, count: 1, bytes: 8, layouts: both },
  { name: "ripas_value", offset: 0x510, count: 1, bytes: 1, layouts: both },
  { name: "s2ap_base", offset: 0x520, count: 1, bytes: 8, layouts: only_2_0 },
  { name: "s2ap_top", offset: 0x528, count: 1, bytes: 8, layouts: only_2_0 },
  { name: "vdev_id_1", offset: 0x530, count: 1, bytes: 8, layouts: only_2_0 },
  { name: "vdev_id_2", offset: 0x538, count: 1, bytes: 8, layouts: only_2_0 },
  {
    name: "dev_mem_base",
    offset: 0x540,
    count: 1,
    bytes: 8,
    layouts: only_2_0,
  },
  { name: "dev_mem_top", offset: 0x548, count: 1, bytes: 8, layouts: only_2_0 },
  { name: "dev_mem_pa", offset: 0x550, count: 1, bytes: 8, layouts: only_2_0 },
  { name: "imm", offset: 0x600, count: 1, bytes: 4, layouts: both },
  { name: "plane", offset: 0x608, count: 1, bytes: 8, layouts: only_2_0 },
  { name: "pmu_ovf_status", offset: 0x700, count: 1, bytes: 8, layouts: both },
];

type Half = Readonly<Record<string, bigint | readonly bigint[]>>;

const store = (
  page: Uint8Array,
  at: number,
  bytes: number,
  word: bigint,
): void => {
  for (let index = 0; index < bytes; index += 1) {
    page[at + index] = Number((word >> BigInt(8 * index)) & 0xffn);
  }
};

const load = (page: Uint8Array, at: number, bytes: number): bigint => {
  let word = 0n;
  for (let index = bytes - 1; 0 <= index; index -= 1) {
    word = (word << 8n) | BigInt(page[at + index] ?? 0);
  }
  return word;
};

const encodeHalf = (
  fields: readonly RunField<string>[],
  half: Half,
  layout: Layout,
): Uint8Array => {
  const page = new Uint8Array(half_bytes);
  for (const { name, offset, count, bytes, layouts } of fields) {
    if (!layouts.includes(layout)) continue;
    const value = half[name] ?? 0n;
    for (let index = 0; index < count; index += 1) {
      const word = typeof value === "bigint" ? value : value[index] ?? 0n;
      store(page, offset + bytes * index, bytes, word);
    }
  }
  return page;
};

const decodeHalf = (
  fields: readonly RunField<string>[],
  zero: Half,
  page: Uint8Array,
  layout: Layout,
): Half => {
  const half: Record<string, bigint | readonly bigint[]> = { ...zero };
  for (const { name, offset, bytes, count, layouts } of fields) {
    if (!layouts.includes(layout)) continue;
    const words = Array.from(
      { length: count },
      (_, index) => load(page, offset + bytes * index, bytes),
    );
    half[name] = typeof zero[name] === "bigint" ? words[0] ?? 0n : words;
  }
  return half;
};

/** The 0x800 bytes of an enter half. */
export const encodeEnter = (enter: RecEnter, layout: Layout): Uint8Array =>
  encodeHalf(enter_fields, { ...enter }, layout);

/** Reads an enter half from its 0x800 bytes. */
export const decodeEnter = (page: Uint8Array, layout: Layout): RecEnter =>
  decodeHalf(
    enter_fields,
    { ...zero_enter },
    page,
    layout,
  ) as unknown as RecEnter;

/** The 0x800 bytes of an exit half. */
export const encodeExit = (exit: RecExit, layout: Layout): Uint8Array =>
  encodeHalf(exit_fields, { ...exit }, layout);

/** Reads an exit half from its 0x800 bytes. */
export const decodeExit = (page: Uint8Array, layout: Layout): RecExit =>
  decodeHalf(
    exit_fields,
    { ...zero_exit },
    page,
    layout,
  ) as unknown as RecExit;

/** The 4 KiB of a RecRun page. */
export const encodeRun = (run: RecRun, layout: Layout): Uint8Array => {
  const page = new Uint8Array(run_bytes);
  page.set(encodeEnter(run.enter, layout), 0);
  page.set(encodeExit(run.exit, layout), half_bytes);
  return page;
};

/** Reads a RecRun page from its 4 KiB. */
export const decodeRun = (page: Uint8Array, layout: Layout): RecRun => ({
  enter: decodeEnter(page.subarray(0, half_bytes), layout),
  exit: decodeExit(page.subarray(half_bytes), layout),
});
