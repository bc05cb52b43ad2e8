/**
 * Random protocol logs: generated from a seed, replayed from a token, and cut
 * down to the events that matter when the two implementations disagree.
 *
 * A log is a world and events. Most events are what a correct host does next;
 * the others come at the wrong time, with hostile flags or stale answers.
 *
 * @module
 */

import { assertEquals } from "@std/assert";
import { hpfarOfIpa } from "../core/arch/address.ts";
import type { Slot } from "../core/device/bus.ts";
import { logging, reset } from "../core/device/testdev.ts";
import { CODE } from "../core/fast/protocol/layout.ts";
import { reason_names, status_names } from "../core/fast/protocol/names.ts";
import type { Fast } from "../core/fast/protocol/arrays.ts";
import { load, reload } from "../core/fast/protocol/load.ts";
import { road_events_max, roundTrip } from "../core/fast/protocol/road.ts";
import { store } from "../core/fast/protocol/store.ts";
import {
  type KvmRevision,
  plain_revisions,
  revisions,
} from "../core/host/revision.ts";
import { kvmtool, type MemSlot, qemu } from "../core/host/state.ts";
import {
  type Feature,
  profiles,
  type RmmProfile,
} from "../core/rmm/profile.ts";
import { EXIT, zero_exit } from "../core/rmm/recrun.ts";
import type {
  RealmState,
  RipasRequest,
  Syndrome,
  VgicState,
} from "../core/rmm/state.ts";
import { next } from "../core/schedule.ts";
import { syncTag } from "../core/rec_exit.ts";
import type { Event, Sync, World } from "../core/world.ts";
import {
  assertSame,
  fastStep,
  high,
  loaded,
  low,
  type Pair,
  pairAt,
  take,
  type Taken,
} from "./fast_protocol_fold.ts";
import { places, worldOf } from "./fast_protocol_world.ts";

/** Random numbers: `below(n)` is an integer in [0, n). */
export interface Random {
  readonly below: (n: number) => number;
  readonly word: () => bigint;
}

/** Random numbers from a 32-bit seed (a Weyl sequence, mixed). */
export const random = (seed: number): Random => {
  let state = seed >>> 0;
  const draw = (): number => {
    state = (state + 0x9e37_79b9) >>> 0;
    let mixed = state;
    mixed = Math.imul(mixed ^ (mixed >>> 16), 0x85eb_ca6b);
    mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2_ae35);
    return (mixed ^ (mixed >>> 16)) >>> 0;
  };
  const below = (n: number): number => draw() % n;
  const word = (): bigint => (BigInt(draw()) << 32n) | BigInt(draw());
  return { below, word };
};

const pick = <T>(r: Random, from: readonly T[]): T =>
  from[r.below(from.length)] as T;

/** A word that is often at an edge. */
const edgy = (r: Random): bigint =>
  pick(r, [
    r.word(),
    r.word() & 0xffn,
    0n,
    0xffff_ffff_ffff_ffffn,
    0x8000_0000_8000_8080n,
    1n << BigInt(r.below(64)),
  ]);

const features: readonly Feature[] = [
  "ssbs",
  "nmi",
  "mte2",
  "ebep",
  "gcs",
  "sctlr2",
];

/** Half of the time a row of the tables, else a row with one switch of another row. */
const rmmRow = (r: Random): RmmProfile => {
  const row = {
    ...pick(r, Object.values(profiles)),
    features: features.filter(() => r.below(3) === 0),
  };
  switch (r.below(18)) {
    case 0:
      return { ...row, isv_test: !row.isv_test };
    case 1:
      return { ...row, saved_isv_follows: !row.saved_isv_follows };
    case 2:
      return { ...row, store_masked: !row.store_masked };
    case 3:
      return { ...row, outside_ipa: "address-size-fault" };
    case 4:
      return { ...row, pan_on_inject: "keep" };
    case 5:
      return { ...row, unjustified_sea: "ignore" };
    case 6:
      return { ...row, sea_wins: !row.sea_wins };
    case 7:
      return { ...row, wnr_on_nonemulatable: true, unjustified_sea: "ignore" };
    case 8:
      return {
        ...row,
        outside_from: pick(r, ["above-width", "never"]),
        store_shown: r.below(2) === 0,
      };
    case 9:
      return { ...row, load_extended: false, ease: false };
    case 10:
      return { ...row, emul_checked: false };
    case 11:
      return { ...row, sea_injected: false };
    default:
      return row;
  }
};

