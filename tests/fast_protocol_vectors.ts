/**
 * Reference vectors as worlds and events, for both implementations to fold.
 *
 * @module
 */

import { aliasBit } from "../core/arch/address.ts";
import { hex } from "../core/arch/word.ts";
import type { Placement, Slot } from "../core/device/bus.ts";
import * as TestDevice from "../core/device/testdev.ts";
import { revisionNamed, sync } from "../core/host/revision.ts";
import { qemu, recVcpu, type Vcpu } from "../core/host/state.ts";
import { zero_kvm_run } from "../core/host/kvm_run.ts";
import { zeroed } from "../core/realm/memory.ts";
import { type Rec, reset } from "../core/realm/rec.ts";
import { rmm_2_0 } from "../core/rmm/profile.ts";
import { zero_enter, zero_exit, zero_run } from "../core/rmm/recrun.ts";
import { created } from "../core/rmm/state.ts";
import type { Start } from "../shell/conform/rmm_vector.ts";
import { withPage, worldOf } from "../shell/conform/rmm_world.ts";
import { syncTag } from "../core/rec_exit.ts";
import type { Event, World } from "../core/world.ts";

/** A vector, or a part of one, as JSON. */
// deno-lint-ignore no-explicit-any -- decoded and checked elsewhere
export type Json = any;

const words = (texts: readonly string[]): readonly bigint[] =>
  texts.map(BigInt);

/** Eight bytes written as 16 hex digits. */
const bytes = (text: string): readonly number[] =>
  Array.from(
    { length: 8 },
    (_, n) => parseInt(text.slice(2 * n, 2 * n + 2), 16),
  );

/** A test device that answers a read at `at` with these bytes. */
const answering = (
  at: bigint,
  dev_data: string,
  placement: Placement,
): Slot => {
  const { rows } = TestDevice.reset;
  const row = (rows[0] ?? []).map((zero, n) => bytes(dev_data)[n] ?? zero);
  return {
    base: Number(at),
    bytes: 64,
    placement,
    device: {
      tag: "TestDevice",
      state: { rows: rows.with(0, row), log: null },
    },
  };
};

const world = (
  rec: Rec,
  vcpu: Vcpu,
  ipa_bits: number,
  slots: readonly Slot[],
): World => ({
  profile: { rmm: rmm_2_0, kvm: sync },
  realm: { recs: [rec], memory: zeroed(0, 0) },
  rmm: {
    state: "ACTIVE",
    ipa_bits,
    stage2: [],
    recs: [{ ...created, running: true }],
  },
  runs: [zero_run],
  host: {
    vm: { ia_bits: ipa_bits, slots: [], nisv_to_user: false, dead: false },
    vmm: qemu,
    vcpus: [vcpu],
  },
  bus: { slots },
});

/** The kvm_run page before an abort: every byte of run.mmio.data is 0xee. */
const untouched = {
  ...zero_kvm_run,
  mmio: { ...zero_kvm_run.mmio, data: Array.from({ length: 8 }, () => 0xee) },
};

/** What a device answers a read with, when no device can be placed at the address. */
export const answerOf = (dev_data: string): bigint =>
  bytes(dev_data).reduceRight((high, low) => (high << 8n) | BigInt(low), 0n);

/** The IPA without the alias bit at which the host sees an access. */
export const accessAt = (
  input: Json,
  bits: number,
  is_rec: boolean,
): bigint => {
  const page = ((BigInt(input.hpfar) >> 4n) & 0xfff_ffff_ffffn) << 12n;
  const gpa = is_rec ? page & ~aliasBit(bits) : page;
  return gpa | (BigInt(input.far) & 0xfffn);
};

const startOf = (input: Json): Start => ({
  spsr: BigInt(input.spsr),
  pc: BigInt(input.pc),
  regs: words(input.regs),
  ipa_bits: input.ipa_bits,
  vbar_el1: BigInt(input.vbar_el1),
  sctlr_el1: BigInt(input.sctlr_el1),
  sctlr2_el1: BigInt(input.sctlr2_el1),
  gcscr_el1: BigInt(input.gcscr_el1),
  feat: input.feat,
});

/** A vector of rmm.jsonl as a world whose REC 0 runs. */
export const rmmWorld = (input: Json): World => {
  const start = worldOf(startOf(input));
  const [vcpu, ...others] = start.host.vcpus;
  if (vcpu === undefined) throw new Error("the world lost its vCPU");
  const vcpus = [{ ...vcpu, at: "guest" } as const, ...others];
  return { ...start, host: { ...start.host, vcpus } };
};

