/**
 * What the numbers and names in KVM's trace text stand for.
 *
 * Source: Linux `trace_arm.h` (`kvm_arm_exception_type`), `asm/esr.h`,
 * `include/uapi/linux/kvm.h`, `asm-generic/errno.h`; kvm.md §2f, §5.
 *
 * @module
 */

import { EC } from "../arch/esr.ts";
import type { Errno, ExitReason } from "../host/kvm_run.ts";
import type { KvmRevision } from "../host/revision.ts";
import type { RmiStatus } from "../host/state.ts";
import { RMI } from "../rmm/rmi.ts";

/** ARM_EXCEPTION_* by the name kvm_exit prints; 3 (IL) has none and prints as a number. */
export const exception_codes = {
  IRQ: 0,
  SERROR: 1,
  TRAP: 2,
  HYP_GONE: 0xbadca11,
} as const;

/** Exception classes by the name kvm_exit prints, those a realm's exit can have. */
export const ec_names: Readonly<Record<string, number>> = {
  UNKNOWN: EC.UNKNOWN,
  WFx: EC.WFX,
  HVC64: EC.HVC64,
  SMC64: EC.SMC64,
  SYS64: EC.SYS64,
  IABT_LOW: EC.IABT_LOW,
  IABT_CUR: EC.IABT_CUR,
  DABT_LOW: EC.DABT_LOW,
  DABT_CUR: EC.DABT_CUR,
};

/** The number behind kvm_exit's first symbol; null when it is neither a name nor a number. */
export const exceptionCode = (symbol: string): number | null => {
  const known = Object.entries(exception_codes)
    .find(([name]) => name === symbol);
  if (known !== undefined) return known[1];
  return /^0x[0-9a-fA-F]+$/.test(symbol) ? Number(symbol) : null;
};

/** What a kvm_exit line says about the REC's exit. */
export type ExitMeaning =
  /** KVM's own exception code: 0 IRQ, 1 SError, 2 a trap. */
  | { readonly tag: "Exception"; readonly code: number }
  /** What RMI_REC_ENTER returned, printed as if it were one. */
  | {
    readonly tag: "Rmi";
    readonly status: RmiStatus;
    readonly index: number;
  }
  | { readonly tag: "Unreadable" };

/**
 * Reads kvm_exit's first symbol: a revision with a private table of exits
 * hands the RMI status itself to the tracepoint, so that RMI_SUCCESS prints as
 * IRQ, RMI_ERROR_INPUT as SERROR and RMI_ERROR_REALM as TRAP.
 */
export const exitMeaning = (
  rev: KvmRevision,
  symbol: string,
): ExitMeaning => {
  const code = exceptionCode(symbol);
  if (code === null) return { tag: "Unreadable" };
  if (rev.dispatch === "generic") return { tag: "Exception", code };
  const status = (Object.keys(RMI) as RmiStatus[])
    .find((name) => RMI[name] === (code & 0xff));
  return status === undefined || 0xffff < code
    ? { tag: "Unreadable" }
    : { tag: "Rmi", status, index: code >> 8 };
};

/** Errno values, as kvm_userspace_exit prints them after `error` and `restart`. */
export const errno: Readonly<Record<Exclude<Errno, "0">, number>> = {
  "-EINTR": 4,
  "-EIO": 5,
  "-ENXIO": 6,
  "-EAGAIN": 11,
  "-EFAULT": 14,
  "-EINVAL": 22,
  "-ENOSYS": 38,
};

/** KVM_EXIT_* values. */
export const exit_reasons: Readonly<
  Record<ExitReason | "KVM_EXIT_INTR", number>
> = {
  KVM_EXIT_UNKNOWN: 0,
  KVM_EXIT_MMIO: 6,
  KVM_EXIT_SHUTDOWN: 8,
  KVM_EXIT_INTR: 10,
  KVM_EXIT_INTERNAL_ERROR: 17,
  KVM_EXIT_SYSTEM_EVENT: 24,
  KVM_EXIT_ARM_NISV: 28,
  KVM_EXIT_MEMORY_FAULT: 39,
  KVM_EXIT_ARM_SEA: 41,
  KVM_EXIT_ARM_LDST64B: 42,
};

const nameOf = (
  table: Readonly<Record<string, number>>,
  number: number,
): string | null =>
  Object.entries(table).find(([, value]) => value === number)?.[0] ?? null;

/** The name of a KVM_EXIT_* value, or null. */
export const exitReasonName = (number: number): string | null =>
  nameOf(exit_reasons, number);

/** The name of an errno value, with its sign, or null. */
export const errnoName = (number: number): string | null =>
  nameOf(errno, number);

/** What one kvm_userspace_exit says: an exit reason, or an errno. */
export type UserExit =
  | { readonly tag: "Exit"; readonly number: number }
  | { readonly tag: "Error"; readonly number: number };

/** Reads a kvm_userspace_exit; `restart` and `error` carry an errno. */
export const userExit = (
  { reason, number }: { readonly reason: string; readonly number: number },
): UserExit =>
  reason === "restart" || reason === "error"
    ? { tag: "Error", number }
    : { tag: "Exit", number };

/** A user exit in a few words. */
export const userExitText = ({ tag, number }: UserExit): string =>
  tag === "Exit"
    ? exitReasonName(number) ?? `exit reason ${number}`
    : errnoName(number) ?? `errno ${number}`;
