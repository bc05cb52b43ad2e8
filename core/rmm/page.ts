/**
 * Pages of the realm that the RMM itself reads and writes on the realm's behalf.
 *
 * Source: TF-RMM `realm_ipa_helper.c` (`realm_ipa_to_pa`, `realm_mem_lock_map`);
 * rmm.md §2.10.
 *
 * @module
 */

import { granule_bytes } from "../arch/address.ts";
import { read, write } from "../realm/memory.ts";
import { type Frame, withExit } from "./frame.ts";
import { EXIT } from "./recrun.ts";
import { stateAt, walk_level } from "./stage2.ts";
import { syntheticAbort } from "./syndrome.ts";

/** Whether the RMM can reach a Protected page. */
export type Reach =
  /** ASSIGNED and RAM. */
  | "mapped"
  /** EMPTY or DEV: the realm's own fault. */
  | "refused"
  /** RAM but UNASSIGNED, or DESTROYED: the host has to bring the page. */
  | "missing";

/** Looks the page of a Protected `ipa` up. */
export const reach = (frame: Frame, ipa: bigint): Reach => {
  const { ripas, assigned } = stateAt(frame.rmm.stage2, ipa);
  if (ripas === "empty" || ripas === "dev") return "refused";
  const { base, bytes } = frame.memory;
  const page = ipa - ipa % BigInt(granule_bytes);
  const backed = BigInt(base) <= page &&
    page + BigInt(granule_bytes) <= BigInt(base + bytes);
  return ripas === "ram" && assigned && backed ? "mapped" : "missing";
};

/**
 * The exit that asks the host for the page of `ipa`: a data abort the RMM
 * makes up. The address is the realm's own, so hpfar[3:0] can hold IPA[11:8].
 */
export const missingPage = (frame: Frame, ipa: bigint): Frame =>
  withExit(frame, {
    exit_reason: EXIT.SYNC,
    esr: syntheticAbort(walk_level),
    far: 0n,
    hpfar: ipa >> 8n,
  });

/** Reads a little-endian word of `bytes` bytes of a mapped page. */
export const readWord = (frame: Frame, ipa: bigint, bytes: number): bigint =>
  read(frame.memory, Number(ipa), bytes).reduceRight(
    (word, byte) => (word << 8n) | BigInt(byte),
    0n,
  );

/** The little-endian bytes of a word. */
export const wordBytes = (word: bigint, bytes: number): Uint8Array =>
  Uint8Array.from(
    { length: bytes },
    (_, index) => Number((word >> BigInt(8 * index)) & 0xffn),
  );

/** The frame with `data` written to a mapped page. */
export const writeBytes = (
  frame: Frame,
  ipa: bigint,
  data: Uint8Array,
): Frame => ({ ...frame, memory: write(frame.memory, Number(ipa), data) });