const kvmRow = (r: Random): KvmRevision => {
  const row = pick(r, [...revisions, ...plain_revisions]);
  if (r.below(2) === 0) return row;
  const other = pick(r, revisions);
  switch (r.below(12)) {
    case 0:
      return { ...row, emulAt: pick(r, ["abort", "mretTop", "mretEnd"]) };
    case 1:
      return { ...row, readStore: pick(r, ["both", "gprs0", "reg"]) };
    case 2:
      return { ...row, incPc: pick(r, ["yes", "no", "signal"]) };
    case 3:
      return { ...row, seaVia: pick(r, ["none", "flag", "pendExc"]) };
    case 4:
      return { ...row, mretYields: pick(r, ["never", "sync", "any"]) };
    case 5:
      return { ...row, serror: pick(r, ["vse", "pend", "pendIl"]) };
    case 6:
      return { ...row, writeCopy: !row.writeCopy, sextOrder: other.sextOrder };
    case 7:
      return { ...row, clearFlags: other.clearFlags, isv0: other.isv0 };
    case 8:
      return { ...row, ldst64b: !row.ldst64b, errRec: other.errRec };
    case 9:
      return { ...row, clearFlags: "never" };
    case 10:
      return { ...row, aliasStrip: false };
    default:
      return {
        ...row,
        errRealm: pick(r, ["unknownAt1", "shutdownAt1", "shutdown"]),
        errOther: other.errOther,
        hpfar: other.hpfar,
      };
  }
};

const states: readonly RealmState[] = [
  "ACTIVE",
  "ACTIVE",
  "ACTIVE",
  "ACTIVE",
  "ACTIVE",
  "NEW",
  "SYSTEM_OFF",
  "ZOMBIE",
];

const pstates = [0x0n, 0x10n, 0x4n, 0x5n, 0x3c5n];

/** The slot, a test device with its log on. */
const logged = (slot: Slot): Slot =>
  slot.device.tag === "TestDevice"
    ? {
      ...slot,
      device: { ...slot.device, state: logging(slot.device.state) },
    }
    : slot;

/** vGIC state: often valid, sometimes with a bit too many or an INTID twice. */
const vgic = (r: Random): VgicState => {
  const intid = BigInt(r.below(12));
  const lrs = Array.from({ length: 16 }, (_, n) => {
    if (r.below(3) !== 0) return 0n;
    const other = r.below(16) === 0 ? intid : intid + BigInt(n);
    const wild = r.below(40) === 0 ? 1n << BigInt(r.below(64)) : 0n;
    return (BigInt(r.below(4)) << 62n) | (0xf8n << 48n) | other | wild;
  });
  const hcr = (r.word() & 0x40fen) | (r.below(16) === 0 ? 1n : 0n);
  return { hcr, lrs };
};

/** What an earlier exit may have left in any of the 64 bits of a syndrome. */
const stale = (r: Random): Syndrome => ({
  esr: r.word(),
  far: r.word(),
  hpfar: r.word(),
});

/** A memory slot over the test device. */
const over: MemSlot = {
  base: 0x0b00_0000n,
  bytes: 0x1000n,
  readonly: false,
};

/** A device where only an address beyond the IPA space could be mistaken for its own. */
const far: Slot = {
  base: 2 ** 39 + 0x0b00_0000,
  bytes: 0x1000,
  placement: "user",
  device: { tag: "TestDevice", state: reset },
};

const request: RipasRequest = {
  base: 0n,
  top: 0x2000n,
  addr: 0x1000n,
  ripas: "ram",
  change_destroyed: false,
};

const moments = ["guest", "guest", "guest", "user", "enter", "exit"] as const;

