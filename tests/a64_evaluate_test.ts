import { assert, assertEquals } from "@std/assert";
import type { Cpu } from "../core/a64/cpu.ts";
import { evaluate } from "../core/a64/evaluate.ts";
import type { Binary, Unary, Value } from "../core/a64/micro.ts";
import { corners } from "./a64/vector.ts";

const ones = (1n << 64n) - 1n;

const cpuWith = (change: Partial<Cpu> = {}): Cpu => ({
  x: Array.from({ length: 31 }, (_, n) => BigInt(n) * 0x1111n),
  sp: [0x5000n, 0x6000n],
  spIndex: 0,
  pc: 0x8000n,
  nzcv: 0,
  ...change,
});

const k = (value: bigint): Value => ({ op: "const", value });

const two = (op: Binary, a: bigint, b: bigint): bigint =>
  evaluate({ op, a: k(a), b: k(b) }, cpuWith(), []);

const one = (op: Unary, a: bigint): bigint =>
  evaluate({ op, a: k(a) }, cpuWith(), []);

/** The word as text, bit 63 first. */
const bits = (a: bigint, width: number = 64): string =>
  BigInt.asUintN(width, a).toString(2).padStart(width, "0");

const fromBits = (text: string): bigint => BigInt(`0b${text}`);

const reversed = (text: string): string => [...text].reverse().join("");

/** Every pair of corner words. */
const pairs = corners.flatMap((a) => corners.map((b) => [a, b] as const));

Deno.test("evaluate() reads registers, the selected stack pointer, PC and temporaries", () => {
  const cpu = cpuWith({ spIndex: 1 });
  for (let n = 0; n < 31; n++) {
    assertEquals(evaluate({ op: "x", n }, cpu, []), BigInt(n) * 0x1111n);
  }
  assertEquals(evaluate({ op: "sp" }, cpu, []), 0x6000n);
  assertEquals(evaluate({ op: "sp" }, cpuWith(), []), 0x5000n);
  assertEquals(evaluate({ op: "pc" }, cpu, []), 0x8000n);
  assertEquals(evaluate({ op: "temp", n: 1 }, cpu, [7n, 9n]), 9n);
});

Deno.test("evaluate() adds, subtracts and multiplies modulo 2^64", () => {
  for (const [a, b] of pairs) {
    assertEquals(two("add", a, b), (a + b) & ones);
    assertEquals(two("sub", a, b), (a - b) & ones);
    assertEquals(two("mul", a, b), (a * b) & ones);
    const product = bits(a * b, 128);
    assertEquals(two("umulh", a, b), fromBits(product.slice(0, 64)));
    // SMULH corrects UMULH by each operand the sign makes negative.
    const corrected = two("umulh", a, b) - (a >> 63n) * b - (b >> 63n) * a;
    assertEquals(two("smulh", a, b), corrected & ones);
  }
});

Deno.test("evaluate() is bitwise and compares words", () => {
  for (const [a, b] of pairs) {
    assertEquals(two("and", a, b) + two("or", a, b), a + b);
    assertEquals(two("xor", a, b), two("or", a, b) - two("and", a, b));
    assertEquals(two("eq", a, b), two("xor", a, b) === 0n ? 1n : 0n);
  }
});

Deno.test("evaluate() divides towards zero, and by zero to zero", () => {
  const int_min = 1n << 63n;
  const rows: readonly (readonly [Binary, bigint, bigint, bigint])[] = [
    ["udiv", 7n, 2n, 3n],
    ["udiv", ones, 2n, ones >> 1n],
    ["udiv", 7n, 0n, 0n],
    ["sdiv", 7n, 2n, 3n],
    ["sdiv", ones - 6n, 2n, ones - 2n], // -7 / 2 = -3
    ["sdiv", 7n, ones - 1n, ones - 2n], // 7 / -2 = -3
    ["sdiv", ones - 6n, ones - 1n, 3n], // -7 / -2 = 3
    ["sdiv", 7n, 0n, 0n],
    ["sdiv", int_min, ones, int_min], // INT64_MIN / -1
  ];
  for (const [op, a, b, result] of rows) assertEquals(two(op, a, b), result);
});

Deno.test("evaluate() takes shift amounts modulo 64", () => {
  for (const a of corners) {
    for (let amount = 0; amount < 130; amount++) {
      const by = amount % 64;
      const text = bits(a);
      const sign = text[0]!;
      const high = text.slice(0, 64 - by);
      const of = (op: Binary) => bits(two(op, a, BigInt(amount)));
      assertEquals(of("shl"), text.slice(by).padEnd(64, "0"));
      assertEquals(of("lshr"), high.padStart(64, "0"));
      assertEquals(of("ashr"), high.padStart(64, sign));
      assertEquals(of("ror64"), text.slice(64 - by) + high);
      const low = bits(a, 32);
      assertEquals(
        of("ror32"),
        (low.slice(32 - amount % 32) + low.slice(0, 32 - amount % 32))
          .padStart(64, "0"),
      );
    }
  }
});

Deno.test("evaluate() counts leading zeros of every length", () => {
  assertEquals(one("clz64", 0n), 64n);
  assertEquals(one("clz32", 0n), 32n);
  for (let at = 0n; at < 64n; at++) {
    for (const a of [1n << at, (1n << (at + 1n)) - 1n]) {
      assertEquals(one("clz64", a), 63n - at);
      const low = a & 0xffff_ffffn;
      const zeros = low === 0n ? 32 : 32 - low.toString(2).length;
      assertEquals(one("clz32", a), BigInt(zeros));
    }
  }
});

