import { assert, assertEquals } from "@std/assert";
import { decode } from "../core/a64/decode.ts";
import { disassemble } from "../core/a64/disassemble.ts";
import { encode } from "../core/a64/encode.ts";
import { encodings, type Insn, type Tag } from "../core/a64/encoding.ts";
import { rowOf, type Slot } from "../core/a64/encoding/row.ts";
import { lift } from "../core/a64/lift.ts";
import type { Access, Micro, Value } from "../core/a64/micro.ts";

const registers = new Set(["rd", "rn", "rm", "ra", "rt", "rt2", "rs"]);

/** Every value of a small field; the ends and the middle of a wide one. */
const valuesOf = ({ name, ones }: Slot): readonly number[] => {
  if (registers.has(name)) return [0, 30, 31];
  if (ones < 16 || name === "opcode") {
    return Array.from({ length: ones + 1 }, (_, value) => value);
  }
  return [0, 1, (ones + 1) / 2, ones];
};

/** Every allocated instruction of a class, with fields of {@link valuesOf}. */
const instructions = function* (tag: Tag): Generator<Insn> {
  const { slots } = rowOf[tag];
  const choices = slots.map(valuesOf);
  const count = choices.reduce((product, { length }) => product * length, 1);
  for (let index = 0; index < count; index++) {
    const fields: Record<string, number> = {};
    let rest = index;
    slots.forEach(({ name }, at) => {
      const { length } = choices[at]!;
      fields[name] = choices[at]![rest % length]!;
      rest = Math.floor(rest / length);
    });
    const insn = decode(encode({ tag, ...fields } as unknown as Insn));
    if (insn?.tag === tag) yield insn;
  }
};

const everyInstruction = function* (): Generator<Insn> {
  for (const tag of Object.keys(encodings) as Tag[]) yield* instructions(tag);
};

/** Micro-ops that access memory. */
const accessing = new Set<Micro["op"]>([
  "load",
  "store",
  "loadExclusive",
  "storeExclusive",
  "atomic",
  "compareSwap",
]);

/** Micro-ops the machine may refuse. */
const refusable = new Set<Micro["op"]>([
  ...accessing,
  "mrs",
  "msr",
  "msrImm",
  "sys",
]);

const writing = new Set<Micro["op"]>(["setX", "setSp", "setNzcv"]);

const last = new Set<Micro["op"]>(["jump", "branch"]);

const alone = new Set<Micro["op"]>(["exception", "undefined", "wait", "eret"]);

/** The name of the promise an instruction's micro-ops break, or null. */
const brokenOrder = (micros: readonly Micro[]): string | null => {
  let written = false;
  for (const [at, { op }] of micros.entries()) {
    if (refusable.has(op) && written) return `${op} after a write`;
    if (last.has(op) && at !== micros.length - 1) return `${op} not last`;
    if (alone.has(op) && micros.length !== 1) return `${op} not alone`;
    written ||= writing.has(op);
  }
  return null;
};

Deno.test("lift() puts what can be refused before any write, and jumps last", () => {
  for (const insn of everyInstruction()) {
    const broken = brokenOrder(lift(insn));
    if (broken !== null) assertEquals({ insn, broken }, { insn, broken: null });
  }
});

/** Every value a micro-op evaluates. */
const valuesIn = (part: unknown): readonly Value[] => {
  if (typeof part !== "object" || part === null) return [];
  const within = Object.values(part).flatMap(valuesIn);
  return "op" in part ? [part as Value, ...within] : within;
};

/** Temporaries a micro-op sets. */
const sets = (micro: Micro): readonly number[] => {
  if ("temp" in micro) return [micro.temp];
  if ("temps" in micro) return micro.temps;
  return micro.op === "storeExclusive" ? [micro.status] : [];
};

const wellFormed = (micros: readonly Micro[]): boolean => {
  const known = new Set<number>();
  return micros.every((micro) => {
    const { op: _, ...parts } = micro;
    const sound = valuesIn(parts).every((value) => {
      if (value.op === "temp") return known.has(value.n);
      return value.op !== "x" || (0 <= value.n && value.n <= 30);
    });
    for (const n of sets(micro)) known.add(n);
    return sound && (micro.op !== "setX" || micro.n <= 30);
  });
};

Deno.test("lift() names X0 to X30 only, and no temporary before it is set", () => {
  for (const insn of everyInstruction()) {
    if (!wellFormed(lift(insn))) assertEquals(lift(insn), [], insn.tag);
  }
});

/** Classes that move one general register and write nothing back. */
const single: readonly Tag[] = [
  "ordered",
  "orderedUnscaled",
  "loadLiteral",
  "unscaled",
  "unprivileged",
  "loadAcquirePc",
  "registerOffset",
  "unsignedOffset",
];

/** Classes that move a pair, write back, or are exclusive or atomic. */
const others: readonly Tag[] = [
  "exclusive",
  "exclusivePair",
  "compareSwapPair",
  "compareSwap",
  "pair",
  "postIndex",
  "preIndex",
  "atomic",
  "swap",
];

