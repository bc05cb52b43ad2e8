/**
 * One WebAssembly function being written, and what handlers and regions do
 * differently: where registers are, and how to leave.
 *
 * @module
 */

import {
  type Bytes,
  I32,
  I64,
  OP,
  signed,
  signed64,
  unsigned,
  VOID,
} from "./wasm.ts";

/** Why compiled code stops in the middle of an instruction. */
export type Stop =
  /** The instruction goes the slow way. */
  | { readonly tag: "Slow" }
  /** The TLB does not know the address in local `address`. */
  | {
    readonly tag: "Miss";
    readonly kind: "read" | "write";
    readonly address: number;
    readonly bytes: number;
  };

/** Where a handler or a region keeps registers, and how it leaves. */
export interface Home {
  /** Pushes X`n`; in a handler, the operand numbered `n`. */
  readonly x: (u: Unit, n: number) => void;
  /** Pops into X`n`. */
  readonly setX: (u: Unit, n: number) => void;
  /** Pushes the stack pointer. */
  readonly sp: (u: Unit) => void;
  /** Pops into the stack pointer. */
  readonly setSp: (u: Unit) => void;
  /** Pushes the address of the instruction. */
  readonly pc: (u: Unit) => void;
  /** Leaves, with registers and flags as before the instruction. */
  readonly stop: (u: Unit, why: Stop) => void;
}

/** The locals that hold the flags, see `flags.ts`. */
export interface FlagLocals {
  readonly fk: number;
  readonly fa: number;
  readonly fb: number;
  readonly nz: number;
}

/** A function being written. */
export interface Unit {
  readonly code: Bytes;
  /** How many parameters precede the locals. */
  readonly params: number;
  /** Types of the locals. */
  readonly locals: number[];
  readonly home: Home;
  readonly flags: FlagLocals;
  /** What is known of the flags' kind here, see `flags.ts`. */
  kind: number;
  /** Open labels. */
  depth: number;
  /** Locals that live for one instruction, by type, and how many are taken. */
  readonly scratch: { readonly i32: number[]; readonly i64: number[] };
  taken: { i32: number; i64: number };
  /** The local of each temporary. */
  temps: number[];
  /** The access just checked: a second one close to it needs less. */
  near: Near | null;
}

/** An access that was checked at the address in temporary `temp`. */
export interface Near {
  readonly temp: number;
  readonly kind: "read" | "write";
  /** Local with its byte address in linear memory. */
  readonly host: number;
}

/** A fresh local. */
export const local = (
  u: Pick<Unit, "params" | "locals">,
  type: number,
): number => u.params + u.locals.push(type) - 1;

/** A local for the rest of the instruction. */
export const scratch = (u: Unit, type: typeof I32 | typeof I64): number => {
  const name = type === I32 ? "i32" : "i64";
  const pool = u.scratch[name];
  const at = u.taken[name]++;
  return pool[at] ??= local(u, type);
};

/** Opens a function over `home`; its flags are locals, unless they are given. */
export const unit = (
  home: Home,
  params: number = 1,
  flags: FlagLocals | null = null,
): Unit => {
  const frame = { params, locals: [] };
  return {
    ...frame,
    code: [],
    home,
    flags: flags ?? {
      fk: local(frame, I32),
      fa: local(frame, I64),
      fb: local(frame, I64),
      nz: local(frame, I32),
    },
    kind: -1,
    depth: 0,
    scratch: { i32: [], i64: [] },
    taken: { i32: 0, i64: 0 },
    temps: [],
    near: null,
  };
};

/** Starts the next instruction: temporaries and scratch locals are free again. */
export const nextInstruction = (u: Unit): void => {
  u.taken = { i32: 0, i64: 0 };
  u.temps = [];
  u.near = null;
};

/** Appends opcodes without operands. */
export const op = (u: Unit, code: number): void => {
  u.code.push(code);
};

/** Pushes a local. */
export const get = (u: Unit, at: number): void => {
  u.code.push(OP.local_get);
  unsigned(u.code, at);
};

/** Pops into a local. */
export const set = (u: Unit, at: number): void => {
  u.code.push(OP.local_set);
  unsigned(u.code, at);
};

/** Copies the top into a local. */
export const tee = (u: Unit, at: number): void => {
  u.code.push(OP.local_tee);
  unsigned(u.code, at);
};

/** Pushes a 32-bit constant. */
export const i32 = (u: Unit, value: number): void => {
  u.code.push(OP.i32_const);
  signed(u.code, value);
};

/** Pushes a 64-bit constant. */
export const i64 = (u: Unit, value: bigint): void => {
  u.code.push(OP.i64_const);
  signed64(u.code, value);
};

/** A load or store at the address pushed plus `offset`. */
export const access = (u: Unit, code: number, offset: number): void => {
  u.code.push(code, 0);
  unsigned(u.code, offset);
};

/** Pushes what is at a fixed address. */
export const peek = (u: Unit, code: number, at: number): void => {
  i32(u, 0);
  access(u, code, at);
};

/** Opens a block, loop or if without a result. */
export const open = (u: Unit, code: number): void => {
  u.code.push(code, VOID);
  u.depth++;
};

/** Closes it. */
export const close = (u: Unit): void => {
  u.code.push(OP.end);
  u.depth--;
};

/** Branches to the label that was opened when `depth` labels were open. */
export const branchTo = (
  u: Unit,
  depth: number,
  code: number = OP.br,
): void => {
  u.code.push(code);
  unsigned(u.code, u.depth - depth - 1);
};
