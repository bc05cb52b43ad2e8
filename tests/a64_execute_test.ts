import { assertEquals, assertStrictEquals } from "@std/assert";
import type { Cpu, Fault, Outcome, Port } from "../core/a64/cpu.ts";
import { execute } from "../core/a64/evaluate.ts";
import type { Access, Micro, Value } from "../core/a64/micro.ts";

const refusal: Fault = { tag: "Fault" };

/** A port that refuses everything. */
const refusing: Port = {
  load: () => refusal,
  store: () => refusal,
  loadExclusive: () => refusal,
  storeExclusive: () => refusal,
  clearExclusive: () => {},
  atomic: () => refusal,
  compareSwap: () => refusal,
  mrs: () => refusal,
  msr: () => refusal,
  msrImm: () => refusal,
  sys: () => refusal,
};

const fresh = (): Cpu => ({
  x: Array.from({ length: 31 }, (_, n) => BigInt(n)),
  sp: [0x100n, 0x200n],
  spIndex: 1,
  pc: 0x8000n,
  nzcv: 5,
});

const k = (value: bigint): Value => ({ op: "const", value });

const access: Access = { transfer: null };

const at = k(0x40n);

/** Each micro-op that asks the port. */
const asking: readonly Micro[] = [
  { op: "load", temp: 0, bytes: 8, at, access },
  { op: "store", bytes: 8, at, value: k(1n), access },
  { op: "loadExclusive", temps: [0, 1], bytes: 8, at },
  { op: "storeExclusive", status: 0, bytes: 8, at, values: [k(1n)] },
  { op: "atomic", rmw: "add", temp: 0, bytes: 8, at, value: k(1n) },
  {
    op: "compareSwap",
    temps: [0],
    bytes: 8,
    at,
    expected: [k(1n)],
    desired: [k(2n)],
  },
  { op: "mrs", temp: 0, code: 0xc000, rt: 0 },
  { op: "msr", code: 0xc000, rt: 0, value: k(1n) },
  { op: "msrImm", field: 5, imm: 1 },
  { op: "sys", code: 0x4000, rt: 0, value: k(1n) },
];

/** Each micro-op that ends the instruction another way, with how. */
const ending: readonly (readonly [Micro, Outcome])[] = [
  [
    { op: "exception", kind: "svc", imm: 7 },
    { tag: "Exception", kind: "svc", imm: 7 },
  ],
  [{ op: "undefined", why: null }, { tag: "Undefined", why: null }],
  [{ op: "undefined", why: "fp-simd" }, { tag: "Undefined", why: "fp-simd" }],
  [{ op: "eret" }, { tag: "Eret" }],
  [{ op: "wait", kind: "wfit", rt: 3 }, { tag: "Wait", kind: "wfit", rt: 3 }],
];

/** Writes to everything, which must not happen. */
const writes: readonly Micro[] = [
  { op: "setNzcv", value: k(0n) },
  { op: "setX", n: 3, value: k(0n) },
  { op: "setSp", value: k(0n) },
  { op: "jump", to: k(0n) },
];

Deno.test("execute() returns the port's refusal itself and changes nothing", () => {
  for (const micro of asking) {
    const cpu = fresh();
    assertStrictEquals(execute([micro, ...writes], cpu, refusing), refusal);
    assertEquals(cpu, fresh());
  }
});

Deno.test("execute() ends on exceptions, waits and ERET and changes nothing", () => {
  for (const [micro, outcome] of ending) {
    const cpu = fresh();
    assertEquals(execute([micro, ...writes], cpu, refusing), outcome);
    assertEquals(cpu, fresh());
  }
});

Deno.test("execute() moves PC past an instruction that does nothing", () => {
  const nothing: readonly (readonly Micro[])[] = [
    [],
    [{ op: "clearExclusive" }],
    [{ op: "barrier", kind: "isb" }],
  ];
  for (const micros of nothing) {
    const cpu = fresh();
    assertEquals(execute(micros, cpu, refusing), { tag: "Next" });
    assertEquals(cpu, { ...fresh(), pc: 0x8004n });
  }
});

Deno.test("execute() wraps PC at the end of the address space", () => {
  const cpu = { ...fresh(), pc: (1n << 64n) - 4n };
  execute([], cpu, refusing);
  assertEquals(cpu.pc, 0n);
});

Deno.test("execute() writes registers, flags and the selected stack pointer", () => {
  const cpu = fresh();
  assertEquals(execute(writes, cpu, refusing), { tag: "Next" });
  const expected = fresh();
  expected.x[3] = 0n;
  assertEquals(cpu, { ...expected, sp: [0x100n, 0n], pc: 0n, nzcv: 0 });
});

Deno.test("execute() branches where the condition is not zero", () => {
  const after = (when: bigint): bigint => {
    const cpu = fresh();
    execute([{ op: "branch", when: k(when), to: k(0x10n) }], cpu, refusing);
    return cpu.pc;
  };
  assertEquals([after(0n), after(1n), after(1n << 63n)], [
    0x8004n,
    0x10n,
    0x10n,
  ]);
});

/** A port that answers everything and writes down what it was asked. */
const recording = (log: unknown[][]): Port => {
  const note =
    <Answer>(name: string, answer: Answer) => (...all: unknown[]) => {
      log.push([name, ...all]);
      return answer;
    };
  return {
    load: note("load", 1n),
    store: note("store", null),
    loadExclusive: note("loadExclusive", [2n, 3n]),
    storeExclusive: note("storeExclusive", true),
    clearExclusive: note("clearExclusive", undefined),
    atomic: note("atomic", 4n),
    compareSwap: note("compareSwap", [5n]),
    mrs: note("mrs", 6n),
    msr: note("msr", null),
    msrImm: note("msrImm", null),
    sys: note("sys", null),
  };
};

/** The temporaries 0 and 1 after a micro-op. */
const tempsAfter = (micro: Micro, port: Port): readonly bigint[] => {
  const cpu = fresh();
  const copies = [0, 1].map((n): Micro => ({
    op: "setX",
    n,
    value: { op: "temp", n },
  }));
  execute([micro, ...copies], cpu, port);
  return cpu.x.slice(0, 2).filter((x) => x !== undefined);
};

Deno.test("execute() keeps the port's answers in the temporaries named", () => {
  const kept = asking.map((micro) => tempsAfter(micro, recording([])));
  assertEquals(kept, [
    [1n],
    [],
    [2n, 3n],
    [0n], // stored
    [4n],
    [5n],
    [6n],
    [],
    [],
    [],
  ]);
  const lost: Port = { ...recording([]), storeExclusive: () => false };
  assertEquals(tempsAfter(asking[3]!, lost), [1n]);
});

Deno.test("execute() gives the port the operands, once", () => {
  const log: unknown[][] = [];
  execute([...asking, { op: "clearExclusive" }], fresh(), recording(log));
  assertEquals(log, [
    ["load", 0x40n, 8, access],
    ["store", 0x40n, 8, 1n, access],
    ["loadExclusive", 0x40n, 8, 2],
    ["storeExclusive", 0x40n, 8, [1n]],
    ["atomic", 0x40n, 8, "add", 1n],
    ["compareSwap", 0x40n, 8, [1n], [2n]],
    ["mrs", 0xc000, 0],
    ["msr", 0xc000, 0, 1n],
    ["msrImm", 5, 1],
    ["sys", 0x4000, 0, 1n],
    ["clearExclusive"],
  ]);
});
