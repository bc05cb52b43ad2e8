/**
 * Plays a script against a device and annotates it: the lines of the script,
 * each with what came of it, as text a hardware engineer can read.
 *
 *     r OFFSET [BYTES]         read; BYTES is 4 unless given
 *     w OFFSET VALUE [BYTES]   write
 *     tick SECONDS             time passes
 *     rx BYTE...               characters arrive
 *
 * Notes: `= 0x1` the value read; `tx 0x41` a character left; `irq high` and
 * `irq low` when the line moved; `!` a write that changed nothing. Numbers are
 * hexadecimal but for BYTES and SECONDS.
 *
 * @module
 */

import { assertStrictEquals } from "@std/assert";
import {
  type Device,
  irq,
  read,
  receive,
  tick,
  write,
} from "../core/device/device.ts";

/** A device and what the last line did to it. */
interface Played {
  readonly device: Device;
  readonly notes: readonly string[];
}

const number = (text: string | undefined): number =>
  Number.parseInt(text ?? "", 16);

const hex = (value: bigint | number): string => `0x${value.toString(16)}`;

const same = (a: Device, b: Device): boolean =>
  JSON.stringify(a) === JSON.stringify(b);

const playRead = (device: Device, words: readonly string[]): Played => {
  const result = read(device, number(words[1]), Number(words[2] ?? "4"));
  // A read that changes nothing returns the same state, by identity.
  if (same(result.state, device)) assertStrictEquals(result.state, device);
  return { device: result.state, notes: [`= ${hex(result.value)}`] };
};

const playWrite = (device: Device, words: readonly string[]): Played => {
  const [, offset, value = "0", bytes = "4"] = words;
  const result = write(
    device,
    number(offset),
    Number(bytes),
    BigInt(`0x${value.replace(/^0x/, "")}`),
  );
  const sent = result.asks.map((ask) =>
    ask.tag === "UartTx" ? `tx ${hex(ask.byte)}` : ask.tag
  );
  const ignored = result.state === device ? ["!"] : [];
  return { device: result.state, notes: [...sent, ...ignored] };
};

const playLine = (device: Device, line: string): Played => {
  const words = line.trim().split(/\s+/);
  switch (words[0]) {
    case "r":
      return playRead(device, words);
    case "w":
      return playWrite(device, words);
    case "tick":
      return { device: tick(device, Number(words[1])), notes: [] };
    case "rx":
      return {
        device: receive(device, words.slice(1).map(number)),
        notes: [],
      };
    default:
      throw new Error(`Expected r, w, tick or rx but found ${words[0]}`);
  }
};

const edge = (before: Device, after: Device): readonly string[] => {
  if (irq(before) === irq(after)) return [];
  return [irq(after) ? "irq high" : "irq low"];
};

/** The script part of an annotated line: up to two spaces or the line's end. */
const scriptOf = (line: string): string => line.trim().split(/ {2,}/)[0] ?? "";

const column = 18;

/** A script's annotated text and the device after it. */
export interface Log {
  readonly text: string;
  readonly device: Device;
}

/**
 * Plays an annotated script, old annotations ignored, and returns it with
 * what really happened. Blank lines and lines that begin with `#` stay.
 */
export const playScript = (start: Device, script: string): Log => {
  let device = start;
  const lines = script.trim().split("\n").map((raw) => {
    const line = raw.trim();
    if (line === "" || line.startsWith("#")) return line;
    const command = scriptOf(line);
    const played = playLine(device, command);
    const notes = [...played.notes, ...edge(device, played.device)];
    device = played.device;
    return `${command.padEnd(column)}${notes.join("  ")}`.trimEnd();
  });
  return { text: lines.join("\n"), device };
};

/** The same text as `playScript` writes it: trimmed and aligned. */
export const aligned = (script: string): string =>
  script.trim().split("\n").map((raw) => {
    const line = raw.trim();
    if (line === "" || line.startsWith("#")) return line;
    const [command = "", ...notes] = line.split(/ {2,}/);
    return `${command.padEnd(column)}${notes.join("  ")}`.trimEnd();
  }).join("\n");
