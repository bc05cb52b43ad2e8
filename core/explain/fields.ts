/**
 * What the bits of a syndrome say, by exception class.
 *
 * Source: Arm ARM (DDI 0487) D24.2.40 (ESR_EL2).
 *
 * @module
 */

import { EC, ec, ESR, esrField } from "../arch/esr.ts";
import { nameOf, sysregOfIss } from "../arch/sysreg.ts";
import { type Field, field, get, hex, mask, put } from "../arch/word.ts";
import { emul_mask } from "../rmm/syndrome.ts";
import { className } from "./classes.ts";
import { dataAbort, instructionAbort } from "./abort_fields.ts";
import { plain, type SyndromeField, when } from "./field.ts";

const ofClass: SyndromeField = {
  name: "EC",
  at: ESR.EC,
  means: (_, esr) => className(esr),
};

const length: SyndromeField = {
  name: "IL",
  at: ESR.IL,
  means: when(
    "32-bit instruction",
    "16-bit instruction, or a syndrome cut down by the RMM",
  ),
};

const waits: readonly SyndromeField[] = [
  { name: "CV", at: field(24), means: when("COND is valid") },
  {
    name: "COND",
    at: field(23, 20),
    means: (value) => value === 14 ? "always" : "",
  },
  { name: "Rn", at: field(9, 5), means: (value) => `x${value}` },
  { name: "RV", at: field(2), means: when("Rn is valid") },
  {
    name: "TI",
    at: field(1, 0),
    means: (value) => ["WFI", "WFE", "WFIT", "WFET"][value] ?? "",
  },
];

const sysreg: readonly SyndromeField[] = [
  { name: "Op0", at: field(21, 20), means: plain },
  { name: "Op2", at: field(19, 17), means: plain },
  { name: "Op1", at: field(16, 14), means: plain },
  { name: "CRn", at: field(13, 10), means: plain },
  {
    name: "Rt",
    at: field(9, 5),
    means: (value) => value === 31 ? "xzr" : `x${value}`,
  },
  {
    name: "CRm",
    at: field(4, 1),
    means: (_, esr) => {
      const { code } = sysregOfIss(Number(esr & 0x1ff_ffffn));
      const name = nameOf(code);
      return name === null ? "" : `register ${name}`;
    },
  },
  {
    name: "Direction",
    at: field(0),
    means: when("read (MRS)", "write (MSR)"),
  },
];

const serror: readonly SyndromeField[] = [
  {
    name: "IDS",
    at: field(24),
    means: when("implementation defined", "the rest is as here"),
  },
  { name: "IESB", at: field(13), means: plain },
  {
    name: "AET",
    at: field(12, 10),
    means: (value) =>
      ({
        0: "UC: uncontainable",
        1: "UEU: unrecoverable",
        2: "UEO: restartable",
        3: "UER: recoverable",
        6: "CE: corrected",
      } as Readonly<Record<number, string>>)[value] ?? "reserved",
  },
  { name: "EA", at: ESR.EA, means: plain },
  {
    name: "DFSC",
    at: ESR.FSC,
    means: (value) => value === 0x11 ? "asynchronous SError" : "",
  },
];

const immediate: readonly SyndromeField[] = [
  { name: "imm16", at: field(15, 0), means: plain },
];

/** The fields of a syndrome, highest bit first. */
export const fieldsOf = (esr: bigint): readonly SyndromeField[] => {
  const head = [ofClass, length];
  switch (ec(esr)) {
    case EC.DABT_LOW:
    case EC.DABT_CUR:
      return [...head, ...dataAbort(esr)];
    case EC.IABT_LOW:
    case EC.IABT_CUR:
      return [...head, ...instructionAbort];
    case EC.WFX:
      return [...head, ...waits];
    case EC.SYS64:
      return [...head, ...sysreg];
    case EC.SVC64:
    case EC.HVC64:
    case EC.SMC64:
    case EC.BRK64:
      return [...head, ...immediate];
    case EC.SERROR:
      return [...head, ...serror];
    default:
      return [...head, { name: "ISS", at: field(24, 0), means: plain }];
  }
};

/** A field's place as the manual writes it. */
export const bitsText = ({ high, low }: Field): string =>
  high === low ? String(low) : `${high}:${low}`;

/**
 * True for a data abort as the RMM shows it: described, and yet without IL,
 * which every abort of an A64 instruction has.
 */
export const isShown = (esr: bigint): boolean =>
  ec(esr) === EC.DABT_LOW && esrField(esr, "ISV") === 1 &&
  esrField(esr, "IL") === 0;

/** What a field of `esr` says; one the RMM never shows says nothing in a syndrome it has shown. */
export const meaningOf = (
  { at, means }: SyndromeField,
  esr: bigint,
): string => {
  const value = get(esr, at);
  const hidden = isShown(esr) && value === 0 &&
    (put(0n, at, mask(32)) & emul_mask) === 0n;
  return hidden ? "not shown to the host" : means(value, esr);
};

/** Name, place, value and meaning of every field of a syndrome. */
export const fieldRows = (
  esr: bigint,
): readonly (readonly [string, string, string, string])[] =>
  fieldsOf(esr).map((each) => [
    each.name,
    bitsText(each.at),
    hex(get(esr, each.at)),
    meaningOf(each, esr),
  ]);
