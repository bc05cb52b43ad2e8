/**
 * PSCI between realm and host: identifiers, results, and RMI_PSCI_COMPLETE by
 * which the host answers a call that concerns another REC.
 *
 * Source: TF-RMM `psci.c` (`psci_complete_request`); rmm.md §6.3, §6.4.
 *
 * @module
 */

import { EL1H_MASKED } from "../arch/pstate.ts";
import { word } from "../arch/word.ts";
import { readX, type Rec, reset_sysregs, writeX } from "../realm/rec.ts";
import type { World } from "../world.ts";
import { failed, type RmiFailure } from "./rmi.ts";

/** PSCI function identifiers; `64` marks the SMC64 form. */
export const PSCI = {
  VERSION: 0x8400_0000,
  CPU_SUSPEND: 0x8400_0001,
  CPU_SUSPEND64: 0xc400_0001,
  CPU_OFF: 0x8400_0002,
  CPU_ON: 0x8400_0003,
  CPU_ON64: 0xc400_0003,
  AFFINITY_INFO: 0x8400_0004,
  AFFINITY_INFO64: 0xc400_0004,
  SYSTEM_OFF: 0x8400_0008,
  SYSTEM_RESET: 0x8400_0009,
  FEATURES: 0x8400_000a,
} as const;

/** PSCI return codes; X0 holds them as 64-bit words. */
export const PSCI_RETURN = {
  SUCCESS: 0,
  NOT_SUPPORTED: -1,
  INVALID_PARAMETERS: -2,
  DENIED: -3,
  ALREADY_ON: -4,
  INVALID_ADDRESS: -9,
} as const;

/** What AFFINITY_INFO says of a REC. */
export const AFFINITY = { ON: 0, OFF: 1 } as const;

/** A PSCI result as X0 holds it: sign-extended to 64 bits. */
export const resultWord = (value: number): bigint => word(BigInt(value));

/** The index of the REC an MPIDR names: aff0 has 4 bits, aff1 to aff3 have 8; others are ignored. */
export const recOfMpidr = (mpidr: bigint): number =>
  Number(
    (mpidr & 0xfn) | ((mpidr >> 8n) & 0xffn) << 4n |
      ((mpidr >> 16n) & 0xffn) << 12n | ((mpidr >> 32n) & 0xffn) << 20n,
  );

const sctlr_ee = 1n << 25n;

/** How RMI_PSCI_COMPLETE ended; a failure can still have ended the caller's request. */
export type PsciOutcome =
  | { readonly tag: "Done"; readonly world: World }
  | RmiFailure & { readonly world: World };

const isOn = (world: World, rec: number): boolean => {
  const state = world.rmm.recs[rec];
  return state !== undefined && (state.running || state.runnable);
};

/** A REC as CPU_ON starts it: only X0, PC, PSTATE and SCTLR_EL1 are new (§6.4). */
const started = (target: Rec, caller: Rec): Rec => ({
  ...writeX(target, 0, readX(caller, 3)),
  pc: readX(caller, 2),
  pstate: EL1H_MASKED,
  sys: {
    ...target.sys,
    sctlr_el1: reset_sysregs.sctlr_el1 | (caller.sys.sctlr_el1 & sctlr_ee),
  },
});

const turnOn = (world: World, target: number, caller: Rec): World => {
  const regs = world.realm.recs[target];
  const rec = world.rmm.recs[target];
  if (regs === undefined || rec === undefined) return world;
  const recs = world.realm.recs.with(target, started(regs, caller));
  const states = world.rmm.recs.with(target, { ...rec, runnable: true });
  return {
    ...world,
    realm: { ...world.realm, recs },
    rmm: { ...world.rmm, recs: states },
  };
};

/** Gives the caller its result in X0, zeroes X1 to X3 and lets it be entered again. */
const settle = (world: World, calling: number, result: number): World => {
  const regs = world.realm.recs[calling];
  const rec = world.rmm.recs[calling];
  if (regs === undefined || rec === undefined) return world;
  const x = regs.x.with(0, resultWord(result)).fill(0n, 1, 4);
  const done = { ...rec, psci_pending: false };
  return {
    ...world,
    realm: {
      ...world.realm,
      recs: world.realm.recs.with(calling, { ...regs, x }),
    },
    rmm: { ...world.rmm, recs: world.rmm.recs.with(calling, done) },
  };
};

type Pending = "CPU_ON" | "AFFINITY_INFO" | "other";

/**
 * The call that waits, by all 64 bits of the caller's X0: a realm that set
 * upper bits made a call the completion does not recognise (§6.4).
 */
const pendingCall = (caller: Rec): Pending => {
  switch (readX(caller, 0)) {
    case BigInt(PSCI.CPU_ON):
    case BigInt(PSCI.CPU_ON64):
      return "CPU_ON";
    case BigInt(PSCI.AFFINITY_INFO):
    case BigInt(PSCI.AFFINITY_INFO64):
      return "AFFINITY_INFO";
    default:
      return "other";
  }
};

const completeCpuOn = (
  world: World,
  calling: number,
  target: number,
  denied: boolean,
): PsciOutcome => {
  const caller = world.realm.recs[calling];
  if (caller === undefined) return { ...failed("RMI_ERROR_INPUT"), world };
  if (isOn(world, target)) {
    const settled = settle(world, calling, PSCI_RETURN.ALREADY_ON);
    // The host may not deny what is already so; the caller is answered all the same.
    if (denied) return { ...failed("RMI_ERROR_INPUT"), world: settled };
    return { tag: "Done", world: settled };
  }
  const result = denied ? PSCI_RETURN.DENIED : PSCI_RETURN.SUCCESS;
  const next = denied ? world : turnOn(world, target, caller);
  return { tag: "Done", world: settle(next, calling, result) };
};

/**
 * RMI_PSCI_COMPLETE: the host answers the PSCI call that REC `calling` waits
 * for and that concerns REC `target` with PSCI status `status`.
 *
 * Errors: RMI_ERROR_INPUT; the world is the same one, except when the host
 * denies a target that is on. A call whose identifier has upper bits set
 * returns NOT_SUPPORTED to the realm, as a TF-RMM without assertions does.
 */
export const psciComplete = (
  world: World,
  calling: number,
  target: number,
  status: number,
): PsciOutcome => {
  const refused = { ...failed("RMI_ERROR_INPUT"), world };
  const caller = world.realm.recs[calling];
  const rec = world.rmm.recs[calling];
  if (caller === undefined || rec === undefined) return refused;
  if (world.rmm.recs[target] === undefined) return refused;
  if (calling === target || rec.running || !rec.psci_pending) return refused;
  if (recOfMpidr(readX(caller, 1)) !== target) return refused;
  const denied = status === PSCI_RETURN.DENIED;
  const permitted = status === PSCI_RETURN.SUCCESS;
  switch (pendingCall(caller)) {
    case "CPU_ON":
      if (!permitted && !denied) return refused;
      return completeCpuOn(world, calling, target, denied);
    case "AFFINITY_INFO": {
      if (!permitted) return refused;
      const result = isOn(world, target) ? AFFINITY.ON : AFFINITY.OFF;
      return { tag: "Done", world: settle(world, calling, result) };
    }
    case "other": {
      const result = PSCI_RETURN.NOT_SUPPORTED;
      return { tag: "Done", world: settle(world, calling, result) };
    }
  }
};
