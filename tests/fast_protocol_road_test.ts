import { assert, assertEquals } from "@std/assert";
import type { Fast } from "../core/fast/protocol/arrays.ts";
import {
  CODE,
  REG,
  reg_words,
  W,
  x_words,
} from "../core/fast/protocol/layout.ts";
import { attach, inGuest, load, reload } from "../core/fast/protocol/load.ts";
import { tick } from "../core/fast/protocol/bus.ts";
import { commonTrip } from "../core/fast/protocol/common.ts";
import { comeBack, roundTrip } from "../core/fast/protocol/road.ts";
import { store, storeOutside } from "../core/fast/protocol/store.ts";
import { revisions } from "../core/host/revision.ts";
import { rmm_1_0 } from "../core/rmm/profile.ts";
import { next } from "../core/schedule.ts";
import { step } from "../core/step.ts";
import type { Event, Sync, World } from "../core/world.ts";
import { assertSame, high, loaded, low } from "./fast_protocol_fold.ts";
import { dabtAt, places, worldOf } from "./fast_protocol_world.ts";

type Dabt = Sync & { readonly tag: "Dabt" };

const uart = places.first | 0x0900_0000n;

const access = (
  parts: Parameters<typeof dabtAt>[0],
  ipa: bigint,
  offset = 0n,
): Dabt => dabtAt(parts, ipa, offset) as Dabt;

const trip = (f: Fast, { esr, far, hpfar }: Dabt): number =>
  roundTrip(
    f,
    low(esr),
    high(esr),
    low(far),
    high(far),
    low(hpfar),
    high(hpfar),
  );

const taken = (world: World, event: Event): World => {
  const outcome = step(world, event);
  if (outcome.tag === "Refused") throw new Error(outcome.why.tag);
  return outcome.world;
};

/** The same road by the pure reducers and the schedule. */
const pureRoad = (world: World, event: Event): World => {
  let at = taken(world, event);
  while (at.host.vcpus[0]?.at !== "guest") {
    const following = next(at, 0, 0);
    if (following === null) throw new Error("the host is stuck");
    at = taken(at, following);
  }
  return at;
};

/** Reads and writes of every device and width, in the order a driver might. */
const accesses: readonly Dabt[] = [
  0x30n,
  0x38n,
  0x00n,
  0x18n,
  0xfe0n,
  0x31n,
  0x26n,
].flatMap((offset) =>
  [uart, uart + 0x1_0000n, places.unprotected].flatMap((ipa) =>
    [0, 1, 2, 3].flatMap((SAS) =>
      [0, 1].flatMap((SSE) =>
        [0, 1].map((WnR) =>
          access({ SAS, WnR, SRT: 5 + WnR, SSE }, ipa, offset)
        )
      )
    )
  )
);

for (const devices of ["user", "kernel"] as const) {
  Deno.test(`roundTrip() is the road of step() and next(), access after access: ${devices} devices`, () => {
    let pure = worldOf({ devices });
    const f = loaded(pure);
    let fast = pure;
    for (const event of accesses) {
      pure = pureRoad(pure, event);
      assertEquals(trip(f, event), CODE.done);
      fast = store(f, fast);
      assertSame(fast, pure, "stored every time");
    }
    const g = loaded(worldOf({ devices }));
    accesses.forEach((event) => trip(g, event));
    assertSame(store(g, worldOf({ devices })), pure, "stored at the end");
  });
}

Deno.test("roundTrip() collects what the UARTs send, in order, however much it is", () => {
  const f = loaded(worldOf());
  const send = access({ SAS: 0, WnR: 1, SRT: 7 }, uart);
  for (let n = 0; n < 1000; n++) {
    f.x[14] = n;
    trip(f, send);
  }
  assertEquals(f.sent, 1000);
  assertEquals(
    [...f.tx.subarray(0, 1000)],
    Array.from({ length: 1000 }, (_, n) => n & 0xff),
  );
});

Deno.test("roundTrip() leaves an exit it cannot decide to the pure code, where that takes it up", () => {
  const start = worldOf();
  const f = loaded(start);
  const ram = access({ WnR: 1 }, places.first | 0x4000_0000n);
  assertEquals(trip(f, ram), CODE.slow);
  const left = store(f, start);
  assertEquals(left.host.vcpus[0]?.owed, "VmmHandle");
  assertEquals(
    step(left, { tag: "VmmHandle", rec: 0 }).tag,
    "Stepped",
  );
});

Deno.test("roundTrip() refuses another exception class and a vCPU outside the guest", () => {
  const start = worldOf();
  const f = loaded(start);
  assertEquals(trip(f, access({ EC: 0x25 }, uart)), CODE.refused);
  assertEquals(inGuest(f), true);
  f.s[W.AT] = 0;
  assertEquals(trip(f, access({}, uart)), CODE.refused);
  assertEquals(inGuest(f), false);
  assertEquals(store(f, start) === start, true);
});

