/**
 * The realm's truth: what one REC holds and what the RMM keeps about it.
 *
 * @module
 */

import { exceptionLevel, PSTATE } from "../arch/pstate.ts";
import { bit, hex } from "../arch/word.ts";
import { insnText } from "../realm/look.ts";
import { page_bytes } from "../realm/memory.ts";
import { type Rec, reset_sysregs, type Sysregs } from "../realm/rec.ts";
import type { RmmRec, Syndrome } from "../rmm/state.ts";
import type { World } from "../world.ts";
import { type Cell, cell, digits, type Group, wordCells } from "./cells.ts";

const letters = (
  pstate: bigint,
  bits: Readonly<Record<string, bigint>>,
): string =>
  Object.entries(bits).map(([name, mask]) =>
    (pstate & mask) === 0n ? "-" : name
  ).join("");

const stateCells = ({ pstate, retired }: Rec): readonly Cell[] => {
  const { N, Z, C, V, D, A, I, F } = PSTATE;
  const level = `EL${exceptionLevel(pstate)}${bit(pstate, 0) ? "h" : "t"}`;
  return [
    cell("", level),
    cell("nzcv", letters(pstate, { N, Z, C, V })),
    cell("daif", letters(pstate, { D, A, I, F })),
    cell("retired", String(retired)),
  ];
};

const generalCells = ({ x, sp_el0, sp_el1 }: Rec): readonly Cell[] => [
  ...wordCells((n) => `x${n}`, x),
  ...(sp_el0 === 0n ? [] : [cell("sp_el0", digits(sp_el0))]),
  ...(sp_el1 === 0n ? [] : [cell("sp_el1", digits(sp_el1))]),
];

/** System registers that are not as the RMM created them. */
const systemCells = ({ sys }: Rec): readonly Cell[] =>
  (Object.keys(reset_sysregs) as (keyof Sysregs)[]).flatMap((name) =>
    sys[name] === reset_sysregs[name] ? [] : [cell(name, digits(sys[name]))]
  );

/** The three syndrome registers. */
export const syndromeCells = (
  { esr, far, hpfar }: Syndrome,
): readonly Cell[] => [
  cell("esr", digits(esr)),
  cell("far", digits(far)),
  cell("hpfar", digits(hpfar)),
];

const flagCells = (rec: RmmRec): readonly Cell[] =>
  (["simd_live", "trap_wfi", "trap_wfe"] as const).flatMap((name) =>
    rec[name] ? [cell(name, "")] : []
  );

const rmmGroups = (rec: RmmRec): readonly Group[] => [
  {
    title: "RMM kept",
    cells: [...syndromeCells(rec.last_run_info), ...flagCells(rec)],
  },
  ...(rec.trap === null
    ? []
    : [{ title: "trap to R-EL2", cells: syndromeCells(rec.trap) }]),
  ...(rec.vserror === null ? [] : [{
    title: "virtual SError",
    cells: [cell("vsesr", digits(rec.vserror))],
  }]),
];

const memoryGroup = ({ realm: { memory } }: World): Group => {
  const pages = memory.chunks.reduce(
    (sum, chunk) =>
      sum + (chunk ?? []).filter((page) => page !== undefined).length,
    0,
  );
  return {
    title: "memory",
    cells: [
      cell("from", digits(BigInt(memory.base))),
      cell("pages", `${pages} of ${memory.bytes / page_bytes}`),
    ],
  };
};

/** What REC `rec` of a world truly is; nothing of it is the host's to know. */
export const truth = (world: World, rec: number): readonly Group[] => {
  const own = world.realm.recs[rec];
  const kept = world.rmm.recs[rec];
  if (own === undefined || kept === undefined) return [];
  const insn = insnText(world, rec) ?? "";
  return [
    { title: "pc", cells: [cell("", hex(own.pc)), cell(insn, "")] },
    { title: "pstate", cells: stateCells(own) },
    { title: "regs", cells: generalCells(own) },
    { title: "sysregs", cells: systemCells(own) },
    ...rmmGroups(kept),
    memoryGroup(world),
  ];
};
