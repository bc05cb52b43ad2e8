/**
 * The command line: the table of commands and their help.
 *
 * @module
 */

import type * as Effect from "effect/Effect";
import type { BadInput, Files, Terminal } from "./services.ts";

/** What every command is: arguments in, an exit code out. */
export type Main = (
  args: readonly string[],
) => Effect.Effect<number, BadInput, Files | Terminal>;

/** One row of the command table. */
export interface Command {
  /** Arguments, as help shows them. */
  readonly args: string;
  /** What it does, in a few words. */
  readonly does: string;
  /** Its module, loaded when it is asked for; `usage` is its own help. */
  readonly load: () => Promise<{ readonly main: Main; readonly usage: string }>;
}

/** Every command by its name. */
export const commands: Readonly<Record<string, Command>> = {
  run: {
    args: "GUEST.elf|SCENARIO.json",
    does: "run a guest; its UART is stdout, what happened is stderr",
    load: () => import("./run.ts"),
  },
  conform: {
    args: "VECTORS.jsonl[.gz] ...",
    does: 'check reference vectors; ends "N passed, N failed"',
    load: () => import("./conform.ts"),
  },
};

const rows = Object.entries(commands);

/** What `recrun --help` prints. */
export const help = `\
recrun: a deterministic emulator of Arm CCA realms

${
  rows.map(([name, { args, does }]) =>
    `  recrun ${name} ${args}\n      ${does}`
  )
    .join("\n")
}

recrun COMMAND --help tells more.
exit codes: 0 done, 1 a check failed or the guest faulted, 2 bad usage or input
`;

/** The names of the commands, for refusals. */
export const command_names: string = rows.map(([name]) => name).join(", ");
