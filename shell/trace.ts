/**
 * A trace: one line of text per event, the road an access takes read from top
 * to bottom.
 *
 * @module
 */

import { hex } from "../core/arch/word.ts";
import { insnText } from "../core/realm/look.ts";
import type { Ask } from "../core/device/ask.ts";
import { exitName, flagNames, type RecExit } from "../core/rmm/recrun.ts";
import type { Event, Refusal, Step, World } from "../core/world.ts";
import { ioctlText } from "./trace_ioctl.ts";

/** What the host was shown of an exit: its reason and every field that is not zero. */
export const exitText = (exit: RecExit): string => {
  const parts = [exitName(exit.exit_reason)];
  for (
    const name of [
      "esr",
      "far",
      "hpfar",
      "ripas_base",
      "ripas_top",
      "ripas_value",
      "imm",
    ] as const
  ) {
    if (exit[name] !== 0n) parts.push(`${name} ${hex(exit[name])}`);
  }
  exit.gprs.forEach((value, index) => {
    if (value !== 0n) parts.push(`gprs[${index}] ${hex(value)}`);
  });
  return parts.join(" ");
};

/** A refusal in a few words. */
export const refusalText = (why: Refusal): string => {
  switch (why.tag) {
    case "NoRec":
      return `no REC ${why.rec}`;
    case "OutOfTurn":
      return `out of turn: expected the vCPU at ${why.expected} but found it at ${why.found}`;
    case "BadSyndrome":
      return `expected ${why.expected} but found ${why.found}`;
    case "RmiError":
      return `${why.status} index ${why.index}`;
    case "Errno":
      return `${why.ioctl} returned ${why.errno}`;
    case "RmmPanic":
      return `the RMM stops: ${why.name}`;
  }
};

const askText = (ask: Ask): string => {
  switch (ask.tag) {
    case "UartTx":
      return `uart ${JSON.stringify(String.fromCharCode(ask.byte))}`;
    case "Halt":
      return `halt ${ask.why.tag}`;
    case "Unsupported":
      return `unsupported ${hex(ask.insn)} at ${hex(ask.pc)}`;
  }
};

type Syndromed = { readonly esr: bigint; readonly far: bigint } & {
  readonly hpfar: bigint;
};

const syndromeText = (syndrome: Syndromed): string =>
  `esr ${hex(syndrome.esr)} far ${hex(syndrome.far)} hpfar ${
    hex(syndrome.hpfar)
  }`;

/** What an exception to R-EL2 led to: an exit, or the realm going on. */
const afterException = (rec: number, after: World): string => {
  const page = after.runs[rec];
  const out = after.host.vcpus[rec]?.at === "exit" && page !== undefined;
  if (out) return `-> exit ${exitText(page.exit)}`;
  const now = after.realm.recs[rec];
  return `-> resume pc ${hex(now?.pc ?? 0n)}`;
};

/** What KVM_RUN would show user space now. */
const userText = (rec: number, after: World): string => {
  const vcpu = after.host.vcpus[rec];
  if (vcpu === undefined || vcpu.at !== "user") return `-> ${vcpu?.at}`;
  if (vcpu.ret !== "0") return `-> KVM_RUN ${vcpu.ret}`;
  const { exit_reason, mmio } = vcpu.run;
  if (exit_reason !== "KVM_EXIT_MMIO") return `-> ${exit_reason}`;
  const { is_write, len, phys_addr, data } = mmio;
  const bytes = is_write ? ` data ${bytesText(data.slice(0, len))}` : "";
  return `-> KVM_EXIT_MMIO ${is_write ? "write" : "read"} ${len} at ${
    hex(phys_addr)
  }${bytes}`;
};

const bytesText = (bytes: readonly number[]): string =>
  bytes.map((byte) => byte.toString(16).padStart(2, "0")).join("");

const enterText = (rec: number, after: World): string => {
  const page = after.runs[rec];
  const vcpu = after.host.vcpus[rec];
  if (page === undefined || vcpu === undefined) return "";
  const value = page.enter.gprs[0] ?? 0n;
  const head = `flags ${flagNames(page.enter.flags)} gprs[0] ${hex(value)}`;
  if (vcpu.at === "guest") return `${head} -> realm`;
  const { status, index } = vcpu.rmi;
  return `${head} -> ${status} index ${index}`;
};

const completed = (rec: number, after: World): string => {
  const mmio = after.host.vcpus[rec]?.run.mmio;
  if (mmio === undefined) return "";
  return mmio.is_write ? "" : `data ${bytesText(mmio.data.slice(0, mmio.len))}`;
};

/** Where a REC is: its PC and the instruction there. */
export const placeText = (rec: number, before: World): string => {
  const pc = before.realm.recs[rec]?.pc ?? 0n;
  const insn = insnText(before, rec);
  return insn === null ? `pc ${hex(pc)}` : `pc ${hex(pc)} ${insn}`;
};

const runText = (rec: number, before: World, after: World): string => {
  const from = before.realm.recs[rec]?.retired ?? 0;
  const to = after.realm.recs[rec];
  return `+${(to?.retired ?? 0) - from} -> pc ${hex(to?.pc ?? 0n)}`;
};

const detail = (before: World, event: Event, after: World): string => {
  switch (event.tag) {
    case "Run":
      return runText(event.rec, before, after);
    case "Script":
      return `-> pc ${hex(event.pc)} ${
        event.x.map((value, n) => `x${n} ${hex(value)}`).join(" ")
      }`;
    case "Irq":
    case "Fiq":
      return afterException(event.rec, after);
    case "Serror":
      return `esr ${hex(event.esr)} ${afterException(event.rec, after)}`;
    case "RecEnter":
    case "RmiRecEnter":
    case "FailRecEnter":
      return enterText(event.rec, after);
    case "RecExit":
    case "Signal":
    case "VmmHandle":
      return userText(event.rec, after);
    case "KvmRun":
      return event.immediate_exit
        ? `immediate_exit ${userText(event.rec, after)}`
        : userText(event.rec, after);
    case "MmioComplete":
      return completed(event.rec, after);
    case "SetVcpuEvents":
    case "SetOneReg":
    case "GetOneReg":
    case "WriteKvmRun":
      return ioctlText(event, after);
    case "RmiPsciComplete":
      return `target ${event.target} status ${event.status}`;
    case "RmiRttSetRipas":
      return `base ${hex(event.base)} top ${hex(event.top)}`;
    case "Tick":
      return `${event.seconds} s`;
    case "UartRx":
      return bytesText(event.bytes);
    default:
      return `${placeText(event.rec, before)}  ${syndromeText(event)} ${
        afterException(event.rec, after)
      }`;
  }
};

/** The trace line of one step, without a line end: number, event, REC, what came of it. */
export const traceLine = (
  index: number,
  before: World,
  event: Event,
  result: Step,
): string => {
  const who = "rec" in event
    ? `rec${event.rec}`
    : "calling" in event
    ? `rec${event.calling}`
    : "board";
  const what = result.tag === "Refused"
    ? `refused: ${refusalText(result.why)}`
    : [detail(before, event, result.world), ...result.asks.map(askText)]
      .filter((part) => part !== "").join("  ");
  return `${index} ${who} ${event.tag} ${what}`.trimEnd();
};
