import { assert, assertEquals, assertNotEquals } from "@std/assert";
import {
  decodeEnter,
  decodeExit,
  decodeRun,
  encodeEnter,
  encodeExit,
  encodeRun,
  enter_fields,
  exit_fields,
  half_bytes,
  type Layout,
  type RunField,
} from "../core/rmm/layout.ts";
import { zero_enter, zero_exit } from "../core/rmm/recrun.ts";

const layouts: readonly Layout[] = ["1.0", "2.0"];

/** Offsets within the page, retyped from the specification's tables: field, first byte, last byte. */
const enter_1_0 = `
flags 000 007
gprs 200 2f7
gicv3_hcr 300 307
gicv3_lrs 308 387`;

const enter_2_0 = `
flags 000 007
gprs 200 2f7`;

const common = `
exit_reason 800 807
esr 900 907
far 908 90f
hpfar 910 917
gprs a00 af7
cntp_ctl c00 c07
cntp_cval c08 c0f
cntv_ctl c10 c17
cntv_cval c18 c1f
ripas_base d00 d07
ripas_top d08 d0f
ripas_value d10 d10
imm e00 e03
pmu_ovf_status f00 f07`;

const exit_1_0 = `${common}
gicv3_hcr b00 b07
gicv3_lrs b08 b87
gicv3_misr b88 b8f
gicv3_vmcr b90 b97`;

const exit_2_0 = `${common}
rtt_tree 918 91f
s2ap_base d20 d27
s2ap_top d28 d2f
vdev_id_1 d30 d37
vdev_id_2 d38 d3f
dev_mem_base d40 d47
dev_mem_top d48 d4f
dev_mem_pa d50 d57
plane e08 e0f`;

const hex3 = (n: number): string => n.toString(16).padStart(3, "0");

const listed = (
  fields: readonly RunField<string>[],
  start: number,
  layout: Layout,
): readonly string[] =>
  fields.filter(({ layouts }) => layouts.includes(layout)).map((field) => {
    const first = start + field.offset;
    const last = first + field.count * field.bytes - 1;
    return `${field.name} ${hex3(first)} ${hex3(last)}`;
  }).sort();

const table = (text: string): readonly string[] =>
  text.trim().split("\n").sort();

Deno.test("the RecRun table has the offsets of the specification in both versions", () => {
  assertEquals(listed(enter_fields, 0, "1.0"), table(enter_1_0));
  assertEquals(listed(enter_fields, 0, "2.0"), table(enter_2_0));
  assertEquals(listed(exit_fields, half_bytes, "1.0"), table(exit_1_0));
  assertEquals(listed(exit_fields, half_bytes, "2.0"), table(exit_2_0));
});

/** A value whose every byte differs, for word `index` of the field at `offset`. */
const sample = (offset: number, index: number, bytes: number): bigint => {
  const seed = BigInt(offset + 8 * index + 1) * 0x9e37_79b9_7f4a_7c15n;
  return BigInt.asUintN(8 * bytes, seed);
};

const filled = (
  fields: readonly RunField<string>[],
  zero: object,
): Record<string, unknown> => {
  const half: Record<string, unknown> = { ...zero };
  for (const { name, offset, count, bytes } of fields) {
    const words = Array.from(
      { length: count },
      (_, index) => sample(offset, index, bytes),
    );
    half[name] = count === 1 ? words[0] : words;
  }
  return half;
};

const enter = { ...zero_enter, ...filled(enter_fields, zero_enter) };
const exit = { ...zero_exit, ...filled(exit_fields, zero_exit) };

Deno.test("each byte of each field is where the table says and nothing else is written", () => {
  for (const layout of layouts) {
    const page = encodeRun({ enter, exit }, layout);
    const expected = new Uint8Array(page.length);
    const halves = [[enter_fields, 0], [exit_fields, half_bytes]] as const;
    for (const [fields, start] of halves) {
      for (const { offset, count, bytes, layouts } of fields) {
        if (!layouts.includes(layout)) continue;
        for (let at = 0; at < count * bytes; at += 1) {
          const index = Math.floor(at / bytes);
          const word = sample(offset, index, bytes);
          expected[start + offset + at] = Number(
            word >> BigInt(8 * (at % bytes)) & 0xffn,
          );
        }
      }
    }
    assertEquals(page, expected);
  }
});

Deno.test("decodeRun() undoes encodeRun() for the fields a version has", () => {
  for (const layout of layouts) {
    const back = decodeRun(encodeRun({ enter, exit }, layout), layout);
    const halves = [
      [enter_fields, enter, back.enter, zero_enter],
      [exit_fields, exit, back.exit, zero_exit],
    ] as const;
    for (const [fields, from, to, zero] of halves) {
      for (const { name, layouts } of fields) {
        const has = layouts.includes(layout);
        const source: Record<string, unknown> = { ...(has ? from : zero) };
        const found: Record<string, unknown> = { ...to };
        assertEquals(found[name], source[name], name);
      }
    }
  }
});

Deno.test("decodeEnter() and decodeExit() ignore reserved bytes and see every other", () => {
  for (const layout of layouts) {
    const halves = [
      [enter_fields, decodeEnter, encodeEnter(zero_enter, layout), zero_enter],
      [exit_fields, decodeExit, encodeExit(zero_exit, layout), zero_exit],
    ] as const;
    for (const [fields, decode, page, zero] of halves) {
      for (let at = 0; at < half_bytes; at += 1) {
        const owned = fields.some(({ offset, count, bytes, layouts }) =>
          layouts.includes(layout) && offset <= at &&
          at < offset + count * bytes
        );
        const flipped = page.slice();
        flipped[at] = 0xff;
        const read: unknown = decode(flipped, layout);
        if (owned) assertNotEquals(read, zero, hex3(at));
        else assertEquals(read, zero, hex3(at));
      }
    }
  }
  assert(half_bytes === 0x800);
});
