/**
 * REC entry and return: what KVM writes into the run page just before
 * RMI_REC_ENTER and what it takes over just after.
 *
 * Source: Linux `arch/arm64/kvm/rmi.c` (`rec_enter_sync`,
 * `rec_prepare_exit_state`, `kvm_rec_enter`); kvm.md §1b.
 *
 * @module
 */

import { EC, ec, ESR, esrField } from "../arch/esr.ts";
import { get } from "../arch/word.ts";
import { EXIT, FLAG } from "../rmm/recrun.ts";
import type { World } from "../world.ts";
import {
  getReg,
  type Kvm,
  put,
  setReg,
  take,
  withFlags,
  withGpr,
  withVcpu,
} from "./kvm.ts";
import type { RmiStatus } from "./state.ts";
import { isCacheMaintenance } from "./syndrome.ts";

/** ISS of a trapped system register access (Arm ARM, ISS for EC 0x18). */
const SYS64 = {
  /** 1 for a read (MRS), 0 for a write (MSR). */
  read: { high: 0, low: 0 },
  Rt: { high: 9, low: 5 },
} as const;

/** A trapped system register access: its direction and its register. */
export const sysregAccess = (
  esr: bigint,
): { readonly is_read: boolean; readonly rt: number } => ({
  is_read: get(esr, SYS64.read) === 1,
  rt: get(esr, SYS64.Rt),
});

/** True when the last exit was a data abort, which alone can be completed by RMI_EMULATED_MMIO. */
const lastWasDabt = (kvm: Kvm): boolean =>
  kvm.exit.exit_reason === EXIT.SYNC && ec(kvm.exit.esr) === EC.DABT_LOW &&
  !isCacheMaintenance(kvm.vcpu.fault.esr);

/** INCREMENT_PC was a signal: X0 and RMI_EMULATED_MMIO stand for the step over the access. */
const signalled = (kvm: Kvm): Kvm => {
  const cleared = withVcpu(kvm, { increment_pc: false });
  if (kvm.rev.emulAt !== "entry" || !lastWasDabt(kvm)) return cleared;
  return withGpr(
    withFlags(cleared, FLAG.EMUL_MMIO),
    0,
    getReg(kvm.vcpu, 0),
  );
};

/**
 * rec_enter_sync on one vCPU: pending events become flags, an SEA before a
 * completed access. A plain VM has no run page to sync.
 */
export const enterSync = (kvm: Kvm): Kvm => {
  if (!kvm.vcpu.is_rec) return kvm;
  const { pending_exception, increment_pc } = kvm.vcpu;
  // Any pending exception is sent as an SEA: its kind is not looked at (kvm.md D22).
  if (kvm.rev.seaVia === "pendExc" && pending_exception !== null) {
    return withVcpu(withFlags(kvm, FLAG.INJECT_SEA), {
      pending_exception: null,
    });
  }
  if (kvm.rev.incPc === "signal" && increment_pc) return signalled(kvm);
  return kvm;
};

/** The results of PSCI and host calls, for the RMM to hand on. */
const copyGprs = (kvm: Kvm): Kvm => ({
  ...kvm,
  enter: { ...kvm.enter, gprs: kvm.vcpu.regs },
});

/** The result of a trapped system register read. */
const copySysreg = (kvm: Kvm): Kvm => {
  const { is_read, rt } = sysregAccess(kvm.vcpu.fault.esr);
  if (!is_read || !(rt < 31)) return kvm;
  const index = kvm.rev.sysreg === "gprs0" ? 0 : rt;
  return withGpr(kvm, index, getReg(kvm.vcpu, rt));
};

/** KVM_REQ_RMI: completes the last exit as far as the run page is concerned. */
export const completeExit = (kvm: Kvm): Kvm => {
  const { exit_reason, esr } = kvm.exit;
  switch (exit_reason) {
    case EXIT.PSCI:
    case EXIT.HOST_CALL:
      return copyGprs(kvm);
    case EXIT.SYNC:
      return ec(esr) === EC.SYS64 ? copySysreg(kvm) : kvm;
    default:
      return kvm;
  }
};

/** Writes the enter half of REC `rec`'s run page from its vCPU, which is about to enter. */
export const recEnterSync = (world: World, rec: number): World => {
  const kvm = take(world, rec);
  const asked = kvm.vcpu.rmi_request
    ? withVcpu(completeExit(kvm), { rmi_request: false })
    : kvm;
  const synced = enterSync(asked);
  return synced === kvm ? world : put(world, rec, synced);
};

/** RMI_REC_ENTER let the REC run. */
export const recEntered = (world: World, rec: number): World => {
  const kvm = take(world, rec);
  return put(world, rec, withVcpu(kvm, { at: "guest" }));
};

/** The value of a trapped write, which KVM's handlers expect in the vCPU's Rt. */
const takeSysreg = (kvm: Kvm): Kvm => {
  const { esr, exit_reason, gprs } = kvm.exit;
  if (exit_reason !== EXIT.SYNC || ec(esr) !== EC.SYS64) return kvm;
  const { is_read, rt } = sysregAccess(esr);
  const index = kvm.rev.sysreg === "gprs0" ? 0 : rt;
  return is_read ? kvm : setReg(kvm, rt, gprs[index] ?? 0n);
};

/** rec_prepare_exit_state: the syndrome taken over, the flags of the entry spent. */
export const prepareExit = (kvm: Kvm): Kvm => {
  const { esr, far, hpfar, exit_reason } = kvm.exit;
  const flags = kvm.rev.clearFlags === "never" ? kvm.enter.flags : 0n;
  const known = kvm.rev.hpfar === "raw" || exit_reason === EXIT.SYNC;
  const fault = { esr, far, hpfar: known ? hpfar : 0n };
  return takeSysreg({
    ...withVcpu(kvm, { fault, last_exit: exit_reason }),
    enter: { ...kvm.enter, flags },
  });
};

/**
 * RMI_REC_ENTER came back. Only a success spends the entry's flags: after an
 * error they are still there for the next one (kvm.md §0.4).
 */
export const recReturned = (
  world: World,
  rec: number,
  status: RmiStatus,
  index: number,
): World => {
  const kvm = withVcpu(take(world, rec), {
    at: "exit",
    rmi: { status, index },
  });
  const spent = status === "RMI_SUCCESS" && kvm.rev.clearFlags !== "dispatch"
    ? prepareExit(kvm)
    : kvm;
  return put(world, rec, spent);
};

/**
 * rec_exit_sync for a data abort: what the realm wrote goes to the register
 * that the syndrome names, so that the generic code finds it there.
 */
export const copyWritten = (kvm: Kvm): Kvm => {
  const { esr } = kvm.vcpu.fault;
  const valid = esrField(esr, "ISV") === 1 && esrField(esr, "WnR") === 1;
  if (!kvm.vcpu.is_rec || !kvm.rev.writeCopy) return kvm;
  if (ec(esr) !== EC.DABT_LOW || !valid) return kvm;
  return setReg(kvm, get(esr, ESR.SRT), kvm.exit.gprs[0] ?? 0n);
};
