/**
 * What a run can be told on the command line, shared by every command that
 * runs something.
 *
 * @module
 */

import { type Flags, integer, isBad, oneOf } from "./flags.ts";
import type { BadInput } from "./bad_input.ts";
import { choices, default_options, type RunOptions } from "./options.ts";

export { default_options, type RunOptions } from "./options.ts";

/** The flags of `RunOptions` that take no value. */
export const option_switches = ["spec"] as const;

/** The flags of `RunOptions` that take a value. */
export const option_flags = [
  "rmm",
  "kvm",
  "board",
  "devices",
  "ipa-bits",
] as const;

/** The usage lines of `RunOptions`. */
export const option_usage = `\
  --rmm NAME       RMM profile: ${
  choices.rmm.join(", ")
} (default ${default_options.rmm})
  --spec           the RMM keeps to the specification where TF-RMM differs
  --kvm NAME       KVM revision: ${
  choices.kvm.join(", ")
} (default ${default_options.kvm})
  --board NAME     board: ${
  choices.board.join(", ")
} (default ${default_options.board})
  --devices WHERE  devices emulated by the VMM (user) or in KVM (kernel)
  --ipa-bits N     realm IPA width, 32 to 48 (default ${default_options.ipa_bits})`;

/** Reads the options that were given; the rest is left to the scenario or the defaults. */
export const readOptions = (
  { values, given }: Flags,
): Partial<RunOptions> | BadInput => {
  const options: { -readonly [K in keyof RunOptions]?: RunOptions[K] } = {};
  for (const name of ["rmm", "kvm", "board"] as const) {
    const value = values[name];
    if (value === undefined) continue;
    const known = oneOf(name, value, choices[name]);
    if (isBad(known)) return known;
    options[name] = known;
  }
  if (given.has("spec")) options.spec = true;
  if (values["devices"] !== undefined) {
    const devices = oneOf("devices", values["devices"], choices.devices);
    if (isBad(devices)) return devices;
    options.devices = devices;
  }
  if (values["ipa-bits"] !== undefined) {
    const ipa_bits = integer("ipa-bits", values["ipa-bits"], 32, 48);
    if (isBad(ipa_bits)) return ipa_bits;
    options.ipa_bits = ipa_bits;
  }
  return options;
};
