/**
 * SYS: cache and TLB maintenance, DC ZVA and address translation.
 *
 * Nothing is cached that a guest could tell, so maintenance by address only
 * translates (and may fault), and maintenance by set/way and TLBI do nothing
 * but drop lookups.
 *
 * Source: Arm ARM (DDI 0487) D7.5.9 (cache maintenance), C5.3, C5.4, C5.5,
 * D24.2.123 (PAR_EL1).
 *
 * @module
 */

import type { Fault } from "../a64/cpu.ts";
import { PSTATE } from "../arch/pstate.ts";
import { mask } from "../arch/word.ts";
import { stored } from "./access.ts";
import { type Machine, writeSys, writeView } from "./machine.ts";
import { page_bytes } from "./memory.ts";
import { raiseAbort, type Request } from "./abort.ts";
import { lacking, locate, type Stage1, stage1 } from "./mmu.ts";
import { drop } from "./pages.ts";
import { FSC } from "../arch/esr.ts";
import { admit } from "./sysreg_access.ts";

const fault: Fault = { tag: "Fault" };

const maintenance = (
  m: Machine,
  kind: "invalidate" | "maintain" | "at",
): Request => ({
  kind,
  unprivileged: m.el === 0,
  unaligned: false,
  transfer: null,
  bytes: 1,
});

/** DC and IC by address: aborts as a write with CM set, or does nothing. */
const maintain = (
  m: Machine,
  at: bigint,
  kind: "invalidate" | "maintain",
): Fault | null => locate(m, at, maintenance(m, kind)) === null ? fault : null;

/** DC ZVA: zeroes the 64-byte block around `at`; any Device memory is an alignment fault. */
const zero = (m: Machine, at: bigint): Fault | null => {
  const request: Request = {
    kind: "write",
    unprivileged: m.el === 0,
    unaligned: true,
    transfer: null,
    bytes: 1,
  };
  const place = locate(m, at, request);
  if (place === null) return fault;
  const view = writeView(m, place.index);
  const block = Number(at & BigInt(page_bytes - 1)) & ~63;
  for (let byte = 0; byte < 64; byte += 8) {
    view.setBigUint64(block + byte, 0n);
  }
  stored(m, place);
  return null;
};

interface Translation {
  readonly kind: "read" | "write";
  readonly unprivileged: boolean;
  readonly pan: boolean;
}

/** PAR_EL1 for a translation that succeeded: PA, ATTR and SH; bit 11 is RES1. */
const parOf = (at: Stage1): bigint => {
  // Device and Normal Non-cacheable memory read as outer shareable.
  const sh = at.attr >> 4 === 0 || at.attr === 0x44 ? 2 : at.sh;
  return (BigInt(at.attr) << 56n) | (at.ipa & mask(48) & ~mask(12)) |
    (1n << 11n) | (BigInt(sh) << 7n);
};

/** PAR_EL1 for a stage 1 fault: F and FST. */
const parOfFault = (fsc: number): bigint =>
  (1n << 11n) | (BigInt(fsc) << 1n) | 1n;

const translate = (
  m: Machine,
  va: bigint,
  how: Translation,
): Fault | null => {
  const at = stage1(m, va);
  if ("tag" in at) {
    if (at.tag === "Stage2") {
      // A stage 2 fault on the walk of an AT at EL1 is an exception, not a result.
      raiseAbort(m, va, maintenance(m, "at"), at);
      return fault;
    }
    writeSys(m, "par_el1", parOfFault(at.fsc));
    return null;
  }
  const denied = lacking(at.permissions, how, how.pan) !== 0;
  const fsc = FSC.PERMISSION + at.level;
  writeSys(m, "par_el1", denied ? parOfFault(fsc) : parOf(at));
  return null;
};

/** Port.sys. */
export const sys = (
  m: Machine,
  code: number,
  rt: number,
  value: bigint,
): Fault | null => {
  const admitted = admit(m, { code, rt, read: false });
  if ("tag" in admitted) return admitted;
  const { name } = admitted;
  const pan = (m.pstate & PSTATE.PAN) !== 0n;
  switch (name) {
    case "dc_zva":
      return zero(m, value);
    case "dc_ivac":
      return maintain(m, value, "invalidate");
    case "dc_cvac":
    case "dc_cvau":
    case "dc_cvap":
    case "dc_civac":
    case "ic_ivau":
      return maintain(m, value, "maintain");
    case "at_s1e1r":
      return translate(m, value, ats.s1e1r);
    case "at_s1e1w":
      return translate(m, value, ats.s1e1w);
    case "at_s1e0r":
      return translate(m, value, ats.s1e0r);
    case "at_s1e0w":
      return translate(m, value, ats.s1e0w);
    case "at_s1e1rp":
      return translate(m, value, { ...ats.s1e1r, pan });
    case "at_s1e1wp":
      return translate(m, value, { ...ats.s1e1w, pan });
    default:
      if (name.startsWith("tlbi_")) drop(m.pages);
      return null;
  }
};

/** The four AT instructions of stage 1; only the P forms look at PSTATE.PAN. */
const ats = {
  s1e1r: { kind: "read", unprivileged: false, pan: false },
  s1e1w: { kind: "write", unprivileged: false, pan: false },
  s1e0r: { kind: "read", unprivileged: true, pan: false },
  s1e0w: { kind: "write", unprivileged: true, pan: false },
} as const satisfies Record<string, Translation>;
