import { assertEquals } from "@std/assert";
import { hex } from "../core/arch/word.ts";
import { CODE } from "../core/fast/protocol/layout.ts";
import { roundTrip } from "../core/fast/protocol/road.ts";
import { store } from "../core/fast/protocol/store.ts";
import type { Vcpu } from "../core/host/state.ts";
import { next } from "../core/schedule.ts";
import type { Event, World } from "../core/world.ts";
import {
  assertSame,
  high,
  loaded,
  low,
  type Pair,
  pairAt,
  take,
  type Taken,
} from "./fast_protocol_fold.ts";
import {
  accessAt,
  answerOf,
  changed,
  type Json,
  kvmWorld,
  mmioOf,
  rmmEnter,
  rmmException,
  rmmPrepared,
  rmmWorld,
  roundTripWorld,
} from "./fast_protocol_vectors.ts";
import { readVectors } from "./vector_lines.ts";

const regs = ({ realm }: World) => {
  const [rec] = realm.recs;
  if (rec === undefined) throw new Error("the world lost its REC");
  return rec;
};

const vcpuOf = ({ host }: World): Vcpu => {
  const [vcpu] = host.vcpus;
  if (vcpu === undefined) throw new Error("the world lost its vCPU");
  return vcpu;
};

/** What a step did to the realm's registers, as every vector lists it. */
const realmOf = (before: World, after: World): Json => {
  const rec = regs(after);
  return {
    regs_changed: changed(regs(before).x, rec.x),
    pc: hex(rec.pc),
    pstate: hex(rec.pstate),
  };
};

const realmIn = ({ regs_changed, pc, pstate }: Json): Json => ({
  regs_changed,
  pc,
  pstate,
});

/** The EL1 registers where the vector says an exception was injected. */
const assertInjected = (world: World, wanted: Json, id: string): void => {
  if (wanted === null) return;
  const { esr_el1, elr_el1, spsr_el1, far_el1 } = regs(world).sys;
  assertEquals(
    [esr_el1, elr_el1, spsr_el1, far_el1].map(hex),
    [wanted.esr_el1, wanted.elr_el1, wanted.spsr_el1, wanted.far_el1],
    id,
  );
};

const exitOf = (world: World): Json => {
  const [run] = world.runs;
  const [rec] = world.rmm.recs;
  if (!run || !rec) throw new Error("the world lost its run page");
  const { exit } = run;
  return {
    returned_to_host: true,
    exit_reason: Number(exit.exit_reason),
    esr: hex(exit.esr),
    far: hex(exit.far),
    hpfar: hex(exit.hpfar),
    gprs0: hex(exit.gprs[0] ?? 0n),
    gprs_rest: changed(exit.gprs.map(() => 0n), exit.gprs.with(0, 0n)),
    last_run_info_esr: hex(rec.last_run_info.esr),
  };
};

/** How often each event got which answer. */
type Count = Record<string, number>;

const names = ["fast", "refused", "slow"] as const;

const played = (count: Count, pair: Pair, event: Event): Taken => {
  const taken = take(pair, event);
  const name = `${event.tag} ${names[taken.code]}`;
  count[name] = (count[name] ?? 0) + 1;
  return taken;
};

/** Plays an exception; null when the vector ends here, because the RMM stops. */
const playException = (
  count: Count,
  pair: Pair,
  input: Json,
  out: Json,
  id: string,
): Pair | null => {
  const event = rmmException(input);
  const before = pairAt(rmmPrepared(pair.pure, input), pair.f);
  const { pair: after, code } = played(count, before, event);
  if (out.exit.panic !== undefined) return null;
  if (code !== CODE.done) return after;
  const { fast } = after;
  assertEquals(realmOf(before.pure, fast), realmIn(out), id);
  assertInjected(fast, out.injected, id);
  const left = vcpuOf(fast).at === "exit";
  assertEquals(
    left ? exitOf(fast) : { returned_to_host: false },
    out.exit,
    id,
  );
  return after;
};

const playEnter = (
  count: Count,
  pair: Pair,
  input: Json,
  out: Json,
  id: string,
): Pair => {
  const { pair: after, code } = played(count, pair, rmmEnter(input));
  if (code === CODE.slow) return after;
  assertEquals(code === CODE.done, out.realm_ran, id);
  assertEquals(realmOf(pair.pure, after.fast), realmIn(out), id);
  assertInjected(after.fast, out.injected, id);
  return after;
};

Deno.test("dabt(), irq(), fiq() and rmiRecEnter() give every RMM vector's outputs, and step()'s world", async () => {
  const count: Count = {};
  for (const vector of await readVectors("rmm") as readonly Json[]) {
    const { id, in: input, out, ops } = vector;
    let pair: Pair | null = pairAt(rmmWorld(input));
    if (ops === undefined) {
      pair = playException(count, pair, input, out, id);
      if (pair === null || out.enter === null) continue;
      playEnter(count, pair, input, out.enter, id);
      continue;
    }
    for (const op of ops) {
      if (pair === null) break;
      pair = op.op === "enter"
        ? playEnter(count, pair, op.in, op.out, id)
        : playException(count, pair, op.in, op.out, id);
    }
  }
  assertEquals(count, {
    "Dabt fast": 1195,
    "Irq fast": 39,
    "Fiq fast": 39,
    "RmiRecEnter fast": 964,
    "RmiRecEnter refused": 724,
    // What is not an access of the realm is the pure code's, and the entries that complete it.
    "RmiRecEnter slow": 53,
    "Hvc slow": 25,
    "Iabt slow": 92,
    "Serror slow": 37,
    "Smc slow": 52,
    "Sync slow": 30,
    "SysregTrap slow": 124,
    "Wfx slow": 37,
  });
});

