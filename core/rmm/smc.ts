/**
 * SMC from the realm: which call it is, and how its results come back.
 *
 * Measurement and attestation commands and those of planes and devices are
 * answered as unknown: this RMM measures nothing and signs nothing.
 *
 * Source: TF-RMM `exit.c` (`handle_realm_rsi`); rmm.md §6.1.
 *
 * @module
 */

import { word } from "../arch/word.ts";
import { type Frame, getX, type Handled } from "./frame.ts";
import { hostCall } from "./hostcall.ts";
import { psciCall } from "./psci_call.ts";
import { reply } from "./reply.ts";
import { ipaStateGet, ipaStateSet } from "./ripas.ts";
import { realmConfig, rsiFeatures, rsiVersion } from "./rsi.ts";

/** Function identifiers of RSI and SMCCC calls this RMM answers. */
export const FID = {
  SMCCC_VERSION: 0x8000_0000,
  RSI_VERSION: 0xc400_0190,
  RSI_FEATURES: 0xc400_0191,
  RSI_REALM_CONFIG: 0xc400_0196,
  RSI_IPA_STATE_SET: 0xc400_0197,
  RSI_IPA_STATE_GET: 0xc400_0198,
  RSI_HOST_CALL: 0xc400_0199,
} as const;

/** SMCCC 1.2. */
const smccc_version = 0x1_0002n;

/** Bit 16 of a function identifier: the caller does not need its SVE state. */
const sve_hint = 0x1_0000;

/** What an unknown function identifier returns in X0. */
export const smc_unknown: bigint = word(-1n);

/** PSCI: 0x84000000 to 0x84000014, and the same with the 64-bit bit. */
const isPsci = (fid: number): boolean => {
  const smc32 = (fid & ~0x4000_0000) >>> 0;
  return 0x8400_0000 <= smc32 && smc32 <= 0x8400_0014;
};

/** Handles an SMC (EC 0x17); the function identifier is in the low half of X0. */
export const smc = (frame: Frame): Handled => {
  const low = Number(getX(frame, 0) & 0xffff_ffffn);
  const fid = (low & ~sve_hint) >>> 0;
  // The PSCI handler looks at the identifier with its hint bit and knows none that has it.
  if (isPsci(fid)) return psciCall(frame, low);
  switch (fid) {
    case FID.SMCCC_VERSION:
      return reply(frame, [smccc_version]);
    case FID.RSI_VERSION:
      return rsiVersion(frame);
    case FID.RSI_FEATURES:
      return rsiFeatures(frame);
    case FID.RSI_REALM_CONFIG:
      return realmConfig(frame);
    case FID.RSI_IPA_STATE_SET:
      return ipaStateSet(frame);
    case FID.RSI_IPA_STATE_GET:
      return ipaStateGet(frame);
    case FID.RSI_HOST_CALL:
      return hostCall(frame);
    default:
      return reply(frame, [smc_unknown]);
  }
};
