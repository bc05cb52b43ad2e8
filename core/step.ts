/**
 * The one transition function: routes an event to the actor it belongs to.
 *
 * `step` is total. An event that makes no sense now is a typed refusal that
 * carries the very world it was given.
 *
 * @module
 */

import * as Bus from "./device/bus.ts";
import { recExit } from "./host/exit.ts";
import {
  getOneReg,
  setOneReg,
  setVcpuEvents,
  writeKvmRun,
} from "./host/ioctl.ts";
import { kvmRun, signalled } from "./host/run.ts";
import { mmioComplete, vmmHandle } from "./host/vmm.ts";
import { refused, stepped } from "./outcome.ts";
import { take, takeSync } from "./rec_exit.ts";
import { enterByHost, enterByKvm, failEnter } from "./rec_enter.ts";
import { run } from "./realm/run.ts";
import { type Script, scripted } from "./realm/script.ts";
import { psciComplete } from "./rmm/psci.ts";
import { rttSetRipas } from "./rmm/ripas.ts";
import type { Ask } from "./device/ask.ts";
import type { Event, Refusal, Step, World } from "./world.ts";

/**
 * An engine: executes at most `budget` instructions of REC `rec`, ending early
 * with an exception to R-EL2 (`core/realm/run.ts`).
 */
export type Execute = (
  world: World,
  rec: number,
  budget: number,
) => { readonly world: World; readonly asks: readonly Ask[] };

/** Names the moment an event needs when the vCPU is elsewhere. */
const outOfTurn = (
  world: World,
  rec: number,
  expected: string,
): Refusal | null => {
  const found = world.host.vcpus[rec]?.at;
  if (found === undefined) return { tag: "NoRec", rec };
  return found === expected ? null : { tag: "OutOfTurn", expected, found };
};

const script = (world: World, rec: number, to: Script): Step => {
  const { realm } = world;
  const recs = realm.recs.map((regs, index) =>
    index === rec ? scripted(regs, to) : regs
  );
  return stepped({ ...world, realm: { ...realm, recs } });
};

/** Where a vCPU has to be for each event that belongs to one moment. */
const moment = {
  Run: "guest",
  Script: "guest",
  Dabt: "guest",
  Iabt: "guest",
  Wfx: "guest",
  SysregTrap: "guest",
  Smc: "guest",
  Hvc: "guest",
  Sync: "guest",
  Irq: "guest",
  Fiq: "guest",
  Serror: "guest",
  RecEnter: "enter",
  Signal: "enter",
  FailRecEnter: "enter",
  RecExit: "exit",
  KvmRun: "user",
  VmmHandle: "user",
  MmioComplete: "user",
  SetVcpuEvents: "user",
  SetOneReg: "user",
  GetOneReg: "user",
} as const;

type Momentary = Extract<Event, { readonly tag: keyof typeof moment }>;

const stepMoment = (
  world: World,
  event: Momentary,
  execute: Execute,
): Step => {
  const why = outOfTurn(world, event.rec, moment[event.tag]);
  if (why !== null) return refused(world, why);
  switch (event.tag) {
    case "Run": {
      const ran = execute(world, event.rec, event.budget);
      return stepped(ran.world, ran.asks);
    }
    case "Script":
      return script(world, event.rec, event);
    case "Irq":
    case "Fiq":
      return take(world, event.rec, { tag: event.tag });
    case "Serror":
      return take(world, event.rec, {
        tag: "Serror",
        esr: event.esr,
        far: 0n,
        hpfar: 0n,
      });
    case "RecEnter":
      return enterByKvm(world, event.rec);
    case "Signal":
      return signalled(world, event.rec);
    case "FailRecEnter":
      return failEnter(world, event);
    case "RecExit":
      return recExit(world, event.rec);
    case "KvmRun":
      return kvmRun(world, event.rec, event.immediate_exit);
    case "VmmHandle":
      return vmmHandle(world, event.rec);
    case "MmioComplete":
      return mmioComplete(world, event.rec, event.data);
    case "SetVcpuEvents":
      return setVcpuEvents(world, event.rec, event);
    case "SetOneReg":
      return setOneReg(world, event.rec, event.n, event.value);
    case "GetOneReg":
      return getOneReg(world, event.rec, event.n);
    default:
      return takeSync(world, event);
  }
};

/**
 * Takes one event with another engine behind `Run`. Every engine gives the
 * same worlds; `step` has the pure one.
 */
export const stepOn = (
  execute: Execute,
  world: World,
  event: Event,
): Step => {
  switch (event.tag) {
    case "RmiRecEnter":
      return enterByHost(world, event);
    case "RmiPsciComplete": {
      const { calling, target, status } = event;
      const done = psciComplete(world, calling, target, status);
      // A failing PSCI_COMPLETE may still end the caller's request (rmm.md §6.4).
      if (done.world !== world) return stepped(done.world);
      return done.tag === "Done" ? stepped(world) : refused(world, {
        tag: "RmiError",
        status: done.status,
        index: done.index,
      });
    }
    case "RmiRttSetRipas": {
      const done = rttSetRipas(world, event.rec, event.base, event.top);
      if (done.tag === "Done") return stepped(done.world);
      return refused(world, {
        tag: "RmiError",
        status: done.status,
        index: done.index,
      });
    }
    case "WriteKvmRun": {
      const { rec, exit_reason, data } = event;
      return world.host.vcpus[rec] === undefined
        ? refused(world, { tag: "NoRec", rec })
        : writeKvmRun(world, rec, exit_reason, data);
    }
    case "Tick":
      return stepped({ ...world, bus: Bus.tick(world.bus, event.seconds) });
    case "UartRx":
      return stepped({ ...world, bus: Bus.receive(world.bus, event.bytes) });
    default:
      return stepMoment(world, event, execute);
  }
};

/**
 * Takes one event: the next world and what it asks for, or a refusal.
 *
 * Errors: never throws; see `Refusal` for every way an event can be refused.
 */
export const step = (world: World, event: Event): Step =>
  stepOn(run, world, event);
