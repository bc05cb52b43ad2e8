/**
 * What a refusal means: an RMI status, an errno of KVM_RUN, or a refusal of
 * the model's own.
 *
 * The reasons for a status are situations played by the model: those that it
 * answers with the status asked about are the ones listed.
 *
 * @module
 */

import { afterFailure } from "../trace/check_return.ts";
import { type UserExit, userExitText } from "../trace/kvm_names.ts";
import { revisions } from "../host/revision.ts";
import type { RmiStatus } from "../host/state.ts";
import { RMI } from "../rmm/rmi.ts";
import type { Rule, Section } from "./page.ts";
import { type Tried, tried } from "./reasons.ts";
import type { Setting } from "./scene.ts";

const statuses = Object.keys(RMI) as RmiStatus[];

/** A status by its name or by a command's X0: status in bits 7:0, index in 15:8. */
export const statusOf = (
  text: string,
): { readonly status: RmiStatus; readonly index: number | null } | null => {
  const named = statuses.find((name) => name === text);
  if (named !== undefined) return { status: named, index: null };
  if (!/^(0x[0-9a-fA-F]+|[0-9]+)$/.test(text)) return null;
  const value = Number(text);
  const status = statuses.find((name) => RMI[name] === (value & 0xff));
  return status === undefined || 0xffff < value
    ? null
    : { status, index: value >> 8 };
};

/** Where each command's conditions are said. */
const command_rules: Readonly<Record<Tried["command"], Rule>> = {
  RMI_REC_ENTER: {
    rule:
      "checks come before completions, and a failed entry changes nothing: the same entry may be tried again with other flags",
    source: "DEN0137 B4.3.14; TF-RMM run.c smc_rec_enter",
  },
  RMI_RTT_SET_RIPAS: {
    rule: "the host carries out the pending request in order, within its range",
    source: "TF-RMM rtt.c smc_rtt_set_ripas",
  },
  RMI_PSCI_COMPLETE: {
    rule: "a PSCI call waits for the REC that its MPIDR names",
    source: "TF-RMM psci.c psci_complete_request",
  },
};

const kvmRow = (
  setting: Setting,
  status: RmiStatus,
  index: number,
): readonly string[] => {
  const after: UserExit | null = afterFailure(
    { rev: setting.profile.kvm, rmm: setting.profile.rmm },
    status,
    index,
  );
  return [
    setting.profile.kvm.name,
    `KVM_RUN: ${after === null ? "?" : userExitText(after)}`,
    "enter.flags keep their bits: only a success clears them",
  ];
};

/** Explains an RMI status. */
export const statusSections = (
  setting: Setting,
  status: RmiStatus,
  index: number | null,
): readonly Section[] => {
  const found = tried(setting).filter(({ failure }) =>
    status === "RMI_SUCCESS" ? failure === null : failure?.status === status &&
      (index === null || failure.index === index)
  );
  const value = RMI[status] | (index ?? 0) << 8;
  const title = `${status} (X0 0x${value.toString(16)}${
    index === null ? "" : `, index ${index}`
  }), ${setting.profile.rmm.name}`;
  const reasons: Section = {
    title,
    rows: found.map(({ command, when, failure }) => [
      command,
      ...(failure === null ? [] : [`index ${failure.index}`]),
      when,
    ]),
    rules: [...new Set(found.map(({ command }) => command))]
      .map((command) => command_rules[command]),
  };
  const entered = found.some(({ command }) => command === "RMI_REC_ENTER");
  if (status === "RMI_SUCCESS" || !entered) return [reasons];
  return [reasons, {
    title: "after RMI_REC_ENTER, KVM",
    rows: [kvmRow(setting, status, index ?? 0)],
  }];
};

/** Errno values of KVM_RUN that an RMI status can become. */
export const isErrno = (text: string): boolean => /^-?E[A-Z]+$/.test(text);

/** Which RMI statuses become this errno, by revision. */
export const errnoSections = (
  setting: Setting,
  text: string,
): readonly Section[] => {
  const name = text.startsWith("-") ? text : `-${text}`;
  const rmm = setting.profile.rmm;
  const rows = revisions.flatMap((rev) =>
    statuses.filter((status) => status !== "RMI_SUCCESS").flatMap((status) =>
      [0, 1].flatMap((index) => {
        if (index === 1 && status !== "RMI_ERROR_REALM") return [];
        const after = afterFailure({ rev, rmm }, status, index);
        if (after === null || userExitText(after) !== name) return [];
        return [[rev.name, `${status} index ${index}`]];
      })
    )
  );
  return [{
    title: `KVM_RUN ${name} from a failed RMI_REC_ENTER`,
    rows: rows.length === 0 ? [["none", "no revision"]] : rows,
    rules: [{
      rule:
        "enter.flags keep their bits after a failure, so that a flag the RMM refuses fails every KVM_RUN",
      source: "Linux arch/arm64/kvm/rmi-exit.c",
    }],
  }];
};

/** The model's own refusals: events that make no sense now. */
const own: Readonly<Record<string, string>> = {
  NoRec: "the event names a REC the realm does not have",
  OutOfTurn:
    "the vCPU is elsewhere: user -> KvmRun -> enter -> RecEnter -> guest -> exception -> exit -> RecExit -> enter or user",
  BadSyndrome: "the event's name and its syndrome's class do not agree",
  Errno: "an ioctl of the VMM fails with this errno; KVM leaves all as it was",
  RmmPanic:
    "the RMM would stop the machine: an uncontained external abort or SError, or an assertion",
};

/** Names of the model's own refusals. */
export const own_refusals: readonly string[] = Object.keys(own);

/** Explains a refusal of the model's own. */
export const ownSections = (name: string): readonly Section[] => [{
  title: `${name}: refused by the model; the world stays as it was`,
  rows: [[own[name] ?? ""]],
}];
