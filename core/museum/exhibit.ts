/**
 * A museum piece: a bug that was there, as one switch moved on a correct
 * profile, with a shortest way to see it.
 *
 * @module
 */

import { boot } from "../boot.ts";
import { virt } from "../device/board.ts";
import { sync } from "../host/revision.ts";
import { qemu, type Vmm } from "../host/state.ts";
import type { KvmRevision, Switches } from "../host/switches.ts";
import type { Sysregs } from "../realm/rec.ts";
import { rmm_2_0, type RmmProfile } from "../rmm/profile.ts";
import type { World } from "../world.ts";

/** The correct RMM, KVM and VMM a bug is planted in. */
export interface Base {
  readonly rmm: RmmProfile;
  readonly kvm: KvmRevision;
  readonly vmm: Vmm;
}

/** One switch of one actor and where the bug has it. */
export type Moved =
  | {
    readonly actor: "rmm";
    readonly to: Partial<Omit<RmmProfile, "name" | "layout" | "features">>;
  }
  | { readonly actor: "kvm"; readonly to: Partial<Switches> }
  | { readonly actor: "vmm"; readonly to: Partial<Omit<Vmm, "name">> };

/** One exhibit. */
export interface Exhibit {
  /** What the command line calls it. */
  readonly name: string;
  /** What was wrong, in a sentence. */
  readonly was: string;
  /** Commit, issue or message that made it public; for a claim of this model, what it was deduced from. */
  readonly source: string;
  /** Published by somebody, or deduced and seen here only: then no fact about Linux or TF-RMM. */
  readonly claim: "published" | "found by this model";
  /** What differs from `rmm-2.0`, `sync` and QEMU in the correct profile. */
  readonly on?: Partial<Base>;
  /** System registers of REC 0 at the start. */
  readonly sysregs?: Partial<Sysregs>;
  readonly moved: Moved;
  /** Actions on REC 0, by name: no shorter list breaks an invariant. */
  readonly moves: readonly string[];
  /** Ids of the invariants that the last action breaks. */
  readonly killers: readonly string[];
}

/** The correct profile an exhibit is planted in. */
export const baseOf = (exhibit: Exhibit): Base => ({
  rmm: rmm_2_0,
  kvm: sync,
  vmm: qemu,
  ...exhibit.on,
});

/** The profile with the bug. */
export const plantedOf = (exhibit: Exhibit): Base => {
  const base = baseOf(exhibit);
  const { moved } = exhibit;
  switch (moved.actor) {
    case "rmm":
      return { ...base, rmm: { ...base.rmm, ...moved.to } };
    case "kvm":
      return { ...base, kvm: { ...base.kvm, ...moved.to } };
    case "vmm":
      return { ...base, vmm: { ...base.vmm, ...moved.to } };
  }
};

/** The world an exhibit starts from, on the virt board with one REC. */
export const worldOf = (exhibit: Exhibit, { rmm, kvm, vmm }: Base): World => {
  const booted = boot({
    board: virt,
    rmm,
    kvm,
    devices: "user",
    ipa_bits: 40,
    recs: 1,
    image: null,
  });
  if (booted.tag === "Refused") throw new Error(booted.what);
  const { world } = booted;
  const recs = world.realm.recs.map((rec) => ({
    ...rec,
    sys: { ...rec.sys, ...exhibit.sysregs },
  }));
  return {
    ...world,
    realm: { ...world.realm, recs },
    host: { ...world.host, vmm },
  };
};
