/**
 * Kernel trace text of a run: what the tracepoints of that KVM would print,
 * written from the rules of the trace formats and not by the reader's code.
 *
 * @module
 */

import { boot } from "../core/boot.ts";
import { virt } from "../core/device/board.ts";
import type { Placement } from "../core/device/bus.ts";
import type { revisions } from "../core/host/revision.ts";
import { parseElf } from "../core/realm/elf.ts";
import { rmm_2_0 } from "../core/rmm/profile.ts";
import { next } from "../core/schedule.ts";
import { step } from "../core/step.ts";
import type { Event, World } from "../core/world.ts";

type Revision = (typeof revisions)[number];

const x16 = (value: bigint): string =>
  `0x${value.toString(16).padStart(16, "0")}`;

const x14 = (value: bigint): string =>
  `0x${value.toString(16).padStart(14, "0")}`;

const classes: Readonly<Record<number, string>> = {
  0x01: "WFx",
  0x18: "SYS64",
  0x20: "IABT_LOW",
  0x24: "DABT_LOW",
};

const codes: Readonly<Record<string, string>> = {
  RMI_SUCCESS: "IRQ",
  RMI_ERROR_INPUT: "SERROR",
  RMI_ERROR_REC: "0x3",
};

const numbers: Readonly<Record<string, number>> = {
  KVM_EXIT_MMIO: 6,
  KVM_EXIT_SHUTDOWN: 8,
  KVM_EXIT_SYSTEM_EVENT: 24,
  KVM_EXIT_MEMORY_FAULT: 39,
  "-ENXIO": 6,
  "-EAGAIN": 11,
  "-ENOSYS": 38,
  "-EFAULT": 14,
};

const littleEndian = (bytes: readonly number[], len: number): bigint =>
  bytes.slice(0, len).reduceRight((sum, byte) => sum << 8n | BigInt(byte), 0n);

const exitLine = (before: World, rec: number): string => {
  const vcpu = before.host.vcpus[rec]!;
  const { exit } = before.runs[rec]!;
  const pc = x16(vcpu.pc);
  if (before.profile.kvm.dispatch === "private") {
    const code = vcpu.rmi.status === "RMI_ERROR_REALM"
      ? (vcpu.rmi.index === 1 ? "0x102" : "TRAP")
      : codes[vcpu.rmi.status];
    return `kvm_exit: ${code}: HSR_EC: 0x0000 (UNKNOWN), PC: ${pc}`;
  }
  const number = Number(exit.esr >> 26n & 0x3fn);
  if (exit.exit_reason !== 0n || classes[number] === undefined) {
    return `kvm_exit: IRQ: HSR_EC: 0x0000 (UNKNOWN), PC: ${pc}`;
  }
  const ec = number.toString(16).padStart(4, "0");
  return `kvm_exit: TRAP: HSR_EC: 0x${ec} (${classes[number]}), PC: ${pc}`;
};

/** The lines of a REC exit that is an abort. */
const abortLines = (before: World, after: World, rec: number): string[] => {
  const { exit } = before.runs[rec]!;
  const { pc } = before.host.vcpus[rec]!;
  const { run } = after.host.vcpus[rec]!;
  const number = Number(exit.esr >> 26n);
  if (before.host.vcpus[rec]!.rmi.status !== "RMI_SUCCESS") return [];
  if (exit.exit_reason !== 0n || (number !== 0x24 && number !== 0x20)) {
    return [];
  }
  const { ipa_bits } = before.rmm;
  const ipa = exit.hpfar << 8n;
  const gpa = ipa & ~(1n << BigInt(ipa_bits - 1));
  const lines = [
    `kvm_guest_fault: ipa 0x${ipa.toString(16)}, hsr 0x${
      exit.esr.toString(16).padStart(6, "0")
    }, hxfar 0x${exit.far.toString(16).padStart(6, "0")}, pc ${x14(pc)}`,
  ];
  const inRam = before.host.vm.slots.some(({ base, bytes }) =>
    base <= gpa && gpa < base + bytes
  );
  if (inRam || number === 0x20) return lines;
  if ((exit.esr >> 24n & 1n) === 0n) {
    lines.push(
      `kvm_mmio_nisv: ipa ${x14(gpa)}, esr ${x14(exit.esr)}, far ${
        x14(exit.far)
      }, pc ${x14(pc)}`,
    );
    return lines;
  }
  const { len, phys_addr, is_write, data } = run.mmio;
  const at = `len ${len} gpa 0x${phys_addr.toString(16)}`;
  const value = `val 0x${littleEndian(data, len).toString(16)}`;
  lines.push(
    is_write
      ? `kvm_mmio: mmio write ${at} ${value}`
      : `kvm_mmio: mmio unsatisfied-read ${at} val 0x0`,
  );
  const inKernel = after.host.vcpus[rec]!.at === "enter";
  if (!is_write && inKernel) lines.push(`kvm_mmio: mmio read ${at} ${value}`);
  return lines;
};

