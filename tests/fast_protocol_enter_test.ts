import { assertEquals } from "@std/assert";
import { CODE } from "../core/fast/protocol/layout.ts";
import { acceptable } from "../core/fast/protocol/vgic.ts";
import { revisions } from "../core/host/revision.ts";
import { profiles } from "../core/rmm/profile.ts";
import type { RealmState, RmmRec } from "../core/rmm/state.ts";
import { isVgicValid } from "../core/rmm/vgic.ts";
import { zero_enter } from "../core/rmm/recrun.ts";
import type { World } from "../core/world.ts";
import { pairAt, take, takeAll } from "./fast_protocol_fold.ts";
import { dabtAt, entersWith, worldOf } from "./fast_protocol_world.ts";

/** Every way a REC can stand when it is entered, one at a time. */
const stands: readonly Partial<RmmRec>[] = [
  {},
  { running: true },
  { runnable: false },
  { psci_pending: true },
  { host_call_pending: true },
  {
    ripas_request: {
      base: 0n,
      top: 0x2000n,
      addr: 0x1000n,
      ripas: "ram",
      change_destroyed: false,
    },
  },
  // A trapped register read waits for its value, a trapped write for nothing.
  { last_run_info: { esr: 0x6230_1001n, far: 0n, hpfar: 0n } },
  { last_run_info: { esr: 0x6230_1000n, far: 0n, hpfar: 0n } },
];

const states: readonly RealmState[] = ["NEW", "ACTIVE", "SYSTEM_OFF", "ZOMBIE"];

/** vGIC states of an enter half: none, a good one, ICH_HCR_EL2.En set, an INTID twice. */
const live = (1n << 62n) | 27n;
const vgics = [
  { gicv3_hcr: 0n, gicv3_lrs: zero_enter.gicv3_lrs },
  { gicv3_hcr: 0x40fen, gicv3_lrs: zero_enter.gicv3_lrs.with(3, live) },
  { gicv3_hcr: 1n, gicv3_lrs: zero_enter.gicv3_lrs },
  {
    gicv3_hcr: 0n,
    gicv3_lrs: zero_enter.gicv3_lrs.with(0, live).with(9, live),
  },
];

const left = (
  world: World,
  state: RealmState,
  stand: Partial<RmmRec>,
  vgic: typeof vgics[number],
  at: "enter" | "user",
  rmi_request: boolean,
): World => ({
  ...world,
  rmm: {
    ...world.rmm,
    state,
    recs: world.rmm.recs.map((rec) => ({ ...rec, ...stand })),
  },
  runs: world.runs.map((run) => ({ ...run, enter: { ...run.enter, ...vgic } })),
  host: {
    ...world.host,
    vcpus: world.host.vcpus.map((vcpu) => ({ ...vcpu, at, rmi_request })),
  },
});

Deno.test("recEnter() and rmiRecEnter() refuse what step() refuses, and leave to it what is not an access", () => {
  const codes = [0, 0, 0];
  for (const rmm of Object.values(profiles)) {
    const exited = take(pairAt(worldOf({ rmm })), dabtAt({ SRT: 3 })).pair;
    for (const state of states) {
      for (const stand of stands) {
        for (const vgic of vgics) {
          for (const request of [false, true]) {
            const world = left(
              exited.pure,
              state,
              stand,
              vgic,
              "enter",
              request,
            );
            const { code, pair } = take(pairAt(world), {
              tag: "RecEnter",
              rec: 0,
            });
            codes[code] = (codes[code] ?? 0) + 1;
            take(pair, { tag: "Irq", rec: 0 });
            for (const flags of [0n, 1n, 2n, 3n]) {
              take(pairAt(world), entersWith(flags, 0x80n));
            }
          }
        }
      }
    }
  }
  const [done = 0, refused = 0, slow = 0] = codes;
  assertEquals(refused, 0);
  // A request of KVM's, a host call, a RIPAS change, a register access.
  assertEquals(slow, 2 * 4 * 4 * (8 + 4));
  assertEquals(done, 2 * 4 * 4 * 4);
});

Deno.test("irq(), fiq() and the exits they make are the fast path's own, under every revision", () => {
  for (const rmm of Object.values(profiles)) {
    for (const kvm of revisions) {
      for (const tag of ["Irq", "Fiq"] as const) {
        takeAll(pairAt(worldOf({ rmm, kvm })), [
          { tag, rec: 0 },
          { tag: "RecExit", rec: 0 },
          { tag: "RecEnter", rec: 0 },
          dabtAt({ SRT: 3 }),
        ]);
      }
    }
  }
});

Deno.test("rmiRecEnter() takes a REC from wherever its vCPU is", () => {
  const exited = take(pairAt(worldOf()), dabtAt({ SRT: 3 })).pair;
  const [good] = vgics;
  if (good === undefined) throw new Error("no vGIC state");
  const world = left(exited.pure, "ACTIVE", {}, good, "user", false);
  assertEquals(take(pairAt(world), entersWith(1n, 7n)).code, CODE.done);
});

Deno.test("acceptable() is the vGIC check of the pure RMM, bit by bit", () => {
  const base = (2n << 62n) | (0xa0n << 48n) | 40n;
  const { gicv3_lrs: none } = zero_enter;
  const agree = (hcr: bigint, lrs: readonly bigint[]): boolean => {
    const found = acceptable({ hcr, lrs });
    const pure = isVgicValid({ ...zero_enter, gicv3_hcr: hcr, gicv3_lrs: lrs });
    assertEquals(found, pure);
    return found;
  };
  for (let bit = 0n; bit < 64n; bit++) {
    agree(1n << bit, none);
    agree(0n, none.with(5, base ^ (1n << bit)));
    agree(0n, none.with(5, 1n << bit));
    agree(0n, none.with(5, base).with(6, base ^ (1n << bit)));
  }
  const intids = [1019n, 1020n, 8191n, 8192n, 65535n, 65536n];
  assertEquals(
    intids.map((intid) => agree(0n, none.with(15, (1n << 62n) | intid))),
    [true, false, false, true, true, false],
  );
});
