/**
 * Judges a vector of the RMM side: exceptions of the realm and REC entries,
 * played on a world that holds nothing but what the vector says.
 *
 * @module
 */

import * as Result from "effect/Result";
import * as Schema from "effect/Schema";
import { aliasBit } from "../../core/arch/address.ts";
import { EC, ec } from "../../core/arch/esr.ts";
import { hex } from "../../core/arch/word.ts";
import { sync } from "../../core/host/revision.ts";
import { qemu, recVcpu } from "../../core/host/state.ts";
import { type Memory, write, zeroed } from "../../core/realm/memory.ts";
import { type Rec, reset } from "../../core/realm/rec.ts";
import { enter } from "../../core/rmm/enter.ts";
import { type Exception, exit, type ExitOutcome } from "../../core/rmm/exit.ts";
import { host_call_bytes } from "../../core/rmm/hostcall.ts";
import { wordBytes } from "../../core/rmm/page.ts";
import { reference_pe } from "../../core/rmm/idregs.ts";
import { rmm_2_0 } from "../../core/rmm/profile.ts";
import { zero_enter, zero_run } from "../../core/rmm/recrun.ts";
import { RMI } from "../../core/rmm/rmi.ts";
import { created } from "../../core/rmm/state.ts";
import type { World } from "../../core/world.ts";
import { reword } from "../decode.ts";
import { firstDifference, type Json } from "./compare.ts";
import {
  type EnterInput,
  type ExceptionInput,
  type ExceptionStep,
  FlatVector,
  SequenceVector,
  type Start,
} from "./rmm_vector.ts";
import type { Verdict } from "./verdict.ts";

/** What the EL1 exception registers hold before a step: nothing a step could write. */
const unwritten = -1n;

