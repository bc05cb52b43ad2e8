/**
 * What this model leaves out: it is UNDEF, and the outside is told once per
 * address and run.
 *
 * @module
 */

import type { Fault } from "../a64/cpu.ts";
import { undef } from "./exception.ts";
import type { Machine } from "./machine.ts";

/** Records an UNDEF and asks for a notice. */
export const unsupported = (m: Machine, why: string): Fault => {
  const { pc } = m.cpu;
  if (!m.told.has(pc)) {
    m.told.add(pc);
    m.asks.push({ tag: "Unsupported", rec: m.rec, pc, insn: m.word, why });
  }
  return undef(m);
};
