/**
 * A broken transition for every invariant: a real step with one thing changed.
 *
 * @module
 */

import type { Ghost } from "../core/explore/ghost.ts";
import { type Transition, transition } from "../core/explore/transition.ts";
import type { KvmMmio } from "../core/host/kvm_run.ts";
import type { Vcpu } from "../core/host/state.ts";
import type { Rec } from "../core/realm/rec.ts";
import type { RecEnter, RecExit } from "../core/rmm/recrun.ts";
import type { RmmRec } from "../core/rmm/state.ts";
import type { Step, World } from "../core/world.ts";

type Change = (world: World) => World;

const at = <T>(list: readonly T[], index: number, parts: Partial<T>): T[] =>
  list.with(index, { ...list[index] as T, ...parts });

const regs =
  (rec: number, parts: (from: Rec) => Partial<Rec>): Change => (world) => {
    const { realm } = world;
    const from = realm.recs[rec];
    if (from === undefined) return world;
    return {
      ...world,
      realm: { ...realm, recs: at(realm.recs, rec, parts(from)) },
    };
  };

const state = (rec: number, parts: Partial<RmmRec>): Change => (world) => ({
  ...world,
  rmm: { ...world.rmm, recs: at(world.rmm.recs, rec, parts) },
});

const vcpu = (rec: number, parts: (from: Vcpu) => Partial<Vcpu>): Change =>
(
  world,
) => ({
  ...world,
  host: {
    ...world.host,
    vcpus: at(world.host.vcpus, rec, parts(world.host.vcpus[rec] as Vcpu)),
  },
});

const mmio = (
  rec: number,
  parts: (from: KvmMmio) => Partial<KvmMmio>,
): Change =>
  vcpu(rec, ({ run }) => ({
    run: { ...run, mmio: { ...run.mmio, ...parts(run.mmio) } },
  }));

const page = (
  rec: number,
  parts: {
    readonly enter?: Partial<RecEnter>;
    readonly exit?: Partial<RecExit>;
  },
): Change =>
(world) => {
  const run = world.runs[rec] as World["runs"][number];
  const enter = { ...run.enter, ...parts.enter };
  const exit = { ...run.exit, ...parts.exit };
  return { ...world, runs: world.runs.with(rec, { enter, exit }) };
};

/** The step with its worlds, its outcome or the path's memory changed. */
const remade = (
  t: Transition,
  parts: {
    readonly before?: World;
    readonly after?: World;
    readonly ghost?: Partial<Ghost>;
    readonly refused?: Transition["refused"];
  },
): Transition => {
  const world = parts.after ?? t.after;
  const why = parts.refused === undefined ? t.refused : parts.refused;
  const result: Step = why === null
    ? { tag: "Stepped", world, asks: [] }
    : { tag: "Refused", world, why };
  const ghost = { ...t.ghost, ...parts.ghost };
  return transition(parts.before ?? t.before, t.event, result, ghost);
};

const after = (t: Transition, change: Change): Transition =>
  remade(t, { after: change(t.after) });

const exit = (t: Transition, parts: Partial<RecExit>): Transition =>
  after(t, page(t.rec, { exit: parts }));

const reg = (t: Transition, parts: (from: Rec) => Partial<Rec>): Transition =>
  after(t, regs(t.rec, parts));

/** A refused entry that went in after all. */
const admitted = (t: Transition, change: Change = (world) => world) =>
  remade(t, {
    refused: null,
    after: change(vcpu(t.rec, () => ({ at: "guest" }))(t.after)),
  });

const exitOf = (t: Transition): RecExit =>
  (t.after.runs[t.rec] as World["runs"][number]).exit;

const moved = ({ pc }: Rec): Partial<Rec> => ({ pc: pc + 4n });

/** A word no test puts anywhere else. */
const leak = 0x1ea4_edn;

const leaked = ({ x }: Rec): Partial<Rec> => ({ x: x.with(20, leak) });

const rtOf = (t: Transition): number =>
  Number(((t.ghost.last?.syndrome.esr ?? 0n) >> 16n) & 31n);

const withBit = (t: Transition, bit: bigint): Transition =>
  exit(t, { esr: exitOf(t).esr | bit });

