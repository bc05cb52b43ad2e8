/**
 * Intermediate physical addresses: the Protected half, the Unprotected half,
 * the alias bit between them, and HPFAR_EL2.
 *
 * Source: DEN0137 A5.2; TF-RMM `realm.h` (`rec_par_size`, `addr_in_rec_par`).
 *
 * @module
 */

import { mask } from "./word.ts";

/** Bytes in a granule. */
export const granule_bytes = 4096;

/** The alias bit: the top bit of an IPA, set in the Unprotected half. */
export const aliasBit = (ipa_bits: number): bigint =>
  1n << BigInt(ipa_bits - 1);

/** True for an IPA in the Protected half, `[0, 2^(w-1))`. */
export const isProtected = (ipa: bigint, ipa_bits: number): boolean =>
  ipa < aliasBit(ipa_bits);

/** True for an IPA outside the IPA space, `>= 2^w`. */
export const isOutside = (ipa: bigint, ipa_bits: number): boolean =>
  ipa >= 1n << BigInt(ipa_bits);

/** The granule-aligned IPA that HPFAR_EL2.FIPA (bits 43:4) holds. */
export const ipaOfHpfar = (hpfar: bigint): bigint =>
  ((hpfar >> 4n) & mask(40)) << 12n;

/** HPFAR_EL2 for a faulting IPA: its page number in bits 43:4. */
export const hpfarOfIpa = (ipa: bigint): bigint =>
  ((ipa >> 12n) & mask(40)) << 4n;