const userLines = (after: World, rec: number): string[] => {
  const { at, ret, run } = after.host.vcpus[rec]!;
  if (at !== "user") return [];
  const reason = ret === "0" ? run.exit_reason : "error";
  const number = numbers[ret === "0" ? run.exit_reason : ret];
  return [`kvm_userspace_exit: reason ${reason} (${number})`];
};

/** The lines of one step. */
const linesOf = (before: World, event: Event, after: World): string[] => {
  switch (event.tag) {
    case "KvmRun": {
      const vcpu = before.host.vcpus[event.rec]!;
      const { len, phys_addr, is_write, data } = vcpu.run.mmio;
      const read = vcpu.mmio_needed && !is_write &&
        vcpu.run.exit_reason === "KVM_EXIT_MMIO";
      if (!read) return [];
      const value = littleEndian(data, len).toString(16);
      const gpa = phys_addr.toString(16);
      return [`kvm_mmio: mmio read len ${len} gpa 0x${gpa} val 0x${value}`];
    }
    case "RecEnter":
      return [`kvm_entry: PC: ${x16(before.host.vcpus[event.rec]!.pc)}`];
    case "RecExit":
      return [
        exitLine(before, event.rec),
        ...abortLines(before, after, event.rec),
        ...userLines(after, event.rec),
      ];
    default:
      return [];
  }
};

/** The events of a guest that a correct host brings about, as kernel trace lines without their heads. */
export const kernelTrace = (
  elf: Uint8Array,
  kvm: Revision,
  devices: Placement,
  events_max = 20_000,
): readonly string[] => {
  const image = parseElf(elf, virt.ram);
  if (image.tag === "Refused") throw new Error(image.what);
  const rmm = rmm_2_0;
  const ipa_bits = 40;
  const booted = boot({
    board: virt,
    rmm,
    kvm,
    devices,
    ipa_bits,
    recs: 1,
    image,
  });
  if (booted.tag === "Refused") throw new Error(booted.what);
  let { world } = booted;
  const lines: string[] = [];
  for (let count = 0; count < events_max; count++) {
    const event = next(world, 0, 1_000_000);
    if (event === null) break;
    const done = step(world, event);
    lines.push(...linesOf(world, event, done.world));
    world = done.world;
    if (done.tag === "Refused") break;
    if (done.asks.some((ask) => ask.tag === "Halt")) break;
  }
  return lines;
};

/** Lines as ftrace writes them, one microsecond apart. */
export const asFtrace = (lines: readonly string[]): string =>
  ["# tracer: nop", "#"].concat(
    lines.map((line, at) =>
      ` CPU 0/KVM-4711    [003] d..1.  100.${
        String(at).padStart(6, "0")
      }: ${line}`
    ),
  ).join("\n") + "\n";

/** Lines as `trace-cmd report` writes them: no flags, padded names, and no 0x before a zero. */
export const asTraceCmd = (lines: readonly string[]): string =>
  ["cpus=4"].concat(
    lines.map((line, at) => {
      const [name = "", payload = ""] = line.split(/: (.*)/);
      return `      kvm-vcpu-0-4711  [003]   100.${
        String(at).padStart(6, "0")
      }: ${`${name}:`.padEnd(21)}${payload.replace(/\b0x0+\b/g, "0")}`;
    }),
  ).join("\n") + "\n";
