import { assert, assertEquals } from "@std/assert";
import {
  emptyLedger,
  emptyLedgers,
  type Entry,
  ledgersTo,
  ledgerTo,
  releasedBy,
} from "../core/history/ledger.ts";
import { gapAt, stride_steps } from "../core/history/kept.ts";
import { hostView } from "../core/host/view.ts";
import { type RecExit, zero_exit } from "../core/rmm/recrun.ts";
import { step } from "../core/step.ts";
import { tapeOf } from "./history_tapes.ts";

const guests = [
  "alias",
  "echo",
  "forms",
  "fpsimd",
  "hello",
  "isv0",
  "mmu",
  "rsi",
  "rtc",
] as const;

const ledgerOf = async (guest: string): Promise<readonly Entry[]> => {
  const tape = await tapeOf(guest, 60_000);
  const ledger = ledgerTo(tape, emptyLedger(tape), tape.events.length);
  return [...ledger.entries.values()];
};

for (const guest of guests) {
  Deno.test(`ledgerTo() of ${guest} finds a rule for all the host learnt`, async () => {
    const entries = await ledgerOf(guest);
    assert(entries.length > 0);
    assertEquals(entries.filter(({ rule }) => rule === null), []);
  });

  Deno.test(`ledgerTo() of ${guest} by single events is the ledger at once`, async () => {
    const tape = await tapeOf(guest, 5_000);
    let ledger = emptyLedger(tape);
    for (let event = 0; event <= tape.events.length; event++) {
      ledger = ledgerTo(tape, ledger, event);
    }
    const whole = ledgerTo(tape, emptyLedger(tape), tape.events.length);
    assertEquals(ledger.entries, whole.entries);
    const half = Math.floor(tape.events.length / 2);
    const end = ledgersTo(tape, emptyLedgers(tape), Infinity);
    assertEquals(
      ledgersTo(tape, end, half).now.entries,
      ledgerTo(tape, emptyLedger(tape), half).entries,
    );
  });
}

Deno.test("ledgerTo() of hello holds every byte the host was sent, and when", async () => {
  const tape = await tapeOf("hello", 60_000);
  const stored = (await ledgerOf("hello")).filter(({ what }) =>
    what === "value stored"
  );
  const bytes = new Set<string>();
  let { start: world } = tape;
  for (const event of tape.events) {
    const result = step(world, event);
    world = result.world;
    if (result.tag === "Refused") continue;
    for (const ask of result.asks) {
      if (ask.tag === "UartTx") bytes.add(`0x${ask.byte.toString(16)}`);
    }
  }
  for (const byte of bytes) {
    assert(stored.some(({ value }) => value === byte), byte);
  }
  for (const { first, last, count } of stored) {
    assert(first <= last && (count === 1) === (first === last));
    assertEquals(tape.events[first]?.tag, "Dabt");
    assertEquals(tape.events[last]?.tag, "Dabt");
  }
});

Deno.test("ledgersTo() keeps few, and one near enough to go back to", async () => {
  const tape = await tapeOf("echo", 300_000);
  const last = tape.events.length;
  const { now, kept } = ledgersTo(tape, emptyLedgers(tape), last);
  assertEquals(now.event, last);
  for (let by = 1; by < last; by *= 2) {
    const from = kept.findLast(({ event }) => event <= last - by)?.event ?? 0;
    assert(last - by - from <= gapAt(by), `${by} back reads from ${from}`);
  }
  assert(kept.length <= 2 * 8 * Math.log2(last / stride_steps) + 8);
});

Deno.test("ledgerTo() of rsi holds the host call and the PSCI call", async () => {
  const what = new Set((await ledgerOf("rsi")).map((entry) => entry.what));
  for (
    const name of [
      "host call: immediate",
      "host call: gprs[0]",
      "PSCI function",
    ]
  ) assert(what.has(name), `${name} in ${[...what].join(", ")}`);
});

Deno.test("ledgerTo() enters something exactly when the host's exit page changes", async () => {
  const tape = await tapeOf("rsi", 60_000);
  let ledger = emptyLedger(tape);
  let { start: world } = tape;
  const told = (entries: ReadonlyMap<string, Entry>) =>
    [...entries.values()].reduce((sum, { count }) => sum + count, 0);
  tape.events.forEach((event, index) => {
    const after = step(world, event).world;
    const next = ledgerTo(tape, ledger, index + 1);
    const showed =
      hostView(world).runs[0]?.exit !== hostView(after).runs[0]?.exit;
    assertEquals(told(next.entries) > told(ledger.entries), showed);
    ledger = next;
    world = after;
  });
});

