/**
 * The port: a machine as the evaluator sees it.
 *
 * @module
 */

import type { Port } from "../a64/cpu.ts";
import { load, store } from "./access.ts";
import {
  atomic,
  compareSwap,
  loadExclusive,
  storeExclusive,
} from "./exclusive.ts";
import type { Machine } from "./machine.ts";
import { msrImm } from "./msr_imm.ts";
import { sys } from "./sysop.ts";
import { mrs, msr } from "./sysregs.ts";

/** The port of a machine. */
export const portOf = (m: Machine): Port => ({
  load: (at, bytes, access) => load(m, at, bytes, access),
  store: (at, bytes, value, access) => store(m, at, bytes, value, access),
  loadExclusive: (at, bytes, count) => loadExclusive(m, at, bytes, count),
  storeExclusive: (at, bytes, values) => storeExclusive(m, at, bytes, values),
  clearExclusive: () => {
    m.monitor = null;
  },
  atomic: (at, bytes, rmw, value) => atomic(m, at, bytes, rmw, value),
  compareSwap: (at, bytes, expected, desired) =>
    compareSwap(m, at, bytes, expected, desired),
  mrs: (code, rt) => mrs(m, code, rt),
  msr: (code, rt, value) => msr(m, code, rt, value),
  msrImm: (field, imm) => msrImm(m, field, imm),
  sys: (code, rt, value) => sys(m, code, rt, value),
});
