/**
 * Instruction fetch: PC alignment, translation, the word.
 *
 * @module
 */

import { EC } from "../arch/esr.ts";
import { branchAddress, raise } from "./exception.ts";
import { type Machine, readView } from "./machine.ts";
import { page_bytes } from "./memory.ts";
import type { Request } from "./abort.ts";
import { locate } from "./mmu.ts";
import { find, remember, signed } from "./pages.ts";

const fetchSlow = (m: Machine): number | null => {
  m.cpu.pc = branchAddress(m, m.cpu.pc);
  const pc = m.cpu.pc;
  if ((pc & 3n) !== 0n) {
    raise(m, EC.PC_ALIGN, 0, pc);
    return null;
  }
  const request: Request = {
    kind: "fetch",
    unprivileged: m.el === 0,
    unaligned: false,
    transfer: null,
    bytes: 4,
  };
  const place = locate(m, pc, request);
  if (place === null) return null;
  const view = readView(m, place.index);
  const from = signed(pc);
  const offset = from & (page_bytes - 1);
  remember(m.pages.execute, (from - offset) / page_bytes, view);
  return view.getUint32(offset, true);
};

/** The word at PC, or null when the fetch raised an exception. Instructions are little-endian. */
export const fetchWord = (m: Machine): number | null => {
  const from = signed(m.cpu.pc);
  const offset = from & (page_bytes - 1);
  if ((offset & 3) === 0) {
    const view = find(m.pages.execute, (from - offset) / page_bytes);
    if (view !== null) return view.getUint32(offset, true);
  }
  return fetchSlow(m);
};
