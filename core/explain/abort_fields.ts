/**
 * The fields of an abort's syndrome.
 *
 * Source: Arm ARM (DDI 0487) D24.2.40, ISS of instruction and data aborts.
 *
 * @module
 */

import { ESR, esrField } from "../arch/esr.ts";
import { hasLst } from "../host/syndrome.ts";
import { faultName } from "./faults.ts";
import { plain, type SyndromeField, when } from "./field.ts";

const register = (esr: bigint, n: number): string =>
  n === 31 ? "zr" : `${esrField(esr, "SF") === 1 ? "x" : "w"}${n}`;

/** Fields that say something only where ISV is set. */
const described: readonly SyndromeField[] = [
  { name: "SAS", at: ESR.SAS, means: (value) => `size ${1 << value}` },
  { name: "SSE", at: ESR.SSE, means: when("sign-extended") },
  {
    name: "SRT",
    at: ESR.SRT,
    means: (value, esr) => `register ${register(esr, value)}`,
  },
  {
    name: "SF",
    at: ESR.SF,
    means: when("64-bit register", "32-bit register"),
  },
  { name: "AR", at: ESR.AR, means: when("acquire or release") },
];

const status = (name: string): SyndromeField => ({
  name,
  at: ESR.FSC,
  means: (value) => faultName(value),
});

const common: readonly SyndromeField[] = [
  {
    name: "SET",
    at: ESR.SET,
    means: (value, esr) => {
      if (hasLst(esr)) return value === 0 ? "" : "LST: a 64-byte access";
      return ["recoverable", "", "uncontainable", "restartable"][value] ?? "";
    },
  },
  { name: "FnV", at: ESR.FnV, means: when("FAR is not valid") },
  { name: "EA", at: ESR.EA, means: plain },
  {
    name: "S1PTW",
    at: ESR.S1PTW,
    means: when("on a stage 1 table walk"),
  },
];

/** The fields of a data abort after IL; SAS to AR only where ISV is set. */
export const dataAbort = (esr: bigint): readonly SyndromeField[] => {
  const [set, fnv, ea, s1ptw] = common as readonly [
    SyndromeField,
    SyndromeField,
    SyndromeField,
    SyndromeField,
  ];
  return [
    {
      name: "ISV",
      at: ESR.ISV,
      means: when(
        "bits 23:14 describe the access",
        "nothing is said of the access",
      ),
    },
    ...(esrField(esr, "ISV") === 1 ? described : []),
    { name: "VNCR", at: ESR.VNCR, means: when("through VNCR_EL2") },
    set,
    fnv,
    ea,
    { name: "CM", at: ESR.CM, means: when("cache maintenance") },
    s1ptw,
    { name: "WnR", at: ESR.WnR, means: when("write", "read") },
    status("DFSC"),
  ];
};

/** The fields of an instruction abort after IL. */
export const instructionAbort: readonly SyndromeField[] = [
  ...common,
  status("IFSC"),
];
