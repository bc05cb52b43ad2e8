/**
 * RSI commands that concern the realm as a whole: VERSION, FEATURES and
 * REALM_CONFIG.
 *
 * Source: TF-RMM `rsi/*.c`; rmm.md §6.2.
 *
 * @module
 */

import { granule_bytes, isProtected } from "../arch/address.ts";
import { type Frame, getX, type Handled, leave } from "./frame.ts";
import { missingPage, reach, wordBytes, writeBytes } from "./page.ts";
import { reply, RSI } from "./reply.ts";
import { ich_vtr } from "./vgic.ts";

/** RSI_VERSION: X1 is the revision asked for; only supported ones succeed. */
export const rsiVersion = (frame: Frame): Handled => {
  const asked = getX(frame, 1);
  const highest = frame.profile.rsi_version;
  const sameMajor = asked >> 16n === highest >> 16n;
  if (sameMajor && asked <= highest) {
    return reply(frame, [RSI.SUCCESS, asked, highest]);
  }
  return reply(frame, [RSI.ERROR_INPUT, highest, highest]);
};

/** RSI_FEATURES: every feature register is zero. */
export const rsiFeatures = (frame: Frame): Handled =>
  reply(frame, [RSI.SUCCESS, 0n]);

/** Fields of RsiRealmConfig: SHA-256, no auxiliary planes, an RPV of zeros. */
const configFields = (
  frame: Frame,
): readonly (readonly [offset: number, value: bigint, bytes: number])[] => {
  const { ipa_bits } = frame.rmm;
  const first = [
    [0x000, BigInt(ipa_bits), 8],
    [0x008, 0n, 1],
    [0x200, 0n, 64],
  ] as const;
  if (frame.profile.layout === "1.0") return first;
  return [...first, [0x010, 0n, 8], [0x018, ich_vtr, 8], [0x020, 0n, 8]];
};

/** RSI_REALM_CONFIG: fills the named fields of the page at X1; its other bytes keep their content. */
export const realmConfig = (frame: Frame): Handled => {
  const ipa = getX(frame, 1);
  const aligned = ipa % BigInt(granule_bytes) === 0n;
  if (!aligned || !isProtected(ipa, frame.rmm.ipa_bits)) {
    return reply(frame, [RSI.ERROR_INPUT]);
  }
  switch (reach(frame, ipa)) {
    case "refused":
      return reply(frame, [RSI.ERROR_INPUT]);
    case "missing":
      return leave(missingPage(frame, ipa));
    case "mapped": {
      let filled = frame;
      for (const [offset, value, bytes] of configFields(frame)) {
        const at = ipa + BigInt(offset);
        filled = writeBytes(filled, at, wordBytes(value, bytes));
      }
      return reply(filled, [RSI.SUCCESS]);
    }
  }
};
