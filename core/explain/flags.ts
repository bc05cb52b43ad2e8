/**
 * What a flags word of RecEnter asks for, and after which exits the RMM
 * grants it.
 *
 * @module
 */

import { hex } from "../arch/word.ts";
import { FLAG, flagNames } from "../rmm/recrun.ts";
import type { World } from "../world.ts";
import { entryRules, tryEnter } from "./entry.ts";
import type { Rule, Section } from "./page.ts";
import { exitedWorlds } from "./samples.ts";
import type { Setting } from "./scene.ts";

/** What each flag asks for: set, and clear. */
const meanings: Readonly<
  Record<keyof typeof FLAG, readonly [set: string, clear: string]>
> = {
  EMUL_MMIO: ["the access is emulated: complete it, pc+4", "run it again"],
  INJECT_SEA: ["the realm takes an SEA for the access", "no SEA"],
  TRAP_WFI: ["WFI and WFIT exit", "WFI runs on"],
  TRAP_WFE: ["WFE and WFET exit", "WFE runs on"],
  RIPAS_RESPONSE: ["reject the RIPAS change", "accept the RIPAS change"],
  S2AP_RESPONSE: [
    "reject the permission change (planes: not modelled)",
    "accept",
  ],
  DEV_MEM_RESPONSE: [
    "reject the device mapping (not modelled)",
    "accept",
  ],
  FORCE_P0: ["return to plane 0 (planes: not modelled)", "no"],
};

const sampled: Rule = {
  rule: "flags are read at every entry and none is sticky",
  source: "DEN0137 RmiRecEnterFlags; TF-RMM run.c smc_rec_enter",
};

const known = Object.values(FLAG).reduce((sum, bit) => sum | bit, 0n);

const bitRows = (flags: bigint): readonly (readonly string[])[] => {
  const rows = (Object.keys(FLAG) as (keyof typeof FLAG)[]).map((name) => {
    const set = (flags & FLAG[name]) !== 0n;
    const at = FLAG[name].toString(2).length - 1;
    const [yes, no] = meanings[name];
    return [name, String(at), set ? "1" : "0", set ? yes : no];
  });
  const rest = flags & ~known;
  return rest === 0n ? rows : [...rows, [
    "reserved",
    "63:8",
    hex(rest >> 8n),
    "should be zero; ignored",
  ]];
};

/** The bits of a flags word. */
export const flagSection = (flags: bigint): Section => ({
  title: `RecEnter.flags ${hex(flags)}: ${flagNames(flags)}`,
  rows: [["flag", "bit", "value", "meaning"], ...bitRows(flags)],
  rules: [sampled],
});

/** What an entry with these flags does after each kind of exit. */
export const outcomesSection = (
  setting: Setting,
  flags: bigint,
): Section => ({
  title: `entering with them, ${setting.profile.rmm.name}, after`,
  rows: exitedWorlds(setting).map(({ name, world }) => [
    name,
    ...tryEnter(world, 0, flags),
  ]),
  rules: entryRules(setting.profile.rmm),
});

/** What an entry with these flags does to REC `rec` as it is now. */
export const entrySection = (
  world: World,
  rec: number,
  flags: bigint,
  gpr0: bigint,
): Section => {
  const { esr, hpfar } = world.rmm.recs[rec]?.last_run_info ??
    { esr: 0n, hpfar: 0n };
  return {
    title: "entering with them here",
    rows: [
      ["last exit", `esr ${hex(esr)} hpfar ${hex(hpfar)} as the RMM keeps it`],
      ["outcome", tryEnter(world, rec, flags, gpr0).join(": ")],
    ],
    rules: entryRules(world.profile.rmm),
  };
};
