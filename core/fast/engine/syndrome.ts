/**
 * What an instruction reports when its access is not mapped at stage 2: the
 * syndrome as far as the word decides it.
 *
 * Source: Arm ARM (DDI 0487) D24.2.40 (ISS of a data abort).
 *
 * @module
 */

import { EC, FSC } from "../../arch/esr.ts";
import type { Access, Size } from "../../a64/micro.ts";
import type { Runnable } from "./shape.ts";

const ISV = 1 << 24;
const WnR = 1 << 6;

type Accesses = Extract<Runnable, { readonly op: "load" | "store" }>;

const isAccess = (micro: Runnable): micro is Accesses =>
  micro.op === "load" || micro.op === "store";

const iss = (bytes: Size, { transfer }: Access): number => {
  if (transfer === null) return 0;
  const { srt, sse, sf, ar } = transfer;
  return ISV | Math.log2(bytes) << 22 | Number(sse) << 21 | srt << 16 |
    Number(sf) << 15 | Number(ar) << 14;
};

/** EC and IL of every one of them. */
export const syndrome_class: number = EC.DABT_LOW << 26 | 1 << 25;

/**
 * ISS of a translation fault at stage 2, level 3, on the one access of an
 * instruction: a small integer. 0 where the instruction makes no access,
 * several, or one without a syndrome of its own.
 */
export const syndromeOf = (micros: readonly Runnable[] | null): number => {
  const [only, second] = micros?.filter(isAccess) ?? [];
  if (only === undefined || second !== undefined) return 0;
  const shown = iss(only.bytes, only.access);
  if (shown === 0) return 0;
  const write = only.op === "store" ? WnR : 0;
  return shown | write | (FSC.TRANSLATION + 3);
};
