/**
 * Reading command-line flags, with one line of refusal for each way to be wrong.
 *
 * @module
 */

import { parseArgs } from "@std/cli/parse-args";
import { type BadInput, badInput } from "./bad_input.ts";

export { isBad } from "./bad_input.ts";

/** Flags that take a value and flags that do not, by name. */
export interface FlagNames {
  readonly string?: readonly string[];
  readonly boolean?: readonly string[];
}

/** What the command line held. */
export interface Flags {
  readonly tag: "Flags";
  /** Arguments that are no flags. */
  readonly rest: readonly string[];
  /** Values by flag name; a flag that was not given is absent. */
  readonly values: Readonly<Record<string, string>>;
  /** Names of the flags without a value that were given. */
  readonly given: ReadonlySet<string>;
}

/**
 * Reads `args`; a flag not named, or a named one without its value, is refused.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { readFlags } from "./flags.ts";
 *
 * const flags = readFlags(["a.elf", "--kvm", "sync"], { string: ["kvm"] });
 * assertEquals("values" in flags && flags.values, { kvm: "sync" });
 * ```
 */
export const readFlags = (
  args: readonly string[],
  names: FlagNames,
): Flags | BadInput => {
  const { string = [], boolean = [] } = names;
  const unknown: string[] = [];
  const parsed = parseArgs(args, {
    string,
    boolean,
    unknown: (arg, key) => {
      if (key !== undefined) unknown.push(arg);
      return key === undefined;
    },
  }) as Readonly<Record<string, unknown>>;
  if (unknown.length > 0) {
    return badInput(
      `expected a known flag but found ${unknown[0]}; see --help`,
    );
  }
  const values: Record<string, string> = {};
  for (const name of string) {
    const value = parsed[name];
    if (value === undefined) continue;
    if (typeof value !== "string" || value === "") {
      return badInput(`expected --${name} to have a value but found none`);
    }
    values[name] = value;
  }
  return {
    tag: "Flags",
    rest: (parsed["_"] as readonly unknown[]).map(String),
    values,
    given: new Set(boolean.filter((name) => parsed[name] === true)),
  };
};

/** A decimal integer from `least` to `most`. */
export const integer = (
  name: string,
  text: string,
  least: number,
  most: number,
): number | BadInput => {
  const value = /^[0-9]+$/.test(text) ? Number(text) : NaN;
  return least <= value && value <= most ? value : badInput(
    `expected --${name} to be an integer from ${least} to ${most} but found ${
      JSON.stringify(text)
    }`,
  );
};

/** One of a few words. */
export const oneOf = <T extends string>(
  name: string,
  text: string,
  words: readonly T[],
): T | BadInput =>
  words.find((word) => word === text) ?? badInput(
    `expected --${name} to be one of ${words.join(", ")} but found ${
      JSON.stringify(text)
    }`,
  );