/** The world with the vector's state of the page, and what the realm did before. */
export const rmmPrepared = (before: World, input: Json): World => {
  const [rec, ...others] = before.realm.recs;
  if (rec === undefined) throw new Error("the world lost its REC");
  const set = input.set_regs ?? {};
  const x = rec.x.map((old, n) => String(n) in set ? BigInt(set[n]) : old);
  const pc = BigInt(input.set_pc ?? rec.pc);
  const pstate = BigInt(input.set_spsr ?? rec.pstate);
  const recs = [{ ...rec, x, pc, pstate }, ...others];
  return withPage({ ...before, realm: { ...before.realm, recs } }, input);
};

/** The exception of a vector as an event. */
export const rmmException = (input: Json): Event => {
  const [esr, far, hpfar] = words([input.esr, input.far, input.hpfar]) as [
    bigint,
    bigint,
    bigint,
  ];
  switch (input.exc) {
    case "sync":
      return { tag: syncTag(esr), rec: 0, esr, far, hpfar };
    case "irq":
      return { tag: "Irq", rec: 0 };
    case "fiq":
      return { tag: "Fiq", rec: 0 };
    case "serror":
      return { tag: "Serror", rec: 0, esr };
    default:
      throw new Error(`no event for ${input.exc}`);
  }
};

/** The entry of a vector as an event. */
export const rmmEnter = (input: Json): Event => ({
  tag: "RmiRecEnter",
  rec: 0,
  flags: BigInt(input.enter_flags),
  gprs: zero_enter.gprs.map((_, n) =>
    n === 0 ? BigInt(input.enter_gprs0) : 0xbad0_bad0_bad0_0000n + BigInt(n)
  ),
});

/** What enter.gprs[0] held before: a value no instruction of a vector makes. */
const stale_gpr = 0xabad_1dea_0000_0000n;

/** A vector of kvm.jsonl: a vCPU that has the abort to handle. */
export const kvmWorld = ({ variant, in: input }: Json): World => {
  const rev = revisionNamed(variant);
  if (rev === undefined) throw new Error(`no revision ${variant}`);
  const fault = {
    esr: BigInt(input.esr),
    far: BigInt(input.far),
    hpfar: BigInt(input.hpfar),
  };
  const vcpu: Vcpu = {
    ...recVcpu(0n),
    at: "exit",
    is_rec: input.is_rec,
    regs: words(input.vcpu_regs),
    cpsr: BigInt(input.cpsr),
    sctlr_el1: BigInt(input.sctlr_el1),
    fault,
    last_exit: 0n,
    run: untouched,
  };
  const slot = answering(
    accessAt(input, input.ia_bits, input.is_rec),
    input.dev_data,
    input.bus_handles ? "kernel" : "user",
  );
  const plain = world(reset(0n), vcpu, input.ia_bits, [slot]);
  const gprs = zero_exit.gprs.with(0, BigInt(input.exit_gprs0));
  return {
    ...plain,
    profile: { ...plain.profile, kvm: rev },
    rmm: { ...plain.rmm, recs: [created] },
    runs: [{
      enter: { ...zero_enter, gprs: zero_enter.gprs.with(0, stale_gpr) },
      exit: { ...zero_exit, exit_reason: 0n, ...fault, gprs },
    }],
    host: {
      ...plain.host,
      vm: { ...plain.host.vm, nisv_to_user: input.nisv_to_user },
    },
  };
};

/** A vector of roundtrip.jsonl: a REC that has just aborted. */
export const roundTripWorld = (
  input: Json,
): { readonly start: World; readonly event: Event } => {
  const fresh = reset(BigInt(input.pc));
  const rec = {
    ...fresh,
    x: words(input.regs),
    sys: { ...fresh.sys, vbar_el1: 0n, sctlr_el1: 0n },
  };
  const vcpu = { ...recVcpu(0n), at: "guest", run: untouched } as const;
  const slot = answering(
    accessAt(input, input.ipa_bits, true),
    input.dev_data,
    input.bus_handles ? "kernel" : "user",
  );
  return {
    start: world(rec, vcpu, input.ipa_bits, [slot]),
    event: {
      tag: "Dabt",
      rec: 0,
      esr: BigInt(input.esr),
      far: BigInt(input.far),
      hpfar: BigInt(input.hpfar),
    },
  };
};

/** The registers that differ, by number. */
export const changed = (
  from: readonly bigint[],
  to: readonly bigint[],
): Json =>
  Object.fromEntries(
    to.flatMap((value, n) =>
      value === from[n] ? [] : [[String(n), hex(value)]]
    ),
  );

/** run.mmio as a vector writes it. */
export const mmioOf = ({ run: { mmio } }: Vcpu): Json => ({
  phys_addr: hex(mmio.phys_addr),
  len: mmio.len,
  is_write: mmio.is_write,
  data: mmio.data.map((byte) => byte.toString(16).padStart(2, "0")).join(""),
});
