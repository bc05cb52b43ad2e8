/**
 * The trace of what a VMM does to a vCPU between two KVM_RUNs.
 *
 * @module
 */

import { hex } from "../core/arch/word.ts";
import { flagNames } from "../core/rmm/recrun.ts";
import type { Event, World } from "../core/world.ts";

/** An ioctl beside KVM_RUN, or a write to the kvm_run page. */
export type Ioctl = Event & {
  readonly tag: "SetVcpuEvents" | "SetOneReg" | "GetOneReg" | "WriteKvmRun";
};

/** What one of them asked for, and what it left. */
export const ioctlText = (event: Ioctl, after: World): string => {
  switch (event.tag) {
    case "SetVcpuEvents": {
      const names = ["ext_dabt_pending", "serror_pending"] as const;
      const asked = names.filter((name) => event[name]).join(" ");
      const flags = after.runs[event.rec]?.enter.flags ?? 0n;
      return `${asked || "nothing"} -> flags ${flagNames(flags)}`;
    }
    case "SetOneReg":
      return `x${event.n} := ${hex(event.value)}`;
    case "GetOneReg": {
      const value = after.host.vcpus[event.rec]?.regs[event.n] ?? 0n;
      return `x${event.n} is ${hex(value)}`;
    }
    case "WriteKvmRun": {
      const { exit_reason, data } = event;
      const parts = [
        ...(exit_reason === null ? [] : [`exit_reason := ${exit_reason}`]),
        ...(data === null ? [] : [`mmio.data := ${hex(data)}`]),
      ];
      return parts.join(" ");
    }
  }
};
