/**
 * Instruction to text, in the syntax of the GNU tools: a tab after the
 * mnemonic, the preferred alias, no comments.
 *
 * @module
 */

import type { Insn, Tag } from "./encoding.ts";
import { encode } from "./encode.ts";
import { atomics } from "./disassemble/atomic.ts";
import { branch } from "./disassemble/branch.ts";
import { immediate } from "./disassemble/immediate.ts";
import { memory } from "./disassemble/memory.ts";
import { line, type Writers } from "./disassemble/operand.ts";
import { register } from "./disassemble/register.ts";
import { systems } from "./disassemble/system.ts";

/** A word that is not taken apart, as data. */
const raw = (insn: Insn): string =>
  line(".inst", `0x${encode(insn).toString(16).padStart(8, "0")}`);

const writers: Writers<Tag> = {
  ...immediate,
  ...branch,
  ...systems,
  ...memory,
  ...atomics,
  ...register,
  simd: raw,
  sve: raw,
};

/**
 * The text of an instruction at address `pc`, as `objdump -d` prints it, with
 * branch targets as plain addresses. Floating point, SIMD and SVE come out as
 * `.inst`.
 *
 * @example
 * ```ts
 * import { decode } from "./decode.ts";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(disassemble(decode(0xf100043f)!, 0n), "cmp\tx1, #0x1");
 * ```
 */
export const disassemble = (insn: Insn, pc: bigint): string =>
  (writers[insn.tag] as (insn: Insn, pc: bigint) => string)(insn, pc);
