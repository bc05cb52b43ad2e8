/**
 * What the specification lets an exit show the host: for each cause, which
 * bits of which field of RecExit, and by which rule.
 *
 * Source: DEN0137 A4.3.4 and RmiRecExit; TF-RMM `exit.c`, `arch.h`; rmm.md
 * §1.5, §2.
 *
 * @module
 */

import { EC, ec, ESR } from "../arch/esr.ts";
import { mask } from "../arch/word.ts";
import { EXIT, exitName, type RecExit } from "../rmm/recrun.ts";
import { bitsOf, even, type Grant, grant } from "./grant.ts";
import { dataAbort, instructionAbort, syndromeBits } from "./grants_abort.ts";

const all = mask(64);

const reason = even(grant(
  "why the REC came out",
  "exit_reason",
  all,
  "every exit names its cause (RmiRecExitReason)",
  exitName,
));

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
      return instructionAbort;
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
