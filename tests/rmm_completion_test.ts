/**
 * Every single-register access: what the host sees of it at exit and what
 * EMUL_MMIO makes of it at entry, against an oracle of its own.
 *
 * @module
 */

import { assertEquals, assertStrictEquals } from "@std/assert";
import { FLAG, zero_exit } from "../core/rmm/recrun.ts";
import {
  dabt,
  entered,
  exited,
  exitHalf,
  offered,
  pc,
  ram,
  realm,
  reenter,
  regs,
  state,
  unprot,
  withRmm,
} from "./rmm_world.ts";

const bools = [0, 1] as const;
const sizes = [0, 1, 2, 3] as const;
const registers = Array.from({ length: 32 }, (_, n) => n);

interface Access {
  readonly SAS: 0 | 1 | 2 | 3;
  readonly SSE: 0 | 1;
  readonly SF: 0 | 1;
  readonly SRT: number;
  readonly WnR: 0 | 1;
  readonly ISV: 0 | 1;
}

function* accesses(): Generator<Access> {
  for (const SAS of sizes) {
    for (const SSE of bools) {
      for (const SF of bools) {
        for (const SRT of registers) {
          for (const WnR of bools) {
            for (const ISV of bools) yield { SAS, SSE, SF, SRT, WnR, ISV };
          }
        }
      }
    }
  }
}

/** Lays a register out in memory and reads an element of it back, as the load would. */
const loaded = ({ SAS, SSE, SF }: Access, gpr0: bigint): bigint => {
  const memory = new DataView(new ArrayBuffer(8));
  memory.setBigUint64(0, gpr0, true);
  const signed = [
    BigInt(memory.getInt8(0)),
    BigInt(memory.getInt16(0, true)),
    BigInt(memory.getInt32(0, true)),
    memory.getBigInt64(0, true),
  ];
  const unsigned = [
    BigInt(memory.getUint8(0)),
    BigInt(memory.getUint16(0, true)),
    BigInt(memory.getUint32(0, true)),
    memory.getBigUint64(0, true),
  ];
  if (SSE === 0) return unsigned[SAS] ?? 0n;
  return BigInt.asUintN(SF === 1 ? 64 : 32, signed[SAS] ?? 0n);
};

/** What a store of X[SRT] sends: its low bytes. */
const stored = ({ SAS, SRT }: Access, x: readonly bigint[]): bigint =>
  SRT === 31 ? 0n : BigInt.asUintN(8 << SAS, x[SRT] ?? 0n);

/** A protected page that is RAM but not assigned, so that an access faults. */
const missing = 0x5000_0000n;

const start = withRmm(realm(), {
  stage2: [
    { ...ram, ripas: "ram", assigned: true },
    { base: missing, top: missing + 0x1000n, ripas: "ram", assigned: false },
  ],
});

/** The reported syndrome, assembled bit by bit from the rule. */
const reported = (access: Access, shielded: boolean): bigint => {
  const ec = 0x24n << 26n;
  if (shielded) return ec | 7n;
  if (access.ISV === 0) return ec | 1n << 25n | 7n;
  return ec | 1n << 24n | BigInt(access.SAS) << 22n |
    BigInt(access.SF) << 15n | BigInt(access.WnR) << 6n | 7n;
};

Deno.test("exit() shows the host size and direction of an emulatable access and of no other", () => {
  for (const access of accesses()) {
    for (const ipa of [missing, unprot]) {
      const shielded = ipa === missing;
      const emulatable = !shielded && access.ISV === 1;
      const after = exited(start, dabt({ ...access }, ipa));
      const value = emulatable && access.WnR === 1
        ? stored(access, regs(start).x)
        : 0n;
      assertEquals(exitHalf(after), {
        ...zero_exit,
        esr: reported(access, shielded),
        far: emulatable ? 0x0d4n : 0n,
        hpfar: ipa >> 8n,
        gprs: zero_exit.gprs.with(0, value),
      });
      assertEquals(
        (state(after).last_run_info.esr >> 24n & 1n) === 1n,
        emulatable,
      );
      assertStrictEquals(regs(after), regs(start));
    }
  }
});

const answers = [
  0n,
  0x80n,
  0x7fn,
  0x1234_8001n,
  0x8000_0000n,
  0xdead_beef_cafe_f00dn,
  0xffff_ffff_ffff_ff80n,
  0x7fff_ffff_7fff_7f7fn,
];

Deno.test("enter() with EMUL_MMIO changes the loaded register and PC, and nothing else", () => {
  for (const access of accesses()) {
    if (access.ISV === 0) continue;
    const out = exited(start, dabt({ ...access }));
    for (const gpr0 of answers) {
      const after = entered(out, FLAG.EMUL_MMIO, gpr0);
      const x = access.WnR === 1 || access.SRT === 31
        ? regs(start).x
        : regs(start).x.with(access.SRT, loaded(access, gpr0));
      assertEquals(regs(after), { ...regs(start), x, pc: pc + 4n });
      assertStrictEquals(after.realm.memory, start.realm.memory);
    }
  }
});

Deno.test("enter() refuses EMUL_MMIO after every abort that is not emulatable and changes nothing", () => {
  for (const access of accesses()) {
    for (const ipa of [missing, unprot]) {
      if (ipa === unprot && access.ISV === 1) continue;
      const world = offered(
        exited(start, dabt({ ...access }, ipa)),
        FLAG.EMUL_MMIO,
      );
      const outcome = reenter(world, FLAG.EMUL_MMIO);
      assertEquals(outcome, {
        tag: "Failed",
        status: "RMI_ERROR_REC",
        index: 0,
      });
    }
  }
});
