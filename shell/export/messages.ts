/**
 * A run as messages between its actors, for sequence diagrams.
 *
 * @module
 */

import type { Event } from "../../core/world.ts";
import { hex } from "../../core/arch/word.ts";
import { flagNames } from "../../core/rmm/recrun.ts";
import { exitText } from "../trace.ts";
import { accessOf, placeOf, recOf, type Taken, whatOf } from "./taken.ts";

/** A lifeline: a REC by its number, or one of the others. */
export type Actor = `rec${number}` | "RMM" | "KVM" | "VMM" | "devices";

/** What is drawn, in order. */
export type Item =
  | {
    readonly tag: "Message";
    readonly from: Actor;
    readonly to: Actor;
    readonly text: string;
    /** Drawn dashed: an answer. */
    readonly reply: boolean;
  }
  | { readonly tag: "Note"; readonly over: Actor; readonly text: string };

const call = (from: Actor, to: Actor, text: string): Item => ({
  tag: "Message",
  from,
  to,
  text,
  reply: false,
});

const reply = (from: Actor, to: Actor, text: string): Item => ({
  tag: "Message",
  from,
  to,
  text,
  reply: true,
});

const note = (over: Actor, text: string): Item => ({ tag: "Note", over, text });

/** Whose event it is, where nothing goes from one actor to another. */
const owners: Readonly<Partial<Record<Event["tag"], Actor>>> = {
  Signal: "KVM",
  VmmHandle: "VMM",
  WriteKvmRun: "VMM",
  Tick: "devices",
  UartRx: "devices",
};

/** The two halves of a trace line's outcome: what went in, what came out. */
const halves = (what: string): readonly [string, string] => {
  const cut = what.indexOf("-> ");
  return cut < 0
    ? [what, ""]
    : [what.slice(0, cut).trim(), what.slice(cut + 3)];
};

const exception = (taken: Taken, rec: Actor, n: number): readonly Item[] => {
  const { event, result } = taken;
  const [inside, after] = halves(whatOf(taken));
  const took = call(rec, "RMM", `${event.tag} ${inside}`.trim());
  const exit = result.world.runs[n]?.exit;
  return placeOf(result.world, n) === "exit" && exit !== undefined
    ? [took, reply("RMM", "KVM", `exit ${exitText(exit)}`)]
    : [took, reply("RMM", rec, after)];
};

const entry = (taken: Taken, rec: Actor, n: number): readonly Item[] => {
  const { world } = taken.result;
  const flags = world.runs[n]?.enter.flags ?? 0n;
  const asked = call("KVM", "RMM", `RMI_REC_ENTER flags ${flagNames(flags)}`);
  if (placeOf(world, n) === "guest") {
    return [asked, reply("RMM", rec, "the realm runs")];
  }
  const { status, index } = world.host.vcpus[n]?.rmi ??
    { status: "RMI_SUCCESS", index: 0 };
  return [asked, reply("RMM", "KVM", `${status} index ${index}`)];
};

/** An access of the bus on behalf of `who`, where the step made one. */
const onBus = (taken: Taken, who: Actor): readonly Item[] => {
  const access = accessOf(taken);
  if (access === null) return [];
  const bytes = access.bytes
    .map((byte) => byte.toString(16).padStart(2, "0")).join("");
  const at = `${access.len} at ${hex(access.addr)}`;
  return access.is_write
    ? [call(who, "devices", `write ${at} data ${bytes}`)]
    : [
      call(who, "devices", `read ${at}`),
      reply("devices", who, `data ${bytes}`),
    ];
};

const hostStep = (taken: Taken, n: number): readonly Item[] => {
  const [inside, after] = halves(whatOf(taken));
  switch (taken.event.tag) {
    case "RecExit":
      return [
        ...onBus(taken, "KVM"),
        placeOf(taken.result.world, n) === "user"
          ? reply("KVM", "VMM", after)
          : note("KVM", `handles the exit, ${after}`),
      ];
    case "KvmRun": {
      const asked = call("VMM", "KVM", `KVM_RUN ${inside}`.trim());
      return placeOf(taken.result.world, n) === "user"
        ? [asked, reply("KVM", "VMM", after)]
        : [asked];
    }
    case "MmioComplete": {
      const access = onBus(taken, "VMM");
      return access.length > 0 ? access : [note("VMM", `answers ${inside}`)];
    }
    default:
      return [];
  }
};

const steps = (taken: Taken): readonly Item[] => {
  const { event } = taken;
  const n = recOf(event) ?? 0;
  const rec: Actor = `rec${n}`;
  const what = whatOf(taken);
  switch (event.tag) {
    case "Run":
    case "Script":
      return [note(rec, `${event.tag} ${what}`)];
    case "RecEnter":
    case "RmiRecEnter":
    case "FailRecEnter":
      return entry(taken, rec, n);
    case "RecExit":
    case "KvmRun":
    case "MmioComplete":
      return hostStep(taken, n);
    case "RmiPsciComplete":
      return [call("KVM", "RMM", `RMI_PSCI_COMPLETE ${what}`)];
    case "RmiRttSetRipas":
      return [call("KVM", "RMM", `RMI_RTT_SET_RIPAS ${what}`)];
    case "SetVcpuEvents":
    case "SetOneReg":
    case "GetOneReg":
      return [call("VMM", "KVM", `${event.tag} ${what}`)];
    case "Irq":
    case "Fiq":
    case "Serror":
      return exception(taken, rec, n);
    default:
      return "hpfar" in event
        ? exception(taken, rec, n)
        : [note(owners[event.tag] ?? "VMM", `${event.tag} ${what}`.trim())];
  }
};

/** What a step is in a sequence diagram, with its number on the first item. */
export const itemsOf = (taken: Taken): readonly Item[] => {
  const { index, event, result } = taken;
  const items = result.tag === "Refused"
    ? [note(owners[event.tag] ?? "VMM", `${event.tag} ${whatOf(taken)}`)]
    : [
      ...steps(taken),
      ...result.asks.flatMap((ask) =>
        ask.tag === "UartTx"
          ? [note(
            "devices",
            `uart ${JSON.stringify(String.fromCharCode(ask.byte))}`,
          )]
          : ask.tag === "Halt"
          ? [note("VMM", `halt ${ask.why.tag}`)]
          : []
      ),
    ];
  return items.map((item, at) =>
    at === 0 ? { ...item, text: `${index} ${item.text}` } : item
  );
};
