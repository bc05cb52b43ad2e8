/**
 * From a world to arrays: one REC's share of every actor.
 *
 * A part that is the same object as last time is not read again, so that a
 * run of many short slices pays for what changed in between.
 *
 * @module
 */

import type { World } from "../../world.ts";
import type { Fast, Seen } from "./arrays.ts";
import { isPlain } from "./common.ts";
import {
  AT,
  D,
  EVENT,
  type REG,
  reg_words,
  state_words,
  W,
  type Words,
  x_words,
} from "./layout.ts";
import { fits, loadBus } from "./load_bus.ts";
import {
  loadKvmRun,
  loadProfile,
  loadRealm,
  loadRegisters,
  loadRmm,
  loadRun,
  loadVcpu,
  loadVm,
} from "./load_parts.ts";

/** The parts of the world that one REC's road is about, or null when there is no such REC. */
export const look = (world: World, rec: number): Seen | null => {
  const regs = world.realm.recs[rec];
  const rmm_rec = world.rmm.recs[rec];
  const run = world.runs[rec];
  const vcpu = world.host.vcpus[rec];
  if (!regs || !rmm_rec || !run || !vcpu) return null;
  const { state, ipa_bits, stage2 } = world.rmm;
  const { vm, vmm } = world.host;
  const { profile, bus } = world;
  return {
    profile,
    vmm,
    vm,
    stage2,
    state,
    ipa_bits,
    rec: regs,
    rmm_rec,
    run,
    vcpu,
    bus,
  };
};

/** Arrays of zeros for REC `rec`. */
export const blank = (rec: number): Fast => ({
  rec,
  x: new Int32Array(x_words),
  r: new Int32Array(reg_words) as Words<typeof REG>,
  s: new Int32Array(state_words) as Words<typeof W>,
  limits: new Float64Array(3),
  stage2: new Float64Array(0),
  slots: new Float64Array(0),
  bounds: new Float64Array(0),
  devices: new Int32Array(0),
  memory: new Uint8Array(0),
  log: new Int32Array(0),
  tx: new Uint8Array(256),
  sent: 0,
  events: new Int32Array(Object.keys(EVENT).length) as Words<typeof EVENT>,
  enter_vgic: { hcr: 0n, lrs: [] },
  rec_vgic: null,
  exit_vgic: null,
  seen: null,
});

const bring = (f: Fast, world: World, registers: boolean): boolean => {
  const now = look(world, f.rec);
  if (now === null || !fits(now.bus)) return false;
  const was = f.seen;
  // Parts that were changed since they were seen have to be read again.
  const dirty = f.s[W.DIRTY];
  const fresh = (...parts: readonly (keyof Seen)[]): boolean =>
    was === null || parts.some((part) => was[part] !== now[part]);
  if (fresh("profile", "vmm")) loadProfile(f, now);
  const own = fresh("rec") || (dirty & (D.X | D.PC | D.SYS)) !== 0;
  if (registers && own) loadRegisters(f, now);
  if (fresh("rmm_rec") || (dirty & D.RMM) !== 0) loadRmm(f, now);
  if (fresh("stage2", "state", "ipa_bits", "profile")) loadRealm(f, now);
  if (
    fresh("run") ||
    (dirty & (D.FLAGS | D.GPR0 | D.ENTER | D.EXIT)) !== 0
  ) loadRun(f, now);
  if (
    fresh("vcpu", "vm", "profile") || (dirty & (D.VCPU | D.REGS | D.RUN)) !== 0
  ) {
    loadVcpu(f, now);
    loadKvmRun(f, now);
  }
  if (fresh("vm") || (dirty & D.VM) !== 0) loadVm(f, now);
  if (fresh("bus") || (dirty & D.BUS) !== 0) {
    loadBus(f, now.bus, (dirty & D.BUS) === 0 ? was?.bus ?? null : null);
  }
  f.s[W.DIRTY] = 0;
  f.s[W.PLAIN] = Number(isPlain(f));
  f.seen = now;
  return true;
};

/**
 * Brings arrays to the state of `world`. What they held is given up: store it
 * first. Returns false, and changes nothing, when the world has no such REC or
 * a UART holds more than its FIFO does.
 */
export const reload = (f: Fast, world: World): boolean => bring(f, world, true);

/**
 * The same for an executor that keeps the realm's registers itself and stores
 * with `storeOutside`: the register file is left as it is.
 */
export const reloadOutside = (f: Fast, world: World): boolean =>
  bring(f, world, false);

/** The arrays of REC `rec` of a world, or null where `reload` would return false. */
export const load = (world: World, rec: number): Fast | null => {
  const f = blank(rec);
  return reload(f, world) ? f : null;
};

/** True while the REC executes: the moment an executor may call the road. */
export const inGuest = (f: Fast): boolean => f.s[W.AT] === AT.guest;

/**
 * Moves the register file into someone else's memory, X0 to X30 at byte
 * `x_at` and the other registers (`REG`) at byte `r_at`, both multiples of 8;
 * what it held is copied there. Call it again when the memory has grown.
 */
export const attach = (
  f: Fast,
  buffer: ArrayBufferLike,
  x_at: number,
  r_at: number,
): void => {
  const x = new Int32Array(buffer, x_at, x_words);
  const r = new Int32Array(buffer, r_at, reg_words) as Words<typeof REG>;
  // A grown memory already holds the registers, and the old views are empty.
  if (f.x.length !== 0) x.set(f.x);
  if (f.r.length !== 0) r.set(f.r);
  f.x = x;
  f.r = r;
};
