/**
 * Who did it: the actor behind a change, in words.
 *
 * @module
 */

import { hex } from "../arch/word.ts";
import { insnText } from "../realm/look.ts";
import type { Event } from "../world.ts";
import type { Change } from "./history.ts";
import type { Watch, Watched } from "./watch.ts";

const actors: Readonly<Partial<Record<Event["tag"], string>>> = {
  Script: "the realm's script",
  RecExit: "KVM",
  KvmRun: "KVM",
  Signal: "KVM",
  VmmHandle: "the VMM",
  MmioComplete: "the VMM",
  SetVcpuEvents: "the VMM",
  SetOneReg: "the VMM",
  GetOneReg: "the VMM",
  WriteKvmRun: "the VMM",
  Tick: "time",
  UartRx: "the terminal",
};

/** The actor of an event, as far as `watch` is concerned. */
const actorOf = (event: Event, watch: Watch): string => {
  const entry = event.tag === "RecEnter" || event.tag === "RmiRecEnter";
  const isHosts = watch.peek === null && !watch.name.startsWith("exit.");
  const named = actors[event.tag];
  if (named !== undefined) return named;
  // KVM fills the enter half before RMI_REC_ENTER and may clear it after.
  if (isHosts) return entry ? "KVM, entering the REC" : "KVM, as the REC exits";
  return entry ? "the RMM at REC entry" : "the RMM";
};

const shown = (value: Watched): string =>
  typeof value === "bigint" ? hex(value) : value;

/** A change as one line: who, at which event and step, and what was there before. */
export const changeText = (
  watch: Watch,
  { before, event, from, to }: Change,
): string => {
  const values = `${watch.name} ${shown(from)} -> ${shown(to)}`;
  const when = `event ${before.event}, step ${before.steps}`;
  if (event.tag !== "Run") {
    return `${values}: ${actorOf(event, watch)}, ${event.tag}, ${when}`;
  }
  const pc = before.world.realm.recs[event.rec]?.pc ?? 0n;
  const insn = insnText(before.world, event.rec);
  const what = insn === null ? "" : ` ${insn}`;
  return `${values}: the realm at ${hex(pc)}${what}, ${when}`;
};
