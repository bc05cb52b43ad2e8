/**
 * The scene an explanation is asked of: a small realm in which the question
 * is played by the model's own reducers.
 *
 * @module
 */

import { aliasBit, hpfarOfIpa } from "../arch/address.ts";
import { boot } from "../boot.ts";
import { type Board, virt } from "../device/board.ts";
import type { World } from "../world.ts";
import { type Ripas, setRipas } from "../rmm/stage2.ts";
import { step } from "../step.ts";

/** What stands between the realm and its devices. */
export interface Setting extends Pick<World, "profile"> {
  /** Realm IPA width. */
  readonly ipa_bits: number;
}

/** Where an access goes: what backs the address. */
export type Place =
  | "unprotected"
  | "protected"
  | "empty"
  | "destroyed"
  | "outside";

/** Every place, and what it is. */
export const places: Readonly<Record<Place, string>> = {
  unprotected: "Unprotected IPA, no memory",
  protected: "Protected IPA, RIPAS RAM, not mapped",
  empty: "Protected IPA, RIPAS EMPTY",
  destroyed: "Protected IPA, RIPAS DESTROYED",
  outside: "beyond the IPA space",
};

const ripas: Readonly<Partial<Record<Place, Ripas>>> = {
  protected: "ram",
  destroyed: "destroyed",
};

/** The board of every scene. */
export const scene_board: Board = virt;

/** The UART's address at a place: the alias, the plain address, or past the end. */
export const ipaAt = (place: Place, ipa_bits: number): bigint => {
  const base = BigInt(scene_board.uart.base);
  switch (place) {
    case "unprotected":
      return base | aliasBit(ipa_bits);
    case "outside":
      return base | aliasBit(ipa_bits) << 1n;
    default:
      return base;
  }
};

/** HPFAR_EL2 of an access at a place. */
export const hpfarAt = (place: Place, ipa_bits: number): bigint =>
  hpfarOfIpa(ipaAt(place, ipa_bits));

/** What X`n` holds in a scene, so that a value is known again where it turns up. */
const marked = (n: number): bigint => 0x0123_4567_89ab_cd00n + BigInt(n);

/** The realm before its first KVM_RUN, with `place` made so; null when the width leaves RAM no room. */
export const fresh = (
  { profile, ipa_bits }: Setting,
  place: Place = "unprotected",
): World | null => {
  const booted = boot({
    board: scene_board,
    rmm: profile.rmm,
    kvm: profile.kvm,
    devices: "user",
    ipa_bits,
    recs: 1,
    image: null,
  });
  if (booted.tag === "Refused") return null;
  const { world } = booted;
  const recs = world.realm.recs.map((rec) => ({
    ...rec,
    x: rec.x.map((_, n) => marked(n)),
  }));
  const state = ripas[place];
  const base = BigInt(scene_board.uart.base);
  const stage2 = state === undefined
    ? world.rmm.stage2
    : setRipas(world.rmm.stage2, base, base + 0x1000n, state);
  return {
    ...world,
    realm: { ...world.realm, recs },
    rmm: { ...world.rmm, stage2 },
  };
};

/** The same with REC 0 inside the realm. */
export const inside = (setting: Setting, place?: Place): World | null => {
  const world = fresh(setting, place);
  if (world === null) return null;
  const ran = step(world, { tag: "KvmRun", rec: 0, immediate_exit: false });
  return step(ran.world, { tag: "RecEnter", rec: 0 }).world;
};
