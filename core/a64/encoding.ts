/**
 * The A64 encoding table: one row per instruction class, bit 31 first. Types,
 * decoder, encoder and disassembler all come from these rows.
 *
 * A row is a list of tokens: `0` and `1` are fixed bits, `name:width` is a
 * field. Fields hold the raw unsigned bits of the word; what they mean is said
 * by `lift`. Rows match pairwise disjoint sets of words, so their order is
 * free; combinations a row matches but the architecture leaves unallocated are
 * refused by {@link allocated}.
 * Bits the manual prints as should-be-one or should-be-zero are fields where
 * an instruction may ignore them; any value decodes, one of the choices that
 * CONSTRAINED UNPREDICTABLE leaves.
 *
 * Scope: base instructions through Armv8.2, with FEAT_LRCPC, FEAT_LRCPC2,
 * FEAT_FlagM, FEAT_SB and FEAT_WFxT. Advanced SIMD, floating point and SVE are
 * recognised as a space, not decoded.
 *
 * Source: Arm ARM (DDI 0487) C4.1, A64 instruction set encoding.
 *
 * @module
 */

/** The rows, by class; the chapter order of Arm ARM C4.1. */
export const encodings = {
  // Reserved
  udf: "0000000000000000 imm16:16",

  // Data processing, immediate
  pcRel: "op:1 immlo:2 10000 immhi:19 rd:5",
  addSubImm: "sf:1 op:1 s:1 100010 sh:1 imm12:12 rn:5 rd:5",
  logicalImm: "sf:1 opc:2 100100 n:1 immr:6 imms:6 rn:5 rd:5",
  moveWide: "sf:1 opc:2 100101 hw:2 imm16:16 rd:5",
  bitfield: "sf:1 opc:2 100110 n:1 immr:6 imms:6 rn:5 rd:5",
  extract: "sf:1 00 100111 n:1 0 rm:5 imms:6 rn:5 rd:5",

  // Branches, exception generation, system
  branchCond: "01010100 imm19:19 0 cond:4",
  exception: "11010100 opc:3 imm16:16 000 ll:2",
  waitTimeout: "11010101000000110001 0000 op2:3 rt:5",
  hint: "11010101000000110010 crm:4 op2:3 11111",
  barrier: "11010101000000110011 crm:4 op2:3 11111",
  pstate: "1101010100000 op1:3 0100 crm:4 op2:3 11111",
  system: "1101010100 l:1 01 op1:3 crn:4 crm:4 op2:3 rt:5",
  systemMove: "1101010100 l:1 1 o0:1 op1:3 crn:4 crm:4 op2:3 rt:5",
  branchReg: "1101011 opc:4 11111 000000 rn:5 00000",
  branchImm: "op:1 00101 imm26:26",
  compareBranch: "sf:1 011010 op:1 imm19:19 rt:5",
  testBranch: "b5:1 011011 op:1 b40:5 imm14:14 rt:5",

  // Loads and stores
  exclusive: "size:2 001000 0 l:1 0 rs:5 o0:1 rt2:5 rn:5 rt:5",
  exclusivePair: "1 sz:1 001000 0 l:1 1 rs:5 o0:1 rt2:5 rn:5 rt:5",
  compareSwapPair: "0 sz:1 001000 0 l:1 1 rs:5 o0:1 11111 rn:5 rt:5",
  ordered: "size:2 001000 1 l:1 0 rs:5 o0:1 rt2:5 rn:5 rt:5",
  compareSwap: "size:2 001000 1 l:1 1 rs:5 o0:1 11111 rn:5 rt:5",
  orderedUnscaled: "size:2 011001 opc:2 0 imm9:9 00 rn:5 rt:5",
  loadLiteral: "opc:2 011000 imm19:19 rt:5",
  pair: "opc:2 10100 mode:2 l:1 imm7:7 rt2:5 rn:5 rt:5",
  unscaled: "size:2 111000 opc:2 0 imm9:9 00 rn:5 rt:5",
  postIndex: "size:2 111000 opc:2 0 imm9:9 01 rn:5 rt:5",
  unprivileged: "size:2 111000 opc:2 0 imm9:9 10 rn:5 rt:5",
  preIndex: "size:2 111000 opc:2 0 imm9:9 11 rn:5 rt:5",
  atomic: "size:2 111000 a:1 r:1 1 rs:5 0 opc:3 00 rn:5 rt:5",
  swap: "size:2 111000 a:1 r:1 1 rs:5 1 000 00 rn:5 rt:5",
  loadAcquirePc: "size:2 111000 101 rs:5 110000 rn:5 rt:5",
  registerOffset: "size:2 111000 opc:2 1 rm:5 option:3 s:1 10 rn:5 rt:5",
  unsignedOffset: "size:2 111001 opc:2 imm12:12 rn:5 rt:5",

  // Data processing, register
  dataTwo: "sf:1 00 11010110 rm:5 opcode:6 rn:5 rd:5",
  dataOne: "sf:1 10 11010110 00000 opcode:6 rn:5 rd:5",
  logicalShifted: "sf:1 opc:2 01010 shift:2 n:1 rm:5 imm6:6 rn:5 rd:5",
  addSubShifted: "sf:1 op:1 s:1 01011 shift:2 0 rm:5 imm6:6 rn:5 rd:5",
  addSubExtended: "sf:1 op:1 s:1 01011 001 rm:5 option:3 imm3:3 rn:5 rd:5",
  addSubCarry: "sf:1 op:1 s:1 11010000 rm:5 000000 rn:5 rd:5",
  rotateFlags: "101 11010000 imm6:6 00001 rn:5 0 mask:4",
  setFlags: "001 11010000 000000 sz:1 0010 rn:5 01101",
  compareReg: "sf:1 op:1 1 11010010 rm:5 cond:4 00 rn:5 0 nzcv:4",
  compareImm: "sf:1 op:1 1 11010010 imm5:5 cond:4 10 rn:5 0 nzcv:4",
  conditionalSelect: "sf:1 op:1 0 11010100 rm:5 cond:4 0 o2:1 rn:5 rd:5",
  dataThree: "sf:1 00 11011 op31:3 rm:5 o0:1 ra:5 rn:5 rd:5",

  // Advanced SIMD, floating point, SVE: the rest of the word as it stands
  simd: "top:4 11 rest:26",
  sve: "top:3 0010 rest:25",
} as const;

/** The name of an instruction class. */
export type Tag = keyof typeof encodings;

type NameOf<Token extends string> = Token extends `${infer Name}:${number}`
  ? Name
  : never;

type NamesOf<Row extends string> = Row extends `${infer Token} ${infer Rest}`
  ? NameOf<Token> | NamesOf<Rest>
  : NameOf<Row>;

/** The fields a row names, each the raw unsigned bits of the word. */
export type Fields<Row extends string> = {
  readonly [Name in NamesOf<Row>]: number;
};

/** An instruction of class `T`, or of one of several. */
export type InsnOf<T extends Tag> = T extends Tag
  ? { readonly tag: T } & Fields<(typeof encodings)[T]>
  : never;

/** A decoded instruction: its class and its fields. */
export type Insn = InsnOf<Tag>;
