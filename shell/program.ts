/**
 * The command line of recrun as one effect.
 *
 * @module
 */

import * as Effect from "effect/Effect";
import { command_names, commands, help } from "./cli.ts";
import type { Loaded } from "./command.ts";
import type { Head } from "./head.ts";
import { later } from "./later.ts";
import { machine } from "./machine.ts";
import { type BadInput, badInput, type Files, Terminal } from "./services.ts";
import { version } from "./version.ts";

const encoder = new TextEncoder();

const say = Effect.fnUntraced(function* (text: string) {
  const terminal = yield* Terminal;
  yield* terminal.out(encoder.encode(text));
  return 0;
});

const isHelp = (arg: string): boolean => arg === "--help" || arg === "-h";

const perform = Effect.fnUntraced(function* (
  args: readonly string[],
  head: Head | null,
) {
  const [name, ...rest] = args;
  if (name === undefined) {
    return yield* Effect.fail(
      badInput(`expected a command (${command_names}) but found none`),
    );
  }
  if (isHelp(name)) return yield* say(help);
  if (name === "--version") return yield* say(`recrun ${version}\n`);
  const command = Object.hasOwn(commands, name) ? commands[name] : undefined;
  if (command === undefined) {
    return yield* Effect.fail(badInput(
      `expected a command (${command_names}) but found ${JSON.stringify(name)}`,
    ));
  }
  const { main, usage } = yield* Effect.promise(() =>
    later<Loaded>(command.module)
  );
  return rest.some(isHelp) ? yield* say(usage) : yield* main(rest, head);
});

/**
 * Runs one command line to its exit code: 0 done, 1 a check failed or the
 * guest faulted for good, 2 bad usage or input, which is told in one line.
 */
export const program = (
  args: readonly string[],
  head: Head | null = null,
): Effect.Effect<number, never, Files | Terminal> =>
  perform(args, head).pipe(
    Effect.catch(Effect.fnUntraced(function* (refused: BadInput) {
      const terminal = yield* Terminal;
      yield* terminal.err(`recrun: ${refused.line}`);
      return 2;
    })),
  );

/** Runs one command line on this machine, from where a head start left it. */
export const runHere = (
  args: readonly string[],
  head: Head | null,
): Promise<number> =>
  Effect.runPromise(program(args, head).pipe(Effect.provide(machine)));
