/**
 * What an HPFAR says: the page, its half, its alias and what is there.
 *
 * @module
 */

import {
  aliasBit,
  ipaOfHpfar,
  isOutside,
  isProtected,
} from "../arch/address.ts";
import { bit, hex, mask } from "../arch/word.ts";
import type { Board } from "../device/board.ts";
import type { Section } from "./page.ts";
import { type Place, places, scene_board } from "./scene.ts";

/** HPFAR_EL2.NS, which KVM borrows to mark the value as valid. */
const ns_bit = 63;

/** What a board has at an address of the low half. */
const partAt = (board: Board, gpa: bigint): string => {
  const parts = [
    ["PL011", board.uart],
    ["PL031", board.rtc],
    ["test device", board.test],
    ["RAM", board.ram],
  ] as const;
  const found = parts.find(([, { base, bytes }]) =>
    BigInt(base) <= gpa && gpa < BigInt(base + bytes)
  );
  return found === undefined
    ? `nothing on board ${board.name}`
    : `${found[0]} of board ${board.name}`;
};

/** Where an address lies, as a place of the scenes; RIPAS is not known from it. */
export const placeOf = (ipa: bigint, ipa_bits: number): Place => {
  if (isOutside(ipa, ipa_bits)) return "outside";
  return isProtected(ipa, ipa_bits) ? "protected" : "unprotected";
};

const halfText = (ipa: bigint, ipa_bits: number): string => {
  if (isOutside(ipa, ipa_bits)) return places.outside;
  return isProtected(ipa, ipa_bits)
    ? "Protected: never emulatable"
    : "Unprotected: emulatable where ISV=1";
};

/** Explains an HPFAR_EL2 in a realm whose IPA space is `ipa_bits` wide. */
export const hpfarSection = (hpfar: bigint, ipa_bits: number): Section => {
  const ipa = ipaOfHpfar(hpfar);
  const alias = aliasBit(ipa_bits);
  const rest = hpfar & ~(mask(40) << 4n);
  const gpa = ipa & ~alias;
  return {
    title: `HPFAR ${hex(hpfar)}`,
    rows: [
      ["FIPA", "43:4", hex(ipa >> 12n), `IPA ${hex(ipa)}`],
      [
        "NS",
        "63",
        bit(hpfar, ns_bit) ? "1" : "0",
        bit(hpfar, ns_bit) ? "set by KVM: the value is valid" : "",
      ],
      ["half", "", "", halfText(ipa, ipa_bits)],
      [
        "alias",
        "",
        hex(alias),
        `bit ${ipa_bits - 1}: the other half has ${hex(ipa ^ alias)}`,
      ],
      ["gpa", "", hex(gpa), `what the VMM sees: ${partAt(scene_board, gpa)}`],
      ...(rest & ~(1n << BigInt(ns_bit))) === 0n
        ? []
        : [["other", "", hex(rest), "not part of the address here"]],
    ],
    rules: [{
      rule:
        "HPFAR has no low 12 bits: the offset in the page is FAR[11:0], shown only for an emulatable abort",
      source: "Arm ARM D24.2.66; DEN0137 A4.3.4",
    }],
  };
};