Deno.test("evaluate() reverses bits and bytes", () => {
  const word = 0x0123_4567_89ab_cdefn;
  assertEquals(one("rev64", word), 0xefcd_ab89_6745_2301n);
  assertEquals(one("rev32", word), 0x6745_2301_efcd_ab89n);
  assertEquals(one("rev16", word), 0x2301_6745_ab89_efcdn);
  for (const a of corners) {
    assertEquals(bits(one("rbit64", a)), reversed(bits(a)));
    assertEquals(bits(one("rbit32", a), 32), reversed(bits(a, 32)));
    assert(one("rbit32", a) < 1n << 32n);
    // Reversing all bits is reversing the bytes and the bits in each byte.
    const bytes = bits(one("rev64", a)).match(/.{8}/g) ?? [];
    assertEquals(bits(one("rbit64", a)), bytes.map(reversed).join(""));
  }
});

Deno.test("evaluate() extends by zeros and by the sign", () => {
  for (const a of corners) {
    for (const width of [8, 16, 32] as const) {
      const text = bits(a, width);
      assertEquals(bits(one(`zext${width}`, a)), text.padStart(64, "0"));
      assertEquals(bits(one(`sext${width}`, a)), text.padStart(64, text[0]!));
    }
  }
});

/** The conditions as the manual's table states them, by the flags that are set. */
const conditions: readonly ((flags: string) => boolean)[] = [
  (f) => f.includes("Z"), // EQ
  (f) => !f.includes("Z"), // NE
  (f) => f.includes("C"), // CS
  (f) => !f.includes("C"), // CC
  (f) => f.includes("N"), // MI
  (f) => !f.includes("N"), // PL
  (f) => f.includes("V"), // VS
  (f) => !f.includes("V"), // VC
  (f) => f.includes("C") && !f.includes("Z"), // HI
  (f) => !f.includes("C") || f.includes("Z"), // LS
  (f) => f.includes("N") === f.includes("V"), // GE
  (f) => f.includes("N") !== f.includes("V"), // LT
  (f) => !f.includes("Z") && f.includes("N") === f.includes("V"), // GT
  (f) => f.includes("Z") || f.includes("N") !== f.includes("V"), // LE
  () => true, // AL
  () => true, // NV
];

Deno.test("evaluate() knows every condition under every flags", () => {
  for (let nzcv = 0; nzcv < 16; nzcv++) {
    const cpu = cpuWith({ nzcv });
    const flags = [..."NZCV"].filter((_, at) => nzcv & (8 >> at)).join("");
    conditions.forEach((holds, cond) => {
      const expected = holds(flags) ? 1n : 0n;
      assertEquals(evaluate({ op: "cond", cond }, cpu, []), expected);
    });
    assertEquals(evaluate({ op: "nzcv" }, cpu, []), BigInt(nzcv));
    const carry = flags.includes("C") ? 1n : 0n;
    assertEquals(evaluate({ op: "carry" }, cpu, []), carry);
  }
});

Deno.test("evaluate() sets flags as AddWithCarry does, by unsigned and signed sums", () => {
  const cpu = cpuWith();
  for (const width of [32, 64] as const) {
    for (const [a, b] of pairs) {
      for (const carry of [0n, 1n]) {
        const result = BigInt.asUintN(width, a + b + carry);
        const unsigned = BigInt.asUintN(width, a) + BigInt.asUintN(width, b);
        const signed = BigInt.asIntN(width, a) + BigInt.asIntN(width, b);
        const expected = [
          BigInt.asIntN(width, result) < 0n,
          result === 0n,
          unsigned + carry !== result,
          signed + carry !== BigInt.asIntN(width, result),
        ].reduce((nzcv, flag) => 2n * nzcv + (flag ? 1n : 0n), 0n);
        const flags = evaluate(
          { op: "nzcvAdd", width, a: k(a), b: k(b), carry: k(carry) },
          cpu,
          [],
        );
        assertEquals(flags, expected);
      }
    }
  }
});

Deno.test("evaluate() sets N and Z of a logical result and clears C and V", () => {
  for (const width of [32, 64] as const) {
    for (const a of corners) {
      const text = bits(a, width);
      const n = text.startsWith("1") ? 8n : 0n;
      const z = text.includes("1") ? 0n : 4n;
      const cpu = cpuWith({ nzcv: 15 });
      assertEquals(
        evaluate({ op: "nzcvLogic", width, a: k(a) }, cpu, []),
        n | z,
      );
    }
  }
});

Deno.test("evaluate() selects by zero or anything else", () => {
  const choose = (when: bigint): bigint =>
    evaluate(
      { op: "select", when: k(when), a: k(1n), b: k(2n) },
      cpuWith(),
      [],
    );
  assertEquals([choose(1n), choose(0n), choose(1n << 63n)], [1n, 2n, 1n]);
});

Deno.test("evaluate() computes the published check values of both CRCs, at every step size", () => {
  const text = new TextEncoder().encode("12345678");
  const data = text.reduceRight(
    (word, byte) => (word << 8n) | BigInt(byte),
    0n,
  );
  // Remainder of "123456789", inverted before and after as those checks are.
  const checks = { crc32: 0xcbf4_3926n, crc32c: 0xe306_9283n } as const;
  for (const poly of ["crc32", "crc32c"] as const) {
    const onto = (acc: bigint, bytes: 1 | 2 | 4 | 8, word: bigint): bigint =>
      evaluate(
        { op: "crc", poly, bytes, acc: k(acc), data: k(word) },
        cpuWith(),
        [],
      );
    for (const bytes of [1, 2, 4, 8] as const) {
      let acc = 0xffff_ffffn;
      for (let at = 0; at < 8; at += bytes) {
        acc = onto(acc, bytes, data >> BigInt(8 * at));
      }
      acc = onto(acc, 1, BigInt("9".charCodeAt(0)));
      assertEquals(acc ^ 0xffff_ffffn, checks[poly]);
    }
  }
});
