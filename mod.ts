/**
 * recrun as a module: build a world, take steps, look at it.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import {
 *   boot,
 *   next,
 *   rmm_2_0,
 *   step,
 *   sync,
 *   virt,
 * } from "@recrun/recrun";
 *
 * const booted = boot({
 *   board: virt,
 *   rmm: rmm_2_0,
 *   kvm: sync,
 *   devices: "user",
 *   ipa_bits: 40,
 *   recs: 1,
 *   image: null,
 * });
 * if (booted.tag === "Refused") throw new Error(booted.what);
 * const first = next(booted.world, 0, 1_000);
 * assertEquals(first, { tag: "KvmRun", rec: 0, immediate_exit: false });
 * const result = step(booted.world, { tag: "Irq", rec: 0 });
 * assertEquals(result.tag, "Refused");
 * assertEquals(result.world === booted.world, true);
 * ```
 *
 * @module
 */

export { boot, type Booted, type BootOptions } from "./core/boot.ts";
export { next } from "./core/schedule.ts";
export { syncTag } from "./core/rec_exit.ts";
export { type Execute, step, stepOn } from "./core/step.ts";
export type { Event, Refusal, Step, Sync, World } from "./core/world.ts";

export type { Ask, Halt } from "./core/device/ask.ts";
export {
  type Board,
  boards,
  kvmtool,
  type Part,
  virt,
} from "./core/device/board.ts";
export type { Bus, Placement, Slot } from "./core/device/bus.ts";
export type { Device } from "./core/device/device.ts";
export type { Pl011 } from "./core/device/pl011_state.ts";
export type { Pl031 } from "./core/device/pl031.ts";
export type { Entry, TestDevice } from "./core/device/testdev.ts";

export { revisions, sync } from "./core/host/revision.ts";
export type { KvmRevision, Switches } from "./core/host/switches.ts";
export type {
  Errno,
  ExitReason,
  Host,
  KvmMmio,
  KvmRunPage,
  MemoryFault,
  MemSlot,
  Owed,
  PendingException,
  RmiStatus,
  Vcpu,
  Vm,
  Vmm,
} from "./core/host/state.ts";
export { type HostView, hostView, type RecView } from "./core/host/view.ts";

export { type Image, parseElf, type Segment } from "./core/realm/elf.ts";
export type { BadImage } from "./core/realm/elf_header.ts";
export type { Chunk, Memory, Page } from "./core/realm/memory.ts";
export type { Monitor, Rec, Sysregs } from "./core/realm/rec.ts";
export type { Script } from "./core/realm/script.ts";
export type { Realm } from "./core/realm/state.ts";

export {
  type Feature,
  profiles,
  rmm_2_0,
  type RmmProfile,
} from "./core/rmm/profile.ts";
export { specOf } from "./core/rmm/spec.ts";
export type { IdRegisters } from "./core/rmm/idregs.ts";
export {
  EXIT,
  FLAG,
  type RecEnter,
  type RecExit,
  type RecRun,
} from "./core/rmm/recrun.ts";
export type { Extent, Ripas, Stage2 } from "./core/rmm/stage2.ts";
export type {
  RealmState,
  RipasRequest,
  Rmm,
  RmmRec,
  Syndrome,
  VgicState,
} from "./core/rmm/state.ts";
