/**
 * What an abort may show the host.
 *
 * Source: DEN0137 A4.3.4; TF-RMM `exit.c`, `arch.h`; rmm.md §2.2 to §2.5.
 *
 * @module
 */

import { ipaOfHpfar } from "../arch/address.ts";
import { ESR, esrField } from "../arch/esr.ts";
import { type Field, hex, mask } from "../arch/word.ts";
import type { RecExit } from "../rmm/recrun.ts";
import { bitsOf, even, type Grant, grant } from "./grant.ts";

const page = (rule: string): Grant =>
  grant(
    "IPA of the page touched",
    "hpfar",
    mask(40) << 4n,
    rule,
    (value) => hex(ipaOfHpfar(value)),
  );

/** Bits of the reported syndrome. */
export const syndromeBits = (what: string, bits: bigint, rule: string): Grant =>
  grant(what, "esr", bits, rule);

const status_rule =
  "any abort: EC, SET, FnV, EA, FSC (ESR_NONEMULATED_ABORT_MASK)";

const status = syndromeBits(
  "exception class and fault status",
  [ESR.EC, ESR.SET, ESR.FnV, ESR.EA, ESR.FSC].map(bitsOf).reduce((a, b) =>
    a | b
  ),
  status_rule,
);

const emulatable_rule =
  "emulatable abort: ISV, SAS, SF, WnR, never SRT or SSE (ESR_EMULATED_ABORT_MASK)";

const shift = (field: Field) => (value: bigint): number =>
  Number(value >> BigInt(field.low));

const size = even(grant(
  "size of the access",
  "esr",
  bitsOf(ESR.SAS) | bitsOf(ESR.ISV),
  emulatable_rule,
  (value) => `${1 << (shift(ESR.SAS)(value) & 3)} bytes`,
));

const direction = even(grant(
  "direction of the access",
  "esr",
  bitsOf(ESR.WnR),
  emulatable_rule,
  (value) => value === 0n ? "read" : "write",
));

const width = even(grant(
  "width of the register",
  "esr",
  bitsOf(ESR.SF),
  emulatable_rule,
  (value) => value === 0n ? "32 bits" : "64 bits",
));

const offset = even(grant(
  "offset in the page",
  "far",
  mask(12),
  "emulatable abort: FAR bits 11:0 and nothing above",
));

const stored = (esr: bigint): Grant =>
  even(grant(
    "value stored",
    "gprs[0]",
    mask(8 << esrField(esr, "SAS")),
    "emulatable store: X[SRT] cut to the size of the access",
  ));

/** A data abort: emulatable where ISV is set. */
export const dataAbort = (exit: RecExit): readonly Grant[] => {
  const { esr } = exit;
  if (esrField(esr, "ISV") === 0) {
    const il = syndromeBits(
      "instruction length",
      bitsOf(ESR.IL),
      "non-emulatable abort at an Unprotected IPA: IL too",
    );
    return [
      status,
      il,
      page("stage 2 data abort: HPFAR, the page without the offset"),
    ];
  }
  const write = esrField(esr, "WnR") === 1;
  return [
    status,
    page("stage 2 data abort: HPFAR, the page without the offset"),
    offset,
    size,
    direction,
    width,
    ...(write ? [stored(esr)] : []),
  ];
};

/** An instruction abort. */
export const instructionAbort: readonly Grant[] = [
  status,
  page("instruction abort: HPFAR, the page"),
];
