/**
 * Judges a vector of the KVM side: one abort, from the exit to the next entry.
 *
 * @module
 */

import * as Result from "effect/Result";
import * as Schema from "effect/Schema";
import { hex } from "../../core/arch/word.ts";
import { enterSync } from "../../core/host/entry.ts";
import type { Kvm } from "../../core/host/kvm.ts";
import type { Access } from "../../core/host/mmio.ts";
import { type KvmRevision, revisionNamed } from "../../core/host/revision.ts";
import { recVcpu } from "../../core/host/state.ts";
import { EXIT, zero_enter, zero_exit } from "../../core/rmm/recrun.ts";
import { reword, Word } from "../decode.ts";
import type { Json } from "../codec/plain.ts";
import { firstDifference } from "./compare.ts";
import {
  changedRegs,
  errno,
  faultIpa,
  hexBytes,
  hostLeg,
  MemoryBytes,
  mmioJson,
  untouched_run,
} from "./host_leg.ts";
import type { Verdict } from "./verdict.ts";

const Input = Schema.Struct({
  is_rec: Schema.Boolean,
  entry: Schema.Literals(["kvm_handle_guest_abort", "io_mem_abort"]),
  esr: Word,
  far: Word,
  hpfar: Word,
  ia_bits: Schema.Int.check(Schema.isBetween({ minimum: 32, maximum: 52 })),
  exit_gprs0: Word,
  vcpu_regs: Schema.Array(Word).check(Schema.isBetweenLength(31, 31)),
  cpsr: Word,
  sctlr_el1: Word,
  big_endian: Schema.Boolean,
  bus_handles: Schema.Boolean,
  dev_data: MemoryBytes,
  nisv_to_user: Schema.Boolean,
  pend_exception: Schema.Boolean,
});

type Input = typeof Input.Type;

const Vector = Schema.Struct({
  variant: Schema.String,
  in: Input,
  out: Schema.Record(Schema.String, Schema.Unknown),
});

/** What enter.gprs[0] held before: a value no instruction of the vector makes. */
const stale_gpr = 0xabad_1dea_0000_0000n;

/** The vCPU as it was when RMI_REC_ENTER, or the guest, came back. */
const before = (rev: KvmRevision, input: Input): Kvm => {
  const { esr, far, hpfar } = input;
  const fresh = recVcpu(0n);
  const gprs = zero_exit.gprs.with(0, input.exit_gprs0);
  return {
    rev,
    vm: {
      ia_bits: input.ia_bits,
      slots: [],
      nisv_to_user: input.nisv_to_user,
      dead: false,
    },
    vcpu: {
      ...fresh,
      is_rec: input.is_rec,
      regs: input.vcpu_regs,
      cpsr: input.cpsr,
      sctlr_el1: input.sctlr_el1,
      fault: { esr, far, hpfar },
      last_exit: EXIT.SYNC,
      run: untouched_run,
    },
    enter: { ...zero_enter, gprs: zero_enter.gprs.with(0, stale_gpr) },
    exit: { ...zero_exit, exit_reason: EXIT.SYNC, esr, far, hpfar, gprs },
  };
};

const busCall = (access: Access | null): Json => {
  if (access === null) return null;
  const { is_write, addr, len, data } = access;
  const kind = is_write ? "write" : "read";
  const call = { kind, addr: hex(addr), len };
  return is_write ? { ...call, data: hexBytes(data) } : call;
};

const nisv = (kvm: Kvm): Json => {
  const { exit_reason, arm_nisv: { esr_iss, fault_ipa } } = kvm.vcpu.run;
  const shown = exit_reason === "KVM_EXIT_ARM_NISV" ||
    exit_reason === "KVM_EXIT_ARM_LDST64B";
  return shown ? { esr_iss: hex(esr_iss), fault_ipa: hex(fault_ipa) } : null;
};

const pending = (kvm: Kvm): Json => {
  const found = kvm.vcpu.pending_exception;
  if (found === null) return null;
  const { type, esr_el1, far_el1 } = found;
  return { type, esr_el1: hex(esr_el1), far_el1: hex(far_el1) };
};

/** Plays the vector's input and writes the result as its `out` is written. */
const play = (rev: KvmRevision, input: Input): Json => {
  const start = before(rev, input);
  const { aborted, ret, bus, owed, end } = hostLeg(start, input);
  const { run } = aborted.vcpu;
  const exited = run.exit_reason !== "KVM_EXIT_UNKNOWN";
  const { flags, gprs } = enterSync(end).enter;
  return {
    fault_ipa: hex(faultIpa(start)),
    ret: errno[ret] ?? null,
    ret_name: ret,
    exit_reason: exited ? run.exit_reason : "none",
    mmio: bus === null ? null : mmioJson(run.mmio),
    arm_nisv: nisv(aborted),
    bus_call: busCall(bus),
    mmio_needed: aborted.vcpu.mmio_needed ? 1 : 0,
    ret2: owed ? 1 : null,
    mmio_needed_end: end.vcpu.mmio_needed ? 1 : 0,
    reg_writes: changedRegs(start.vcpu.regs, end.vcpu.regs),
    pc_increment: end.vcpu.increment_pc,
    pending_exception: pending(end),
    vserror_pending: end.vcpu.vserror_pending,
    enter: input.is_rec
      ? { flags: hex(flags), gprs0: hex(gprs[0] ?? 0n) }
      : null,
    warns: end.vcpu.warns,
  };
};

const decode = Schema.decodeUnknownResult(Vector);

/** Judges one vector of kvm.jsonl: decodes it, plays it and compares every field of `out`. */
export const judgeKvm = (vector: unknown): Verdict => {
  const decoded = decode(vector);
  if (Result.isFailure(decoded)) {
    return { tag: "Malformed", what: reword(decoded.failure.message, vector) };
  }
  const { variant, in: input, out } = decoded.success;
  const rev = revisionNamed(variant);
  if (rev === undefined) {
    return {
      tag: "Malformed",
      what: `["variant"]: expected a KVM revision but found ${
        JSON.stringify(variant)
      }`,
    };
  }
  const expected = { vserror_pending: false, ...out } as Json;
  const difference = firstDifference(expected, play(rev, input), "out");
  return difference === null
    ? { tag: "Passed" }
    : { tag: "Failed", difference };
};
