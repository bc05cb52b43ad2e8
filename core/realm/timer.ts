/**
 * The generic timer: a counter that counts instructions, so time is part of
 * the world and the same in every run.
 *
 * Source: Arm ARM (DDI 0487) D12.2; both views have offset zero.
 *
 * @module
 */

import { bit, mask, signExtend, word } from "../arch/word.ts";

/** CNTFRQ_EL0. */
export const cntfrq = 62_500_000n;

/** CNTPCT_EL0 and CNTVCT_EL0 when `retired` instructions have been executed. */
export const count = (retired: number): bigint => BigInt(retired);

/** CNTx_CTL_EL0 as read: ISTATUS (bit 2) is set when an enabled timer's CVAL is reached. */
export const control = (ctl: bigint, cval: bigint, now: bigint): bigint =>
  (ctl & 3n) | (bit(ctl, 0) && cval <= now ? 4n : 0n);

/** CNTx_TVAL_EL0 as read: the low 32 bits of CVAL - count. */
export const timerValue = (cval: bigint, now: bigint): bigint =>
  word(cval - now) & mask(32);

/** CVAL after a write of CNTx_TVAL_EL0: count + SignExtend(TVAL). */
export const compareValue = (tval: bigint, now: bigint): bigint =>
  word(now + signExtend(tval & mask(32), 32));
