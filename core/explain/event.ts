/**
 * One event of a run explained where it happened: with the world before it.
 *
 * @module
 */

import { hex } from "../arch/word.ts";
import type { Event, Refusal, Step, World } from "../world.ts";
import { entrySection, flagSection } from "./flags.ts";
import type { Section } from "./page.ts";
import { ownSections, statusOf, statusSections } from "./refusal.ts";
import type { Setting } from "./scene.ts";
import { type Answer, explainException, page, type Taken } from "./syndrome.ts";

/** What an event is, by its tag; an event not listed says it by its name. */
const meanings: Readonly<Record<string, string>> = {
  Run: "the realm executes its own code; nobody outside sees any of it",
  Script: "a script stands for the realm's own code",
  Irq: "an interrupt for the host: the exit carries no syndrome",
  Fiq: "a fast interrupt for the host: the exit carries no syndrome",
  RecExit: "KVM handles the exit that RMI_REC_ENTER returned",
  KvmRun:
    "the VMM calls KVM_RUN: an access it was asked for is completed first",
  Signal: "a signal keeps KVM_RUN from entering the REC",
  FailRecEnter: "RMI_REC_ENTER fails for a reason outside this model",
  SetVcpuEvents:
    "the VMM asks for an SEA or an SError; for a REC only in place of an answered access",
  SetOneReg: "the VMM writes KVM's copy of a register, not the realm's",
  GetOneReg: "the VMM reads KVM's copy of a register, not the realm's",
  WriteKvmRun: "the VMM writes the kvm_run page it shares with KVM",
  VmmHandle: "the VMM decides about an exit that is not an access",
  MmioComplete: "the VMM's device answers the access",
  RmiPsciComplete: "the host answers a PSCI call that names another REC",
  RmiRttSetRipas: "the host carries out a RIPAS change",
  Tick: "time passes for the devices",
  UartRx: "bytes reach the UART's receiver",
};

const settingOf = (world: World): Setting => ({
  profile: world.profile,
  ipa_bits: world.rmm.ipa_bits,
});

/** The sections that explain why an event was refused. */
const refusalSections = (world: World, why: Refusal): readonly Section[] => {
  if (why.tag !== "RmiError") return ownSections(why.tag);
  const status = statusOf(why.status)?.status;
  return status === undefined
    ? []
    : statusSections(settingOf(world), status, why.index);
};

/** What an entry asked for and what it met. */
const entry = (
  { before, result }: Taken,
  rec: number,
  flags: bigint,
  gpr0: bigint,
): Answer => {
  const sections = [
    flagSection(flags),
    entrySection(before, rec, flags, gpr0),
  ];
  const { rmi, at } = result.world.host.vcpus[rec] ?? {};
  const failed = result.tag === "Stepped" && at === "exit" &&
    rmi !== undefined && rmi.status !== "RMI_SUCCESS";
  return page(
    ...sections,
    ...(failed ? statusSections(settingOf(before), rmi.status, rmi.index) : []),
    ...refused(before, result),
  );
};

const refused = (before: World, result: Step): readonly Section[] =>
  result.tag === "Refused" ? refusalSections(before, result.why) : [];

const plain = ({ before, event, result }: Taken): Answer =>
  page(
    {
      title: event.tag,
      rows: [[meanings[event.tag] ?? "an event of the host or the board"]],
    },
    ...refused(before, result),
  );

const isException = (
  event: Event,
): event is Extract<Event, { readonly hpfar: bigint }> => "hpfar" in event;

/** Explains a step that was taken, from the world it was taken in. */
export const explainTaken = (taken: Taken): Answer => {
  const { before, event, result } = taken;
  if (result.tag === "Refused" && result.why.tag === "OutOfTurn") {
    return plain(taken);
  }
  if (isException(event)) return explainException(before, event.rec, event);
  switch (event.tag) {
    case "Serror":
      return explainException(before, event.rec, {
        esr: event.esr,
        far: 0n,
        hpfar: 0n,
      });
    case "RecEnter": {
      const { enter } = result.world.runs[event.rec] ?? {};
      return entry(
        taken,
        event.rec,
        enter?.flags ?? 0n,
        enter?.gprs[0] ?? 0n,
      );
    }
    case "RmiRecEnter":
      return entry(taken, event.rec, event.flags, event.gprs[0] ?? 0n);
    default:
      return plain(taken);
  }
};

/** The setting a world was built with, as the first line of an explanation. */
export const settingText = ({ profile, ipa_bits }: Setting): string =>
  `${profile.rmm.name}, KVM ${profile.kvm.name}, IPA space of ${ipa_bits} bits, alias bit ${
    hex(1n << BigInt(ipa_bits - 1))
  }`;
