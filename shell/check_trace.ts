/**
 * `recrun check-trace`: a kernel trace held against a revision of KVM.
 *
 * @module
 */

import * as Effect from "effect/Effect";
import { revisions } from "../core/host/revision.ts";
import type { KvmRevision } from "../core/host/revision.ts";
import { profiles, type RmmProfile } from "../core/rmm/profile.ts";
import { checkTrace, type Finding, type Report } from "../core/trace/check.ts";
import { rules } from "../core/trace/rules.ts";
import type { Main } from "./command.ts";
import { isBad, oneOf, readFlags } from "./flags.ts";
import { readText } from "./lines.ts";
import { choices, default_options } from "./options.ts";
import { type BadInput, badInput, Terminal } from "./services.ts";

/** What `recrun check-trace --help` prints. */
export const usage = `\
recrun check-trace FILE [options]

Reads kernel trace text as ftrace or trace-cmd report writes it, plain or
gzipped, follows each vCPU thread of a realm and says which lines a KVM of the
chosen revision would not write. Lines of other events are counted; lines that
are not understood are counted and shown.

  --kvm NAME       revision: ${
  choices.kvm.join(", ")
} (default ${default_options.kvm})
  --rmm NAME       RMM profile: ${
  choices.rmm.join(", ")
} (default ${default_options.rmm})

exit codes: 0 consistent, 1 not, 2 bad usage or input
`;

const encoder = new TextEncoder();

/** Lines that are not understood are shown up to this many. */
const strays_shown_max = 20;

interface Asked {
  readonly path: string;
  readonly rev: KvmRevision;
  readonly rmm: RmmProfile;
}

const named = <T extends { readonly name: string }>(
  what: "kvm" | "rmm",
  table: readonly T[],
  name: string,
): T | BadInput => {
  const known = oneOf(what, name, choices[what]);
  if (isBad(known)) return known;
  return table.find((row) => row.name === known) as T;
};

const parse = (args: readonly string[]): Asked | BadInput => {
  const flags = readFlags(args, { string: ["kvm", "rmm"] });
  if (isBad(flags)) return flags;
  const [path, ...more] = flags.rest;
  if (path === undefined || more.length > 0) {
    return badInput(
      `expected check-trace to be given one FILE but found ${flags.rest.length}`,
    );
  }
  const { kvm = default_options.kvm, rmm = default_options.rmm } = flags.values;
  const rev = named("kvm", revisions, kvm);
  if (isBad(rev)) return rev;
  const profile = named("rmm", Object.values(profiles), rmm);
  return isBad(profile) ? profile : { path, rev, rmm: profile };
};

const counted = (count: number, what: string): string =>
  `${count} ${what}${count === 1 ? "" : "s"}`;

const vcpuLine = ([{ comm, pid }, vcpu]: Report["vcpus"][number]): string => {
  const { entries, faults, reads, writes, user, nisv } = vcpu.counts;
  const alias = vcpu.alias === null
    ? "alias bit not seen"
    : `alias bit ${vcpu.alias.toString(2).length - 1}`;
  const who = comm === "" ? "vCPU" : `vCPU ${pid} (${comm})`;
  return `${who}: ${
    [
      `${entries} entries`,
      counted(faults, "fault"),
      `${counted(reads, "read")} and ${
        counted(writes, "write")
      }, ${user} to user space`,
      `${nisv} without syndrome`,
      alias,
    ].join("; ")
  }`;
};

const findingLine = ({ line, pid, rule, wrong, expected, found }: Finding) =>
  `line ${line}${pid === "?" ? "" : ` vCPU ${pid}`} ${
    wrong ? "" : "(odd) "
  }${rule}: expected ${expected} but found ${found}`;

const isConsistent = ({ findings }: Report): boolean =>
  findings.every(({ wrong }) => !wrong);

const ruleLines = (findings: readonly Finding[]): readonly string[] =>
  [...new Set(findings.map(({ rule }) => rule))].map((rule) =>
    `rule ${rule}: ${rules[rule].why} [${rules[rule].source}]`
  );

const otherLines = ({ others, strays, lost }: Report): readonly string[] => {
  const lines = [];
  if (lost > 0) lines.push(`events lost by the tracer: ${lost} times`);
  if (others.size > 0) {
    const names = [...others].map(([name, count]) => `${name} ${count}`);
    lines.push(`other events: ${names.join(", ")}`);
  }
  if (strays.length > 0) {
    lines.push(`not understood: ${counted(strays.length, "line")}`);
    for (const { line, why } of strays.slice(0, strays_shown_max)) {
      lines.push(`  line ${line}: ${why}`);
    }
    const more = strays.length - strays_shown_max;
    if (more > 0) lines.push(`  and ${more} more`);
  }
  return lines;
};

/** The revisions under which the same text has no wrong line. */
const others = (text: string, rmm: RmmProfile): readonly string[] =>
  revisions.filter((rev) => isConsistent(checkTrace(text, { rev, rmm })))
    .map(({ name }) => name);

/** Checks a trace; 0 when every line fits the revision, 1 when one does not. */
export const main: Main = Effect.fnUntraced(function* (args) {
  const terminal = yield* Terminal;
  const asked = parse(args);
  if (isBad(asked)) return yield* Effect.fail(asked);
  const { path, rev, rmm } = asked;
  const text = yield* readText(path);
  const report = checkTrace(text, { rev, rmm });
  if (report.followed === 0) {
    return yield* Effect.fail(badInput(
      `${path}: expected a line of a KVM event such as "kvm_entry: PC: 0x..." but found none in ${report.lines}`,
    ));
  }
  const consistent = isConsistent(report);
  const wrong = report.findings.filter((finding) => finding.wrong).length;
  const fits = consistent ? [] : others(text, rmm);
  const lines = [
    `${path}: ${report.followed} of ${report.lines} lines followed`,
    ...report.vcpus.map(vcpuLine),
    ...report.findings.map(findingLine),
    ...ruleLines(report.findings),
    ...otherLines(report),
    consistent
      ? `consistent with ${rev.name} and ${rmm.name}`
      : `not consistent with ${rev.name} and ${rmm.name}: ${
        counted(wrong, "finding")
      }; consistent with: ${fits.join(", ") || "none"}`,
  ];
  yield* terminal.out(
    encoder.encode(lines.map((line) => `${line}\n`).join("")),
  );
  return consistent ? 0 : 1;
});
