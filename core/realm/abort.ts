/**
 * Aborts: what a failed access reports, and to whom.
 *
 * A stage 1 fault goes to EL1 and has no instruction syndrome (ISV=0); a
 * stage 2 fault goes to R-EL2 with one, unless it hit a table walk.
 *
 * Source: Arm ARM (DDI 0487) D24.2.39 and D24.2.40 (ISS of instruction and
 * data aborts), D24.2.66 (HPFAR_EL2).
 *
 * @module
 */

import type { Transfer } from "../a64/micro.ts";
import { hpfarOfIpa } from "../arch/address.ts";
import { EC, FSC } from "../arch/esr.ts";
import { raise, trap } from "./exception.ts";
import type { Machine } from "./machine.ts";

/** One access, as far as translation and its abort look at it. */
export interface Request {
  /**
   * `update` reads and writes at once; `invalidate` is DC IVAC, `maintain` any
   * other DC or IC by address, `at` an AT.
   */
  readonly kind:
    | "read"
    | "write"
    | "update"
    | "fetch"
    | "invalidate"
    | "maintain"
    | "at";
  /** Checked as EL0: at EL0, and LDTR and STTR at EL1. */
  readonly unprivileged: boolean;
  /** Not naturally aligned, which Device memory does not take. */
  readonly unaligned: boolean;
  /** ISS bits 24:14 of the instruction, or null for ISV=0. */
  readonly transfer: Transfer | null;
  /** Bytes the instruction moves, for SAS. */
  readonly bytes: number;
}

/** An abort of one access: its fault status, and which stage it belongs to. */
export type Abort =
  | {
    readonly tag: "Stage1";
    readonly fsc: number;
    /** An update could have read here: only its write is at fault. */
    readonly write: boolean;
  }
  | {
    readonly tag: "Stage2";
    readonly fsc: number;
    readonly ipa: bigint;
    readonly s1ptw: boolean;
  };

/**
 * WnR. Maintenance and AT report 1; an update reports 1 only where a read
 * would not have faulted (ESR_ELx.WnR).
 */
const isWrite = (request: Request, abort: Abort): boolean => {
  switch (request.kind) {
    case "read":
    case "fetch":
      return false;
    case "update":
      return abort.tag === "Stage1" && abort.write;
    default:
      return true;
  }
};

/** Requests that report CM. */
const maintenance: ReadonlySet<Request["kind"]> = new Set([
  "invalidate",
  "maintain",
  "at",
]);

const dataIss = (request: Request, abort: Abort): number => {
  const { kind, transfer, bytes } = request;
  const cm = maintenance.has(kind) ? 1 << 8 : 0;
  const iss = cm | Number(isWrite(request, abort)) << 6 | abort.fsc;
  if (abort.tag === "Stage1") return iss;
  if (abort.s1ptw) return iss | 1 << 7;
  if (transfer === null) return iss;
  const { srt, sse, sf, ar } = transfer;
  return iss | 1 << 24 | Math.log2(bytes) << 22 | Number(sse) << 21 |
    srt << 16 | Number(sf) << 15 | Number(ar) << 14;
};

/** Records the exception an abort becomes; `va` is the first address that failed. */
export const raiseAbort = (
  m: Machine,
  va: bigint,
  request: Request,
  abort: Abort,
): null => {
  const code = request.kind === "fetch";
  if (abort.tag === "Stage1") {
    const low = code ? EC.IABT_LOW : EC.DABT_LOW;
    // IABT_CUR and DABT_CUR are the next class up.
    const iss = code ? abort.fsc : dataIss(request, abort);
    raise(m, low + m.el, iss, va);
    return null;
  }
  const iss = code
    ? Number(abort.s1ptw) << 7 | abort.fsc
    : dataIss(request, abort);
  const ec = code ? EC.IABT_LOW : EC.DABT_LOW;
  trap(m, ec, iss, va, hpfarOfIpa(abort.ipa));
  return null;
};

/** The alignment fault that needs no translation. */
export const raiseAlignment = (
  m: Machine,
  va: bigint,
  request: Request,
): null =>
  raiseAbort(m, va, request, {
    tag: "Stage1",
    fsc: FSC.ALIGNMENT,
    write: false,
  });
