/**
 * WebAssembly in binary: opcodes, LEB128 and modules.
 *
 * Source: WebAssembly Core Specification 2.0, chapter 5 (binary format).
 *
 * @module
 */

/** Opcodes, by the names of the text format. */
export const OP = {
  block: 0x02,
  loop: 0x03,
  if: 0x04,
  else: 0x05,
  end: 0x0b,
  br: 0x0c,
  br_if: 0x0d,
  return: 0x0f,
  call_indirect: 0x11,
  return_call_indirect: 0x13,
  select: 0x1b,
  local_get: 0x20,
  local_set: 0x21,
  local_tee: 0x22,
  i32_load: 0x28,
  i64_load: 0x29,
  i32_load16_u: 0x2f,
  i64_load8_u: 0x31,
  i64_load16_u: 0x33,
  i64_load32_u: 0x35,
  i32_store: 0x36,
  i64_store: 0x37,
  i64_store8: 0x3c,
  i64_store16: 0x3d,
  i64_store32: 0x3e,
  i32_const: 0x41,
  i64_const: 0x42,
  i32_eqz: 0x45,
  i32_eq: 0x46,
  i32_ne: 0x47,
  i32_lt_s: 0x48,
  i32_lt_u: 0x49,
  i32_gt_s: 0x4a,
  i32_gt_u: 0x4b,
  i32_le_s: 0x4c,
  i32_le_u: 0x4d,
  i32_ge_s: 0x4e,
  i32_ge_u: 0x4f,
  i64_eqz: 0x50,
  i64_eq: 0x51,
  i64_ne: 0x52,
  i64_lt_s: 0x53,
  i64_lt_u: 0x54,
  i64_gt_s: 0x55,
  i64_gt_u: 0x56,
  i64_le_s: 0x57,
  i64_le_u: 0x58,
  i64_ge_s: 0x59,
  i64_ge_u: 0x5a,
  i32_clz: 0x67,
  i32_add: 0x6a,
  i32_sub: 0x6b,
  i32_and: 0x71,
  i32_or: 0x72,
  i32_xor: 0x73,
  i32_shl: 0x74,
  i32_shr_u: 0x76,
  i32_rotr: 0x78,
  i64_clz: 0x79,
  i64_add: 0x7c,
  i64_sub: 0x7d,
  i64_mul: 0x7e,
  i64_div_s: 0x7f,
  i64_div_u: 0x80,
  i64_and: 0x83,
  i64_or: 0x84,
  i64_xor: 0x85,
  i64_shl: 0x86,
  i64_shr_s: 0x87,
  i64_shr_u: 0x88,
  i64_rotr: 0x8a,
  i32_wrap_i64: 0xa7,
  i64_extend_i32_s: 0xac,
  i64_extend_i32_u: 0xad,
  i64_extend8_s: 0xc2,
  i64_extend16_s: 0xc3,
  i64_extend32_s: 0xc4,
} as const;

/** Value types, and the type of a block without a result. */
export const I32 = 0x7f;
/** A 64-bit word. */
export const I64 = 0x7e;
/** A block that leaves nothing. */
export const VOID = 0x40;

/** Code or any other bytes being written. */
export type Bytes = number[];

/** Appends an unsigned LEB128 number below 2^32. */
export const unsigned = (out: Bytes, value: number): void => {
  let rest = value;
  while (rest > 0x7f) {
    out.push((rest & 0x7f) | 0x80);
    rest >>>= 7;
  }
  out.push(rest);
};

/** Appends a signed LEB128 number of 32 bits. */
export const signed = (out: Bytes, value: number): void => {
  let rest = value | 0;
  while (!(-64 <= rest && rest < 64)) {
    out.push((rest & 0x7f) | 0x80);
    rest >>= 7;
  }
  out.push(rest & 0x7f);
};