/** What the text of a load or store says of its access. */
const told = (insn: Insn): { bytes: number; access: Access } | null => {
  const [mnemonic = "", operands = ""] = disassemble(insn, 0n).split("\t");
  if (mnemonic.startsWith("prf")) return null;
  const sf = operands.startsWith("x");
  const [, sign = "", size = ""] = /(s?)([bhw]?)$/.exec(mnemonic) ?? [];
  const bytes = { b: 1, h: 2, w: 4 }[size] ?? (sf ? 8 : 4);
  const ar = /^(ldap|lda|ldla|stll?)u?r/.test(mnemonic);
  const { rt } = insn as { readonly rt?: number };
  const transfer = { srt: rt!, sse: sign === "s" && size !== "", sf, ar };
  return {
    bytes,
    access: {
      transfer,
      ...(ar ? { ordered: true as const } : {}),
      ...(/^(ld|st)tr/.test(mnemonic) ? { unprivileged: true as const } : {}),
    },
  };
};

/** What lift says of the one access of an instruction. */
const lifted = (insn: Insn): { bytes: number; access: Access } | null => {
  const [first] = lift(insn);
  if (first === undefined) return null;
  assert(first.op === "load" || first.op === "store", first.op);
  return { bytes: first.bytes, access: first.access };
};

Deno.test("lift() reports size and syndrome of single-register accesses as their text reads", () => {
  for (const tag of single) {
    for (const insn of instructions(tag)) {
      assertEquals(lifted(insn), told(insn), disassemble(insn, 0n));
    }
  }
});

Deno.test("lift() reports no register for pairs, writeback, exclusives and atomics", () => {
  const none: Access = { transfer: null };
  for (const tag of others) {
    for (const insn of instructions(tag)) {
      const accesses = lift(insn).filter(({ op }) => refusable.has(op));
      assert(accesses.length > 0, tag);
      for (const access of accesses) {
        if ("access" in access) assertEquals(access.access, none, tag);
      }
    }
  }
});

Deno.test("lift() accesses memory in load and store classes and nowhere else", () => {
  const found = (Object.keys(encodings) as Tag[]).filter((tag) =>
    instructions(tag).some((insn) =>
      lift(insn).some(({ op }) => accessing.has(op))
    )
  );
  assertEquals(found.toSorted(), [...single, ...others].toSorted());
});

const textAndMicros = (word: number): readonly [string, readonly Micro[]] => {
  const insn = decode(word);
  return [insn === null ? "" : disassemble(insn, 0n), lift(insn)];
};

const undefinedHere: readonly Micro[] = [{ op: "undefined", why: null }];

Deno.test("lift() says what no user-mode judge can", () => {
  const x3: Value = { op: "x", n: 3 };
  const zero: Value = { op: "const", value: 0n };
  const rows: readonly (readonly [number, string, readonly Micro[]])[] = [
    [0xd4000fe1, "svc\t#0x7f", [{ op: "exception", kind: "svc", imm: 127 }]],
    [0xd4000002, "hvc\t#0x0", [{ op: "exception", kind: "hvc", imm: 0 }]],
    [0xd4000003, "smc\t#0x0", [{ op: "exception", kind: "smc", imm: 0 }]],
    [0xd43fffe0, "brk\t#0xffff", [
      { op: "exception", kind: "brk", imm: 0xffff },
    ]],
    [0xd4400000, "hlt\t#0x0", undefinedHere],
    [0xd4a00001, "dcps1", undefinedHere],
    [0xd69f03e0, "eret", [{ op: "eret" }]],
    [0xd6bf03e0, "drps", undefinedHere],
    [0xd503205f, "wfe", [{ op: "wait", kind: "wfe", rt: 31 }]],
    [0xd503207f, "wfi", [{ op: "wait", kind: "wfi", rt: 31 }]],
    [0xd5031003, "wfet\tx3", [{ op: "wait", kind: "wfet", rt: 3 }]],
    [0xd5031023, "wfit\tx3", [{ op: "wait", kind: "wfit", rt: 3 }]],
    [0xd503233f, "paciasp", []],
    [0xd503245f, "bti\tc", []],
    [0xd503309f, "ssbb", [{ op: "barrier", kind: "dsb" }]],
    [0xd5033fbf, "dmb\tsy", [{ op: "barrier", kind: "dmb" }]],
    [0xd5033fdf, "isb", [{ op: "barrier", kind: "isb" }]],
    [0xd50330ff, "sb", [{ op: "barrier", kind: "sb" }]],
    [0xd5033f5f, "clrex", [{ op: "clearExclusive" }]],
    [0xd50342df, "msr\tdaifset, #0x2", [
      { op: "msrImm", field: 0o36, imm: 2 },
    ]],
    [0xd5181003, "msr\tsctlr_el1, x3", [
      { op: "msr", code: 0xc080, rt: 3, value: x3 },
    ]],
    [0xd5381003, "mrs\tx3, sctlr_el1", [
      { op: "mrs", temp: 0, code: 0xc080, rt: 3 },
      { op: "setX", n: 3, value: { op: "temp", n: 0 } },
    ]],
    [0xd50b7423, "dc\tzva, x3", [
      { op: "sys", code: 0x5ba1, rt: 3, value: x3 },
    ]],
    [0xd508831f, "tlbi\tvmalle1is", [
      { op: "sys", code: 0x4418, rt: 31, value: zero },
    ]],
    [0xf9800000, "prfm\tpldl1keep, [x0]", []],
    [0x1e602800, ".inst\t0x1e602800", [{ op: "undefined", why: "fp-simd" }]],
    [0x04200000, ".inst\t0x04200000", [{ op: "undefined", why: "fp-simd" }]],
    [0x00000000, "udf\t#0", undefinedHere],
    [0x00010000, "", undefinedHere],
  ];
  for (const [word, text, micros] of rows) {
    assertEquals(textAndMicros(word), [text, micros]);
  }
});
