/**
 * Worlds for the host's tests: one or more RECs on the virt board, with the
 * vCPU where a test wants it.
 *
 * @module
 */

import { hpfarOfIpa } from "../core/arch/address.ts";
import { type Bus, make, type Placement } from "../core/device/bus.ts";
import { busOf, virt } from "../core/device/board.ts";
import { recReturned } from "../core/host/entry.ts";
import { put, take, withVcpu } from "../core/host/kvm.ts";
import { type KvmRevision, sync } from "../core/host/revision.ts";
import { qemu, recVcpu, type Vcpu, type Vmm } from "../core/host/state.ts";
import { zeroed } from "../core/realm/memory.ts";
import { reset } from "../core/realm/rec.ts";
import { rmm_2_0 } from "../core/rmm/profile.ts";
import { type RecExit, zero_exit, zero_run } from "../core/rmm/recrun.ts";
import { created } from "../core/rmm/state.ts";
import type { Step, World } from "../core/world.ts";

/** IPA width of the test realms. */
export const ipa_bits = 40;

/** The alias bit of the test realms. */
export const alias = 1n << 39n;

/** First byte of the test device, in the Unprotected half. */
export const device_ipa = alias | BigInt(virt.test.base);

/** What a test may choose. */
export interface Choices {
  readonly rev?: KvmRevision;
  readonly vmm?: Vmm;
  readonly recs?: number;
  readonly devices?: Placement;
  readonly vcpu?: Partial<Vcpu>;
}

const busWith = (placement: Placement): Bus => {
  const made = busOf(virt, {
    uart: placement,
    rtc: placement,
    test: placement,
  });
  if (made.tag !== "Made") throw new Error(made.tag);
  return made.bus;
};

/** A bus that carries only one slot, wherever a test wants it. */
export const busOfOne = (slot: Bus["slots"][number]): Bus => {
  const made = make([slot]);
  if (made.tag !== "Made") throw new Error(made.tag);
  return made.bus;
};

/** A realm on the virt board whose REC 0 runs and whose other RECs are off. */
export const running = (choices: Choices = {}): World => {
  const count = choices.recs ?? 1;
  const all = Array.from({ length: count }, (_, index) => index);
  const { base, bytes } = virt.ram;
  const entry = BigInt(base);
  const vcpu = { ...recVcpu(entry), at: "guest", ...choices.vcpu } as const;
  return {
    profile: { rmm: rmm_2_0, kvm: choices.rev ?? sync },
    realm: {
      recs: all.map((index) => reset(entry, BigInt(index))),
      memory: zeroed(base, bytes),
    },
    rmm: {
      state: "ACTIVE",
      ipa_bits,
      stage2: [{
        base: entry,
        top: entry + BigInt(bytes),
        ripas: "ram",
        assigned: true,
      }],
      recs: all.map((index) => ({
        ...created,
        running: index === 0,
        runnable: index === 0,
      })),
    },
    runs: all.map(() => zero_run),
    host: {
      vm: {
        ia_bits: ipa_bits,
        slots: [{ base: entry, bytes: BigInt(bytes), readonly: false }],
        nisv_to_user: false,
        dead: false,
      },
      vmm: choices.vmm ?? qemu,
      vcpus: all.map((index) => index === 0 ? vcpu : recVcpu(entry, true)),
    },
    bus: busWith(choices.devices ?? "user"),
  };
};

/** RMI_REC_ENTER on REC 0 returns this exit with RMI_SUCCESS. */
export const exits = (world: World, exit: Partial<RecExit>): World => {
  const page = { ...take(world, 0), exit: { ...zero_exit, ...exit } };
  const [state, ...others] = world.rmm.recs;
  const recs = [{ ...(state ?? created), running: false }, ...others];
  const left = { ...world, rmm: { ...world.rmm, recs } };
  return recReturned(put(left, 0, page), 0, "RMI_SUCCESS", 0);
};

/** REC 0 exits with an abort at `ipa`. */
export const aborts = (
  world: World,
  esr: bigint,
  ipa: bigint,
  written: bigint = 0n,
): World =>
  exits(world, {
    esr,
    far: ipa & 0xfffn,
    hpfar: hpfarOfIpa(ipa),
    gprs: zero_exit.gprs.with(0, written),
  });

/** The vCPU of REC 0. */
export const vcpu0 = (world: World): Vcpu => take(world, 0).vcpu;

/** The world with fields of REC 0's vCPU replaced. */
export const withVcpu0 = (world: World, parts: Partial<Vcpu>): World =>
  put(world, 0, withVcpu(take(world, 0), parts));

/** The step's world; a refusal is a failure of the test. */
export const taken = (step: Step): World => {
  if (step.tag === "Refused") throw new Error(JSON.stringify(step.why));
  return step.world;
};
