/**
 * The host's leg of a vector: the abort call, the in-kernel bus or user space
 * as the vector scripts them, and the completion at the next KVM_RUN.
 *
 * @module
 */

import * as Schema from "effect/Schema";
import { hex } from "../../core/arch/word.ts";
import { gpaFromFault, handleGuestAbort } from "../../core/host/abort.ts";
import { copyWritten } from "../../core/host/entry.ts";
import {
  bytesOf,
  type Kvm,
  type Ret,
  withRun,
  withVcpu,
} from "../../core/host/kvm.ts";
import {
  type Access,
  ioMemAbort,
  ioMemAnswered,
  mmioReturn,
} from "../../core/host/mmio.ts";
import {
  type KvmMmio,
  type KvmRunPage,
  zero_kvm_run,
} from "../../core/host/kvm_run.ts";
import { faultOffset, faultPage } from "../../core/host/syndrome.ts";
import type { Json } from "../codec/plain.ts";

/** Eight bytes in memory order, as 16 hex digits. */
export const MemoryBytes: Schema.Codec<string> = Schema.String.check(
  Schema.isPattern(/^[0-9a-f]{16}$/, {
    expected: "8 bytes in memory order as 16 hex digits",
  }),
);

/** What the vector says of the host's surroundings. */
export interface Script {
  readonly entry: "kvm_handle_guest_abort" | "io_mem_abort";
  /** An in-kernel device takes the access. */
  readonly bus_handles: boolean;
  /** What the device, in the kernel or not, answers a read with; see `MemoryBytes`. */
  readonly dev_data: string;
  /** User space puts an exception up before it calls KVM_RUN. */
  readonly pend_exception: boolean;
}

/** How the leg went. */
export interface Leg {
  /** The vCPU when the abort call returned. */
  readonly aborted: Kvm;
  /** What the abort call returned. */
  readonly ret: Ret;
  /** The access that the in-kernel bus was asked for, or null. */
  readonly bus: Access | null;
  /** The abort left an MMIO exit to user space. */
  readonly owed: boolean;
  /** The vCPU before the next REC entry. */
  readonly end: Kvm;
}

/** A kvm_run page whose run.mmio.data was never written: all bytes 0xee. */
export const untouched_run: KvmRunPage = {
  ...zero_kvm_run,
  mmio: {
    ...zero_kvm_run.mmio,
    data: Array.from({ length: 8 }, () => 0xee),
  },
};

const deviceBytes = (text: string): readonly number[] =>
  bytesOf(BigInt(`0x${text}`), 8).toReversed();

/** The IPA of the access as the abort code passes it on. */
export const faultIpa = (kvm: Kvm): bigint =>
  gpaFromFault(kvm, faultPage(kvm.vcpu.fault)) | faultOffset(kvm.vcpu.fault);

const abort = (start: Kvm, script: Script): Omit<Leg, "owed" | "end"> => {
  const kvm = copyWritten(start);
  const asked = script.entry === "io_mem_abort"
    ? ioMemAbort(kvm, faultIpa(kvm))
    : handleGuestAbort(kvm);
  if (asked.tag === "Returned") {
    return { aborted: asked.kvm, ret: asked.ret, bus: null };
  }
  const { access } = asked;
  const data = deviceBytes(script.dev_data).slice(0, access.len);
  const done = ioMemAnswered(
    asked.kvm,
    access,
    script.bus_handles ? { tag: "Handled", data } : { tag: "Unclaimed" },
  );
  return { aborted: done.kvm, ret: done.ret, bus: access };
};

/** User space answers a read and calls KVM_RUN, which completes the access. */
const resumed = (kvm: Kvm, script: Script): Kvm => {
  const { mmio } = kvm.vcpu.run;
  const data = [
    ...deviceBytes(script.dev_data).slice(0, mmio.len),
    ...mmio.data.slice(mmio.len),
  ];
  const answered = mmio.is_write
    ? kvm
    : withRun(kvm, { mmio: { ...mmio, data } });
  const pended = script.pend_exception
    ? withVcpu(answered, {
      pending_exception: { type: "EL1_SYNC", esr_el1: 0n, far_el1: 0n },
    })
    : answered;
  return mmioReturn(pended);
};

/** Plays the host's leg from a vCPU that has an abort to handle. */
export const hostLeg = (start: Kvm, script: Script): Leg => {
  const aborted = abort(start, script);
  const { run } = aborted.aborted.vcpu;
  const owed = run.exit_reason === "KVM_EXIT_MMIO";
  const end = owed ? resumed(aborted.aborted, script) : aborted.aborted;
  return { ...aborted, owed, end };
};

/** Linux's numbers for what an abort call can return. */
export const errno: Readonly<Partial<Record<Ret, number>>> = {
  "1": 1,
  "0": 0,
  "-EFAULT": -14,
  "-ENOSYS": -38,
};

/** Bytes as hex digits, in memory order. */
export const hexBytes = (data: readonly number[]): string =>
  data.map((byte) => byte.toString(16).padStart(2, "0")).join("");

/** run.mmio as a vector writes it. */
export const mmioJson = (mmio: KvmMmio): Json => ({
  phys_addr: hex(mmio.phys_addr),
  len: mmio.len,
  is_write: mmio.is_write,
  data: hexBytes(mmio.data),
});

/** The registers that differ, by number, with their new values. */
export const changedRegs = (
  from: readonly bigint[],
  to: readonly bigint[],
): Json =>
  Object.fromEntries(
    to.flatMap((value, n) =>
      value === from[n] ? [] : [[String(n), hex(value)]]
    ),
  );
