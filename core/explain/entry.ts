/**
 * What an entry with given flags would do: asked of RMI_REC_ENTER itself.
 *
 * @module
 */

import { hex } from "../arch/word.ts";
import { enter } from "../rmm/enter.ts";
import type { RmmProfile } from "../rmm/profile.ts";
import { FLAG, flagNames, zero_enter } from "../rmm/recrun.ts";
import type { Rec } from "../realm/rec.ts";
import type { World } from "../world.ts";
import type { Rule, Section } from "./page.ts";

/** What the host puts in gprs[0] of an entry that is only asked about. */
export const asked_gpr = 0xfedc_ba98_f6e5_d4c3n;

/** What of a REC's registers an entry changed. */
const effect = (before: Rec, after: Rec): string => {
  const parts = after.x.flatMap((value, n) =>
    value === before.x[n] ? [] : [`x${n} := ${hex(value)}`]
  );
  if (
    after.sys.elr_el1 !== before.sys.elr_el1 ||
    after.sys.esr_el1 !== before.sys.esr_el1
  ) {
    parts.push(
      `SEA: esr_el1 ${hex(after.sys.esr_el1)} far_el1 ${
        hex(after.sys.far_el1)
      } elr_el1 pc+${after.sys.elr_el1 - before.pc}, pc vbar+${
        hex(after.pc - before.sys.vbar_el1)
      }`,
    );
  } else if (after.pc !== before.pc) {
    parts.push(`pc+${after.pc - before.pc}`);
  }
  return parts.join(", ") || "nothing changes; the realm goes on at pc";
};

/** What RMI_REC_ENTER with `flags` does to REC `rec`, in one cell each: status, effect. */
export const tryEnter = (
  world: World,
  rec: number,
  flags: bigint,
  gpr0: bigint = asked_gpr,
): readonly [status: string, effect: string] => {
  const page = world.runs[rec];
  const before = world.realm.recs[rec];
  if (page === undefined || before === undefined) return ["no such REC", ""];
  const half = { ...zero_enter, flags, gprs: zero_enter.gprs.with(0, gpr0) };
  const outcome = enter(
    { ...world, runs: world.runs.with(rec, { ...page, enter: half }) },
    rec,
  );
  switch (outcome.tag) {
    case "Failed":
      return [`${outcome.status} index ${outcome.index}`, "nothing changes"];
    case "Returned":
      return ["RMI_SUCCESS", "a new exit at once; the REC does not run"];
    case "Entered": {
      const after = outcome.world.realm.recs[rec];
      return ["RMI_SUCCESS", after === undefined ? "" : effect(before, after)];
    }
  }
};

/** The four ways to answer an abort. */
const answers = [
  0n,
  FLAG.EMUL_MMIO,
  FLAG.INJECT_SEA,
  FLAG.EMUL_MMIO | FLAG.INJECT_SEA,
] as const;

/** When each of the two flags is accepted, by the profile's switches. */
export const entryRules = (
  { unjustified_sea, sea_wins }: RmmProfile,
): readonly Rule[] => [{
  rule:
    `EMUL_MMIO only after an emulatable data abort: Unprotected IPA and ISV=1${
      sea_wins ? "; dropped beside INJECT_SEA" : ""
    }`,
  source: "DEN0137 A4.2.3; TF-RMM run.c complete_mmio_emulation",
}, {
  rule: unjustified_sea === "refuse"
    ? "INJECT_SEA only after a data abort at an Unprotected IPA"
    : "INJECT_SEA has no effect but after a data abort at an Unprotected IPA",
  source: unjustified_sea === "refuse"
    ? "TF-RMM run.c complete_sea_insertion; DEN0137 A4.2.3 lists no failure"
    : "DEN0137 A4.2.3",
}];

/**
 * What the host may do next with REC `rec`, which is outside the realm;
 * `nameless` where its syndrome has no SRT, for which X0 then stands.
 */
export const nextSection = (
  world: World,
  rec: number,
  nameless: boolean,
): Section => ({
  title: `next entry, with gprs[0] ${hex(asked_gpr)}${
    nameless ? "; x0 stands for the register, which the host is not told" : ""
  }`,
  rows: answers.map((
    flags,
  ) => [flagNames(flags), ...tryEnter(world, rec, flags)]),
  rules: entryRules(world.profile.rmm),
});
