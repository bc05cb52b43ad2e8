/**
 * The world an RMM vector starts from: nothing but what the vector says.
 *
 * @module
 */

import { aliasBit } from "../../core/arch/address.ts";
import { sync } from "../../core/host/revision.ts";
import { qemu, recVcpu } from "../../core/host/state.ts";
import { type Memory, write, zeroed } from "../../core/realm/memory.ts";
import { type Rec, reset } from "../../core/realm/rec.ts";
import { host_call_bytes } from "../../core/rmm/hostcall.ts";
import { reference_pe } from "../../core/rmm/idregs.ts";
import { wordBytes } from "../../core/rmm/page.ts";
import { rmm_2_0 } from "../../core/rmm/profile.ts";
import { zero_run } from "../../core/rmm/recrun.ts";
import { created } from "../../core/rmm/state.ts";
import type { World } from "../../core/world.ts";
import type { ExceptionInput, Start } from "./rmm_vector.ts";

/** What the EL1 exception registers hold before a step: nothing a step could write. */
export const unwritten = -1n;

/** The REC a vector is about. */
export const rec = 0;

const running: World["rmm"]["recs"][number] = { ...created, running: true };

const registers = (start: Start): Rec => {
  const fresh = reset(start.pc);
  const { vbar_el1, sctlr_el1, sctlr2_el1, gcscr_el1 } = start;
  return {
    ...fresh,
    x: start.regs,
    pstate: start.spsr,
    sys: { ...fresh.sys, vbar_el1, sctlr_el1, sctlr2_el1, gcscr_el1 },
  };
};

/** A realm of two RECs, the first of them running. */
export const worldOf = (start: Start): World => ({
  profile: {
    rmm: { ...rmm_2_0, pe: reference_pe, features: start.feat },
    kvm: sync,
  },
  realm: { recs: [registers(start), reset(0n, 1n)], memory: zeroed(0, 0) },
  rmm: {
    state: "ACTIVE",
    ipa_bits: start.ipa_bits,
    stage2: [],
    recs: [running, created],
  },
  runs: [zero_run, zero_run],
  host: {
    vm: {
      ia_bits: start.ipa_bits,
      slots: [],
      nisv_to_user: false,
      dead: false,
    },
    vmm: qemu,
    vcpus: [recVcpu(0n), recVcpu(0n)],
  },
  bus: { slots: [] },
});

/** The registers of the REC a vector is about. */
export const regsOf = (world: World): Rec => {
  const found = world.realm.recs[rec];
  if (found === undefined) throw new Error("the world lost its REC");
  return found;
};

/** The world with other registers of that REC. */
export const withRegs = (world: World, regs: Rec): World => ({
  ...world,
  realm: { ...world.realm, recs: world.realm.recs.with(rec, regs) },
});

/** Marks the EL1 exception registers, to see which of them a step writes. */
export const marked = (world: World): World => {
  const regs = regsOf(world);
  const sys = {
    ...regs.sys,
    esr_el1: unwritten,
    elr_el1: unwritten,
    spsr_el1: unwritten,
    far_el1: unwritten,
  };
  return withRegs(world, { ...regs, sys });
};

/** The page of X1 with the RsiHostCall structure every vector's realm has there. */
const hostCallPage = (ipa: bigint): Memory => {
  const aligned = ipa % BigInt(host_call_bytes) === 0n;
  if (!aligned || ipa >> 52n !== 0n) return zeroed(0, 0);
  const data = new Uint8Array(host_call_bytes);
  data.set(wordBytes(0x1234n, 8), 0);
  for (let n = 0; n < 31; n += 1) {
    const gpr = 0xca11_0000_0000_0000n + BigInt(n) * 0x111n;
    data.set(wordBytes(gpr, 8), 8 + 8 * n);
  }
  const page = zeroed(Number(ipa - ipa % 4096n), 4096);
  return write(page, Number(ipa), data);
};

/** The realm's page tables and memory as the exception finds them. */
export const withPage = (world: World, input: ExceptionInput): World => ({
  ...world,
  realm: {
    ...world.realm,
    memory: hostCallPage(regsOf(world).x[1] ?? 0n),
  },
  rmm: {
    ...world.rmm,
    stage2: [{
      base: 0n,
      top: aliasBit(world.rmm.ipa_bits),
      ripas: input.ripas,
      assigned: input.ripas_assigned,
    }],
  },
});
