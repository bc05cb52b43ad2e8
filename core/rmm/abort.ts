/**
 * Data and instruction aborts the realm takes to R-EL2.
 *
 * Source: TF-RMM `exit.c` (`handle_data_abort`, `handle_instruction_abort`,
 * `handle_sync_external_abort`); rmm.md §2.2 to §2.6.
 *
 * @module
 */

import { ipaOfHpfar, isOutside, isProtected } from "../arch/address.ts";
import { ESR, esrField } from "../arch/esr.ts";
import { PSTATE } from "../arch/pstate.ts";
import { mask } from "../arch/word.ts";
import {
  exitGprs,
  type Frame,
  getX,
  type Handled,
  leave,
  panic,
  resume,
  withExit,
} from "./frame.ts";
import { injectAddressSizeFault, injectSea } from "./inject.ts";
import { stateAt } from "./stage2.ts";
import type { Syndrome } from "./state.ts";
import {
  accessBytes,
  emul_mask,
  isExternal,
  isPermission,
  isTranslation,
  nonemul_mask,
} from "./syndrome.ts";

/** Values of SET, how far an external abort spread. */
const SET = { UER: 0, UEO: 3 } as const;

const sea = (frame: Frame, { esr, far }: Syndrome): Frame => ({
  ...frame,
  regs: injectSea(frame.regs, frame.profile, esr, far),
});

/** An external abort is reported without an address; a recoverable one is also injected (§2.2 step 1). */
const external = (frame: Frame, syndrome: Syndrome): Handled => {
  const esr = syndrome.esr & nonemul_mask;
  switch (esrField(syndrome.esr, "SET")) {
    case SET.UER:
      return leave(withExit(sea(frame, syndrome), { esr }));
    case SET.UEO:
      return leave(withExit(frame, { esr }));
    default:
      return panic("system_abort");
  }
};

/** RIPAS EMPTY; an Unprotected IPA has no RIPAS and is never EMPTY. */
const isEmpty = (frame: Frame, ipa: bigint): boolean =>
  isProtected(ipa, frame.rmm.ipa_bits) &&
  stateAt(frame.rmm.stage2, ipa).ripas === "empty";

/** Beyond the IPA space, as far as this RMM looks. */
const isBeyond = (frame: Frame, ipa: bigint): boolean => {
  const { ipa_bits } = frame.rmm;
  switch (frame.profile.outside_from) {
    case "width":
      return isOutside(ipa, ipa_bits);
    case "above-width":
      return 1n << BigInt(ipa_bits) < ipa;
    case "never":
      return false;
  }
};

/** What a store sends to the host: X[SRT], cut to the access size by TF-RMM. */
const storeValue = (frame: Frame, esr: bigint): bigint => {
  if (!frame.profile.store_shown) return 0n;
  const value = getX(frame, esrField(esr, "SRT"));
  return frame.profile.store_masked
    ? value & mask(8 * accessBytes(esr))
    : value;
};

const outside = (frame: Frame, syndrome: Syndrome): Handled => {
  if (frame.profile.outside_ipa === "sea") return resume(sea(frame, syndrome));
  const { esr, far } = syndrome;
  const regs = injectAddressSizeFault(frame.regs, frame.profile, esr, far);
  return resume({ ...frame, regs });
};

const unprotMask = (frame: Frame): bigint => {
  const { il_on_nonemulatable, wnr_on_nonemulatable } = frame.profile;
  const il = il_on_nonemulatable ? 1n << BigInt(ESR.IL.low) : 0n;
  const wnr = wnr_on_nonemulatable ? 1n << BigInt(ESR.WnR.low) : 0n;
  return nonemul_mask | il | wnr;
};

/** A data abort the host can emulate: it learns offset, size, direction and a store's value. */
const emulatable = (frame: Frame, { esr, far, hpfar }: Syndrome): Handled => {
  const write = esrField(esr, "WnR") === 1;
  return leave(withExit(frame, {
    esr: esr & emul_mask,
    far: far & mask(12),
    hpfar,
    gprs: exitGprs(write ? storeValue(frame, esr) : 0n),
  }));
};

/** Handles a data abort from the realm (EC 0x24), in the order of §2.2. */
export const dataAbort = (frame: Frame, syndrome: Syndrome): Handled => {
  const { esr, hpfar } = syndrome;
  const { ipa_bits } = frame.rmm;
  if (isExternal(esrField(esr, "FSC"))) return external(frame, syndrome);
  const ipa = ipaOfHpfar(hpfar);
  if (isEmpty(frame, ipa)) return resume(sea(frame, syndrome));
  if (isBeyond(frame, ipa)) return outside(frame, syndrome);
  const aarch32 = (frame.regs.pstate & PSTATE.nRW) !== 0n;
  if (aarch32 || isProtected(ipa, ipa_bits)) {
    return leave(withExit(frame, { esr: esr & nonemul_mask, hpfar }));
  }
  if (frame.profile.isv_test && esrField(esr, "ISV") === 0) {
    return leave(withExit(frame, { esr: esr & unprotMask(frame), hpfar }));
  }
  return emulatable(frame, syndrome);
};

/** Handles an instruction abort from the realm (EC 0x20), in the order of §2.5. */
export const instructionAbort = (
  frame: Frame,
  syndrome: Syndrome,
): Handled => {
  const { esr, hpfar } = syndrome;
  const fsc = esrField(esr, "FSC");
  if (isExternal(fsc)) return external(frame, syndrome);
  const ipa = ipaOfHpfar(hpfar);
  // A realm may fetch from its Protected half only.
  if (isOutside(ipa, frame.rmm.ipa_bits)) return outside(frame, syndrome);
  if (!isProtected(ipa, frame.rmm.ipa_bits) || isEmpty(frame, ipa)) {
    return resume(sea(frame, syndrome));
  }
  const { iabt_permission } = frame.profile;
  if (iabt_permission === "sea" && isPermission(fsc)) {
    return resume(sea(frame, syndrome));
  }
  if (iabt_permission === "zero-exit" && !isTranslation(fsc)) {
    return leave(frame);
  }
  return leave(withExit(frame, { esr: esr & nonemul_mask, hpfar }));
};
