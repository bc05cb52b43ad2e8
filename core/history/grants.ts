/**
 * What the specification lets an exit show the host: for each cause, which
 * bits of which field of RecExit, and by which rule.
 *
 * Source: DEN0137 A4.3.4 and RmiRecExit; TF-RMM `exit.c`, `arch.h`; rmm.md
 * §1.5, §2.
 *
 * @module
 */

import { ipaOfHpfar } from "../arch/address.ts";
import { EC, ec, ESR, esrField } from "../arch/esr.ts";
import { type Field, hex, mask } from "../arch/word.ts";
import { EXIT, type RecExit } from "../rmm/recrun.ts";

/** A field of RecExit; the arrays by index. */
export type ExitField =
  | Exclude<keyof RecExit, "gprs" | "gicv3_lrs">
  | `gprs[${number}]`
  | `gicv3_lrs[${number}]`;

/** Bits of a field the host may see. */
export interface Grant {
  /** What they tell, in a few words. */
  readonly what: string;
  readonly field: ExitField;
  readonly bits: bigint;
  /** Why they may be shown. */
  readonly rule: string;
  /** The bits as people read them. */
  readonly show: (value: bigint) => string;
  /** Zero tells something too. */
  readonly always: boolean;
}

const bitsOf = ({ high, low }: Field): bigint =>
  mask(high - low + 1) << BigInt(low);

const grant = (
  what: string,
  field: ExitField,
  bits: bigint,
  rule: string,
  show: Grant["show"] = hex,
): Grant => ({ what, field, bits, rule, show, always: false });

const even = (given: Grant): Grant => ({ ...given, always: true });

const all = mask(64);

const reasons = [
  "SYNC",
  "IRQ",
  "FIQ",
  "PSCI",
  "RIPAS_CHANGE",
  "HOST_CALL",
  "SERROR",
] as const;

const reason = even(grant(
  "why the REC came out",
  "exit_reason",
  all,
  "every exit names its cause (RmiRecExitReason)",
  (value) => reasons[Number(value)] ?? hex(value),
));

const page = (rule: string): Grant =>
  grant(
    "IPA of the page touched",
    "hpfar",
    mask(40) << 4n,
    rule,
    (value) => hex(ipaOfHpfar(value)),
  );

const syndromeBits = (what: string, bits: bigint, rule: string): Grant =>
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

const dataAbort = (exit: RecExit): readonly Grant[] => {
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

const waits: readonly Grant[] = [
  syndromeBits(
    "that it waits, and how (TI)",
    bitsOf(ESR.EC) | 3n,
    "trapped WFI or WFE: EC and TI",
  ),
  grant(
    "timeout of the wait",
    "gprs[0]",
    all,
    "trapped WFIT or WFET: its timeout (DEN0137; not TF-RMM)",
  ),
];

const sysreg = (exit: RecExit): readonly Grant[] => [
  syndromeBits(
    "system register and direction",
    mask(32),
    "trapped GIC register access: the host emulates it",
  ),
  ...((exit.esr & 1n) === 0n
    ? [grant(
      "value written to it",
      "gprs[0]",
      all,
      "trapped GIC register write: its value",
    )]
    : []),
];

const synchronous = (exit: RecExit): readonly Grant[] => {
  switch (ec(exit.esr)) {
    case EC.DABT_LOW:
      return dataAbort(exit);
    case EC.IABT_LOW:
      return [status, page("instruction abort: HPFAR, the page")];
    case EC.WFX:
      return waits;
    case EC.SYS64:
      return sysreg(exit);
    default:
      return [];
  }
};

const psci_arguments = [
  "PSCI function",
  "PSCI target (MPIDR)",
] as const;

const psci: readonly Grant[] = psci_arguments.map((what, n) =>
  grant(
    what,
    `gprs[${n}]`,
    all,
    "PSCI call: function and target, not the entry point",
  )
);

const ripas_rule = "RSI_IPA_STATE_SET: the range and the state asked for";

const ripas: readonly Grant[] = [
  grant("RIPAS change: base", "ripas_base", all, ripas_rule),
  grant("RIPAS change: top", "ripas_top", all, ripas_rule),
  even(
    grant(
      "RIPAS change: state",
      "ripas_value",
      1n,
      ripas_rule,
      (value) => value === 0n ? "EMPTY" : "RAM",
    ),
  ),
];

const call_rule = "RSI_HOST_CALL: what the realm put in it";

const hostCall: readonly Grant[] = [
  even(grant("host call: immediate", "imm", mask(16), call_rule)),
  ...Array.from(
    { length: 31 },
    (_, n) => grant(`host call: gprs[${n}]`, `gprs[${n}]`, all, call_rule),
  ),
];

const serror: readonly Grant[] = [
  syndromeBits(
    "SError syndrome",
    0xfd00_1e3fn,
    "SError: EC, IDS, AET, EA, DFSC",
  ),
];

const timer_rule = "every exit: CNTP and CNTV, which the host keeps going";

const timers = (["cntp_ctl", "cntp_cval", "cntv_ctl", "cntv_cval"] as const)
  .map((field) => grant(`timer: ${field}`, field, all, timer_rule));

const gic_rule = "every exit of profile rmm-1.0: the virtual GIC's state";

const gic: readonly Grant[] = [
  ...(["gicv3_hcr", "gicv3_misr", "gicv3_vmcr"] as const).map((field) =>
    grant(`vGIC: ${field}`, field, all, gic_rule)
  ),
  ...Array.from(
    { length: 16 },
    (_, n) => grant(`vGIC: gicv3_lrs[${n}]`, `gicv3_lrs[${n}]`, all, gic_rule),
  ),
];

const byCause = (exit: RecExit): readonly Grant[] => {
  switch (exit.exit_reason) {
    case EXIT.SYNC:
      return synchronous(exit);
    case EXIT.PSCI:
      return psci;
    case EXIT.RIPAS_CHANGE:
      return ripas;
    case EXIT.HOST_CALL:
      return hostCall;
    case EXIT.SERROR:
      return serror;
    default:
      return [];
  }
};

/** Everything an exit of this cause may show. */
export const grantsOf = (exit: RecExit): readonly Grant[] => [
  reason,
  ...byCause(exit),
  ...timers,
  ...gic,
];