/** A world of random rows, registers, placements and leftovers. */
const worldFrom = (r: Random): World => {
  const world = worldOf({ rmm: rmmRow(r), kvm: kvmRow(r) });
  const sys = (): bigint => r.below(2) === 0 ? 0n : r.word();
  const slots = world.bus.slots.map((slot) => ({
    ...r.below(2) === 0 ? slot : logged(slot),
    placement: pick(r, ["user", "kernel"] as const),
  }));
  const [rec] = world.realm.recs;
  const [vcpu] = world.host.vcpus;
  const [state] = world.rmm.recs;
  if (!rec || !vcpu || !state) throw new Error("expected a REC 0");
  const { vm } = world.host;
  const at = pick(r, moments);
  const { hcr: gicv3_hcr, lrs: gicv3_lrs } = vgic(r);
  return {
    ...world,
    runs: [{
      enter: {
        flags: BigInt(r.below(16)),
        gprs: rec.x.map(() => r.word()),
        gicv3_hcr,
        gicv3_lrs,
      },
      exit: {
        ...zero_exit,
        ...stale(r),
        ...(r.below(2) === 0 ? { esr: 0x9180_0007n } : {}),
        exit_reason: pick(r, [0n, 0n, EXIT.IRQ, EXIT.FIQ]),
        gprs: rec.x.map(() => r.word()),
      },
    }],
    realm: {
      ...world.realm,
      recs: [{
        ...rec,
        x: rec.x.map(() => edgy(r)),
        pstate: (r.word() & 0x5_f3ff_fc00n) | pick(r, pstates),
        pc: pick(r, [rec.pc, r.word()]),
        retired: r.below(3) * 0x9000_0000,
        monitor: r.below(3) === 0 ? { ipa: 0n, bytes: 8 } : null,
        sys: {
          ...rec.sys,
          vbar_el1: r.word() & ~0x7ffn,
          sctlr_el1: r.word(),
          sctlr2_el1: sys(),
          gcscr_el1: sys(),
          cntv_ctl_el0: r.word() & 3n,
          cntv_cval_el0: pick(r, [0x9000_0000n, edgy(r)]),
          cntp_ctl_el0: r.word() & 3n,
          cntp_cval_el0: pick(r, [0x1_2000_0000n, edgy(r)]),
        },
      }],
    },
    rmm: {
      ...world.rmm,
      stage2: [
        { base: 0n, top: 0x1000n, ripas: "destroyed", assigned: false },
        ...world.rmm.stage2,
      ],
      recs: [{
        ...state,
        simd_live: r.below(2) === 0,
        running: (r.below(16) === 0) !== (at === "guest"),
        last_run_info: r.below(2) === 0 ? stale(r) : {
          ...stale(r),
          esr: 0x9300_0007n | (r.word() & 0xff_8040n),
          hpfar: hpfarOfIpa(places.first),
        },
        runnable: r.below(24) !== 0,
        psci_pending: r.below(24) === 0,
        host_call_pending: r.below(24) === 0,
        ripas_request: r.below(24) === 0 ? request : null,
        vgic: r.below(2) === 0 ? vgic(r) : null,
        trap: r.below(4) === 0 ? { esr: 1n, far: 2n, hpfar: 3n } : null,
      }],
    },
    host: {
      vm: {
        ...vm,
        nisv_to_user: r.below(2) === 0,
        // Now and then memory lies over a device.
        slots: [...vm.slots, ...(r.below(6) === 0 ? [over] : [])].map((
          slot,
        ) => ({ ...slot, readonly: r.below(4) === 0 })),
      },
      vmm: pick(r, [qemu, kvmtool]),
      vcpus: [{
        ...vcpu,
        at,
        pc: pick(r, [vcpu.pc, 0xffff_fffcn]),
        stopped: r.below(24) === 0,
        last_exit: pick(r, [null, 0n, EXIT.IRQ, EXIT.RIPAS_CHANGE]),
        fault: stale(r),
        pending_exception: r.below(8) === 0
          ? {
            type: pick(r, ["EL1_SYNC", "EL1_SERR"] as const),
            esr_el1: r.word(),
            far_el1: r.word(),
          }
          : null,
        increment_pc: r.below(16) === 0,
        mmio_needed: r.below(16) === 0,
        rmi: { status: pick(r, status_names), index: r.below(3) },
        run: {
          ...vcpu.run,
          arm_nisv: { esr_iss: r.word(), fault_ipa: r.word() },
          memory_fault: { gpa: r.word(), size: r.word(), is_private: true },
        },
        rmi_request: r.below(8) === 0,
        regs: rec.x.map(() => r.word()),
        // KVM's copies are the reset values; a few worlds have a guest's own.
        cpsr: r.below(8) === 0 ? r.word() & 0x3dfn : vcpu.cpsr,
        sctlr_el1: r.below(8) === 0 ? r.word() : vcpu.sctlr_el1,
      }],
    },
    bus: { slots: r.below(6) === 0 ? [...slots, far] : slots },
  };
};

