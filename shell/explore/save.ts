/**
 * A counterexample as a scenario file.
 *
 * @module
 */

import type { Event } from "../../core/world.ts";
import type { RunOptions } from "../run_options.ts";

/** JSON text of a scenario that `recrun run` replays to the violation of `invariant`. */
export const scenarioText = (
  options: RunOptions,
  invariant: string,
  events: readonly Event[],
): string => {
  const { rmm, spec, kvm, board, devices, ipa_bits, recs } = options;
  const scenario = {
    recrun: 1,
    rmm,
    ...(spec ? { spec } : {}),
    kvm,
    board,
    devices,
    ipa_bits,
    recs,
    invariant,
    events,
  };
  const text = JSON.stringify(
    scenario,
    (_, value: unknown) =>
      typeof value === "bigint" ? `0x${value.toString(16)}` : value,
    2,
  );
  return `${text}\n`;
};
