/**
 * Boot: the world as it is before the first event.
 *
 * The realm is ACTIVE, RAM is Protected, RIPAS RAM and assigned, everything
 * else is EMPTY; REC 0 is runnable at the guest's entry and the others wait
 * for PSCI CPU_ON; every vCPU is in user space.
 *
 * @module
 */

import { aliasBit } from "./arch/address.ts";
import { hex } from "./arch/word.ts";
import { type Board, busOf } from "./device/board.ts";
import type { Placement } from "./device/bus.ts";
import type { KvmRevision } from "./host/revision.ts";
import { kvmtool, qemu, recVcpu, type Vmm } from "./host/state.ts";
import { type Image, placeImage } from "./realm/elf.ts";
import { zeroed } from "./realm/memory.ts";
import { reset } from "./realm/rec.ts";
import type { RmmProfile } from "./rmm/profile.ts";
import { zero_run } from "./rmm/recrun.ts";
import { created } from "./rmm/state.ts";
import type { World } from "./world.ts";

/** What a world is built from. */
export interface BootOptions {
  /** Devices and RAM. */
  readonly board: Board;
  /** The RMM that stands between realm and host. */
  readonly rmm: RmmProfile;
  /** The KVM that serves the realm. */
  readonly kvm: KvmRevision;
  /** Where every device of the board is emulated. */
  readonly devices: Placement;
  /** Realm IPA width, 32 to 48 bits. */
  readonly ipa_bits: number;
  /** Number of RECs, 1 to 16. */
  readonly recs: number;
  /** The guest, or null for a realm that only scripted events move. */
  readonly image: Image | null;
}

/** What `boot` returns: a world, or one line saying why the options do not fit together. */
export type Booted =
  | { readonly tag: "Booted"; readonly world: World }
  | { readonly tag: "Refused"; readonly what: string };

/** The VMM whose addresses a board has; QEMU where none is named. */
const vmms: Readonly<Record<string, Vmm>> = { virt: qemu, kvmtool };

const indices = (count: number): readonly number[] =>
  Array.from({ length: count }, (_, index) => index);

/** MPIDR affinity of REC `index`: 16 RECs to a cluster (rmm.md §5.7 REC_CREATE). */
const mpidrOf = (index: number): bigint =>
  BigInt(index % 16) | (BigInt(Math.floor(index / 16)) << 8n);

/**
 * Builds the world of a board, a profile and a guest.
 *
 * Errors: refused when RAM does not lie in the Protected half of the IPA space
 * or the board's devices overlap.
 */
export const boot = (options: BootOptions): Booted => {
  const { board, ipa_bits, recs, image } = options;
  const { base, bytes } = board.ram;
  const half = aliasBit(ipa_bits);
  if (!(BigInt(base + bytes) <= half)) {
    return {
      tag: "Refused",
      what: `expected RAM of board ${board.name} below ${
        hex(half)
      }, the Protected half of ${ipa_bits} bits, but found it up to ${
        hex(base + bytes)
      }`,
    };
  }
  const { devices } = options;
  const made = busOf(board, { uart: devices, rtc: devices, test: devices });
  if (made.tag !== "Made") {
    return { tag: "Refused", what: `board ${board.name}: ${made.tag}` };
  }
  const empty = zeroed(base, bytes);
  const memory = image === null ? empty : placeImage(empty, image);
  const entry = image?.entry ?? BigInt(base);
  const all = indices(recs);
  const world: World = {
    profile: { rmm: options.rmm, kvm: options.kvm },
    realm: { recs: all.map((index) => reset(entry, mpidrOf(index))), memory },
    rmm: {
      state: "ACTIVE",
      ipa_bits,
      stage2: [{
        base: BigInt(base),
        top: BigInt(base + bytes),
        ripas: "ram",
        assigned: true,
      }],
      recs: all.map((index) => ({ ...created, runnable: index === 0 })),
    },
    runs: all.map(() => zero_run),
    host: {
      vm: {
        ia_bits: ipa_bits,
        slots: [{ base: BigInt(base), bytes: BigInt(bytes), readonly: false }],
        nisv_to_user: false,
        dead: false,
      },
      vmm: vmms[board.name] ?? qemu,
      vcpus: all.map((index) => recVcpu(entry, index !== 0)),
    },
    bus: made.bus,
  };
  return { tag: "Booted", world };
};
