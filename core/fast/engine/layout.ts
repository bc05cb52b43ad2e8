/**
 * The engine's linear memory: what lies where, and the numbers that compiled
 * code and its surroundings agree on.
 *
 * Cells are 64-bit words: registers, state and constants alike, so that an
 * operand of an interpreted instruction is the number of a cell.
 *
 * @module
 */

/** Cells 0 to 30 are X0 to X30; the others by name. */
export const CELL = {
  /** The stack pointer PSTATE selects. */
  sp: 31,
  /** Target of a jump that left its page. */
  pc: 32,
  /** Virtual address of the current page of code. */
  page: 33,
  /** Operands of the flags, see `flags.ts`. */
  fa: 34,
  fb: 35,
  /** 32-bit words from here on: kind of the flags, and the flags themselves. */
  fk: 36,
  nz: 37,
  /** Instructions that may still be executed. */
  left: 38,
  /** The record where execution stopped. */
  record: 39,
  /** The first record of the current page. */
  records: 40,
  /** Address of an access that missed. */
  address: 41,
  /** And how many bytes it has, 32 bits. */
  bytes: 44,
  /** SP_EL0 and SP_EL1. */
  sp_el0: 42,
  sp_el1: 43,
  /** Constants from here on. */
  constants: 64,
} as const;

/** Cells there are; an operand is 16 bits. */
export const cells = 1 << 16;

/** Byte address of a cell. */
export const cellAt = (cell: number): number => cell * 8;

/** Entries of the read and write TLB; 16 bytes each: tag, then addend. */
export const tlb_entries = 1 << 10;
/** Entries of the TLB of code; 16 bytes each: tag, then first record. */
export const code_entries = 1 << 8;

/** First byte of the read TLB. */
export const read_tlb = cells * 8;
/** First byte of the write TLB. */
export const write_tlb = read_tlb + tlb_entries * 16;
/** First byte of the TLB of code. */
export const code_tlb = write_tlb + tlb_entries * 16;

/** Bytes of the record of one instruction. */
export const record_bytes = 32;

/** Where a record holds what. */
export const RECORD = {
  /** Table slot that executes it: a handler or a region. */
  handler: 0,
  /** Table slot of its handler. */
  base: 4,
  /** How often it may still be jumped to before it is worth a region. */
  heat: 8,
  /** Distance in records, in bytes, to a direct jump's target, bit 0: counted; of others, `syndromeOf`. */
  delta: 12,
  /** Eight operands: cell numbers. */
  operands: 16,
} as const;

/** Operands a record holds. */
export const operands_max = 8;

/** Instructions of a page. */
export const page_words = 1024;

/** Bytes of the records of one page: one for each word and one beyond the end. */
export const page_records_bytes = (page_words + 2) * record_bytes;

/** Pages of code held at once. */
export const code_pages_max = 1024;

/** First byte of the records. */
export const records_base = code_tlb + code_entries * 16;

/** First byte of RAM. */
export const ram_base = Math.ceil(
  (records_base + code_pages_max * page_records_bytes) / 65536,
) * 65536;

/** First byte of a page of RAM in linear memory. */
export const frameAt = (index: number): number =>
  ram_base + index * page_words * 4;

/** RAM the engine can hold. */
export const ram_bytes_max = 0xc000_0000;

/** Table slots with a fixed meaning. */
export const SLOT = {
  /** The instruction goes the slow way. */
  slow: 0,
  /** Not decoded yet. */
  fresh: 1,
  /** Beyond the last word of a page. */
  cross: 2,
  /** The flags made one number. */
  pack: 3,
  /** Runs records until one says why it cannot go on. */
  loop: 4,
  /** Handlers and regions from here on. */
  first: 5,
} as const;

/**
 * What a handler or region returns, and the run with it. Any other even number
 * is the next record (of a region: handlers go on by themselves), any other
 * odd number the next record plus one, to be counted.
 */
export const EXIT = {
  /** No budget left. */
  budget: 0,
  /** The instruction at `record` goes the slow way. */
  slow: 1,
  /** The target in `pc` is on another page or unknown. */
  away: 3,
  /** The instruction at `record` is not decoded. */
  fresh: 5,
  /** The record was jumped to often enough to be worth a region. */
  hot: 7,
  /** As `slow`: the address in `address` is not in the TLB to read. */
  read: 9,
  /** As `slow`: the address in `address` is not in the TLB to write. */
  write: 11,
} as const;

/** A TLB tag that no address has: the low bits of a tag compared are zero above bit 2. */
export const vacant = 0xfffn;

/** Added to the tag of a page that was not written yet in this run, to see it written. */
export const clean = 0x800n;
