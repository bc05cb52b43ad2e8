/**
 * A transition: a step, taken apart into what invariants talk about.
 *
 * @module
 */

import { placementAt } from "../device/bus.ts";
import type { Event, Refusal, Step, World } from "../world.ts";
import type { Ghost, Mmio } from "./ghost.ts";
import { type Entry, entryOf, type Taken, takenOf } from "./seen.ts";

/** One step and what it means. */
export interface Transition {
  readonly before: World;
  readonly event: Event;
  /** The same world as `before` when the event was refused. */
  readonly after: World;
  readonly refused: Refusal | null;
  /** The REC the event is about, or -1. */
  readonly rec: number;
  /** The path's memory of that REC before the step. */
  readonly ghost: Ghost;
  readonly entry: Entry | null;
  readonly taken: Taken | null;
}

/** The REC an event is about, or -1 for one that concerns the board. */
export const recOf = (event: Event): number => {
  if ("rec" in event) return event.rec;
  return event.tag === "RmiPsciComplete" ? event.calling : -1;
};

/** Takes one step apart; `ghost` is the path's memory of the event's REC. */
export const transition = (
  before: World,
  event: Event,
  result: Step,
  ghost: Ghost,
): Transition => ({
  before,
  event,
  after: result.world,
  refused: result.tag === "Refused" ? result.why : null,
  rec: recOf(event),
  ghost,
  entry: entryOf(event, result),
  taken: takenOf(before, event, result, recOf(event)),
});

const afterEntry = (ghost: Ghost, { outcome, emul, sea }: Entry): Ghost => {
  if (outcome === "failed") return { ...ghost, failed: true };
  const settled: Mmio = sea ? "refused" : emul ? "completed" : "retried";
  const mmio = ghost.mmio === "open" ? settled : ghost.mmio;
  return {
    ...ghost,
    mmio,
    last: null,
    answers: 0,
    told: false,
    meddled: null,
    failed: false,
  };
};

const afterTaken = (ghost: Ghost, { outcome, fault }: Taken): Ghost => {
  if (outcome !== "exited") return ghost;
  if (fault?.emulatable === true) {
    return { ...ghost, mmio: "open", last: fault };
  }
  const mmio = ghost.mmio === "retried" ? "overtaken" : ghost.mmio;
  return { ...ghost, mmio, last: fault };
};

const counted = (answers: Ghost["answers"]): Ghost["answers"] =>
  answers === 0 ? 1 : 2;

const afterExit = (t: Transition): Ghost => {
  const { ghost, after, rec } = t;
  const vcpu = after.host.vcpus[rec];
  if (ghost.mmio !== "open" || vcpu === undefined) return ghost;
  const { at, ret, run: { exit_reason, mmio } } = vcpu;
  if (at === "user") {
    const told = ret === "0" && exit_reason === "KVM_EXIT_MMIO";
    return told ? { ...ghost, told } : ghost;
  }
  const { phys_addr, len } = mmio;
  const inKernel = at === "enter" && ghost.last?.emulatable === true &&
    placementAt(after.bus, Number(phys_addr), len) === "kernel";
  return inKernel ? { ...ghost, answers: counted(ghost.answers) } : ghost;
};

/** By KVM's interface KVM_RUN after KVM_EXIT_MMIO says that the access is done, whatever was done. */
const afterKvmRun = ({ ghost, before, rec }: Transition): Ghost => {
  const vcpu = before.host.vcpus[rec];
  const said = vcpu?.owed === "MmioComplete" &&
    vcpu.run.exit_reason === "KVM_EXIT_MMIO";
  return said && ghost.answers === 0 ? { ...ghost, answers: 1 } : ghost;
};

const afterWrite = (ghost: Ghost, data: boolean): Ghost => ({
  ...ghost,
  meddled: data || ghost.meddled === "data" ? "data" : "exit_reason",
});

/** Events that a correct host never brings about: its RMI commands are KVM's own. */
const dishonest: readonly Event["tag"][] = [
  "RmiRecEnter",
  "RmiPsciComplete",
  "RmiRttSetRipas",
];

/** The path's memory of the event's REC after the step. */
export const track = (t: Transition): Ghost => {
  const after = tracked(t);
  const broken = after.honest && t.refused === null &&
    dishonest.includes(t.event.tag);
  return broken ? { ...after, honest: false } : after;
};

const tracked = (t: Transition): Ghost => {
  const { ghost, event } = t;
  if (t.entry !== null) return afterEntry(ghost, t.entry);
  if (t.refused !== null) return ghost;
  if (t.taken !== null) return afterTaken(ghost, t.taken);
  switch (event.tag) {
    case "RecExit":
      return afterExit(t);
    case "MmioComplete":
      return { ...ghost, answers: counted(ghost.answers) };
    case "KvmRun":
      return afterKvmRun(t);
    case "WriteKvmRun":
      return afterWrite(ghost, event.data !== null);
    case "FailRecEnter":
      return { ...ghost, failed: true };
    default:
      return ghost;
  }
};
