/**
 * The world: one immutable value that holds a realm, its RMM, the host and the
 * devices, and is its own snapshot.
 *
 * @module
 */

import type { Ask } from "./device/ask.ts";
import type { Bus } from "./device/bus.ts";
import type { KvmRevision } from "./host/revision.ts";
import type { Errno, ExitReason, Host, RmiStatus } from "./host/state.ts";
import type { Script } from "./realm/script.ts";
import type { Realm } from "./realm/state.ts";
import type { RmmProfile } from "./rmm/profile.ts";
import type { RecRun } from "./rmm/recrun.ts";
import type { Rmm, Syndrome } from "./rmm/state.ts";

/** The world, one slice per actor; RECs are numbered alike in every slice. */
export interface World {
  /** Which RMM and which KVM this is. */
  readonly profile: { readonly rmm: RmmProfile; readonly kvm: KvmRevision };
  /** Guest code and its private state. */
  readonly realm: Realm;
  /** The RMM's private state. */
  readonly rmm: Rmm;
  /** The RecRun pages, one per REC: all that RMM and host share. */
  readonly runs: readonly RecRun[];
  /** KVM and the VMM. */
  readonly host: Host;
  /** The devices. */
  readonly bus: Bus;
}

/** A synchronous exception the realm took to R-EL2. */
export type Sync =
  & {
    readonly tag:
      | "Dabt"
      | "Iabt"
      | "Wfx"
      | "SysregTrap"
      | "Smc"
      | "Hvc"
      | "Sync"; // any other exception class
    readonly rec: number;
  }
  & Syndrome;

/** Everything that can happen. */
export type Event =
  | Sync
  /** The realm executes up to `budget` instructions. */
  | { readonly tag: "Run"; readonly rec: number; readonly budget: number }
  /** A scripted realm's own code leaves the REC's registers so. */
  | { readonly tag: "Script"; readonly rec: number } & Script
  | { readonly tag: "Irq"; readonly rec: number }
  | { readonly tag: "Fiq"; readonly rec: number }
  | { readonly tag: "Serror"; readonly rec: number; readonly esr: bigint }
  /** KVM syncs its state into the run page and calls RMI_REC_ENTER. */
  | { readonly tag: "RecEnter"; readonly rec: number }
  /** KVM handles what RMI_REC_ENTER returned. */
  | { readonly tag: "RecExit"; readonly rec: number }
  /** The VMM calls KVM_RUN. */
  | {
    readonly tag: "KvmRun";
    readonly rec: number;
    readonly immediate_exit: boolean;
  }
  /** A signal is pending for the vCPU thread as KVM is about to enter the REC. */
  | { readonly tag: "Signal"; readonly rec: number }
  /** RMI_REC_ENTER fails for a reason outside this model. */
  | {
    readonly tag: "FailRecEnter";
    readonly rec: number;
    readonly status: Exclude<RmiStatus, "RMI_SUCCESS">;
    readonly index: number;
  }
  /** The VMM calls KVM_SET_VCPU_EVENTS. */
  | {
    readonly tag: "SetVcpuEvents";
    readonly rec: number;
    readonly ext_dabt_pending: boolean;
    readonly serror_pending: boolean;
  }
  /** The VMM calls KVM_SET_ONE_REG on X`n`, which is KVM's copy. */
  | {
    readonly tag: "SetOneReg";
    readonly rec: number;
    readonly n: number;
    readonly value: bigint;
  }
  /** The VMM calls KVM_GET_ONE_REG on X`n`: nothing changes. */
  | { readonly tag: "GetOneReg"; readonly rec: number; readonly n: number }
  /** User space writes to the kvm_run page it shares with KVM; null leaves a field alone. */
  | {
    readonly tag: "WriteKvmRun";
    readonly rec: number;
    readonly exit_reason: ExitReason | null;
    readonly data: bigint | null;
  }
  /** The VMM acts on an exit to user space that is not MMIO. */
  | { readonly tag: "VmmHandle"; readonly rec: number }
  /** The VMM answers KVM_EXIT_MMIO: with `data`, or with what its device says when null. */
  | {
    readonly tag: "MmioComplete";
    readonly rec: number;
    readonly data: bigint | null;
  }
  /** A host that is not KVM writes the enter half and calls RMI_REC_ENTER itself. */
  | {
    readonly tag: "RmiRecEnter";
    readonly rec: number;
    readonly flags: bigint;
    readonly gprs: readonly bigint[];
  }
  /** The host calls RMI_PSCI_COMPLETE. */
  | {
    readonly tag: "RmiPsciComplete";
    readonly calling: number;
    readonly target: number;
    readonly status: number;
  }
  /** The host calls RMI_RTT_SET_RIPAS. */
  | {
    readonly tag: "RmiRttSetRipas";
    readonly rec: number;
    readonly base: bigint;
    readonly top: bigint;
  }
  /** Seconds pass on the wall clock. */
  | { readonly tag: "Tick"; readonly seconds: number }
  /** Bytes arrive at the UART's receiver. */
  | { readonly tag: "UartRx"; readonly bytes: readonly number[] };

/** Why an event made no sense now. */
export type Refusal =
  /** No such REC. */
  | { readonly tag: "NoRec"; readonly rec: number }
  /** The event belongs to another moment: where the vCPU is, where it would have to be. */
  | {
    readonly tag: "OutOfTurn";
    readonly expected: string;
    readonly found: string;
  }
  /** The syndrome is not one such an event can carry. */
  | {
    readonly tag: "BadSyndrome";
    readonly expected: string;
    readonly found: string;
  }
  /** An RMI command failed: status name and index. */
  | {
    readonly tag: "RmiError";
    readonly status: string;
    readonly index: number;
  }
  /** An ioctl of the VMM failed. */
  | {
    readonly tag: "Errno";
    readonly ioctl: string;
    readonly errno: Errno;
  }
  /** The RMM would stop the machine here: `system_abort` or the text of an assertion. */
  | { readonly tag: "RmmPanic"; readonly name: string };

/** What `step` returns: a new world and what it asks for, or the same world and why. */
export type Step =
  | {
    readonly tag: "Stepped";
    readonly world: World;
    readonly asks: readonly Ask[];
  }
  | { readonly tag: "Refused"; readonly world: World; readonly why: Refusal };
