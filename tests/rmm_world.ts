/**
 * A small realm for the RMM's tests, and shorthands to play on it.
 *
 * @module
 */

import { hpfarOfIpa } from "../core/arch/address.ts";
import { EC, esr as build, type EsrField } from "../core/arch/esr.ts";
import { sync } from "../core/host/revision.ts";
import { qemu, recVcpu } from "../core/host/state.ts";
import { zeroed } from "../core/realm/memory.ts";
import { type Rec, reset } from "../core/realm/rec.ts";
import { enter, type EnterOutcome } from "../core/rmm/enter.ts";
import { type Exception, exit } from "../core/rmm/exit.ts";
import { rmm_2_0, type RmmProfile } from "../core/rmm/profile.ts";
import { type RecExit, zero_enter, zero_run } from "../core/rmm/recrun.ts";
import { created, type RmmRec } from "../core/rmm/state.ts";
import type { World } from "../core/world.ts";

/** RAM of the realm: ASSIGNED and RIPAS RAM. */
export const ram = { base: 0x4000_0000n, top: 0x4001_0000n } as const;

/** A page of the Unprotected half. */
export const unprot = 0x80_0900_0000n;

/** A page of the Protected half that is EMPTY. */
export const empty = 0x1000n;

/** Where REC 0 is. */
export const pc = 0x4000_0100n;

const registers = (index: number): Rec => {
  const fresh = reset(pc, BigInt(index));
  return {
    ...fresh,
    x: fresh.x.map((_, n) => 0xa5a5_0000_8080_8080n + BigInt(n)),
    pstate: 0x6000_0005n,
    sys: { ...fresh.sys, vbar_el1: 0x4000_8000n, sctlr_el1: 0x30d0_0980n },
  };
};

/** Three RECs, of which the first runs and the last is off. */
export const realm = (switches: Partial<RmmProfile> = {}): World => ({
  profile: { rmm: { ...rmm_2_0, ...switches }, kvm: sync },
  realm: {
    recs: [0, 1, 2].map(registers),
    memory: zeroed(Number(ram.base), Number(ram.top - ram.base)),
  },
  rmm: {
    state: "ACTIVE",
    ipa_bits: 40,
    stage2: [{ ...ram, ripas: "ram", assigned: true }],
    recs: [
      { ...created, running: true },
      created,
      { ...created, runnable: false },
    ],
  },
  runs: [zero_run, zero_run, zero_run],
  host: {
    vm: { ia_bits: 40, slots: [], nisv_to_user: false, dead: false },
    vmm: qemu,
    vcpus: [recVcpu(0n), recVcpu(0n), recVcpu(0n)],
  },
  bus: { slots: [] },
});

/** REC 0's registers. */
export const regs = (world: World, rec: number = 0): Rec => {
  const found = world.realm.recs[rec];
  if (found === undefined) throw new Error(`no REC ${rec}`);
  return found;
};

/** REC 0's state in the RMM. */
export const state = (world: World, rec: number = 0): RmmRec => {
  const found = world.rmm.recs[rec];
  if (found === undefined) throw new Error(`no REC ${rec}`);
  return found;
};

/** The exit half of REC 0's run page. */
export const exitHalf = (world: World, rec: number = 0): RecExit =>
  world.runs[rec]?.exit ?? zero_run.exit;

/** The world with some registers of REC `rec` changed. */
export const withRegs = (
  world: World,
  parts: Partial<Rec>,
  rec: number = 0,
): World => ({
  ...world,
  realm: {
    ...world.realm,
    recs: world.realm.recs.with(rec, { ...regs(world, rec), ...parts }),
  },
});

/** The world with some of REC 0's general registers changed. */
export const withX = (
  world: World,
  x: Readonly<Record<number, bigint>>,
  rec: number = 0,
): World =>
  withRegs(world, {
    x: regs(world, rec).x.map((old, n) => x[n] ?? old),
  }, rec);

/** The world with some of the RMM's state of a REC changed. */
export const withState = (
  world: World,
  parts: Partial<RmmRec>,
  rec: number = 0,
): World => ({
  ...world,
  rmm: {
    ...world.rmm,
    recs: world.rmm.recs.with(rec, { ...state(world, rec), ...parts }),
  },
});

/** The world with other realm-wide RMM state. */
export const withRmm = (world: World, parts: Partial<World["rmm"]>): World => ({
  ...world,
  rmm: { ...world.rmm, ...parts },
});

/** A data abort from the realm: IL set, translation fault at level 3 unless `parts` say otherwise. */
export const dabt = (
  parts: Readonly<Partial<Record<EsrField, number>>>,
  ipa: bigint = unprot,
  far: bigint = 0xffff_8000_1000_a0d4n,
): Exception => ({
  tag: "Sync",
  esr: build({ EC: EC.DABT_LOW, IL: 1, FSC: 7, ...parts }),
  far,
  hpfar: hpfarOfIpa(ipa),
});

/** A synchronous exception with this syndrome. */
export const taken = (esr: bigint, ipa: bigint = unprot): Exception => ({
  tag: "Sync",
  esr,
  far: 0xffff_8000_1000_a0d4n,
  hpfar: hpfarOfIpa(ipa),
});

/** An SMC with these first registers. */
export const smc = (world: World, ...x: readonly bigint[]): World =>
  withX(world, { ...x });

/** The syndrome of an SMC. */
export const smc_esr = 0x5e00_0000n;

/** The world after an exception that must reach the host. */
export const exited = (world: World, exception: Exception): World => {
  const outcome = exit(world, 0, exception);
  if (outcome.tag !== "Exited") throw new Error(`found ${outcome.tag}`);
  return outcome.world;
};

/** The world after an exception the host must not see. */
export const resumed = (world: World, exception: Exception): World => {
  const outcome = exit(world, 0, exception);
  if (outcome.tag !== "Resumed") throw new Error(`found ${outcome.tag}`);
  return outcome.world;
};

/** The world with the host's enter half written. */
export const offered = (
  world: World,
  flags: bigint,
  gpr0: bigint = 0n,
  rec: number = 0,
): World => {
  const page = world.runs[rec] ?? zero_run;
  const gprs = zero_enter.gprs.map((_, n) =>
    n === 0 ? gpr0 : 0xbad0_bad0_0000_0000n + BigInt(n)
  );
  const half = { ...zero_enter, flags, gprs };
  return { ...world, runs: world.runs.with(rec, { ...page, enter: half }) };
};

/** RMI_REC_ENTER on REC 0 with these flags and gprs[0]. */
export const reenter = (
  world: World,
  flags: bigint,
  gpr0: bigint = 0n,
): EnterOutcome => enter(offered(world, flags, gpr0), 0);

/** The world after an entry that must run the REC. */
export const entered = (
  world: World,
  flags: bigint,
  gpr0: bigint = 0n,
): World => {
  const outcome = reenter(world, flags, gpr0);
  if (outcome.tag !== "Entered") throw new Error(`found ${outcome.tag}`);
  return outcome.world;
};
