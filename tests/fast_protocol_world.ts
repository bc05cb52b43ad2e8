/**
 * Worlds for the fast protocol's tests, and the aborts played on them.
 *
 * @module
 */

import { hpfarOfIpa } from "../core/arch/address.ts";
import { EC, esr as makeEsr, type EsrField } from "../core/arch/esr.ts";
import type { Placement } from "../core/device/bus.ts";
import type { KvmRevision } from "../core/host/revision.ts";
import { sync } from "../core/host/revision.ts";
import { rmm_2_0, type RmmProfile } from "../core/rmm/profile.ts";
import type { Event, World } from "../core/world.ts";
import { alias, running } from "./kvm_world.ts";

/** Where a data abort can be, with what becomes of it. */
export const places = {
  /** A device in the Unprotected half. */
  unprotected: alias | 0x0b00_0000n,
  /** RAM: Protected, RIPAS RAM. */
  protected: 0x4000_0000n,
  /** A device's address in the Protected half: EMPTY. */
  empty: 0x0b00_0000n,
  /** Beyond the IPA space. */
  outside: 1n << 41n,
  /** The first granule of the Unprotected half and the last of the Protected. */
  first: alias,
  last: alias - 0x1000n,
} as const;

/** What a world is made of. */
export interface Rows {
  readonly rmm?: RmmProfile;
  readonly kvm?: KvmRevision;
  readonly devices?: Placement;
}

/** A running REC whose registers hold words with a sign in every half. */
export const worldOf = (
  { rmm = rmm_2_0, kvm = sync, devices = "user" }: Rows = {},
): World => {
  const world = running({ rev: kvm, devices });
  const recs = world.realm.recs.map((rec) => ({
    ...rec,
    x: rec.x.map((_, n) => 0x8182_8384_8586_8788n ^ (BigInt(n) << 40n)),
    pc: 0xffff_8000_ffff_fffcn,
    pstate: 0x6140_0005n,
    monitor: { ipa: 0x4000_0000n, bytes: 8 },
    sys: {
      ...rec.sys,
      vbar_el1: 0xffff_7fff_ffff_f800n,
      cntv_ctl_el0: 1n,
      cntp_ctl_el0: 1n,
      cntp_cval_el0: 1n,
    },
  }));
  return {
    ...world,
    profile: { ...world.profile, rmm },
    realm: { ...world.realm, recs },
    rmm: {
      ...world.rmm,
      recs: world.rmm.recs.map((rec) => ({
        ...rec,
        trap: { esr: 1n, far: 2n, hpfar: 3n },
      })),
    },
  };
};

/** A data abort: IL set and a translation fault at level 3 unless `parts` say otherwise. */
export const dabtAt = (
  parts: Readonly<Partial<Record<EsrField, number>>>,
  ipa: bigint = places.unprotected,
  offset: bigint = 0n,
): Event => ({
  tag: "Dabt",
  rec: 0,
  esr: makeEsr({ EC: EC.DABT_LOW, IL: 1, ISV: 1, FSC: 7, ...parts }),
  far: 0xffff_8000_1000_a000n | offset,
  hpfar: hpfarOfIpa(ipa),
});

/** Another host enters REC 0 with these flags and this gprs[0]. */
export const entersWith = (flags: bigint, gpr0: bigint): Event => ({
  tag: "RmiRecEnter",
  rec: 0,
  flags,
  gprs: Array.from(
    { length: 31 },
    (_, n) => n === 0 ? gpr0 : 0xbad0_0000_0000_0000n + BigInt(n),
  ),
});

const combinations = (
  counts: readonly number[],
): readonly (readonly number[])[] =>
  counts.reduce<readonly (readonly number[])[]>(
    (all, count) =>
      all.flatMap((head) =>
        Array.from({ length: count }, (_, n) => [...head, n])
      ),
    [[]],
  );

/** Every SAS, SSE, SF, SRT, WnR and ISV: 2,048 syndromes. */
export const syndromes: readonly Partial<Record<EsrField, number>>[] =
  combinations([4, 2, 2, 32, 2, 2]).map((
    [SAS = 0, SSE = 0, SF = 0, SRT = 0, WnR = 0, ISV = 0],
  ) => ({ SAS, SSE, SF, SRT, WnR, ISV }));

/** The same with SRT 0, 1, 30 and 31 only. */
export const edge_syndromes: typeof syndromes = syndromes.filter((
  { SRT = 0 },
) => SRT < 2 || 29 < SRT);