const pended = (world: World): World => ({
  ...world,
  host: {
    ...world.host,
    vcpus: world.host.vcpus.map((vcpu) => ({
      ...vcpu,
      pending_exception: { type: "EL1_SYNC", esr_el1: 0n, far_el1: 0n },
    })),
  },
});

const pendingOf = ({ pending_exception: pending }: Vcpu): Json =>
  pending === null ? null : {
    type: pending.type,
    esr_el1: hex(pending.esr_el1),
    far_el1: hex(pending.far_el1),
  };

const abortOf = (world: World, asked: boolean): Json => {
  const vcpu = vcpuOf(world);
  const { exit_reason } = vcpu.run;
  return {
    ret_name: vcpu.at === "enter" ? "1" : vcpu.ret,
    exit_reason: exit_reason === "KVM_EXIT_UNKNOWN" ? "none" : exit_reason,
    mmio: asked ? mmioOf(vcpu) : null,
    mmio_needed: Number(vcpu.mmio_needed),
  };
};

const endOf = (before: World, world: World): Json => {
  const vcpu = vcpuOf(world);
  return {
    mmio_needed_end: Number(vcpu.mmio_needed),
    reg_writes: changed(vcpuOf(before).regs, vcpu.regs),
    pc_increment: vcpu.increment_pc,
    pending_exception: pendingOf(vcpu),
    warns: vcpu.warns,
  };
};

const some = (from: Json, like: Json): Json =>
  Object.fromEntries(Object.keys(like).map((key) => [key, from[key]]));

/** From the exit to the entry after it, the device answering; both worlds at every event. */
const playKvm = (count: Count, start: World, vector: Json): void => {
  const { id, in: input, out } = vector;
  // The road reaches io_mem_abort through the checks before it: those vectors are folded only.
  const judged = input.entry === "kvm_handle_guest_abort";
  let { pair } = played(count, pairAt(start), { tag: "RecExit", rec: 0 });
  const aborted = abortOf(pair.fast, out.mmio !== null);
  if (judged) assertEquals(aborted, some(out, aborted), id);
  const run: Event = { tag: "KvmRun", rec: 0, immediate_exit: false };
  if (vcpuOf(pair.pure).owed === "MmioComplete") {
    // Beyond 2^53 a bus, whose addresses are numbers, has no place for the device.
    const at = accessAt(input, input.ia_bits, input.is_rec);
    const data = at < 2n ** 53n ? null : answerOf(input.dev_data);
    const answer: Event = { tag: "MmioComplete", rec: 0, data };
    ({ pair } = played(count, pair, answer));
    if (input.pend_exception) pair = pairAt(pended(pair.pure), pair.f);
    ({ pair } = played(count, pair, run));
  }
  const end = endOf(start, pair.fast);
  if (judged) assertEquals(end, some(out, end), id);
  if (vcpuOf(pair.pure).at === "user") ({ pair } = played(count, pair, run));
  ({ pair } = played(count, pair, { tag: "RecEnter", rec: 0 }));
  if (!judged || out.enter === null) return;
  const enter = pair.fast.runs[0]?.enter;
  assertEquals(hex(enter?.flags ?? 0n), out.enter.flags, id);
  assertEquals(hex(enter?.gprs[0] ?? 0n), out.enter.gprs0, id);
};

Deno.test("recExit(), mmioComplete(), kvmRun() and recEnter() give every KVM vector's outputs, and step()'s world", async () => {
  const count: Count = {};
  for (const vector of await readVectors("kvm") as readonly Json[]) {
    playKvm(count, kvmWorld(vector), vector);
  }
  assertEquals(count, {
    "RecExit fast": 620,
    "MmioComplete fast": 252,
    "KvmRun fast": 381,
    "RecEnter fast": 620,
  });
});

/** Event by event, as far as the fast path goes by itself, or to the realm's next instruction. */
const playRoad = (start: World, event: Event, out: Json, id: string): World => {
  let { pair } = take(pairAt(start), event);
  if (out.exit !== null) {
    assertEquals(some(exitOf(pair.fast), out.exit), out.exit, id);
  }
  while (vcpuOf(pair.pure).at !== "guest") {
    const event = next(pair.pure, 0, 0);
    if (event === null) break;
    const taken = take(pair, event);
    if (taken.code !== CODE.done) break;
    pair = taken.pair;
  }
  return pair.pure;
};

Deno.test("roundTrip() gives every round trip vector's outputs, and the world of step() event by event", async () => {
  const codes = [0, 0, 0];
  for (const vector of await readVectors("roundtrip") as readonly Json[]) {
    const { id, in: input, out } = vector;
    const { start, event } = roundTripWorld(input);
    const pure = playRoad(start, event, out, id);
    const f = loaded(start);
    const [esr, far, hpfar] = [input.esr, input.far, input.hpfar].map(BigInt);
    const code = roundTrip(
      f,
      low(esr ?? 0n),
      high(esr ?? 0n),
      low(far ?? 0n),
      high(far ?? 0n),
      low(hpfar ?? 0n),
      high(hpfar ?? 0n),
    );
    codes[code] = (codes[code] ?? 0) + 1;
    const fast = store(f, start);
    assertSame(fast, pure, id);
    if (out.enter === null || code !== CODE.done) continue;
    const found = {
      status: 0,
      pc: hex(regs(fast).pc),
      regs_changed: changed(regs(start).x, regs(fast).x),
    };
    assertEquals(found, out.enter, id);
    if (out.kvm.mmio === null) continue;
    assertEquals(mmioOf(vcpuOf(fast)).phys_addr, out.kvm.mmio.phys_addr, id);
  }
  // Slow: an LS64 access, whose exit the VMM has to give up on.
  assertEquals(codes, [289, 0, 11]);
});