Deno.test("commonTrip() is open to accesses of devices by the default rows, and to nothing else", () => {
  const tried = (world: World, event: Dabt): boolean => {
    const f = loaded(world);
    // The first access opens the monitor and takes the trap; the next ones are common.
    trip(f, access({ SRT: 31 }, uart, 0x30n));
    const { esr, far, hpfar } = event;
    return commonTrip(
      f,
      low(esr),
      low(far),
      high(far),
      low(hpfar),
      high(hpfar),
    );
  };
  for (const devices of ["user", "kernel"] as const) {
    for (const WnR of [0, 1]) {
      const event = access({ WnR }, uart, 0x30n);
      assertEquals(tried(worldOf({ devices }), event), true);
      for (const kvm of revisions.slice(1)) {
        assertEquals(tried(worldOf({ devices, kvm }), event), false);
      }
      assertEquals(tried(worldOf({ rmm: rmm_1_0 }), event), false);
    }
  }
  for (
    const event of [
      access({ ISV: 0 }, uart),
      access({ FSC: 0x0f }, uart),
      access({ SET: 1 }, uart),
      access({}, places.protected),
      access({}, places.empty),
      access({}, places.first),
    ]
  ) assertEquals(tried(worldOf(), event), false);
});

Deno.test("comeBack() gives a host that retries for ever to the pure code", () => {
  const world = worldOf();
  const [state] = world.rmm.recs;
  const [vcpu] = world.host.vcpus;
  if (!state || !vcpu) throw new Error("no REC 0");
  // Running already, so RMI_REC_ENTER fails, KVM_RUN returns -EAGAIN, and QEMU calls it again.
  const start: World = {
    ...world,
    rmm: { ...world.rmm, recs: [{ ...state, running: true }] },
    host: { ...world.host, vcpus: [{ ...vcpu, at: "enter" }] },
  };
  const f = loaded(start);
  assertEquals(comeBack(f), CODE.slow);
  assertEquals(inGuest(f), false);
});

Deno.test("comeBack() finds nothing to do for a vCPU that waits for CPU_ON", () => {
  const world = worldOf();
  const [vcpu] = world.host.vcpus;
  if (!vcpu) throw new Error("no vCPU 0");
  const off = { ...vcpu, at: "user", owed: "PowerOn" } as const;
  const start = { ...world, host: { ...world.host, vcpus: [off] } };
  const f = loaded(start);
  assertEquals(comeBack(f), CODE.slow);
  assertEquals(store(f, start) === start, true);
});

Deno.test("store() is the inverse of load(): the same world, by identity", () => {
  const start = worldOf();
  const f = loaded(start);
  assertEquals(store(f, start) === start, true);
  trip(f, access({ SRT: 3 }, uart, 0x18n));
  const stored = store(f, start);
  assertEquals(store(f, stored) === stored, true);
  assertSame(store(loaded(stored), stored), stored, "loaded again");
});

Deno.test("store() shares what an access did not touch", () => {
  const start = worldOf();
  const f = loaded(start);
  trip(f, access({ SRT: 31 }, uart, 0x18n));
  const after = store(f, start);
  assert(after.realm.memory === start.realm.memory);
  assert(after.realm.recs[0]?.x === start.realm.recs[0]?.x);
  assert(after.realm.recs[0]?.sys === start.realm.recs[0]?.sys);
  assert(after.bus === start.bus);
  assert(after.host.vm === start.host.vm);
  trip(f, access({ WnR: 1, SAS: 2, SRT: 31 }, uart, 0x38n));
  const wrote = store(f, after);
  assert(wrote.bus.slots[0] !== after.bus.slots[0]);
  assert(wrote.bus.slots[1] === after.bus.slots[1]);
  assert(wrote.bus.slots[2] === after.bus.slots[2]);
});

Deno.test("store() shares every actor that had no part in what happened", () => {
  const start = worldOf();
  const f = loaded(start);
  tick(f, 1);
  const ticked = store(f, start);
  assert(ticked.bus !== start.bus);
  assert(ticked.realm === start.realm);
  assert(ticked.rmm === start.rmm);
  assert(ticked.runs === start.runs);
  assert(ticked.host === start.host);
  trip(f, access({ ISV: 0 }, places.empty));
  const injected = store(f, ticked);
  assert(injected.realm !== ticked.realm);
  assert(injected.runs === ticked.runs);
  assert(injected.host === ticked.host);
  assert(injected.bus === ticked.bus);
});

