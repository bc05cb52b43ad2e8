/**
 * Micro-operations: the one place where the meaning of an A64 instruction is
 * written. `lift` produces them; the pure evaluator and the compiler run them.
 *
 * A `Value` is a pure expression over 64-bit words. A `Micro` is one effect.
 * An instruction is a list of `Micro`, run in order; a `Value` sees what
 * earlier micro-ops of the same instruction did. Lifting puts whatever the
 * machine may refuse (memory, system registers) before the first write to a
 * register or flag, so a fault leaves no trace, and a jump or branch last.
 * Temporaries (`temp`) live for one instruction.
 *
 * @module
 */

/** Operators of two 64-bit operands. Shift amounts are taken modulo 64. */
export type Binary =
  | "add"
  | "sub"
  | "mul"
  | "and"
  | "or"
  | "xor"
  | "shl"
  | "lshr"
  | "ashr"
  | "ror64"
  | "ror32" // rotates the low 32 bits, by modulo 32; the result is zero-extended
  | "udiv" // division by zero gives zero
  | "sdiv" // division by zero gives zero, INT64_MIN / -1 gives INT64_MIN
  | "umulh"
  | "smulh"
  | "eq"; // 0 or 1

/** Operators of one 64-bit operand. */
export type Unary =
  | "clz64"
  | "clz32"
  | "rbit64"
  | "rbit32"
  | "rev64" // byte order of the whole word
  | "rev32" // byte order of each 32-bit half
  | "rev16" // byte order of each 16-bit quarter
  | "sext8"
  | "sext16"
  | "sext32"
  | "zext8"
  | "zext16"
  | "zext32";

/** A pure expression over 64-bit words. */
export type Value =
  | { readonly op: "const"; readonly value: bigint }
  | { readonly op: "x"; readonly n: number } // X0..X30, never 31
  | { readonly op: "sp" } // the stack pointer PSTATE selects
  | { readonly op: "pc" } // address of this instruction
  | { readonly op: "temp"; readonly n: number }
  | { readonly op: Binary; readonly a: Value; readonly b: Value }
  | { readonly op: Unary; readonly a: Value }
  | {
    readonly op: "select";
    readonly when: Value;
    readonly a: Value;
    readonly b: Value;
  }
  | { readonly op: "cond"; readonly cond: number } // 0 or 1: condition 0..15 holds for NZCV
  | { readonly op: "carry" } // 0 or 1: PSTATE.C
  | { readonly op: "nzcv" } // the four flags, N at bit 3
  /** NZCV of a + b + carry at 32 or 64 bits (a and b zero-extended to the width). */
  | {
    readonly op: "nzcvAdd";
    readonly width: 32 | 64;
    readonly a: Value;
    readonly b: Value;
    readonly carry: Value;
  }
  /** NZCV of a logical result: N and Z from it, C and V zero. */
  | { readonly op: "nzcvLogic"; readonly width: 32 | 64; readonly a: Value }
  /** CRC-32 or CRC-32C of the low `bytes` bytes of `data` onto `acc`. */
  | {
    readonly op: "crc";
    readonly poly: "crc32" | "crc32c";
    readonly bytes: 1 | 2 | 4 | 8;
    readonly acc: Value;
    readonly data: Value;
  };

/** How many bytes one access moves. */
export type Size = 1 | 2 | 4 | 8;

/**
 * What a data abort on this access reports of the instruction (ESR ISS bits
 * 24:14). Null stands for ISV=0: pairs, writeback, exclusives, atomics, SIMD.
 */
export interface Transfer {
  /** Register transferred, 0 to 31. */
  readonly srt: number;
  /** True when the loaded value is sign-extended. */
  readonly sse: boolean;
  /** True when the register is 64 bits wide. */
  readonly sf: boolean;
  /** True for acquire and release forms. */
  readonly ar: boolean;
}

