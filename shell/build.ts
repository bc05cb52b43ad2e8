/**
 * The world a guest starts in, built from its file's bytes and the options of
 * a run.
 *
 * @module
 */

import { boot } from "../core/boot.ts";
import { boards } from "../core/device/board.ts";
import { revisions } from "../core/host/revision.ts";
import { type Image, parseElf } from "../core/realm/elf.ts";
import { specOf } from "../core/rmm/spec.ts";
import { profiles } from "../core/rmm/profile.ts";
import type { World } from "../core/world.ts";
import { type BadInput, badInput, isBad } from "./bad_input.ts";
import { choices, type RunOptions } from "./options.ts";

const byName = <T extends { readonly name: string }>(
  what: keyof typeof choices,
  table: readonly T[],
  name: string,
): T | BadInput =>
  table.find((candidate) => candidate.name === name) ?? badInput(
    `expected ${what} to be one of ${choices[what].join(", ")} but found ${
      JSON.stringify(name)
    }`,
  );

/** A guest program as its file holds it. */
export interface Guest {
  readonly path: string;
  readonly bytes: Uint8Array;
}

/** Builds the world a guest, or none, starts in. */
export const worldFrom = (
  guest: Guest | null,
  options: RunOptions,
): World | BadInput => {
  const board = byName("board", boards, options.board);
  if (isBad(board)) return board;
  const row = byName("rmm", Object.values(profiles), options.rmm);
  if (isBad(row)) return row;
  const kvm = byName("kvm", revisions, options.kvm);
  if (isBad(kvm)) return kvm;
  const rmm = options.spec ? specOf(row) : row;
  let image: Image | null = null;
  if (guest !== null) {
    const parsed = parseElf(guest.bytes, board.ram);
    if (parsed.tag === "Refused") {
      return badInput(`${guest.path}: ${parsed.what}`);
    }
    image = parsed;
  }
  const { devices, ipa_bits, recs } = options;
  const booted = boot({ board, rmm, kvm, devices, ipa_bits, recs, image });
  return booted.tag === "Refused" ? badInput(booted.what) : booted.world;
};
