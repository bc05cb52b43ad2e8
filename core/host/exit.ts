/**
 * REC exit: KVM looks at what RMI_REC_ENTER returned and does something about
 * it, until the vCPU is at the door of the realm or in user space again.
 *
 * Source: Linux `arch/arm64/kvm/rmi-exit.c` (`kvm_rec_exit`), earlier
 * `rme-exit.c` (`handle_rme_exit`), `handle_exit.c`; kvm.md §1b.
 *
 * @module
 */

import { EC, ec, esr as makeEsr } from "../arch/esr.ts";
import type { Ask } from "../device/ask.ts";
import { type Bus, placementAt, readBus, writeBus } from "../device/bus.ts";
import { EXIT } from "../rmm/recrun.ts";
import type { Step, World } from "../world.ts";
import { handleGuestAbort } from "./abort.ts";
import {
  completeExit,
  copyWritten,
  prepareExit,
  sysregAccess,
} from "./entry.ts";
import { failedEntry, fatal, internalError, type Outcome } from "./failure.ts";
import { injectSerror } from "./inject.ts";
import {
  bytesOf,
  incrPc,
  type Kvm,
  put,
  setReg,
  take,
  withVcpu,
  wordOf,
} from "./kvm.ts";
import { type Access, type Answer, ioMemAnswered } from "./mmio.ts";
import { completePsci, smccc } from "./psci.ts";
import { ripasChange } from "./ripas.ts";
import { leave } from "./user.ts";

/** kvm_io_bus: a device in the kernel takes the access, or nobody does. */
const askKernelBus = (
  bus: Bus,
  access: Access,
): { answer: Answer; bus: Bus; asks: readonly Ask[] } => {
  const { is_write, len, data } = access;
  const addr = Number(access.addr);
  const unclaimed = { answer: { tag: "Unclaimed" }, bus, asks: [] } as const;
  if (placementAt(bus, addr, len) !== "kernel") return unclaimed;
  if (is_write) {
    const wrote = writeBus(bus, addr, len, wordOf(data, len));
    if (wrote.tag === "Fault") return unclaimed;
    return { ...wrote, answer: { tag: "Handled", data: [] } };
  }
  const read = readBus(bus, addr, len);
  if (read.tag === "Fault") return unclaimed;
  const bytes = bytesOf(read.value, len);
  return { ...read, answer: { tag: "Handled", data: bytes } };
};

/** A stage 2 abort, through the in-kernel bus if it turns out to be an access. */
const abort = (world: World, rec: number): Outcome => {
  const handled = handleGuestAbort(copyWritten(take(world, rec)));
  if (handled.tag === "Returned") {
    return { world: put(world, rec, handled.kvm), ret: handled.ret };
  }
  const { answer, bus, asks } = askKernelBus(world.bus, handled.access);
  const done = ioMemAnswered(handled.kvm, handled.access, answer);
  return { world: put({ ...world, bus }, rec, done.kvm), ret: done.ret, asks };
};

/** Leaves results for the RMM: in enter.gprs now, or by a request before the next entry. */
const owe = (kvm: Kvm): Kvm =>
  kvm.rev.gprsAt === "handler"
    ? completeExit(kvm)
    : withVcpu(kvm, { rmi_request: true });

/**
 * A trapped system register. Only the ICC_* registers exit, and no vGIC is
 * modelled: they read as zero and ignore writes.
 */
const sysreg = (world: World, rec: number): Outcome => {
  const kvm = take(world, rec);
  const { is_read, rt } = sysregAccess(kvm.vcpu.fault.esr);
  const done = incrPc(is_read ? setReg(kvm, rt, 0n) : kvm);
  return { world: put(world, rec, is_read ? owe(done) : done), ret: "1" };
};

/** kvm_handle_unknown_ec: an UNDEF for the guest, which for a REC is a bug that kills the VM. */
const unknownClass = (world: World, rec: number): Outcome => {
  const kvm = take(world, rec);
  if (kvm.rev.dispatch === "private") return { world, ret: "-ENXIO" };
  const killed = { ...kvm, vm: { ...kvm.vm, dead: true } };
  return { world: put(world, rec, killed), ret: "-EIO" };
};

const synchronous = (world: World, rec: number): Outcome => {
  const { rev, vcpu } = take(world, rec);
  switch (ec(vcpu.fault.esr)) {
    case EC.DABT_LOW:
      return abort(world, rec);
    case EC.IABT_LOW:
      return rev.iabt === "abort"
        ? abort(world, rec)
        : { world, ret: rev.iabt };
    case EC.SYS64:
      return sysreg(world, rec);
    case EC.WFX:
      // The vCPU thread would sleep until an interrupt; none is modelled.
      return rev.dispatch === "private"
        ? { world, ret: "-ENXIO" }
        : { world: put(world, rec, incrPc(take(world, rec))), ret: "1" };
    default:
      return unknownClass(world, rec);
  }
};

/** rec_exit_hvc: PSCI and host calls look like an HVC of the vCPU, with the realm's arguments. */
const call = (world: World, rec: number): Outcome => {
  const kvm = take(world, rec);
  const esr = makeEsr({ EC: EC.HVC64, IL: 1 });
  const shown = withVcpu(kvm, {
    regs: kvm.exit.gprs,
    fault: { ...kvm.vcpu.fault, esr },
  });
  const called = smccc(put(world, rec, shown), rec);
  const after = called.world;
  const owing = put(after, rec, owe(take(after, rec)));
  if (called.ret !== "1") return { world: owing, ret: called.ret };
  return completePsci(owing, rec);
};

/** RMI_EXIT_SERROR: handed on as a virtual SError, which a REC never gets (kvm.md D24). */
const serror = (world: World, rec: number): Outcome => {
  const kvm = take(world, rec);
  if (kvm.rev.dispatch === "private") return internalError(world, rec);
  return { world: put(world, rec, injectSerror(kvm)), ret: "1" };
};

/** What a successful RMI_REC_ENTER exited for. */
const exited = (world: World, rec: number): Outcome => {
  const { exit, rev } = take(world, rec);
  switch (exit.exit_reason) {
    case EXIT.SYNC:
      return synchronous(world, rec);
    case EXIT.IRQ:
    case EXIT.FIQ:
      return { world, ret: "1" };
    case EXIT.PSCI:
    case EXIT.HOST_CALL:
      return call(world, rec);
    case EXIT.RIPAS_CHANGE:
      return ripasChange(world, rec);
    case EXIT.SERROR:
      return serror(world, rec);
    default:
      return rev.dispatch === "private"
        ? internalError(world, rec)
        : fatal(world, rec);
  }
};

/** Handles what RMI_REC_ENTER returned on REC `rec`, whose vCPU is at "exit". */
export const recExit = (world: World, rec: number): Step => {
  const kvm = take(world, rec);
  if (kvm.vcpu.rmi.status !== "RMI_SUCCESS") {
    const { world: next, ret, asks } = failedEntry(world, rec);
    return leave(next, rec, ret, asks);
  }
  const ready = kvm.rev.clearFlags === "dispatch"
    ? put(world, rec, prepareExit(kvm))
    : world;
  const { world: next, ret, asks } = exited(ready, rec);
  return leave(next, rec, ret, asks);
};
