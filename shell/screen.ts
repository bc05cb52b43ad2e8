/**
 * A terminal used as a screen: keys in, frames out.
 *
 * @module
 */

import { plain, screen as painted } from "../core/history/ansi.ts";
import { frame, type Size } from "../core/history/frame.ts";
import { press } from "../core/history/keys.ts";
import type { Session } from "../core/history/session.ts";

/** A screen and its keyboard. */
export interface Screen {
  /** Its size now. */
  readonly size: () => Size;
  /** Writes text and escape sequences. */
  readonly write: (text: string) => void;
  /** Keys as they are pressed, or `resize` when the size changed. */
  readonly keys: AsyncIterable<string>;
}

/** What terminals send for the keys that are not characters. */
const sequences: Readonly<Record<string, string>> = {
  "\x1b[A": "up",
  "\x1b[B": "down",
  "\x1b[C": "right",
  "\x1b[D": "left",
  "\x1bOA": "up",
  "\x1bOB": "down",
  "\x1bOC": "right",
  "\x1bOD": "left",
};

const named: Readonly<Record<string, string>> = {
  "\r": "enter",
  "\n": "enter",
  "\x7f": "backspace",
  "\b": "backspace",
  "\x1b": "escape",
  "\x03": "interrupt",
  "\x04": "interrupt",
};

// deno-lint-ignore no-control-regex
const known = /\x1b[[O][ABCD]/y;
// deno-lint-ignore no-control-regex
const unknown = /\x1b[[O][0-9;]*[ -~]/y;

const matchAt = (pattern: RegExp, text: string, at: number): string | null => {
  pattern.lastIndex = at;
  return pattern.exec(text)?.[0] ?? null;
};

/** The keys in what a terminal sent; sequences nobody knows are dropped. */
export const keysOf = (text: string): readonly string[] => {
  const keys: string[] = [];
  for (let at = 0; at < text.length;) {
    const arrow = matchAt(known, text, at);
    const other = arrow ?? matchAt(unknown, text, at);
    if (arrow !== null) keys.push(sequences[arrow] ?? "escape");
    if (other !== null) {
      at += other.length;
      continue;
    }
    const key = text.charAt(at);
    keys.push(named[key] ?? key);
    at += 1;
  }
  return keys;
};

/** A frame as plain text, one line a row, without spaces at the ends. */
export const frameText = (session: Session, size: Size): string =>
  frame(session, size).map((line) => `${plain(line).trimEnd()}\n`).join("");

/** The alternate screen without a cursor, and back. */
const enter = "\x1b[?1049h\x1b[?25l\x1b[2J";
const leave = "\x1b[?25h\x1b[?1049l";

/** Shows a session and lets keys change it, until one ends it. */
export const interact = async (
  session: Session,
  { size, write, keys }: Screen,
): Promise<void> => {
  let now: Session = session;
  const draw = () => write(painted(frame(now, size())));
  write(enter);
  try {
    draw();
    for await (const key of keys) {
      if (key === "interrupt") return;
      if (key === "resize") write("\x1b[2J");
      const next = key === "resize" ? now : press(now, key);
      if (next === null) return;
      now = next;
      draw();
    }
  } finally {
    write(leave);
  }
};

/** Keys from standard input, and `resize` whenever the terminal's size changes. */
const readKeys = (): AsyncIterable<string> => {
  const reader = Deno.stdin.readable.getReader();
  const decoder = new TextDecoder();
  let resized = (): void => {};
  return new ReadableStream<string>({
    start: (controller) => {
      resized = () => controller.enqueue("resize");
      Deno.addSignalListener("SIGWINCH", resized);
    },
    pull: async (controller) => {
      // A pull that brings nothing is not followed by another.
      for (let keys: readonly string[] = []; keys.length === 0;) {
        const { value, done } = await reader.read();
        if (done) return controller.close();
        keys = keysOf(decoder.decode(value, { stream: true }));
        for (const key of keys) controller.enqueue(key);
      }
    },
    cancel: async () => {
      Deno.removeSignalListener("SIGWINCH", resized);
      await reader.cancel();
    },
  });
};

/** The terminal this process runs in, or null when there is none. */
export const terminalScreen = (): Screen | null => {
  if (!Deno.stdin.isTerminal() || !Deno.stdout.isTerminal()) return null;
  const encoder = new TextEncoder();
  return {
    size: () => Deno.consoleSize(),
    write: (text) => {
      const bytes = encoder.encode(text);
      for (let at = 0; at < bytes.length;) {
        at += Deno.stdout.writeSync(bytes.subarray(at));
      }
    },
    keys: readKeys(),
  };
};

/** Does `work` while the terminal hands over every key at once and echoes none. */
export const raw = async (work: () => Promise<void>): Promise<void> => {
  Deno.stdin.setRaw(true);
  try {
    await work();
  } finally {
    Deno.stdin.setRaw(false);
  }
};