/** What to break of a step on which the invariant holds, by the invariant's id. */
export const breaks: Readonly<Record<string, (t: Transition) => Transition>> = {
  C1: (t) => exit(t, { gprs: exitOf(t).gprs.with(0, leak) }),
  C2: (t) => exit(t, { gprs: exitOf(t).gprs.with(7, leak) }),
  C3: (t) => withBit(t, 1n << 16n),
  C4: (t) => withBit(t, 1n << 24n),
  C5: (t) => exit(t, { far: exitOf(t).far + 1n }),
  C6: (t) => exit(t, { hpfar: exitOf(t).hpfar | 1n }),
  C7: (t) => exit(t, { pmu_ovf_status: 1n }),
  C8: (t) => exit(t, { far: leak }),
  C9: (t) => exit(t, { hpfar: leak }),
  C10: (t) => exit(t, { cntv_cval: leak }),
  C11: (t) =>
    after(t, mmio(t.rec, ({ data }) => ({ data: data.with(7, 0x5e) }))),
  C12: (t) => exit(t, { cntp_cval: leak }),
  I1: (t) => reg(t, leaked),
  I2: (t) => reg(t, moved),
  I3: (t) => reg(t, ({ x }) => ({ x: x.with(rtOf(t), leak) })),
  I4: (t) => reg(t, ({ sp_el1 }) => ({ sp_el1: sp_el1 + 1n })),
  I5: (t) => reg(t, leaked),
  I6: (t) => reg(t, moved),
  I7: (t) => admitted(t),
  I8: (t) => admitted(t),
  I9: (t) => admitted(t),
  I10: (t) => after(t, regs(1 - t.rec, leaked)),
  I11: (t) => reg(t, moved),
  I13: (t) => reg(t, leaked),
  I14: (t) =>
    remade(t, {
      refused: { tag: "RmiError", status: "RMI_ERROR_INPUT", index: 0 },
    }),
  I15: (t) =>
    after(
      t,
      state(t.rec, {
        last_run_info: { esr: 0x9300_0007n, far: 0n, hpfar: 0n },
      }),
    ),
  I16: (t) =>
    remade(t, {
      before: page(t.rec, { exit: { gprs: exitOf(t).gprs.with(0, leak) } })(
        t.before,
      ),
    }),
  I17: (t) => admitted(t),
  I19: (t) => t.refused === null ? reg(t, moved) : admitted(t),
  I20: (t) => admitted(t),
  I21: (t) => admitted(t),
  I22: (t) => admitted(t),
  I23: (t) => admitted(t),
  S1: (t) => reg(t, leaked),
  S2: (t) =>
    admitted(
      t,
      regs(t.rec, ({ sys }) => ({ sys: { ...sys, elr_el1: leak } })),
    ),
  S3: (t) => reg(t, ({ sys }) => ({ sys: { ...sys, far_el1: 0n } })),
  S4: (t) => admitted(t),
  S5: (t) => reg(t, ({ pc, sys }) => ({ sys: { ...sys, elr_el1: pc } })),
  S6: (t) => after(t, page(t.rec, { enter: { flags: 3n } })),
  V1: (t) => remade(t, { ghost: { answers: 2 } }),
  V2: (t) =>
    remade(t, {
      before: mmio(t.rec, () => ({ is_write: true, len: 8 }))(t.before),
    }),
  V3: (t) =>
    after(
      t,
      mmio(t.rec, ({ phys_addr }) => ({
        phys_addr: phys_addr | 1n << 39n,
      })),
    ),
  V4: (t) =>
    after(
      t,
      mmio(t.rec, ({ phys_addr }) => ({ phys_addr: phys_addr + 0x1000n })),
    ),
  V5: (t) => after(t, mmio(t.rec, ({ len }) => ({ len: 2 * len }))),
  V6: (t) =>
    t.event.tag === "RecExit"
      ? after(t, mmio(t.rec, ({ data }) => ({ data: data.with(0, 0x5e) })))
      : reg(t, ({ x }) => ({ x: x.with(rtOf(t), leak) })),
  V7: (t) => after(t, page(t.rec, { enter: { flags: 0n } })),
  L1: (t) =>
    after(
      t,
      vcpu(t.rec, () => ({
        at: "exit",
        rmi: { status: "RMI_ERROR_REC", index: 0 },
      })),
    ),
  L2: (t) => {
    const all = t.after.host.vcpus.map((_, rec) =>
      vcpu(rec, () => ({ at: "user", owed: "PowerOn", stopped: true }))
    );
    return after(t, (world) => all.reduce((now, change) => change(now), world));
  },
  L4: (t) => after(t, state(t.rec, { psci_pending: true })),
  M1: (t) => reg(t, leaked),
};
