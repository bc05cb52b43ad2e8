/**
 * The frame: a session as a screen of text. A pure function of the session
 * and the size of the terminal.
 *
 * @module
 */

import { hex } from "../arch/word.ts";
import { insnText } from "../realm/look.ts";
import { fitted, type Line, span } from "./ansi.ts";
import { bodyOf, filled, type Size } from "./body.ts";
import { digest, digestText } from "./digest.ts";
import { road } from "./road.ts";
import { lastText, type Prompt, type Session } from "./session.ts";

export type { Size } from "./body.ts";

/** The smallest screen the view is made for; a smaller one shows its corner. */
export const least: Size = { columns: 80, rows: 24 };

const keys: readonly string[] = [
  "i step  e event  x exit (I E X back)  0 $ ends  g go to  n REC  ? help  q quit",
  "r R run to, back to  w who wrote  m mark  d diff  l ledger  b both  j k scroll",
];

/** Whether the world here has the digest the file gives it. */
const digestState = ({ history, digests }: Session): string => {
  const { event, turn, world } = history.now;
  const expected = turn === 0 ? digests[event - 1] ?? null : null;
  if (expected === null) return "";
  return digestText(digest(world)) === expected
    ? "digest ok"
    : "DIGEST DIFFERS";
};

const title = (session: Session): Line => {
  const { name, history, rec } = session;
  const { event, turn, steps, world } = history.now;
  const inside = turn === 0 ? "" : `+${turn}`;
  const at = world.host.vcpus[rec]?.at ?? "nowhere";
  const parts = [
    name,
    `event ${event}${inside}/${history.tape.events.length}`,
    `step ${steps}`,
    `rec${rec} at ${at}`,
    digestState(session),
  ];
  return [span(parts.filter((part) => part !== "").join("  "), "invert")];
};

const nextText = ({ history: { tape, now } }: Session): string => {
  const event = tape.events[now.event];
  if (event === undefined) return "the end of the recording";
  if (event.tag !== "Run") {
    return `${now.event} ${
      "rec" in event ? `rec${event.rec} ` : ""
    }${event.tag}`;
  }
  const { rec } = event;
  const pc = now.world.realm.recs[rec]?.pc ?? 0n;
  const insn = insnText(now.world, rec) ?? "";
  return `${now.event} rec${rec} Run at ${hex(pc)} ${insn}`.trimEnd();
};

const questions: Readonly<Record<Prompt["tag"], string>> = {
  goto: "go to event N or sSTEP: ",
  forward: "run to: ",
  backward: "back to: ",
  who: "who last changed: ",
};

const statusOf = ({ message, prompt }: Session): Line =>
  prompt === null ? [span(message, "bold")] : [
    span(questions[prompt.tag], "bold"),
    span(prompt.text),
    span(" ", "invert"),
  ];

/** The lines of the screen, each exactly as wide as the terminal, as many as it has rows. */
export const frame = (session: Session, size: Size): readonly Line[] => {
  const columns = Math.max(size.columns, least.columns);
  const rows = Math.max(size.rows, least.rows);
  const { tape, now } = session.history;
  const top: readonly Line[] = [
    title(session),
    ...road(tape.events, now.event, columns),
    [span("last  ", "bold"), span(lastText(session))],
    [span("next  ", "bold"), span(nextText(session))],
  ];
  const bottom: readonly Line[] = [
    statusOf(session),
    ...keys.map((text): Line => [span(text, "dim")]),
  ];
  const body_rows = rows - top.length - bottom.length;
  const body = bodyOf(session, { columns, rows: body_rows });
  const lines = [
    ...top,
    ...filled(body, body_rows).slice(0, body_rows),
    ...bottom,
  ];
  return lines.slice(0, size.rows).map((line) => fitted(line, size.columns));
};
