/**
 * PSTATE in the layout of SPSR_ELx.
 *
 * Source: Arm ARM C5.2.19 (SPSR_EL2).
 *
 * @module
 */

/** Single bits of PSTATE as SPSR_ELx holds them. */
export const PSTATE = {
  SP: 1n << 0n,
  nRW: 1n << 4n,
  F: 1n << 6n,
  I: 1n << 7n,
  A: 1n << 8n,
  D: 1n << 9n,
  BTYPE: 3n << 10n,
  SSBS: 1n << 12n,
  ALLINT: 1n << 13n,
  IL: 1n << 20n,
  SS: 1n << 21n,
  PAN: 1n << 22n,
  UAO: 1n << 23n,
  DIT: 1n << 24n,
  TCO: 1n << 25n,
  V: 1n << 28n,
  C: 1n << 29n,
  Z: 1n << 30n,
  N: 1n << 31n,
  PM: 1n << 32n,
  EXLOCK: 1n << 34n,
} as const;

/** All four condition flags. */
export const NZCV = 0xfn << 28n;

/** D, A, I and F together. */
export const DAIF = 0xfn << 6n;

/** EL1 using SP_EL1 with D, A, I and F masked: how a REC starts. */
export const EL1H_MASKED = 0x3c5n;

/** The exception level of an AArch64 PSTATE, 0 or 1 inside a realm. */
export const exceptionLevel = (pstate: bigint): number =>
  Number((pstate >> 2n) & 3n);
