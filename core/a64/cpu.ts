/**
 * What the evaluator works on: a private, mutable copy of one REC's registers
 * for the length of a `Run` event, and the port to the machine around it.
 *
 * @module
 */

import type { Access, Rmw, Size, SysCode } from "./micro.ts";

/** The registers an instruction can reach, private to one `Run`. */
export interface Cpu {
  /** X0 to X30. */
  readonly x: bigint[];
  /** SP_EL0 and SP_EL1. */
  readonly sp: [bigint, bigint];
  /** Index into `sp` of the stack pointer PSTATE selects (EL0: 0; EL1: PSTATE.SP). */
  spIndex: 0 | 1;
  /** Address of the instruction being executed. */
  pc: bigint;
  /** The four condition flags, N at bit 3. */
  nzcv: number;
}

/** Why an access or a system register did not go through; the machine around knows the rest. */
export interface Fault {
  /** Tells a refusal from an answer and from other outcomes. */
  readonly tag: "Fault";
}

/** What the machine offers to an instruction. Every operation may refuse with a `Fault`. */
export interface Port {
  /** Reads `bytes` bytes, zero-extended. */
  load(at: bigint, bytes: Size, access: Access): bigint | Fault;
  /** Writes the low `bytes` bytes of `value`. */
  store(at: bigint, bytes: Size, value: bigint, access: Access): Fault | null;
  /** Reads one or two words and marks the monitor over both. */
  loadExclusive(
    at: bigint,
    bytes: Size,
    count: number,
  ): readonly bigint[] | Fault;
  /** Stores if the monitor still holds: true when it stored. */
  storeExclusive(
    at: bigint,
    bytes: Size,
    values: readonly bigint[],
  ): boolean | Fault;
  /** Opens the monitor. */
  clearExclusive(): void;
  /** Atomic read-modify-write, as `modify` says; the old value, zero-extended. */
  atomic(at: bigint, bytes: Size, rmw: Rmw, value: bigint): bigint | Fault;
  /** Atomic compare and swap of one or two words, all zero-extended; the old values. */
  compareSwap(
    at: bigint,
    bytes: Size,
    expected: readonly bigint[],
    desired: readonly bigint[],
  ): readonly bigint[] | Fault;
  /** MRS. */
  mrs(code: SysCode, rt: number): bigint | Fault;
  /** MSR (register). */
  msr(code: SysCode, rt: number, value: bigint): Fault | null;
  /** MSR (immediate). */
  msrImm(field: number, imm: number): Fault | null;
  /** SYS. */
  sys(code: SysCode, rt: number, value: bigint): Fault | null;
}

/** How an instruction ended; anything but `Next` leaves PC on the instruction itself. */
export type Outcome =
  | { readonly tag: "Next" } // PC moved to the next instruction or the branch target
  | Fault // the port refused and knows why
  | {
    readonly tag: "Exception";
    readonly kind: "svc" | "hvc" | "smc" | "brk";
    readonly imm: number;
  }
  | { readonly tag: "Undefined"; readonly why: "fp-simd" | null }
  | { readonly tag: "Eret" }
  | {
    readonly tag: "Wait";
    readonly kind: "wfi" | "wfe" | "wfit" | "wfet";
    readonly rt: number;
  };