/** Addresses: every device's registers, RAM, holes and edges. */
const address = (r: Random): bigint => {
  const device = pick(r, [0x0900_0000n, 0x0901_0000n, 0x0b00_0000n]);
  const within = pick(r, [0n, 4n, 0x18n, 0x2cn, 0x30n, 0x34n, 0x38n, 0x40n]);
  const at = device + (r.below(2) === 0 ? within : BigInt(r.below(0x1000)));
  switch (r.below(12)) {
    case 0:
      return at;
    case 1:
      return places.protected;
    case 2:
      return pick(r, [places.outside, (1n << 40n) | 0x0b00_0000n]);
    case 3:
      return pick(r, [0x0n, places.first, places.last]);
    case 4:
      return places.first | 0x4000_0000n;
    default:
      return places.first | at;
  }
};

type Dabt = Sync & { readonly tag: "Dabt" };

const dabt = (r: Random): Dabt => {
  const ipa = address(r);
  const esr = (0x24n << 26n) | (r.word() & 0x03ff_ffc0n) |
    (r.below(16) === 0 ? r.word() & 0xff_0000_003fn : 7n) |
    (r.below(4) === 0 ? 0n : 1n << 24n);
  // SET other than 0 is rare: LS64 accesses and uncontainable aborts.
  const set = r.below(4) === 0 ? 0n : 3n << 11n;
  return {
    tag: "Dabt",
    rec: 0,
    esr: esr & ~set & ~(r.below(16) === 0 ? 0n : 1n << 8n),
    far: (r.word() & ~0xfffn) | (ipa & 0xfffn),
    // KVM reads four bits of HPFAR_EL2 more than the RMM.
    hpfar: hpfarOfIpa(ipa) |
      pick(r, [
        0n,
        0n,
        0n,
        0n,
        0n,
        0n,
        r.word(),
        1n << BigInt(44 + r.below(4)),
      ]),
  };
};

const hostile = (r: Random): Event => ({
  tag: "RmiRecEnter",
  rec: 0,
  flags: r.below(4) === 0 ? r.word() : BigInt(r.below(16)),
  gprs: Array.from({ length: 31 }, () => edgy(r)),
});

/** SErrors that the RMM reports: UEU, UEO, UER, CE. */
const serrors = [1n, 2n, 3n, 6n].map((AET) =>
  (0x2fn << 26n) | (AET << 10n) | 0x11n
);

/** What traps besides an access: WFx, ICC_IAR1_EL1 and ICC_SGI1R_EL1, a fetch, an SMC, a breakpoint. */
const otherSync = (r: Random): Event => {
  const esr = pick(r, [
    0x0600_0000n,
    0x6230_3019n,
    0x623a_3016n | (r.word() & 0xff_0000_03e0n),
    0x8200_0007n,
    0x5e00_0000n,
    0xf200_0000n,
  ]);
  const hpfar = hpfarOfIpa(address(r));
  return { tag: syncTag(esr), rec: 0, esr, far: r.word(), hpfar };
};

type FailedStatus = Extract<Event, { tag: "FailRecEnter" }>["status"];

/** Anything, at any time. */
const anything = (r: Random): Event => {
  const rec = 0;
  switch (r.below(18)) {
    case 0:
      return { tag: "KvmRun", rec: 0, immediate_exit: true };
    case 1:
      return { tag: "KvmRun", rec: 0, immediate_exit: false };
    case 2:
      return { tag: "MmioComplete", rec: 0, data: edgy(r) };
    case 3:
      return { tag: "MmioComplete", rec: 0, data: null };
    case 4:
      return { tag: "VmmHandle", rec: 0 };
    case 5:
      return { tag: "RecEnter", rec: 0 };
    case 6:
      return { tag: "RecExit", rec: 0 };
    case 7:
      return { tag: "Irq", rec: 0 };
    case 8:
      return { tag: "Tick", seconds: pick(r, [0, 1, r.below(2 ** 31) * 4]) };
    case 9: {
      const length = r.below(20);
      const bytes = Array.from({ length }, () => r.below(256));
      return { tag: "UartRx", bytes };
    }
    case 10:
      return { tag: "Fiq", rec };
    case 11:
      return { tag: "Signal", rec };
    case 12:
      return {
        tag: "SetVcpuEvents",
        rec,
        ext_dabt_pending: r.below(4) !== 0,
        serror_pending: r.below(4) === 0,
      };
    case 13:
      return {
        tag: "WriteKvmRun",
        rec,
        exit_reason: pick(r, [null, ...reason_names]),
        data: pick(r, [null, edgy(r)]),
      };
    case 15:
      return otherSync(r);
    case 16:
      return { tag: "Serror", rec, esr: pick(r, serrors) };
    case 14:
      return {
        tag: "FailRecEnter",
        rec,
        status: pick(r, status_names.slice(1)) as FailedStatus,
        index: r.below(3),
      };
    default:
      return hostile(r);
  }
};

