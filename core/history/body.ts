/**
 * Bodies: what fills the screen between the road and the keys.
 *
 * @module
 */

import { hostView } from "../host/view.ts";
import { fitted, type Line, span } from "./ansi.ts";
import { paneLines } from "./cells.ts";
import { differences, differenceText } from "./diff.ts";
import { known } from "./known.ts";
import type { Entry } from "./ledger.ts";
import type { Session } from "./session.ts";
import { truth } from "./truth.ts";

/** Size of a terminal in characters. */
export interface Size {
  readonly columns: number;
  readonly rows: number;
}

const window = (
  lines: readonly Line[],
  scroll: number,
  rows: number,
): readonly Line[] => {
  const first = Math.min(scroll, Math.max(0, lines.length - rows));
  const shown = lines.slice(first, first + rows);
  const left = lines.length - first - shown.length;
  if (left === 0 || rows < 2) return shown;
  const more = [span(`  ... ${left + 1} more, j`, "dim")];
  return [...shown.slice(0, -1), more];
};

const blank: Line = [];

/** The lines and as many empty ones as make `rows`. */
export const filled = (
  lines: readonly Line[],
  rows: number,
): readonly Line[] => [
  ...lines,
  ...Array.from({ length: Math.max(0, rows - lines.length) }, () => blank),
];

/** The realm's truth and what the host knows, side by side. */
const bothViews = (
  { history, prior, rec, scroll }: Session,
  { columns, rows }: Size,
): readonly Line[] => {
  const { world } = history.now;
  const left_width = Math.floor((columns - 1) / 2);
  const right_width = columns - 1 - left_width;
  const left = paneLines(
    truth(world, rec),
    prior === null ? null : truth(prior.world, rec),
    left_width,
  );
  const right = paneLines(
    known(hostView(world), rec),
    prior === null ? null : known(hostView(prior.world), rec),
    right_width,
  );
  const body = rows - 1;
  const lefts = filled(window(left, scroll, body), body);
  const rights = filled(window(right, scroll, body), body);
  const heads: Line = [
    ...fitted([span("the realm's truth", "invert")], left_width),
    span("|", "dim"),
    ...fitted([span("what the host knows", "invert")], right_width),
  ];
  return [
    heads,
    ...lefts.map((line, row): Line => [
      ...fitted(line, left_width),
      span("|", "dim"),
      ...fitted(rights[row] ?? blank, right_width),
    ]),
  ];
};

const entryLines = (entry: Entry): readonly Line[] => {
  const { rec, what, value, rule, first, last, count } = entry;
  const when = count === 1 ? `${first}` : `${first}..${last} x${count}`;
  return [
    [
      span(`${when.padEnd(16)} rec${rec} ${what} `),
      span(value, "bold"),
    ],
    rule === null
      ? [span(`${" ".repeat(17)}NO RULE ALLOWS THIS`, "changed")]
      : [span(`${" ".repeat(17)}${rule}`, "dim")],
  ];
};

/** What the host has learnt, the newest first. */
const ledgerView = (
  { ledgers, scroll }: Session,
  { rows }: Size,
): readonly Line[] => {
  const entries = [...ledgers.now.entries.values()].reverse();
  const head = `what the host has learnt so far: ${entries.length} things`;
  return [
    [span(head, "invert")],
    ...window(entries.flatMap(entryLines), scroll, rows - 1),
  ];
};

const diffView = (
  { history: { now }, mark, scroll }: Session,
  { rows }: Size,
): readonly Line[] => {
  if (mark === null) return [[span("no mark: press m at the other moment")]];
  const [a, b] = mark.steps <= now.steps ? [mark, now] : [now, mark];
  const lines = differences(a.world, b.world);
  const head =
    `from event ${a.event} step ${a.steps} to event ${b.event} step ${b.steps}: ${lines.length} differences`;
  return [
    [span(head, "invert")],
    ...window(
      lines.map((line): Line => [span(differenceText(line))]),
      scroll,
      rows - 1,
    ),
  ];
};

const help: readonly string[] = [
  "i I      forward, back by one step: a realm instruction, or an event",
  "e E      by one event (also right and left)",
  "x X      to the next, the last time RMI_REC_ENTER returned",
  "r R      forward, back to a condition: pc==0x40080000 (becomes), x5 (changes),",
  "         EMUL_MMIO (is set), enter.gprs[0]==0x90, Dabt (such an event), exit",
  "w        who last changed x5, esr_el1, 0x40081000:4, exit.esr, EMUL_MMIO, ret",
  "g        go to event 57, or to step s1234;  0 and $ go to the ends",
  "m d      mark this moment; everything that differs between it and now",
  "l b      what the host has learnt and by which rule; both views again",
  "n        the next REC;  j k scroll (also down and up);  q quits",
  "lanes    r run, D data abort, A fetch abort, C SMC, W wait, T register, I irq,",
  "         e REC enter, x KVM handles the exit, k KVM_RUN, m MMIO, h other exit",
];

/** The lines between the road and the keys; at most `size.rows` of them count. */
export const bodyOf = (session: Session, size: Size): readonly Line[] => {
  switch (session.body) {
    case "both":
      return bothViews(session, size);
    case "ledger":
      return ledgerView(session, size);
    case "diff":
      return diffView(session, size);
    case "help":
      return help.map((text): Line => [span(text)]);
  }
};
