/**
 * The VMM: what QEMU or kvmtool does with an exit to user space.
 *
 * Source: kvm.md §2f, §6.
 *
 * @module
 */

import type { Ask, Halt } from "../device/ask.ts";
import { type Bus, placementAt, readBus, writeBus } from "../device/bus.ts";
import { stepped } from "../outcome.ts";
import { EXIT } from "../rmm/recrun.ts";
import type { Step, World } from "../world.ts";
import {
  bytesOf,
  type Kvm,
  put,
  take,
  withRun,
  withVcpu,
  wordOf,
} from "./kvm.ts";
import type { KvmMmio } from "./kvm_run.ts";
import type { Owed, Vmm } from "./state.ts";
import { outOfTurn } from "./user.ts";

/** The names of the events that discharge what a VMM owes. */
const wanted = (owed: Owed | null): string => owed ?? "KvmRun";

/** The access of an MMIO exit on the VMM's devices; a read that none of them claims has no value. */
const perform = (
  bus: Bus,
  mmio: KvmMmio,
): { bus: Bus; value: bigint | null; asks: readonly Ask[] } => {
  const { len, data, is_write } = mmio;
  const addr = Number(mmio.phys_addr);
  const unclaimed = { bus, value: null, asks: [] };
  if (placementAt(bus, addr, len) !== "user") return unclaimed;
  if (is_write) {
    const wrote = writeBus(bus, addr, len, wordOf(data, len));
    return wrote.tag === "Fault" ? unclaimed : { ...wrote, value: null };
  }
  const read = readBus(bus, addr, len);
  return read.tag === "Fault" ? unclaimed : read;
};

/** run.mmio.data after a read that returned `value`, or that nobody claimed. */
const answered = (
  mmio: KvmMmio,
  value: bigint | null,
  vmm: Vmm,
): KvmMmio => {
  if (mmio.is_write) return mmio;
  if (value === null && vmm.unclaimedRead === "untouched") return mmio;
  const bytes = bytesOf(value ?? 0n, mmio.len);
  return { ...mmio, data: [...bytes, ...mmio.data.slice(mmio.len)] };
};

/**
 * The VMM answers the MMIO exit of REC `rec`: with `data`, in which case no
 * device is touched, or with what its own device says when `data` is null.
 * Refused when no answer is owed.
 */
export const mmioComplete = (
  world: World,
  rec: number,
  data: bigint | null,
): Step => {
  const kvm = take(world, rec);
  const { owed, run: { mmio } } = kvm.vcpu;
  if (owed !== "MmioComplete") {
    return outOfTurn(world, wanted(owed), "MmioComplete");
  }
  const { bus, value, asks } = data === null
    ? perform(world.bus, mmio)
    : { bus: world.bus, value: data, asks: [] };
  const done = withVcpu(
    withRun(kvm, { mmio: answered(mmio, value, world.host.vmm) }),
    { owed: null },
  );
  return stepped(put({ ...world, bus }, rec, done), asks);
};

/** What the VMM decides: go on, or give up for this reason. */
type Decision = { readonly tag: "GoOn" } | Halt;

const go_on: Decision = { tag: "GoOn" };

const giveUp = (what: string): Decision => ({ tag: "HostError", what });

/** A page or range whose attribute has to change: only memory the VMM registered can become private. */
const memoryFault = (kvm: Kvm): Decision => {
  const { gpa, size, is_private } = kvm.vcpu.run.memory_fault;
  const inSlot = kvm.vm.slots.some((slot) =>
    slot.base <= gpa && gpa + size <= slot.base + slot.bytes
  );
  const range = `0x${gpa.toString(16)} to 0x${(gpa + size).toString(16)}`;
  if (kvm.vcpu.last_exit !== EXIT.RIPAS_CHANGE) {
    return giveUp(
      `the realm touched memory at ${range} through the ${
        is_private ? "private" : "shared"
      } alias and this VMM does not ${is_private ? "map" : "share"} it`,
    );
  }
  return inSlot || !is_private
    ? go_on
    : giveUp(`no memory slot holds ${range}, which is to become RAM`);
};

/** The VMM's decision about an exit or errno that is not an MMIO exit. */
const decide = (world: World, kvm: Kvm): Decision => {
  const { ret, run: { exit_reason, system_event }, rmi, stopped } = kvm.vcpu;
  if (exit_reason === "KVM_EXIT_MEMORY_FAULT") return memoryFault(kvm);
  const retry = ret === "-EINTR" || ret === "-EAGAIN";
  if (retry && world.host.vmm.heedsErrno) return go_on;
  // Another vCPU's SYSTEM_OFF stopped this one: the VM is going down anyway.
  const late = exit_reason === "KVM_EXIT_SHUTDOWN" && stopped;
  if (late) return { tag: "SystemOff" };
  if (exit_reason === "KVM_EXIT_SYSTEM_EVENT") {
    return system_event === "SHUTDOWN"
      ? { tag: "SystemOff" }
      : { tag: "SystemReset" };
  }
  const after = rmi.status === "RMI_SUCCESS"
    ? ""
    : ` after ${rmi.status} index ${rmi.index}`;
  return giveUp(`KVM_RUN returned ${ret} with ${exit_reason}${after}`);
};

/**
 * The VMM acts on an exit of REC `rec` that is not MMIO: it goes on, or asks
 * to halt for good. Refused when no decision is owed.
 */
export const vmmHandle = (world: World, rec: number): Step => {
  const kvm = take(world, rec);
  const { owed } = kvm.vcpu;
  if (owed !== "VmmHandle") {
    return outOfTurn(world, wanted(owed), "VmmHandle");
  }
  const why = decide(world, kvm);
  const next = why.tag === "GoOn" ? null : "Nothing";
  const done = put(world, rec, withVcpu(kvm, { owed: next }));
  return stepped(done, why.tag === "GoOn" ? [] : [{ tag: "Halt", why }]);
};
