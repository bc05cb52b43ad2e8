/**
 * Exception syndromes: the layout of ESR_ELx, written once and read both ways.
 *
 * Source: Arm ARM D24.2.40 (ESR_EL2), exception classes and the data abort ISS.
 *
 * @module
 */

import { type Field, field, get, put } from "./word.ts";

/** Exception classes (ESR_ELx.EC) that this model names. */
export const EC = {
  UNKNOWN: 0x00,
  WFX: 0x01,
  FP_ASIMD: 0x07,
  ILLEGAL_STATE: 0x0e,
  SVC64: 0x15,
  HVC64: 0x16,
  SMC64: 0x17,
  SYS64: 0x18,
  SVE: 0x19,
  SME: 0x1d,
  IABT_LOW: 0x20,
  IABT_CUR: 0x21,
  PC_ALIGN: 0x22,
  DABT_LOW: 0x24,
  DABT_CUR: 0x25,
  SP_ALIGN: 0x26,
  SERROR: 0x2f,
  BRK64: 0x3c,
} as const;

/** The fields of ESR_ELx, named as the manual names them. */
export const ESR = {
  EC: field(31, 26),
  IL: field(25),
  ISV: field(24),
  SAS: field(23, 22),
  SSE: field(21),
  SRT: field(20, 16),
  SF: field(15),
  AR: field(14),
  VNCR: field(13),
  SET: field(12, 11),
  FnV: field(10),
  EA: field(9),
  CM: field(8),
  S1PTW: field(7),
  WnR: field(6),
  FSC: field(5, 0),
} as const satisfies Record<string, Field>;

/** The name of a syndrome field. */
export type EsrField = keyof typeof ESR;

/** Reads one field of a syndrome. */
export const esrField = (esr: bigint, name: EsrField): number =>
  get(esr, ESR[name]);

/** The exception class of a syndrome. */
export const ec = (esr: bigint): number => get(esr, ESR.EC);

/** Builds a syndrome from fields; a field left out is zero. */
export const esr = (
  parts: Readonly<Partial<Record<EsrField, number>>>,
): bigint => {
  let value = 0n;
  for (const name of Object.keys(parts) as EsrField[]) {
    value = put(value, ESR[name], parts[name] ?? 0);
  }
  return value;
};

/** Takes a syndrome apart into all its data abort fields. */
export const fields = (value: bigint): Readonly<Record<EsrField, number>> =>
  Object.fromEntries(
    (Object.keys(ESR) as EsrField[]).map((
      name,
    ) => [name, get(value, ESR[name])]),
  ) as Record<EsrField, number>;

/** Fault status codes (ISS bits 5:0 of an abort); the first four are level 0, add the level. */
export const FSC = {
  ADDRESS_SIZE: 0x00,
  TRANSLATION: 0x04,
  ACCESS_FLAG: 0x08,
  PERMISSION: 0x0c,
  /** Synchronous external abort, not on a table walk. */
  SEA: 0x10,
  ALIGNMENT: 0x21,
} as const;

/** A syndrome of any class: EC, IL set, and the 25-bit ISS as it stands. */
export const syndrome = (ec: number, iss: number): bigint =>
  (BigInt(ec) << 26n) | (1n << 25n) | BigInt(iss);
