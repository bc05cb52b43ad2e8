import { assertEquals } from "@std/assert";
import { esr as makeEsr } from "../core/arch/esr.ts";
import * as Bus from "../core/device/bus.ts";
import { recEnterSync } from "../core/host/entry.ts";
import { recExit } from "../core/host/exit.ts";
import { take } from "../core/host/kvm.ts";
import {
  direct,
  type KvmRevision,
  rfcV1,
  sync,
} from "../core/host/revision.ts";
import { kvmRun } from "../core/host/run.ts";
import { mmioComplete } from "../core/host/vmm.ts";
import { FLAG } from "../core/rmm/recrun.ts";
import type { World } from "../core/world.ts";
import {
  aborts,
  alias,
  device_ipa,
  running,
  taken,
  vcpu0,
} from "./kvm_world.ts";

/** One access, every dimension that can change how it completes. */
interface Case {
  readonly rev: KvmRevision;
  readonly is_rec: boolean;
  readonly is_write: boolean;
  readonly sas: number;
  readonly sse: number;
  readonly sf: number;
  readonly srt: number;
  readonly placement: Bus.Placement;
  readonly big_endian: boolean;
}

const word = 0x8091_a2b3_c4d5_e6f7n;
const register = (n: number): bigint =>
  0xf1e2_d3c4_b5a6_9788n ^ (BigInt(n) * 0x0101n);

const all = function* (): Generator<Case> {
  for (const rev of [sync, direct, rfcV1]) {
    for (const is_rec of [false, true]) {
      for (const is_write of [false, true]) {
        for (const sas of [0, 1, 2, 3]) {
          for (const sse of [0, 1]) {
            for (const sf of [0, 1]) {
              for (const srt of [0, 1, 30, 31]) {
                for (const placement of ["kernel", "user"] as const) {
                  for (const big_endian of [false, true]) {
                    yield {
                      rev,
                      is_rec,
                      is_write,
                      sas,
                      sse,
                      sf,
                      srt,
                      placement,
                      big_endian,
                    };
                  }
                }
              }
            }
          }
        }
      }
    }
  }
};

/** The value of a read, from a DataView over the device's bytes: no masks, no shifts. */
const loaded = (bytes: Uint8Array, at: Case): bigint => {
  const view = new DataView(bytes.buffer);
  const little = !at.big_endian;
  const length = 1 << at.sas;
  const cutFirst = at.rev.sextOrder === "old" && at.sf === 0;
  // The old order cut to 32 bits before the swap, which only 8 bytes can feel.
  if (cutFirst && length === 8) bytes.fill(0, 4, 8);
  const signed = at.rev.sextOrder === "new" && at.sse === 1;
  const read = {
    1: signed ? view.getInt8(0) : view.getUint8(0),
    2: signed ? view.getInt16(0, little) : view.getUint16(0, little),
    4: signed ? view.getInt32(0, little) : view.getUint32(0, little),
    8: view.getBigUint64(0, little),
  }[length] ?? 0;
  const wide = BigInt.asUintN(64, BigInt(read));
  const cutLast = at.rev.sextOrder === "new" && at.sf === 0;
  return cutLast ? BigInt.asUintN(32, wide) : wide;
};

/** The bytes a write puts on the bus, from a DataView over the register. */
const stored = (value: bigint, at: Case): number[] => {
  const view = new DataView(new ArrayBuffer(8));
  const length = 1 << at.sas;
  view.setBigUint64(0, value, !at.big_endian);
  const bytes = [...new Uint8Array(view.buffer)];
  return at.big_endian ? bytes.slice(8 - length) : bytes.slice(0, length);
};

const deviceBytes = (world: World): number[] => {
  const read = Bus.readBus(world.bus, Number(device_ipa - alias), 8);
  if (read.tag === "Fault") throw new Error(read.why);
  const view = new DataView(new ArrayBuffer(8));
  view.setBigUint64(0, read.value, true);
  return [...new Uint8Array(view.buffer)];
};

const start = (at: Case): World => {
  const regs = Array.from({ length: 31 }, (_, n) => register(n));
  const world = running({
    rev: at.rev,
    devices: at.placement,
    vcpu: {
      is_rec: at.is_rec,
      regs,
      sctlr_el1: at.big_endian ? 1n << 25n : 0n,
    },
  });
  const filled = Bus.writeBus(
    world.bus,
    Number(device_ipa - alias),
    8,
    word,
  );
  if (filled.tag === "Fault") throw new Error(filled.why);
  const esr = makeEsr({
    EC: 0x24,
    ISV: 1,
    SAS: at.sas,
    SSE: at.sse,
    SRT: at.srt,
    SF: at.sf,
    WnR: at.is_write ? 1 : 0,
    FSC: 0x07,
  });
  const ipa = at.is_rec ? device_ipa : device_ipa - alias;
  return aborts({ ...world, bus: filled.bus }, esr, ipa, word);
};

/** The road from the exit to the door of the guest. */
const completed = (at: Case): World => {
  const exited = taken(recExit(start(at), 0));
  if (at.placement === "kernel") return exited;
  assertEquals(vcpu0(exited).run.exit_reason, "KVM_EXIT_MMIO");
  return taken(kvmRun(taken(mmioComplete(exited, 0, null)), 0, false));
};

/** The value the register SRT had when the abort was handled. */
const source = (at: Case): bigint => {
  if (at.srt === 31) return 0n;
  // A REC's register is what exit.gprs[0] brought.
  return at.is_rec ? word : register(at.srt);
};

const expectedRegs = (at: Case, value: bigint): bigint[] => {
  const regs = Array.from({ length: 31 }, (_, n) => register(n));
  if (at.srt === 31) return regs;
  const inReg = !at.is_rec || at.rev.readStore !== "gprs0";
  if (at.is_write) return at.is_rec ? regs.with(at.srt, word) : regs;
  return inReg ? regs.with(at.srt, value) : regs;
};

const expectedGpr0 = (at: Case, value: bigint): bigint => {
  // rec_enter_sync sends the vCPU's X0, whichever register the access named.
  if (at.rev.readStore === "reg") return expectedRegs(at, value)[0] ?? 0n;
  return at.is_write ? 0n : value;
};

const check = (at: Case): void => {
  const world = completed(at);
  const bytes = new Uint8Array(new BigUint64Array([word]).buffer);
  const after = [...bytes];
  if (at.is_write) after.splice(0, 1 << at.sas, ...stored(source(at), at));
  assertEquals(deviceBytes(world), after);
  const value = at.is_write ? 0n : loaded(bytes, at);
  const entered = take(recEnterSync(world, 0), 0);
  assertEquals(vcpu0(world).regs, expectedRegs(at, value));
  assertEquals(vcpu0(world).mmio_needed, false);
  assertEquals(entered.enter.flags, at.is_rec ? FLAG.EMUL_MMIO : 0n);
  if (at.is_rec) {
    assertEquals(entered.enter.gprs[0], expectedGpr0(at, value));
  } else assertEquals(entered.vcpu.increment_pc, true);
};

Deno.test("kvmRun() and recExit() complete every kind of access as an oracle over DataViews says", () => {
  let count = 0;
  for (const at of all()) {
    try {
      check(at);
    } catch (error) {
      const { rev, ...rest } = at;
      throw new Error(JSON.stringify({ rev: rev.name, ...rest }), {
        cause: error,
      });
    }
    count += 1;
  }
  assertEquals(count, 3 * 2 * 2 * 4 * 2 * 2 * 4 * 2 * 2);
});
