/**
 * Invokes the command line in this process, with files and standard streams
 * held in memory.
 *
 * @module
 */

import * as Effect from "effect/Effect";
import { headStart } from "../shell/head.ts";
import { program } from "../shell/program.ts";
import { badInput, Files, Terminal } from "../shell/services.ts";

/** What the command finds when it looks around. */
export interface Surroundings {
  /** Files by path; a path not listed is read from the repository. */
  readonly files?: Readonly<Record<string, Uint8Array | string>>;
  readonly stdin?: string;
  /** Begin a plain run as the program does, before its command is loaded. */
  readonly head?: boolean;
}

/** What the command left behind. */
export interface Invoked {
  readonly code: number;
  readonly out: string;
  readonly err: string;
  /** Text files it wrote, by path. */
  readonly written: Readonly<Record<string, string>>;
}

const bytesOf = (content: Uint8Array | string): Uint8Array =>
  typeof content === "string" ? new TextEncoder().encode(content) : content;

/** Runs `recrun` with `args`. */
export const invoke = async (
  args: readonly string[],
  around: Surroundings = {},
): Promise<Invoked> => {
  const out: number[] = [];
  const err: string[] = [];
  const written: Record<string, string> = {};
  const files = Files.of({
    read: (path) => {
      const content = around.files?.[path];
      if (content !== undefined) return Effect.succeed(bytesOf(content));
      return Effect.tryPromise({
        try: () => Deno.readFile(path),
        catch: () =>
          badInput(`${path}: expected a readable file but found no such file`),
      });
    },
    create: (path) => {
      written[path] = "";
      return Effect.succeed({
        write: (text: string) =>
          Effect.sync(() => {
            written[path] += text;
          }),
        close: Effect.void,
      });
    },
  });
  const terminal = Terminal.of({
    out: (bytes) => Effect.sync(() => void out.push(...bytes)),
    err: (line) => Effect.sync(() => void err.push(`${line}\n`)),
    input: Effect.succeed(bytesOf(around.stdin ?? "")),
    elapsed_ms: Effect.succeed(0),
  });
  const head = around.head !== true ? null : headStart(args, {
    read: (path) => {
      const content = around.files?.[path];
      return content === undefined ? Deno.readFileSync(path) : bytesOf(content);
    },
    input: () => bytesOf(around.stdin ?? ""),
    out: (bytes) => void out.push(...bytes),
  });
  const code = await Effect.runPromise(
    program(args, head).pipe(
      Effect.provideService(Files, files),
      Effect.provideService(Terminal, terminal),
    ),
  );
  const text = new TextDecoder().decode(new Uint8Array(out));
  return { code, out: text, err: err.join(""), written };
};
