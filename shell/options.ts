/**
 * What a run can be told: its options, their defaults and the names they take.
 *
 * @module
 */

import { boards } from "../core/device/board.ts";
import type { Placement } from "../core/device/bus.ts";
import { revisions } from "../core/host/revision.ts";
import { profiles } from "../core/rmm/profile.ts";

/** What the user chose for a run; a scenario file may choose the same things. */
export interface RunOptions {
  readonly rmm: string;
  /** The RMM follows the specification's letter where TF-RMM does not. */
  readonly spec: boolean;
  readonly kvm: string;
  readonly board: string;
  readonly devices: Placement;
  readonly ipa_bits: number;
  readonly recs: number;
}

/** What a run uses where nothing else was asked for. */
export const default_options: RunOptions = {
  rmm: "rmm-2.0",
  spec: false,
  kvm: "sync",
  board: "virt",
  devices: "user",
  ipa_bits: 40,
  recs: 1,
};

const namesOf = (
  table: readonly { readonly name: string }[],
): readonly string[] => table.map((row) => row.name);

/** The names a flag accepts. */
export const choices = {
  rmm: namesOf(Object.values(profiles)),
  kvm: namesOf(revisions),
  board: namesOf(boards),
  devices: ["user", "kernel"],
} as const;