/** Mostly what comes next; of a hostile host one event in `calm`. */
const eventFor = (r: Random, world: World, calm: number): Event => {
  if (r.below(calm) === 0) return anything(r);
  const event = next(world, 0, 0);
  if (event === null) return hostile(r);
  const rec = 0;
  switch (event.tag) {
    case "MmioComplete":
      return r.below(4) === 0 ? { ...event, data: edgy(r) } : event;
    case "VmmHandle":
      // Whatever is left to the VMM's judgement may end a log: go on another way.
      return r.below(2) === 0
        ? event
        : { tag: "KvmRun", rec, immediate_exit: false };
    case "KvmRun":
    case "RecEnter":
    case "RecExit":
      return event;
    default:
      return r.below(20) === 0 ? { tag: "Irq", rec } : dabt(r);
  }
};

/** A world and what happens in it. */
export interface Log {
  readonly start: World;
  readonly events: readonly Event[];
}

/** What a log went through. */
export interface Tally {
  /** Times the realm went on after an access. */
  trips: number;
  /** Events by what the fast path answered: done, refused, slow. */
  readonly codes: number[];
}

/** A log that failed: the events up to the failure and what was wrong. */
export interface Failure {
  readonly log: Log;
  readonly what: string;
}

const message = (error: unknown): string =>
  error instanceof Error ? error.message : String(error);

const inGuest = ({ pure }: Pair): boolean => pure.host.vcpus[0]?.at === "guest";

/** Arrays for the whole road, and for its events one by one. */
interface Own {
  readonly whole: Fast;
  readonly single: Fast;
}

/** The first event by `take`, then what a correct host does, as far as the fast path goes by itself. */
const oneByOne = (pair: Pair, event: Event): Taken => {
  let taken = take(pair, event);
  const first = taken.code;
  for (let events = 0; events < road_events_max; events++) {
    if (first !== CODE.done || inGuest(taken.pair)) break;
    const following = next(taken.pair.pure, 0, 0);
    if (following === null) break;
    const after = take(taken.pair, following);
    if (after.code !== CODE.done) break;
    taken = after;
  }
  return taken;
};

/**
 * `roundTrip` against its events one by one: the same code, and the same world
 * at the realm's next instruction or where the pure code has to go on.
 */
const checkRoad = (start: World, event: Dabt, { whole, single }: Own): void => {
  reload(whole, start);
  whole.sent = 0;
  const { esr, far, hpfar } = event;
  const code = roundTrip(
    whole,
    low(esr),
    high(esr),
    low(far),
    high(far),
    low(hpfar),
    high(hpfar),
  );
  const { pair, code: last } = oneByOne(pairAt(start, single), event);
  const found = store(whole, start);
  if (last === CODE.done) {
    assertEquals(code === CODE.done, inGuest(pair), "where the road ends");
    assertSame(found, pair.fast, "the whole road");
  } else {
    assertEquals(code, last);
    assertEquals(found === start, true, "a road not taken");
  }
};

const isDabt = (event: Event): event is Dabt => event.tag === "Dabt";

/** Takes an event, and the whole road of it where one begins. */
const play = (pair: Pair, event: Event, own: Own): Taken => {
  if (isDabt(event)) checkRoad(pair.fast, event, own);
  return take(pair, event);
};

const ownArrays = (start: World): Own => ({
  whole: loaded(start),
  single: loaded(start),
});

/** Folds both over the events without comparing in between, and compares at the end. */
const checkUnstored = ({ start, events }: Log, pure: World): void => {
  const f = loaded(start);
  for (const event of events) {
    if (fastStep(f, event) === CODE.slow) return;
  }
  assertSame(store(f, start), pure, "stored once, at the end");
};

