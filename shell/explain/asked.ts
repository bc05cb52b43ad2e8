/**
 * The command line of `recrun explain`.
 *
 * Arguments are told from flags here and not by the flag reader, which would
 * turn a word such as 0x93830007 into a number and lose the bits above 53.
 *
 * @module
 */

import { places, type Setting } from "../../core/explain/scene.ts";
import { revisions } from "../../core/host/revision.ts";
import { profiles } from "../../core/rmm/profile.ts";
import { specOf } from "../../core/rmm/spec.ts";
import { isBad, readFlags } from "../flags.ts";
import {
  default_options,
  option_switches,
  readOptions,
  type RunOptions,
} from "../run_options.ts";
import { type BadInput, badInput } from "../services.ts";

/** What was asked. */
export interface Asked {
  /** Arguments that are no flags. */
  readonly rest: readonly string[];
  /** Run options that were given. */
  readonly options: Partial<RunOptions>;
  /** Words that were given. */
  readonly words: { readonly far?: bigint; readonly hpfar?: bigint };
  /** Flags without a value that were given. */
  readonly given: ReadonlySet<string>;
}

const word_flags = ["far", "hpfar"] as const;
const value_flags = ["rmm", "kvm", "ipa-bits", ...word_flags] as const;
const place_flags: readonly string[] = Object.keys(places);

/** A 64-bit word, hexadecimal with 0x or decimal; null for anything else. */
export const wordOf = (text: string): bigint | null => {
  if (!/^(0x[0-9a-fA-F]+|[0-9]+)$/.test(text)) return null;
  const value = BigInt(text);
  return value < 1n << 64n ? value : null;
};

/** Refuses a text that is no word. */
export const badWord = (name: string, text: string): BadInput =>
  badInput(
    `expected ${name} to be a word of 64 bits such as 0x93830007 but found ${
      JSON.stringify(text)
    }`,
  );

/** Flags with their values on one side, everything else on the other. */
const sorted = (
  args: readonly string[],
): { readonly flags: readonly string[]; readonly rest: readonly string[] } => {
  const flags: string[] = [];
  const rest: string[] = [];
  for (let at = 0; at < args.length; at++) {
    const arg = args[at] as string;
    if (!arg.startsWith("--")) {
      rest.push(arg);
      continue;
    }
    flags.push(arg);
    const takes = (value_flags as readonly string[]).includes(arg.slice(2));
    const value = args[at + 1];
    if (takes && value !== undefined) {
      // Glued on, a value that looks like a number stays text.
      flags[flags.length - 1] = `${arg}=${value}`;
      at += 1;
    }
  }
  return { flags, rest };
};

/** Reads the arguments of `recrun explain`. */
export const readAsked = (args: readonly string[]): Asked | BadInput => {
  const { flags: flagged, rest } = sorted(args);
  const flags = readFlags(flagged, {
    string: value_flags,
    boolean: [...place_flags, ...option_switches],
  });
  if (isBad(flags)) return flags;
  const options = readOptions(flags);
  if (isBad(options)) return options;
  const words: { -readonly [K in keyof Asked["words"]]: bigint } = {};
  for (const name of word_flags) {
    const text = flags.values[name];
    if (text === undefined) continue;
    const word = wordOf(text);
    if (word === null) return badWord(`--${name}`, text);
    words[name] = word;
  }
  const chosen = place_flags.filter((place) => flags.given.has(place));
  if (chosen.length > 1 || (chosen.length > 0 && words.hpfar !== undefined)) {
    return badInput(
      `expected one of --hpfar, ${
        place_flags.map((place) => `--${place}`).join(", ")
      } but found ${chosen.length + (words.hpfar === undefined ? 0 : 1)}`,
    );
  }
  return { rest, options, words, given: flags.given };
};

/** The setting the options make; the names in them are known ones. */
export const settingOf = (options: Partial<RunOptions>): Setting => {
  const { rmm, spec, kvm, ipa_bits } = { ...default_options, ...options };
  const [newest] = revisions;
  const row = Object.values(profiles).find(({ name }) => name === rmm) ??
    profiles["rmm-2.0"];
  return {
    profile: {
      rmm: spec ? specOf(row) : row,
      kvm: revisions.find(({ name }) => name === kvm) ??
        newest as typeof revisions[number],
    },
    ipa_bits,
  };
};
