/**
 * From virtual address to a page of RAM: stage 1, alignment, permission, then
 * stage 2.
 *
 * Source: Arm ARM (DDI 0487) D8 (AArch64.FullTranslate: translation, address
 * size and access flag faults, then alignment by memory type, then
 * permission, then stage 2).
 *
 * @module
 */

import { isOutside, isProtected } from "../arch/address.ts";
import { FSC } from "../arch/esr.ts";
import { PSTATE } from "../arch/pstate.ts";
import { bit } from "../arch/word.ts";
import { stateAt } from "../rmm/stage2.ts";
import { type Abort, raiseAbort, type Request } from "./abort.ts";
import { type Machine, readView } from "./machine.ts";
import { page_bytes } from "./memory.ts";
import { forget } from "./pages.ts";
import * as Permission from "./permission.ts";
import { halfOf, pa_bits, walk } from "./walk.ts";

/** A page of RAM and where in it. */
export interface Place {
  /** IPA of the first byte. */
  readonly ipa: bigint;
  /** Page number from the base of RAM. */
  readonly index: number;
}

/** What stage 1 found. */
export interface Stage1 {
  readonly ipa: bigint;
  readonly permissions: Permission.Permissions;
  /** The MAIR attribute byte; 0 (Device-nGnRnE) with the MMU off. */
  readonly attr: number;
  readonly sh: number;
  readonly level: number;
}

/** The page of RAM behind an IPA, or the stage 2 fault status. */
const stage2 = (
  m: Machine,
  ipa: bigint,
): { readonly index: number } | { readonly fsc: number } => {
  // Beyond the IPA space the walk does not start: level 0.
  if (isOutside(ipa, m.ipa_bits)) return { fsc: FSC.TRANSLATION };
  const level3 = { fsc: FSC.TRANSLATION + 3 };
  if (!isProtected(ipa, m.ipa_bits)) return level3;
  const { ripas, assigned } = stateAt(m.stage2, ipa);
  const { base, bytes } = m.memory.from;
  const offset = Number(ipa) - base;
  const inside = 0 <= offset && offset < bytes;
  if (!(ripas === "ram" && assigned && inside)) return level3;
  return { index: Math.floor(offset / page_bytes) };
};

/** Reads a descriptor and marks its page: a write to it drops the lookups. */
const descriptorAt = (m: Machine, ipa: bigint): bigint | null => {
  const found = stage2(m, ipa);
  if ("fsc" in found) return null;
  const { tables } = m.pages;
  let view = tables.get(found.index);
  if (view === undefined) {
    view = readView(m, found.index);
    tables.set(found.index, view);
    forget(m.pages.write);
  }
  const offset = Number(ipa) & (page_bytes - 1);
  // SCTLR_EL1.EE, not E0E, orders the bytes of a descriptor.
  return view.getBigUint64(offset, !bit(m.sys.sctlr_el1, 25));
};

const flat = (m: Machine, va: bigint): Stage1 | Abort => {
  // MMU off: flat, Device-nGnRnE for data; bits beyond the PA size are an address size fault.
  const top = halfOf(m.sys, va).tbi ? 56 : 64;
  const address = BigInt.asUintN(top, va);
  if (address >> BigInt(pa_bits) !== 0n) {
    return { tag: "Stage1", fsc: FSC.ADDRESS_SIZE, write: false };
  }
  const permissions = Permission.all;
  return { ipa: address, permissions, attr: 0, sh: 2, level: 0 };
};

/** Stage 1 alone, before any permission is asked. */
export const stage1 = (m: Machine, va: bigint): Stage1 | Abort => {
  const { sctlr_el1, mair_el1 } = m.sys;
  if (!bit(sctlr_el1, 0)) return flat(m, va);
  const walked = walk(m.sys, va, (ipa) => descriptorAt(m, ipa));
  switch (walked.tag) {
    case "Fault":
      return { tag: "Stage1", fsc: walked.fsc, write: false };
    case "Stage2": {
      const found = stage2(m, walked.ipa);
      const fsc = "fsc" in found ? found.fsc : FSC.TRANSLATION;
      return { tag: "Stage2", fsc, ipa: walked.ipa, s1ptw: true };
    }
    case "Leaf": {
      const wxn = bit(sctlr_el1, 19);
      const permissions = Permission.permissions(walked.attributes, wxn);
      const attr = Number(mair_el1 >> BigInt(walked.attr_index * 8)) & 0xff;
      const { ipa, sh, level } = walked;
      return { ipa, permissions, attr, sh, level };
    }
  }
};

/** Device memory: attribute 0b0000dd00. */
const isDevice = (attr: number): boolean => attr >> 4 === 0;

/** The permissions a request lacks. */
export const lacking = (
  permitted: Permission.Permissions,
  request: Pick<Request, "kind" | "unprivileged">,
  pan: boolean,
): number => {
  const { READ, WRITE, EXECUTE } = Permission;
  const { unprivileged } = request;
  const allowed = unprivileged ? permitted.el0 : permitted.el1;
  const denied = pan && !unprivileged && Permission.panDenies(permitted);
  const data = denied ? 0 : allowed;
  switch (request.kind) {
    case "fetch":
      return EXECUTE & ~allowed;
    case "read":
      return READ & ~data;
    case "write":
      return WRITE & ~data;
    case "update":
      return (READ | WRITE) & ~data;
    case "invalidate": // PAN does not apply to cache maintenance
      return WRITE & ~allowed;
    case "maintain":
      return unprivileged ? READ & ~allowed : 0;
    case "at":
      return 0;
  }
};

const checked = (
  m: Machine,
  at: Stage1,
  request: Request,
): Abort | null => {
  const { kind } = request;
  if (kind !== "fetch" && request.unaligned && isDevice(at.attr)) {
    return { tag: "Stage1", fsc: FSC.ALIGNMENT, write: false };
  }
  const missing = lacking(
    at.permissions,
    request,
    (m.pstate & PSTATE.PAN) !== 0n,
  );
  if (missing === 0) return null;
  return {
    tag: "Stage1",
    fsc: FSC.PERMISSION + at.level,
    // An update that could not even read reports a read.
    write: missing === Permission.WRITE,
  };
};

/** Translates one page's part of an access; null when it aborts. */
export const locate = (
  m: Machine,
  va: bigint,
  request: Request,
): Place | null => {
  const at = stage1(m, va);
  if ("tag" in at) return raiseAbort(m, va, request, at);
  const abort = checked(m, at, request);
  if (abort !== null) return raiseAbort(m, va, request, abort);
  const found = stage2(m, at.ipa);
  if ("fsc" in found) {
    const { fsc } = found;
    const refused: Abort = { tag: "Stage2", fsc, ipa: at.ipa, s1ptw: false };
    return raiseAbort(m, va, request, refused);
  }
  return { ipa: at.ipa, index: found.index };
};