/** The REC a vector is about. */
const rec = 0;

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
const worldOf = (start: Start): World => ({
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

const regsOf = (world: World): Rec => {
  const found = world.realm.recs[rec];
  if (found === undefined) throw new Error("the world lost its REC");
  return found;
};

const withRegs = (world: World, regs: Rec): World => ({
  ...world,
  realm: { ...world.realm, recs: world.realm.recs.with(rec, regs) },
});

/** Marks the EL1 exception registers, to see which of them a step writes. */
const marked = (world: World): World => {
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
const withPage = (world: World, input: ExceptionInput): World => ({
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

const exceptionOf = (input: ExceptionInput): Exception => {
  const { exc, esr, far, hpfar } = input;
  switch (exc) {
    case "sync":
      return { tag: "Sync", esr, far, hpfar };
    case "serror":
      return { tag: "Serror", esr, far, hpfar };
    case "irq":
      return { tag: "Irq" };
    case "fiq":
      return { tag: "Fiq" };
    case "other":
      return { tag: "Unrecognised" };
  }
};

const numbered = (
  words: readonly bigint[],
  keep: (word: bigint, n: number) => boolean,
): Json =>
  Object.fromEntries(
    words.flatMap((word, n) => keep(word, n) ? [[String(n), hex(word)]] : []),
  );

/** What a step did to the realm: as every vector's outputs list it. */
const effects = (before: World, after: World) => {
  const [from, to] = [regsOf(before), regsOf(after)];
  const { esr_el1, elr_el1, spsr_el1, far_el1 } = to.sys;
  const taken = esr_el1 !== unwritten;
  const sea = taken && ec(esr_el1) !== EC.UNKNOWN;
  return {
    sea,
    injected: !taken ? null : {
      kind: sea ? "sea" : "undef",
      esr_el1: hex(esr_el1),
      elr_el1: hex(elr_el1),
      spsr_el1: hex(spsr_el1),
      far_el1: far_el1 === unwritten ? null : hex(far_el1),
    },
    realm: {
      regs_changed: numbered(to.x, (word, n) => word !== from.x[n]),
      pc: hex(to.pc),
      pstate: hex(to.pstate),
    },
  };
};

/** The exit half and the saved syndrome, as a vector lists them. */
const exitOf = (outcome: ExitOutcome): Json => {
  if (outcome.tag === "Resumed") return { returned_to_host: false };
  if (outcome.tag === "Panic") {
    return { returned_to_host: false, panic: outcome.name };
  }
  const { exit } = outcome.world.runs[rec] ?? zero_run;
  const saved = outcome.world.rmm.recs[rec]?.last_run_info.esr ?? 0n;
  return {
    returned_to_host: true,
    exit_reason: Number(exit.exit_reason),
    esr: hex(exit.esr),
    far: hex(exit.far),
    hpfar: hex(exit.hpfar),
    gprs0: hex(exit.gprs[0] ?? 0n),
    gprs_rest: numbered(exit.gprs, (word, n) => 0 < n && word !== 0n),
    last_run_info_esr: hex(saved),
  };
};

/** A step of a vector: the world after it, what it put out, and whether the host has the REC. */
interface Played {
  readonly world: World;
  readonly out: { readonly [key: string]: Json };
  readonly returned: boolean;
}

const playException = (start: World, input: ExceptionInput): Played => {
  const before = marked(withPage(start, input));
  const outcome = exit(before, rec, exceptionOf(input));
  const shown = exitOf(outcome);
  if (outcome.tag === "Panic") {
    const out = { exit: shown, sea_injected_at_exit: false, injected: null };
    return { world: before, out, returned: false };
  }
  const { sea, injected, realm } = effects(before, outcome.world);
  const out = {
    exit: shown,
    sea_injected_at_exit: sea,
    injected,
    ...realm,
  };
  return {
    world: outcome.world,
    out,
    returned: outcome.tag === "Exited",
  };
};

/** The enter half of a vector: registers 1 to 30 hold a pattern that nothing may use. */
const enterHalf = ({ enter_flags, enter_gprs0 }: EnterInput) => ({
  ...zero_enter,
  flags: enter_flags,
  gprs: zero_enter.gprs.map((_, n) =>
    n === 0 ? enter_gprs0 : 0xbad0_bad0_bad0_0000n + BigInt(n)
  ),
});

/** The PE delivers a pending virtual SError when the REC runs. */
const delivered = (world: World): World => {
  const state = world.rmm.recs[rec] ?? created;
  const recs = world.rmm.recs.with(rec, { ...state, vserror: null });
  return { ...world, rmm: { ...world.rmm, recs } };
};

const playEnter = (start: World, input: EnterInput): Played => {
  const page = { ...zero_run, enter: enterHalf(input) };
  const before = marked({ ...start, runs: start.runs.with(rec, page) });
  const outcome = enter(before, rec);
  const after = outcome.tag === "Failed" ? before : outcome.world;
  const status = outcome.tag === "Failed" ? outcome.status : "RMI_SUCCESS";
  const index = outcome.tag === "Failed" ? outcome.index : 0;
  const { sea, injected, realm } = effects(before, after);
  const entered = outcome.tag === "Entered";
  const pending = entered && after.rmm.recs[rec]?.vserror !== null;
  const out = {
    status,
    code: RMI[status] | (index << 8),
    realm_ran: entered,
    ...realm,
    sea_injected: sea,
    injected,
    ...(pending ? { vserror_pending: true } : {}),
    ...(outcome.tag === "Returned" ? { immediate_exit: true } : {}),
  };
  return {
    world: entered ? delivered(after) : after,
    out,
    returned: !entered,
  };
};

const verdict = (
  expected: Readonly<Record<string, unknown>>,
  found: Json,
  path: string,
): Verdict => {
  const difference = firstDifference(expected as Json, found, path);
  return difference === null
    ? { tag: "Passed" }
    : { tag: "Failed", difference };
};

const judgeFlat = ({ in: input, out }: typeof FlatVector.Type): Verdict => {
  const taken = playException(worldOf(input), input);
  const entered = taken.returned ? playEnter(taken.world, input).out : null;
  return verdict(out, { ...taken.out, enter: entered }, "out");
};

/** What the realm did since it was entered. */
const prepared = (world: World, input: ExceptionStep): World => {
  const regs = regsOf(world);
  let x = regs.x;
  for (const [n, word] of Object.entries(input.set_regs)) {
    x = x.with(Number(n), word);
  }
  const { set_pc, set_spsr } = input;
  return withRegs(world, {
    ...regs,
    x,
    pc: set_pc ?? regs.pc,
    pstate: set_spsr ?? regs.pstate,
  });
};

const judgeSequence = (vector: typeof SequenceVector.Type): Verdict => {
  let world = worldOf(vector.in);
  for (const [at, step] of vector.ops.entries()) {
    const played = step.op === "exception"
      ? playException(prepared(world, step.in), step.in)
      : playEnter(world, step.in);
    const found = verdict(step.out, played.out, `ops[${at}].out`);
    if (found.tag !== "Passed") return found;
    world = played.world;
  }
  return { tag: "Passed" };
};

const decodeFlat = Schema.decodeUnknownResult(FlatVector);
const decodeSequence = Schema.decodeUnknownResult(SequenceVector);

const isSequence = (vector: unknown): boolean =>
  typeof vector === "object" && vector !== null && "ops" in vector;

/**
 * Judges one vector of rmm.jsonl, flat or a sequence: decodes it, plays it
 * with the reducers of `core/rmm` and compares every field of its outputs.
 */
export const judgeRmm = (vector: unknown): Verdict => {
  if (isSequence(vector)) {
    const decoded = decodeSequence(vector);
    return Result.isSuccess(decoded) ? judgeSequence(decoded.success) : {
      tag: "Malformed",
      what: reword(decoded.failure.message, vector),
    };
  }
  const decoded = decodeFlat(vector);
  return Result.isSuccess(decoded) ? judgeFlat(decoded.success) : {
    tag: "Malformed",
    what: reword(decoded.failure.message, vector),
  };
};
