/**
 * A world as parts: one per REC, and one that RECs share.
 *
 * Most steps touch one REC and the shared part, so that the parts of a few
 * thousand worlds make up millions. What a world has beside its per-REC lists
 * is shared whole, by no list of names.
 *
 * Two fields are left out, because nothing reads them: KVM's copy of a REC's
 * PC and its count of WARN_ONs, which would grow for ever. A test shows that
 * no step depends on them.
 *
 * @module
 */

import type { Vcpu } from "../host/state.ts";
import type { Rec } from "../realm/rec.ts";
import type { RecRun } from "../rmm/recrun.ts";
import type { RmmRec } from "../rmm/state.ts";
import type { World } from "../world.ts";
import type { Ghost } from "./ghost.ts";

/** Everything that belongs to one REC, and the path's memory of it. */
export interface RecPart {
  readonly regs: Rec;
  readonly state: RmmRec;
  readonly run: RecRun;
  readonly vcpu: Vcpu;
  readonly ghost: Ghost;
}

/** A world whose per-REC lists are empty. */
export type SharedPart = World;

/** A world and the path's memory of it. */
export interface Node {
  readonly world: World;
  /** One per REC. */
  readonly ghosts: readonly Ghost[];
}

/** KVM's copies that only it writes and nobody reads, at a fixed value. */
const still = (vcpu: Vcpu): Vcpu =>
  vcpu.pc === 0n && vcpu.warns === 0 ? vcpu : { ...vcpu, pc: 0n, warns: 0 };

/** What belongs to REC `rec`. */
export const recPart = ({ world, ghosts }: Node, rec: number): RecPart => ({
  regs: world.realm.recs[rec] as Rec,
  state: world.rmm.recs[rec] as RmmRec,
  run: world.runs[rec] as RecRun,
  vcpu: still(world.host.vcpus[rec] as Vcpu),
  ghost: ghosts[rec] as Ghost,
});

/** What RECs share. */
export const sharedPart = (world: World): SharedPart => ({
  ...world,
  realm: { ...world.realm, recs: [] },
  rmm: { ...world.rmm, recs: [] },
  runs: [],
  host: { ...world.host, vcpus: [] },
});

/** The world that parts make. */
export const join = (
  shared: SharedPart,
  parts: readonly RecPart[],
): Node => ({
  world: {
    ...shared,
    realm: { ...shared.realm, recs: parts.map(({ regs }) => regs) },
    rmm: { ...shared.rmm, recs: parts.map(({ state }) => state) },
    runs: parts.map(({ run }) => run),
    host: { ...shared.host, vcpus: parts.map(({ vcpu }) => vcpu) },
  },
  ghosts: parts.map(({ ghost }) => ghost),
});

/** True when a step left REC `rec` alone: its parts are the same values by identity. */
export const isUntouched = (
  before: World,
  after: World,
  rec: number,
): boolean =>
  before.realm.recs[rec] === after.realm.recs[rec] &&
  before.rmm.recs[rec] === after.rmm.recs[rec] &&
  before.runs[rec] === after.runs[rec] &&
  before.host.vcpus[rec] === after.host.vcpus[rec];