/** Makes the log `index` of a seed, folding both as it grows; null when they agree all the way. */
export const runLog = (
  seed: number,
  index: number,
  length: number,
  tally: Tally,
): Failure | null => {
  const r = random(Math.imul(seed, 0x0100_0193) ^ index);
  const start = worldFrom(r);
  const dead = r.below(8) === 0 ? pick(r, states) : "ACTIVE";
  const calm = pick(r, [3, 10, 50]);
  const events: Event[] = [];
  let pair = pairAt(start);
  const own = ownArrays(start);
  try {
    while (events.length < length) {
      const event = eventFor(r, pair.pure, calm);
      events.push(event);
      const was = inGuest(pair);
      const taken = play(pair, event, own);
      pair = taken.pair;
      tally.codes[taken.code] = (tally.codes[taken.code] ?? 0) + 1;
      const dabt_done = event.tag === "Dabt" && taken.code === CODE.done;
      if (inGuest(pair) && (!was || dabt_done)) tally.trips += 1;
      if (events.length === length >> 1 && dead !== "ACTIVE") break;
    }
    checkUnstored({ start, events }, pair.pure);
    if (dead === "ACTIVE") return null;
    return runDead(r, pair, dead, tally, length >> 1);
  } catch (error) {
    return { log: { start, events }, what: message(error) };
  }
};

/** The same log goes on after the realm, or the VM, has ended. */
const runDead = (
  r: Random,
  pair: Pair,
  state: RealmState,
  tally: Tally,
  length: number,
): Failure | null => {
  const ended = {
    ...pair.pure,
    rmm: { ...pair.pure.rmm, state },
    host: {
      ...pair.pure.host,
      vm: { ...pair.pure.host.vm, dead: r.below(3) === 0 },
    },
  };
  const events: Event[] = [];
  let at = pairAt(ended, pair.f);
  const own = ownArrays(ended);
  try {
    while (events.length < length) {
      const event = eventFor(r, at.pure, 4);
      events.push(event);
      const taken = play(at, event, own);
      at = taken.pair;
      tally.codes[taken.code] = (tally.codes[taken.code] ?? 0) + 1;
    }
    checkUnstored({ start: ended, events }, at.pure);
    return null;
  } catch (error) {
    return { log: { start: ended, events }, what: message(error) };
  }
};

/** What is wrong with a log, or null. */
export const replay = ({ start, events }: Log): string | null => {
  if (load(start, 0) === null) return null;
  let pair = pairAt(start);
  const own = ownArrays(start);
  try {
    for (const event of events) pair = play(pair, event, own).pair;
    checkUnstored({ start, events }, pair.pure);
    return null;
  } catch (error) {
    return message(error);
  }
};

/** The failure without the events it does not need: shorter and shorter runs of them are left out. */
export const shrink = (
  failure: Failure,
  broken: (log: Log) => string | null = replay,
): Failure => {
  let best = failure;
  for (let run = failure.log.events.length >> 1; 0 < run; run >>= 1) {
    for (let at = 0; at < best.log.events.length;) {
      const events = best.log.events.toSpliced(at, run);
      const log = { start: best.log.start, events };
      const what = broken(log);
      if (what === null) at += run;
      else best = { log, what };
    }
  }
  return best;
};

/** Names one log: seed, number and length. */
export const tokenOf = (
  seed: number,
  index: number,
  length: number,
): string => `${seed}:${index}:${length}`;

const written = (event: Event): string =>
  JSON.stringify(
    event,
    (_, value) => typeof value === "bigint" ? `0x${value.toString(16)}` : value,
  );

/** A failure as a person reads it: how to see it again, the events that matter, the first difference. */
export const report = (token: string, failure: Failure): string => {
  const { log, what } = shrink(failure);
  return [
    `replay token ${token}`,
    ...log.events.map(written),
    what,
  ].join("\n");
};

/** Runs logs `from` up of a seed until `trips` round trips were made; fails with a report. */
export const runLogs = (
  seed: number,
  trips: number,
  length: number,
  from = 0,
): Tally => {
  const tally: Tally = { trips: 0, codes: [0, 0, 0] };
  for (let index = from; tally.trips < trips; index++) {
    const failure = runLog(seed, index, length, tally);
    if (failure === null) continue;
    throw new Error(report(tokenOf(seed, index, length), failure));
  }
  return tally;
};
