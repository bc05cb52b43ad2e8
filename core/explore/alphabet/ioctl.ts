/**
 * What a VMM, or misfortune, can do between a fault and its answer.
 *
 * @module
 */

import type { Vcpu } from "../../host/state.ts";
import { type Action, when } from "../action.ts";

/** The moment a VMM could use: an access is owed or was just answered. */
const afterMmio = ({ run }: Vcpu): boolean =>
  run.exit_reason === "KVM_EXIT_MMIO";

/** Words that appear nowhere else. */
const meddled = { x0: 0xbadc_0de0_0000_0001n, data: 0x8877_6655_4433_2281n };

/** Every action by which a VMM reaches into KVM, and the failures KVM may meet. */
export const ioctl_actions: readonly Action[] = [
  when(
    {
      name: "signal",
      actor: "vmm",
      does: "a signal stops KVM_RUN at the door",
    },
    "enter",
    (rec) => ({ tag: "Signal", rec }),
  ),
  when(
    {
      name: "fail-enter",
      actor: "hardware",
      does: "RMI_REC_ENTER fails for a reason of its own",
    },
    "enter",
    (rec) => ({
      tag: "FailRecEnter",
      rec,
      status: "RMI_ERROR_REC",
      index: 0,
    }),
  ),
  when(
    {
      name: "ext-dabt",
      actor: "vmm",
      does: "KVM_SET_VCPU_EVENTS refuses the access",
    },
    "user",
    (rec) => ({
      tag: "SetVcpuEvents",
      rec,
      ext_dabt_pending: true,
      serror_pending: false,
    }),
    afterMmio,
  ),
  when(
    { name: "set-x0", actor: "vmm", does: "KVM_SET_ONE_REG of X0" },
    "user",
    (rec) => ({ tag: "SetOneReg", rec, n: 0, value: meddled.x0 }),
    afterMmio,
  ),
  when(
    {
      name: "clear-reason",
      actor: "vmm",
      does: "the VMM overwrites kvm_run.exit_reason",
    },
    "user",
    (rec) => ({
      tag: "WriteKvmRun",
      rec,
      exit_reason: "KVM_EXIT_UNKNOWN",
      data: null,
    }),
    afterMmio,
  ),
  when(
    {
      name: "set-data",
      actor: "vmm",
      does: "the VMM overwrites kvm_run.mmio.data",
    },
    "user",
    (rec) => ({
      tag: "WriteKvmRun",
      rec,
      exit_reason: null,
      data: meddled.data,
    }),
    afterMmio,
  ),
];
