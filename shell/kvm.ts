/**
 * `recrun kvm`: the table of KVM revisions, with how well each cell is known.
 *
 * @module
 */

import * as Effect from "effect/Effect";
import {
  type Proof,
  proofOf,
  type Provenance,
  provenance,
} from "../core/host/provenance.ts";
import type { Switches } from "../core/host/switches.ts";
import { columns } from "./columns.ts";
import type { Main } from "./command.ts";
import { isBad, readFlags } from "./flags.ts";
import { badInput, Terminal } from "./services.ts";

/** What `recrun kvm --help` prints. */
export const usage = `\
recrun kvm

Prints the table of KVM revisions: a line for each switch in which they
differ, a column for each revision, and below it where each column comes from.
A cell marked ~ is deduced from neighbouring revisions, one marked ? is
general knowledge that was not read again; both are claims to test.
`;

const marks: Readonly<Record<Proof, string>> = {
  stated: "",
  deduced: " ~",
  known: " ?",
};

const words: Readonly<Record<Proof, string>> = {
  stated: "read",
  deduced: "deduced",
  known: "general knowledge",
};

const cellText = (from: Provenance, name: keyof Switches): string => {
  const value = from.row[name];
  const shown = typeof value === "boolean" ? (value ? "yes" : "no") : value;
  return `${shown}${marks[proofOf(from, name)]}`;
};

/** The whole table as lines. */
export const tableText = (): readonly string[] => {
  const [first] = provenance;
  if (first === undefined) return [];
  const names = Object.keys(first.row).filter((key) =>
    key !== "name"
  ) as (keyof Switches)[];
  const head = ["", ...provenance.map(({ row }) => row.name)];
  const body = names.map((
    name,
  ) => [name, ...provenance.map((from) => cellText(from, name))]);
  const sources = provenance.map(({ row, what, evidence, proof }) => [
    row.name,
    words[proof],
    `${what}; ${evidence}`,
  ]);
  return [
    ...columns([head, ...body]),
    "",
    "~ deduced from neighbouring revisions   ? general knowledge, not read again",
    "",
    ...columns(sources),
  ];
};

/** Prints the table. */
export const main: Main = Effect.fnUntraced(function* (args) {
  const terminal = yield* Terminal;
  const flags = readFlags(args, {});
  if (isBad(flags)) return yield* Effect.fail(flags);
  const [extra] = flags.rest;
  if (extra !== undefined) {
    return yield* Effect.fail(badInput(
      `expected kvm to be given nothing but found ${JSON.stringify(extra)}`,
    ));
  }
  const text = tableText().map((line) => `${line}\n`).join("");
  yield* terminal.out(new TextEncoder().encode(text));
  return 0;
});
