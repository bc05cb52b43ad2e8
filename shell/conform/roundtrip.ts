/**
 * Judges a round trip: one data abort from the realm through RMM exit, KVM
 * and RMM enter back into the realm.
 *
 * @module
 */

import * as Result from "effect/Result";
import * as Schema from "effect/Schema";
import { EL1H_MASKED } from "../../core/arch/pstate.ts";
import { hex } from "../../core/arch/word.ts";
import { empty } from "../../core/device/bus.ts";
import { recEnterSync, recReturned } from "../../core/host/entry.ts";
import { put, take } from "../../core/host/kvm.ts";
import { sync } from "../../core/host/revision.ts";
import { qemu, recVcpu } from "../../core/host/state.ts";
import { zeroed } from "../../core/realm/memory.ts";
import { reset } from "../../core/realm/rec.ts";
import { enter } from "../../core/rmm/enter.ts";
import { exit } from "../../core/rmm/exit.ts";
import { rmm_2_0 } from "../../core/rmm/profile.ts";
import { zero_run } from "../../core/rmm/recrun.ts";
import { RMI } from "../../core/rmm/rmi.ts";
import { created } from "../../core/rmm/state.ts";
import type { World } from "../../core/world.ts";
import { reword, Word } from "../decode.ts";
import type { Json } from "../codec/plain.ts";
import { firstDifference } from "./compare.ts";
import {
  changedRegs,
  errno,
  hexBytes,
  hostLeg,
  type Leg,
  MemoryBytes,
  mmioJson,
  untouched_run,
} from "./host_leg.ts";
import type { Verdict } from "./verdict.ts";

const Input = Schema.Struct({
  esr: Word,
  far: Word,
  hpfar: Word,
  ipa_bits: Schema.Int.check(Schema.isBetween({ minimum: 32, maximum: 52 })),
  pc: Word,
  regs: Schema.Array(Word).check(Schema.isBetweenLength(31, 31)),
  bus_handles: Schema.Boolean,
  dev_data: MemoryBytes,
});

type Input = typeof Input.Type;

const Vector = Schema.Struct({
  in: Input,
  out: Schema.Record(Schema.String, Schema.Unknown),
});

/** The world in which the REC has just taken the abort to R-EL2. */
const before = ({ pc, regs, ipa_bits }: Input): World => {
  const rec = reset(pc);
  const sys = { ...rec.sys, vbar_el1: 0n, sctlr_el1: 0n };
  const vcpu = { ...recVcpu(0n), at: "guest", run: untouched_run } as const;
  return {
    profile: { rmm: rmm_2_0, kvm: sync },
    realm: {
      recs: [{ ...rec, x: regs, pstate: EL1H_MASKED, sys }],
      memory: zeroed(0, 0),
    },
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
    bus: empty,
  };
};

const exitJson = (world: World): Json => {
  const { esr, far, hpfar, gprs } = take(world, 0).exit;
  return {
    esr: hex(esr),
    far: hex(far),
    hpfar: hex(hpfar),
    gprs0: hex(gprs[0] ?? 0n),
  };
};

/** Linux's numbers for the exits an abort can leave. */
const exit_reasons: Readonly<Record<string, number>> = {
  KVM_EXIT_UNKNOWN: 0,
  KVM_EXIT_MMIO: 6,
  KVM_EXIT_ARM_NISV: 28,
  KVM_EXIT_ARM_LDST64B: 42,
};

const kvmJson = (leg: Leg, synced: World): Json => {
  const { run } = leg.aborted.vcpu;
  const { flags, gprs } = take(synced, 0).enter;
  const wrote = leg.bus?.is_write === true;
  return {
    ret: errno[leg.ret] ?? null,
    exit_reason: exit_reasons[run.exit_reason] ?? null,
    mmio: leg.bus === null ? null : mmioJson(run.mmio),
    bus_write: wrote ? hexBytes(leg.bus?.data ?? []) : null,
    enter_flags: hex(flags),
    enter_gprs0: hex(gprs[0] ?? 0n),
  };
};

const enterJson = (synced: World, input: Input): Json => {
  const outcome = enter(synced, 0);
  const world = outcome.tag === "Failed" ? synced : outcome.world;
  const status = outcome.tag === "Failed"
    ? RMI[outcome.status]
    : RMI.RMI_SUCCESS;
  const rec = world.realm.recs[0];
  return {
    status,
    pc: hex(rec?.pc ?? 0n),
    regs_changed: changedRegs(input.regs, rec?.x ?? []),
  };
};

/** Plays the round trip and writes it as a vector's `out` is written. */
const play = (input: Input): Json => {
  const { esr, far, hpfar } = input;
  const outcome = exit(before(input), 0, { tag: "Sync", esr, far, hpfar });
  // An abort that the RMM keeps to itself never reaches the host.
  if (outcome.tag !== "Exited") return { exit: null, kvm: null, enter: null };
  const shown = recReturned(outcome.world, 0, "RMI_SUCCESS", 0);
  const leg = hostLeg(take(shown, 0), {
    ...input,
    entry: "kvm_handle_guest_abort",
    pend_exception: false,
  });
  const synced = recEnterSync(put(shown, 0, leg.end), 0);
  const reenters = leg.ret === "1" || leg.owed;
  return {
    exit: exitJson(outcome.world),
    kvm: kvmJson(leg, synced),
    enter: reenters ? enterJson(synced, input) : null,
  };
};

const decode = Schema.decodeUnknownResult(Vector);

/** Judges one vector of roundtrip.jsonl: decodes it, plays it and compares every field of `out`. */
export const judgeRoundtrip = (vector: unknown): Verdict => {
  const decoded = decode(vector);
  if (Result.isFailure(decoded)) {
    const what = reword(decoded.failure.message, vector);
    return { tag: "Malformed", what };
  }
  const { in: input, out } = decoded.success;
  const difference = firstDifference(out as Json, play(input), "out");
  return difference === null
    ? { tag: "Passed" }
    : { tag: "Failed", difference };
};
