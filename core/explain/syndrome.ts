/**
 * What an exception from the realm means: its fields, what the RMM shows of
 * it, what the host may answer and what this KVM does.
 *
 * @module
 */

import { EC, ec } from "../arch/esr.ts";
import { get, hex } from "../arch/word.ts";
import { next } from "../schedule.ts";
import { syncTag } from "../rec_exit.ts";
import { step } from "../step.ts";
import { exitName, type RecExit } from "../rmm/recrun.ts";
import type { Syndrome } from "../rmm/state.ts";
import type { Event, Step, World } from "../world.ts";
import { nextSection, tryEnter } from "./entry.ts";
import { className } from "./classes.ts";
import { bitsText, fieldsOf, isShown, meaningOf } from "./fields.ts";
import { shownRule } from "./exit_rules.ts";
import type { Section } from "./page.ts";
import { hpfarAt, inside, type Place, places, type Setting } from "./scene.ts";

/** One step of the model, for the road an answer shows. */
export interface Taken {
  readonly before: World;
  readonly event: Event;
  readonly result: Step;
}

/** What an explanation is made of: a page, and the road that follows. */
export interface Answer {
  readonly sections: readonly Section[];
  readonly road: readonly Taken[];
}

/** An answer without a road. */
export const page = (...sections: readonly Section[]): Answer => ({
  sections,
  road: [],
});

/** Steps of the host shown after an exit. */
const road_steps_max = 8;

/** The event a syndrome is. */
export const exceptionEvent = (rec: number, syndrome: Syndrome): Event =>
  ec(syndrome.esr) === EC.SERROR
    ? { tag: "Serror", rec, esr: syndrome.esr }
    : { tag: syncTag(syndrome.esr), rec, ...syndrome };

const left = (world: World, rec: number): boolean =>
  world.host.vcpus[rec]?.at === "exit";

/** What came of an exception, in a line. */
const outcomeText = (before: World, result: Step, rec: number): string => {
  if (result.tag === "Refused") {
    const { why } = result;
    return why.tag === "RmmPanic"
      ? `the RMM stops: ${why.name}`
      : `refused: ${why.tag}`;
  }
  const { exit } = result.world.runs[rec] ?? {};
  if (left(result.world, rec) && exit !== undefined) {
    return `exit ${exitName(exit.exit_reason)}`;
  }
  const was = before.realm.recs[rec]?.sys;
  const is = result.world.realm.recs[rec]?.sys;
  if (was === undefined || is === undefined) return "no exit";
  const taken = was.elr_el1 !== is.elr_el1 || was.esr_el1 !== is.esr_el1;
  return taken
    ? `no exit: the realm takes an exception, esr_el1 ${hex(is.esr_el1)}`
    : "no exit: the realm goes on";
};

/** Every field, what the realm's syndrome says and what of it the host is shown. */
const fieldSection = (esr: bigint, exit: RecExit | null): Section => ({
  title: `ESR ${hex(esr)}: ${className(esr)}`,
  rows: [
    ["field", "bits", "realm", ...(exit === null ? [] : ["host"]), "meaning"],
    ...fieldsOf(esr).map((each) => {
      const { name, at } = each;
      const value = get(esr, at);
      const seen = exit === null ? [] : [hex(get(exit.esr, at))];
      const hidden = exit !== null && value !== get(exit.esr, at);
      const meaning = [meaningOf(each, esr), hidden ? "(stripped)" : ""];
      return [
        name,
        bitsText(at),
        hex(value),
        ...seen,
        meaning.filter((part) => part !== "").join(" "),
      ];
    }),
  ],
});

const rmmSection = (
  world: World,
  rec: number,
  { esr, far, hpfar }: Syndrome,
  result: Step,
): Section => {
  const { exit } = result.world.runs[rec] ?? {};
  const rule = shownRule(esr, world.profile.rmm);
  const shown = left(result.world, rec) && exit !== undefined;
  return {
    title: `${world.profile.rmm.name}: ${outcomeText(world, result, rec)}`,
    rows: shown
      ? [
        ["esr", hex(esr), hex(exit.esr)],
        ["far", hex(far), hex(exit.far)],
        ["hpfar", hex(hpfar), hex(exit.hpfar)],
        ["gprs[0]", "", hex(exit.gprs[0] ?? 0n)],
      ].map(([name = "", of = "", is = ""]) => [name, of, "->", is])
      : [],
    rules: [rule],
  };
};

/** What the host does next, until the realm runs again or nothing is left to do. */
export const roadFrom = (
  world: World,
  rec: number,
): readonly Taken[] => {
  const road: Taken[] = [];
  let now = world;
  while (road.length < road_steps_max) {
    const event = next(now, rec, 1);
    if (event === null || now.host.vcpus[rec]?.at === "guest") break;
    const result = step(now, event);
    road.push({ before: now, event, result });
    now = result.world;
    if (result.tag === "Refused") break;
    if (result.asks.some((ask) => ask.tag === "Halt")) break;
  }
  return road;
};

/** Explains an exception that REC `rec`, inside the realm, takes to R-EL2. */
export const explainException = (
  world: World,
  rec: number,
  syndrome: Syndrome,
): Answer => {
  const result = step(world, exceptionEvent(rec, syndrome));
  const out = result.tag === "Stepped" && left(result.world, rec);
  const exit = out ? result.world.runs[rec]?.exit ?? null : null;
  const sections = [
    fieldSection(syndrome.esr, exit),
    rmmSection(world, rec, syndrome, result),
    ...(out ? [nextSection(result.world, rec, isShown(syndrome.esr))] : []),
  ];
  return { sections, road: out ? roadFrom(result.world, rec) : [] };
};

/** What the same syndrome leads to at every place, in a line each. */
export const elsewhere = (
  setting: Setting,
  esr: bigint,
  far: bigint,
): Section => ({
  title: "the same at other addresses",
  rows: (Object.keys(places) as Place[]).map((place) => {
    const world = inside(setting, place);
    if (world === null) return [places[place], ""];
    const hpfar = hpfarAt(place, setting.ipa_bits);
    const result = step(world, exceptionEvent(0, { esr, far, hpfar }));
    const out = result.tag === "Stepped" && left(result.world, 0);
    const exit = result.world.runs[0]?.exit;
    const [emul] = out ? tryEnter(result.world, 0, 1n) : [""];
    const [sea] = out ? tryEnter(result.world, 0, 2n) : [""];
    return [
      places[place],
      out && exit !== undefined
        ? `exit esr ${hex(exit.esr)}; EMUL_MMIO ${emul}; INJECT_SEA ${sea}`
        : outcomeText(world, result, 0),
    ];
  }),
});
