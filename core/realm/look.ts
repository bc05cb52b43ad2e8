/**
 * Looking at a REC from outside, without moving it.
 *
 * @module
 */

import { decode } from "../a64/decode.ts";
import { disassemble } from "../a64/disassemble.ts";
import type { World } from "../world.ts";
import { fetchWord } from "./fetch.ts";
import { open } from "./machine.ts";

/**
 * The instruction REC `rec` is about to execute, as GNU objdump writes it with
 * one space for its tab; null when it cannot be fetched, is not allocated, or
 * is the all-zero word of memory nobody filled.
 */
export const insnText = (world: World, rec: number): string | null => {
  const machine = open(world, rec);
  if (machine === null) return null;
  const word = fetchWord(machine);
  const insn = word === null ? null : decode(word);
  if (insn === null || word === 0) return null;
  return disassemble(insn, machine.cpu.pc).replace("\t", " ");
};