/** Appends a signed LEB128 number of 64 bits; `value` is a 64-bit word of either sign. */
export const signed64 = (out: Bytes, value: bigint): void => {
  let rest = BigInt.asIntN(64, value);
  while (!(-64n <= rest && rest < 64n)) {
    out.push(Number(rest & 0x7fn) | 0x80);
    rest >>= 7n;
  }
  out.push(Number(rest & 0x7fn));
};

/** A function type. */
export interface Signature {
  readonly params: readonly number[];
  readonly results: readonly number[];
}

/** A function: which of the module's types, its locals beyond the parameters, its code. */
export interface Func {
  readonly type: number;
  readonly locals: readonly number[];
  readonly code: readonly number[];
}

/** A module over one imported memory and one imported table of functions. */
export interface ModuleOf {
  readonly types: readonly Signature[];
  readonly functions: readonly Func[];
  /** Table slot of each function, or null for one that is only exported. */
  readonly slots: readonly (number | null)[];
  /** Exports the first function as `run`. */
  readonly exports_run: boolean;
}

const section = (out: Bytes, id: number, body: Bytes): void => {
  out.push(id);
  unsigned(out, body.length);
  for (const byte of body) out.push(byte);
};

const text = (out: Bytes, name: string): void => {
  unsigned(out, name.length);
  for (let at = 0; at < name.length; at++) out.push(name.charCodeAt(at));
};

const vector = (count: number, each: (out: Bytes, at: number) => void) => {
  const out: Bytes = [];
  unsigned(out, count);
  for (let at = 0; at < count; at++) each(out, at);
  return out;
};

const types = (list: readonly Signature[]): Bytes =>
  vector(list.length, (out, at) => {
    const { params, results } = list[at]!;
    out.push(0x60);
    unsigned(out, params.length);
    out.push(...params);
    unsigned(out, results.length);
    out.push(...results);
  });

const imports = (): Bytes => {
  const out: Bytes = [2];
  text(out, "e");
  text(out, "m");
  out.push(0x02, 0x00, 0x01); // a memory of at least one page
  text(out, "e");
  text(out, "t");
  out.push(0x01, 0x70, 0x00, 0x01); // a table of functions
  return out;
};

const locals = (out: Bytes, list: readonly number[]): void => {
  const runs: [number, number][] = [];
  for (const type of list) {
    const last = runs.at(-1);
    if (last !== undefined && last[1] === type) last[0] += 1;
    else runs.push([1, type]);
  }
  unsigned(out, runs.length);
  for (const [count, type] of runs) {
    unsigned(out, count);
    out.push(type);
  }
};

const bodies = (list: readonly Func[]): Bytes =>
  vector(list.length, (out, at) => {
    const head: Bytes = [];
    const { code } = list[at]!;
    locals(head, list[at]!.locals);
    unsigned(out, head.length + code.length + 1);
    for (const byte of head) out.push(byte);
    for (const byte of code) out.push(byte);
    out.push(OP.end);
  });

const elements = (slots: readonly (number | null)[]): Bytes => {
  const placed = slots.flatMap((slot, at) => slot === null ? [] : [[slot, at]]);
  return vector(placed.length, (out, at) => {
    const [slot, index] = placed[at]!;
    out.push(0x00, OP.i32_const);
    signed(out, slot!);
    out.push(OP.end, 0x01);
    unsigned(out, index!);
  });
};

/** The module's binary. */
export const encode = (module: ModuleOf): Uint8Array<ArrayBuffer> => {
  const { functions, slots } = module;
  const out: Bytes = [0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00];
  section(out, 1, types(module.types));
  section(out, 2, imports());
  section(
    out,
    3,
    vector(functions.length, (to, at) => unsigned(to, functions[at]!.type)),
  );
  if (module.exports_run) {
    const exported: Bytes = [1];
    text(exported, "run");
    exported.push(0x00, 0x00);
    section(out, 7, exported);
  }
  section(out, 9, elements(slots));
  section(out, 10, bodies(functions));
  return new Uint8Array(out);
};