const words = Object.entries(zero_exit).filter(([, value]) =>
  typeof value === "bigint"
).map(([name]) => name as Exclude<keyof RecExit, "gprs" | "gicv3_lrs">);

/** Exits of every cause, each as the RMM would write it. */
const causes: Readonly<Record<string, Partial<RecExit>>> = {
  load: { esr: 0x9180_0007n, far: 0x18n, hpfar: 0x8009_0000n },
  store: { esr: 0x9180_0047n, far: 0x18n, hpfar: 0x8009_0000n },
  nonEmulatable: { esr: 0x9200_0007n, hpfar: 0x8009_0000n },
  fetch: { esr: 0x8000_0007n, hpfar: 0x4008_0n },
  wfi: { esr: 0x0400_0000n },
  register: { esr: 0x623a_3016n },
  irq: { exit_reason: 1n },
  psci: { exit_reason: 3n },
  ripas: { exit_reason: 4n, ripas_base: 0x1000n, ripas_top: 0x2000n },
  call: { exit_reason: 5n, imm: 1n },
  serror: { exit_reason: 6n, esr: 0xbc00_0011n },
};

/** What each cause may show, bit by bit, written down a second time. */
const shown: Readonly<Record<string, Readonly<Record<string, bigint>>>> = {
  load: { esr: 0xfdc0_9e7fn, far: 0xfffn, hpfar: 0xfff_ffff_fff0n },
  store: { esr: 0xfdc0_9e7fn, far: 0xfffn, hpfar: 0xfff_ffff_fff0n },
  nonEmulatable: { esr: 0xfe00_1e3fn, hpfar: 0xfff_ffff_fff0n },
  fetch: { esr: 0xfc00_1e3fn, hpfar: 0xfff_ffff_fff0n },
  wfi: { esr: 0xfc00_0003n },
  register: { esr: 0xffff_ffffn },
  irq: {},
  psci: {},
  ripas: {
    ripas_base: 0xffff_ffff_ffff_ffffn,
    ripas_top: 0xffff_ffff_ffff_ffffn,
    ripas_value: 1n,
  },
  call: { imm: 0xffffn },
  serror: { esr: 0xfd00_1e3fn },
};

const every_cause = /^(exit_reason|cnt[pv]_(ctl|cval)|gicv3_(hcr|misr|vmcr))$/;

/** Bits that decide the cause itself cannot be flipped one by one. */
const deciding: Readonly<Record<string, bigint>> = {
  esr: 0xfd00_0041n,
  exit_reason: 0xffff_ffff_ffff_ffffn,
};

for (const [name, cause] of Object.entries(causes)) {
  Deno.test(`releasedBy() a ${name} exit finds no rule for any bit beyond those it may show`, () => {
    const exit: RecExit = { ...zero_exit, ...cause };
    assertEquals(releasedBy(exit).filter(({ rule }) => rule === null), []);
    for (const field of words) {
      const may = every_cause.test(field)
        ? 0xffff_ffff_ffff_ffffn
        : shown[name]?.[field] ?? 0n;
      for (let at = 0n; at < 64n; at++) {
        const bit = 1n << at;
        if (((deciding[field] ?? 0n) & bit) !== 0n) continue;
        const other = { ...exit, [field]: exit[field] | bit };
        const leaks = releasedBy(other).filter(({ rule }) => rule === null);
        assertEquals(
          leaks.length,
          (may & bit) === 0n ? 1 : 0,
          `${field} ${at}`,
        );
      }
    }
  });
}

Deno.test("releasedBy() lets gprs show what each cause lets them show", () => {
  const may: Readonly<Record<string, readonly number[]>> = {
    store: [0],
    wfi: [0],
    register: [0],
    psci: [0, 1],
    call: Array.from({ length: 31 }, (_, n) => n),
  };
  for (const [name, cause] of Object.entries(causes)) {
    for (let n = 0; n < 31; n++) {
      const gprs = zero_exit.gprs.with(n, 0x5an);
      const leaks = releasedBy({ ...zero_exit, ...cause, gprs })
        .filter(({ rule }) => rule === null);
      const allowed = may[name]?.includes(n) ?? false;
      assertEquals(leaks.length, allowed ? 0 : 1, `${name} gprs[${n}]`);
    }
  }
});

Deno.test("releasedBy() a store shows no more than its size", () => {
  const gprs = zero_exit.gprs.with(0, 0x1_0000_0000n);
  const exit = { ...zero_exit, ...causes["store"], gprs };
  const leaks = releasedBy(exit).filter(({ rule }) => rule === null);
  assertEquals(leaks.map(({ field, value }) => [field, value]), [
    ["gprs[0]", "0x100000000"],
  ]);
});