Deno.test("roundTrip() finds the alias bit of every IPA width, on both sides of 32 bits", () => {
  for (const ipa_bits of [32, 33, 34, 40, 48]) {
    const world = worldOf();
    const vm = { ...world.host.vm, ia_bits: ipa_bits };
    const start: World = {
      ...world,
      rmm: { ...world.rmm, ipa_bits },
      host: { ...world.host, vm },
    };
    const half = 1n << BigInt(ipa_bits - 1);
    for (const ipa of [half | 0x0900_0000n, 0x0900_0000n, 2n * half]) {
      const f = loaded(start);
      let pure = start;
      for (const WnR of [0, 1]) {
        const event = access({ WnR, SRT: 4 }, ipa, 0x30n);
        pure = pureRoad(pure, event);
        assertEquals(trip(f, event), CODE.done);
      }
      assertSame(store(f, start), pure, `${ipa_bits} bits`);
    }
  }
});

Deno.test("store() writes the rows of a test device that were written, and only those", () => {
  const start = worldOf();
  const f = loaded(start);
  trip(f, access({ WnR: 1, SAS: 3, SRT: 1 }, places.unprotected, 0x7c0n + 60n));
  const after = store(f, start);
  const rows = (world: World): readonly (readonly number[])[] => {
    const [, , slot] = world.bus.slots;
    if (slot?.device.tag !== "TestDevice") throw new Error("no test device");
    return slot.device.state.rows;
  };
  const written = rows(after).flatMap((row, n) =>
    row === rows(start)[n] ? [] : [n]
  );
  assertEquals(written, [31, 32]);
});

Deno.test("reload() brings the arrays to any world, from any other, changed or not", () => {
  const worlds = [
    worldOf(),
    worldOf({ devices: "kernel" }),
    pureRoad(worldOf(), access({ WnR: 1, SAS: 2 }, uart, 0x38n)),
    { ...worldOf(), bus: { slots: worldOf().bus.slots.slice(1) } },
    taken(worldOf(), access({}, uart)),
  ];
  const f = loaded(worldOf());
  for (const from of worlds) {
    for (const to of worlds) {
      reload(f, from);
      if (inGuest(f)) trip(f, access({ WnR: 1, SAS: 2 }, uart, 0x30n));
      reload(f, to);
      assert(store(f, to) === to);
      const event = access({ SAS: 3, SRT: 2 }, uart, 0x30n);
      const pure = step(to, event);
      const code = trip(f, event);
      assertEquals(code === CODE.refused, pure.tag === "Refused");
      if (pure.tag === "Stepped") {
        assertSame(store(f, to), pureRoad(to, event), "after reload");
      }
    }
  }
});

Deno.test("load() and reload() give up on a world without the REC, and on a FIFO that cannot be", () => {
  const start = worldOf();
  assertEquals(load(start, 1), null);
  const overfull = {
    ...start,
    bus: {
      slots: start.bus.slots.map((slot) =>
        slot.device.tag === "Pl011"
          ? {
            ...slot,
            device: {
              ...slot.device,
              state: {
                ...slot.device.state,
                rx: Array.from({ length: 17 }, () => 0),
              },
            },
          }
          : slot
      ),
    },
  };
  assertEquals(load(overfull, 0), null);
  const f = loaded(start);
  assertEquals(reload(f, overfull), false);
  assertEquals(store(f, start) === start, true);
});

Deno.test("attach() moves the registers into an executor's memory, where the road works on them", () => {
  const start = worldOf();
  const memory = new WebAssembly.Memory({ initial: 1 });
  const f = loaded(start);
  const [x_at, r_at] = [0x1000, 0x2000];
  attach(f, memory.buffer, x_at, r_at);
  const event = access({ SRT: 9, SAS: 2 }, uart, 0x30n);
  const x = new BigUint64Array(memory.buffer, x_at, x_words / 2);
  assertEquals([...x], [...(start.realm.recs[0]?.x ?? [])]);
  trip(f, event);
  assertEquals(x[9], 0x300n);
  const r = new BigUint64Array(memory.buffer, r_at, reg_words / 2);
  assertEquals(r[REG.PC / 2], (start.realm.recs[0]?.pc ?? 0n) + 4n);
  assertSame(store(f, start), pureRoad(start, event), "attached");
  // A memory that grows takes its registers along; the old views are gone.
  memory.grow(1);
  attach(f, memory.buffer, x_at, r_at);
  trip(f, access({ SRT: 10, SAS: 2 }, uart, 0x30n));
  const grown = new BigUint64Array(memory.buffer, x_at, x_words / 2);
  assertEquals([grown[9], grown[10]], [0x300n, 0x300n]);
  assertEquals(f.r.length, reg_words);
});

Deno.test("storeOutside() leaves the registers to the executor that keeps them", () => {
  const start = worldOf();
  const f = loaded(start);
  const event = access({ SRT: 9, SAS: 2 }, uart, 0x30n);
  trip(f, event);
  const stored = storeOutside(f, start);
  const pure = pureRoad(start, event);
  assert(stored.realm === start.realm);
  assertSame({ ...stored, realm: pure.realm }, pure, "all but the realm");
});