/** The properties of an access beyond its address and size. */
export interface Access {
  /** What an abort reports, or null for ISV=0. */
  readonly transfer: Transfer | null;
  /** Checked and permitted as if executed at EL0 (LDTR, STTR). */
  readonly unprivileged?: true;
  /** Acquire, release, exclusive and atomic forms: must be naturally aligned. */
  readonly ordered?: true;
}

/** Read-modify-write operators of the LSE atomics. */
export type Rmw =
  | "swp"
  | "add"
  | "clr"
  | "eor"
  | "set"
  | "smax"
  | "smin"
  | "umax"
  | "umin";

/** A system register or system instruction encoding: op0:op1:CRn:CRm:op2, 16 bits, op0 at 15:14. */
export type SysCode = number;

/** One effect of an instruction. */
export type Micro =
  | { readonly op: "let"; readonly temp: number; readonly value: Value }
  | { readonly op: "setX"; readonly n: number; readonly value: Value } // n never 31
  | { readonly op: "setSp"; readonly value: Value }
  | { readonly op: "setNzcv"; readonly value: Value }
  /** temp := zero-extended memory[at]. */
  | {
    readonly op: "load";
    readonly temp: number;
    readonly bytes: Size;
    readonly at: Value;
    readonly access: Access;
  }
  | {
    readonly op: "store";
    readonly bytes: Size;
    readonly at: Value;
    readonly value: Value;
    readonly access: Access;
  }
  /** Load-exclusive of one or two registers (two: `bytes` each, at and at + bytes); marks the monitor. */
  | {
    readonly op: "loadExclusive";
    readonly temps: readonly number[];
    readonly bytes: Size;
    readonly at: Value;
  }
  /** Store-exclusive; status temp := 0 when it stored, 1 when the monitor was lost. */
  | {
    readonly op: "storeExclusive";
    readonly status: number;
    readonly bytes: Size;
    readonly at: Value;
    readonly values: readonly Value[];
  }
  | { readonly op: "clearExclusive" }
  /** temp := old memory[at]; memory[at] := old `rmw` value, of which the low `bytes` bytes count. */
  | {
    readonly op: "atomic";
    readonly rmw: Rmw;
    readonly temp: number;
    readonly bytes: Size;
    readonly at: Value;
    readonly value: Value;
  }
  /** Compare and swap of one or two words, zero-extended; temps := old memory. */
  | {
    readonly op: "compareSwap";
    readonly temps: readonly number[];
    readonly bytes: Size;
    readonly at: Value;
    readonly expected: readonly Value[];
    readonly desired: readonly Value[];
  }
  | { readonly op: "jump"; readonly to: Value }
  /** Goes to `to` when `when` is not zero, else falls through. */
  | { readonly op: "branch"; readonly when: Value; readonly to: Value }
  /** temp := system register, or the result of SYSL; `rt` is the register named by the instruction, for trap syndromes. */
  | {
    readonly op: "mrs";
    readonly temp: number;
    readonly code: SysCode;
    readonly rt: number;
  }
  | {
    readonly op: "msr";
    readonly code: SysCode;
    readonly rt: number;
    readonly value: Value;
  }
  /** MSR (immediate): `field` is op1:op2 (op1 at 5:3), `imm` is CRm. */
  | { readonly op: "msrImm"; readonly field: number; readonly imm: number }
  /** SYS: cache, TLB and address translation operations; `value` is X[rt]. */
  | {
    readonly op: "sys";
    readonly code: SysCode;
    readonly rt: number;
    readonly value: Value;
  }
  | { readonly op: "barrier"; readonly kind: "dsb" | "dmb" | "isb" | "sb" }
  | {
    readonly op: "wait";
    readonly kind: "wfi" | "wfe" | "wfit" | "wfet";
    readonly rt: number;
  }
  | {
    readonly op: "exception";
    readonly kind: "svc" | "hvc" | "smc" | "brk";
    readonly imm: number;
  }
  /** The instruction is undefined here; `why` names FP and SIMD, else null. */
  | { readonly op: "undefined"; readonly why: "fp-simd" | null }
  | { readonly op: "eret" };
