/**
 * The command line: the table of commands and their help.
 *
 * @module
 */

import type { Command } from "./command.ts";

/** Every command by its name. */
export const commands: Readonly<Record<string, Command>> = {
  run: {
    args: "GUEST.elf|SCENARIO.json",
    does: "run a guest; its UART is stdout, what happened is stderr",
    module: "./run.ts",
  },
  replay: {
    args: "RECORDING",
    does: "play a recording again and name the first event that differs",
    module: "./replay.ts",
  },
  inspect: {
    args: "RECORDING|SCENARIO.json|GUEST.elf",
    does: "step through a run: the realm's truth beside what the host knows",
    module: "./inspect.ts",
  },
  snapshot: {
    args: "FILE@EVENT --save OUT",
    does: "save the world at an event; run --from OUT goes on from it",
    module: "./snapshot.ts",
  },
  conform: {
    args: "VECTORS.jsonl[.gz] ...",
    does: 'check reference vectors; ends "N passed, N failed"',
    module: "./conform.ts",
  },
  export: {
    args: "GUEST.elf|SCENARIO.json --format FORMAT",
    does: "write a run as mermaid, plantuml, perfetto or jsonl",
    module: "./export.ts",
  },
  explain: {
    args: "esr|hpfar|flags|refusal VALUE, FILE@EVENT or a kernel line",
    does: "say what it means, what the RMM shows and what may come next",
    module: "./explain.ts",
  },
  "check-trace": {
    args: "FILE",
    does: "say where a kernel trace does not fit a revision of KVM",
    module: "./check_trace.ts",
  },
  lint: {
    args: "GUEST.elf",
    does: "list instructions whose access to a device nobody could emulate",
    module: "./lint.ts",
  },
  explore: {
    args: "[--kvm NAME] [--rmm NAME] [--events LIST] ...",
    does: "every interleaving; a shortest counterexample, or how far all holds",
    module: "./explore.ts",
  },
  kvm: {
    args: "",
    does: "print the table of KVM revisions and how well it is known",
    module: "./kvm.ts",
  },
  museum: {
    args: "[EXHIBIT]",
    does: "plant historical bugs and print which invariant kills which",
    module: "./museum.ts",
  },
};

const rows = Object.entries(commands);

/** What `recrun --help` prints. */
export const help = `\
recrun: a deterministic emulator of Arm CCA realms

${
  rows.map(([name, { args, does }]) =>
    `  recrun ${`${name} ${args}`.trimEnd()}\n      ${does}`
  )
    .join("\n")
}

recrun COMMAND --help tells more.
exit codes: 0 done, 1 a check failed or the guest faulted, 2 bad usage or input
`;

/** The names of the commands, for refusals. */
export const command_names: string = rows.map(([name]) => name).join(", ");
