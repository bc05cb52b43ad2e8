/**
 * What else a realm does that reaches R-EL2: calls, waits, trapped registers.
 *
 * @module
 */

import { EC, syndrome } from "../../arch/esr.ts";
import { EL1H_MASKED } from "../../arch/pstate.ts";
import { codeOf, sysregIss, type SysregName } from "../../arch/sysreg.ts";
import { reset_sysregs } from "../../realm/rec.ts";
import { PSCI } from "../../rmm/psci.ts";
import { FID } from "../../rmm/smc.ts";
import type { Sync, World } from "../../world.ts";
import { type Action, inRealm } from "../action.ts";
import { callAddress, program_base } from "./access.ts";

/** One call or trapped instruction. */
interface Call {
  readonly name: string;
  readonly does: string;
  readonly tag: Sync["tag"];
  readonly esr: bigint;
  /** X0 and up before it. */
  readonly x?: (world: World, rec: number) => readonly bigint[];
}

const smc_esr = syndrome(EC.SMC64, 0);

const smc = (
  name: string,
  does: string,
  fid: number,
  x: (world: World, rec: number) => readonly bigint[] = () => [],
): Call => ({
  name,
  does,
  tag: "Smc",
  esr: smc_esr,
  x: (world, rec) => [BigInt(fid), ...x(world, rec)],
});

const trapped = (
  name: string,
  does: string,
  register: SysregName,
  read: boolean,
): Call => ({
  name,
  does,
  tag: "SysregTrap",
  esr: syndrome(EC.SYS64, sysregIss(codeOf(register), 5, read)),
  x: () => [0n, 0n, 0n, 0n, 0n, 0x2an],
});

/** The other REC of a realm of two; REC 0 has itself when it is alone. */
const other = (world: World, rec: number): bigint =>
  BigInt((rec + 1) % world.realm.recs.length);

const ripas_page = program_base + 0x20_0000n;
const ripas = (value: bigint) => () => [
  ripas_page,
  ripas_page + 0x1000n,
  value,
  1n,
];

const calls: readonly Call[] = [
  {
    name: "wfi",
    does: "WFI, which traps if the host asked for it",
    tag: "Wfx",
    esr: syndrome(EC.WFX, 0),
  },
  {
    name: "hvc",
    does: "HVC, which a realm does not have",
    tag: "Hvc",
    esr: syndrome(EC.HVC64, 0),
  },
  {
    name: "brk",
    does: "an exception class the RMM does not know",
    tag: "Sync",
    esr: syndrome(EC.BRK64, 0),
  },
  smc(
    "hostcall",
    "RSI_HOST_CALL",
    FID.RSI_HOST_CALL,
    () => [program_base + 0x1_0000n],
  ),
  smc("cpu-on", "PSCI CPU_ON of the other REC", PSCI.CPU_ON64, (world, rec) => [
    other(world, rec),
    program_base,
    0n,
  ]),
  smc(
    "affinity",
    "PSCI AFFINITY_INFO of the other REC",
    PSCI.AFFINITY_INFO64,
    (world, rec) => [other(world, rec), 0n],
  ),
  smc("cpu-off", "PSCI CPU_OFF", PSCI.CPU_OFF),
  smc("system-off", "PSCI SYSTEM_OFF", PSCI.SYSTEM_OFF),
  smc(
    "ripas-empty",
    "RSI_IPA_STATE_SET: a page of RAM becomes EMPTY",
    FID.RSI_IPA_STATE_SET,
    ripas(0n),
  ),
  smc(
    "ripas-ram",
    "RSI_IPA_STATE_SET: the page becomes RAM",
    FID.RSI_IPA_STATE_SET,
    ripas(1n),
  ),
  trapped("icc-read", "mrs x5, ICC_IAR1_EL1", "icc_iar1_el1", true),
  trapped("icc-write", "msr ICC_SGI1R_EL1, x5", "icc_sgi1r_el1", false),
];

const action = (call: Call, index: number): Action => ({
  name: call.name,
  does: call.does,
  actor: "realm",
  per_rec: true,
  events: (world, rec) => {
    if (!inRealm(world, rec)) return null;
    const code = {
      pc: callAddress(index),
      pstate: EL1H_MASKED,
      sctlr_el1: reset_sysregs.sctlr_el1,
      x: call.x?.(world, rec) ?? [],
    };
    const { tag, esr } = call;
    return [
      { tag: "Script", rec, ...code },
      { tag, rec, esr, far: 0n, hpfar: 0n },
    ];
  },
});

/** Every call and trapped instruction of the realm. */
export const call_actions: readonly Action[] = calls.map(action);
