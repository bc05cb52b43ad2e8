/**
 * Exceptions, hints, barriers, PSTATE and system registers.
 *
 * @module
 */

import type { InsnOf } from "../encoding.ts";
import type { Micro, SysCode } from "../micro.ts";
import {
  and,
  constant,
  lshr,
  nzcv,
  setNzcv,
  setX,
  shl,
  temp,
  x,
  xor,
} from "./value.ts";

const undefinedHere: readonly Micro[] = [{ op: "undefined", why: null }];

/** UDF. */
export const udf = (): readonly Micro[] => undefinedHere;

/** Advanced SIMD, floating point and SVE, which this model leaves out. */
export const vector = (): readonly Micro[] => [
  { op: "undefined", why: "fp-simd" },
];

const calls = ["svc", "svc", "hvc", "smc"] as const;

/** SVC, HVC, SMC, BRK; HLT and DCPS are undefined where halting is not allowed. */
export const exception = (
  { opc, imm16, ll }: InsnOf<"exception">,
): readonly Micro[] => {
  switch (opc) {
    case 0:
      return [{ op: "exception", kind: calls[ll]!, imm: imm16 }];
    case 1:
      return [{ op: "exception", kind: "brk", imm: imm16 }];
    default:
      return undefinedHere;
  }
};

/** WFET, WFIT. */
export const waitTimeout = (
  { op2, rt }: InsnOf<"waitTimeout">,
): readonly Micro[] => [
  { op: "wait", kind: op2 === 0 ? "wfet" : "wfit", rt },
];

/** WFE, WFI; every other hint, the unallocated ones too, is a NOP. */
export const hint = ({ crm, op2 }: InsnOf<"hint">): readonly Micro[] => {
  switch ((crm << 3) | op2) {
    case 2:
      return [{ op: "wait", kind: "wfe", rt: 31 }];
    case 3:
      return [{ op: "wait", kind: "wfi", rt: 31 }];
    default:
      return [];
  }
};

/** CLREX, DSB, DMB, ISB, SB. */
export const barrier = ({ op2 }: InsnOf<"barrier">): readonly Micro[] => {
  switch (op2) {
    case 2:
      return [{ op: "clearExclusive" }];
    case 4:
      return [{ op: "barrier", kind: "dsb" }];
    case 5:
      return [{ op: "barrier", kind: "dmb" }];
    case 6:
      return [{ op: "barrier", kind: "isb" }];
    default:
      return [{ op: "barrier", kind: "sb" }];
  }
};

/** CFINV inverts C; MSR (immediate) is the port's. */
export const pstate = (
  { op1, crm, op2 }: InsnOf<"pstate">,
): readonly Micro[] => {
  const field = (op1 << 3) | op2;
  return field === 0
    ? [setNzcv(xor(nzcv, constant(2)))]
    : [{ op: "msrImm", field, imm: crm }];
};

const codeOf = (
  op0: number,
  { op1, crn, crm, op2 }: InsnOf<"system"> | InsnOf<"systemMove">,
): SysCode => (op0 << 14) | (op1 << 11) | (crn << 7) | (crm << 3) | op2;

/** SYS, and SYSL, which reads its register as MRS does. */
export const system = (insn: InsnOf<"system">): readonly Micro[] => {
  const { l, rt } = insn;
  const code = codeOf(1, insn);
  return l === 0 ? [{ op: "sys", code, rt, value: x(rt) }] : [
    { op: "mrs", temp: 0, code, rt },
    ...setX(rt, 64, temp(0)),
  ];
};

/** NZCV is the one system register an instruction carries with it. */
const nzcv_code: SysCode = 0b11_011_0100_0010_000;

/** MRS, MSR (register). */
export const systemMove = (insn: InsnOf<"systemMove">): readonly Micro[] => {
  const { l, o0, rt } = insn;
  const code = codeOf(2 + o0, insn);
  if (code === nzcv_code) {
    return l === 1
      ? setX(rt, 64, shl(nzcv, 28))
      : [setNzcv(and(lshr(x(rt), 28), constant(15)))];
  }
  return l === 0 ? [{ op: "msr", code, rt, value: x(rt) }] : [
    { op: "mrs", temp: 0, code, rt },
    ...setX(rt, 64, temp(0)),
  ];
};
