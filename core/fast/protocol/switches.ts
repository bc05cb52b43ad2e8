/**
 * Profile rows as bit masks: each switch of the pure tables becomes one bit or
 * a small field, once per load, so that the hot path tests integers.
 *
 * Source: kvm.md §1b, rmm.md §9; the rows are `rmm/profile.ts` and
 * `host/revision.ts`.
 *
 * @module
 */

import type { KvmRevision } from "../../host/revision.ts";
import type { Vmm } from "../../host/state.ts";
import type { RmmProfile } from "../../rmm/profile.ts";

/** Bits of `W.RMM`. */
export const R = {
  ISV_TEST: 1 << 0,
  SAVED_ISV_FOLLOWS: 1 << 1,
  STORE_MASKED: 1 << 2,
  OUTSIDE_SIZE_FAULT: 1 << 3,
  PAN_KEEP: 1 << 4,
  UNJUSTIFIED_IGNORED: 1 << 5,
  SEA_WINS: 1 << 6,
  OFF_INDEX_1: 1 << 7,
  VGIC_RECRUN: 1 << 8,
  SSBS: 1 << 9,
  NMI: 1 << 10,
  MTE2: 1 << 11,
  EBEP: 1 << 12,
  GCS: 1 << 13,
  EASE: 1 << 14, // FEAT_SCTLR2, and the RMM heeds its EASE
  STORE_HIDDEN: 1 << 15,
  LOAD_RAW: 1 << 16, // a load takes all of gprs[0]
  EMUL_UNCHECKED: 1 << 17,
  SEA_DROPPED: 1 << 18, // INJECT_SEA is accepted and nothing more
} as const;

/** Bits and two-bit fields of `W.KVM`. */
export const K = {
  WRITE_COPY: 1 << 0,
  EMUL_ABORT: 1 << 1,
  EMUL_TOP: 1 << 2,
  EMUL_END: 1 << 3,
  EMUL_ENTRY: 1 << 4,
  STORE_REG: 1 << 5, // a read's value goes to the vCPU's register
  STORE_GPR0: 1 << 6, // and, or, to enter.gprs[0]
  INC_PC: 1 << 7, // kvm_incr_pc is called
  INC_SIGNAL: 1 << 8, // and is a signal to rec_enter_sync
  ISV0_SEA: 1 << 9,
  SEA_FLAG: 1 << 10,
  SEA_PEND: 1 << 11, // rec_enter_sync turns a pending exception into the flag
  REC_EAGAIN: 1 << 12,
  REALM_ANY: 1 << 13, // KVM_EXIT_SHUTDOWN at any index
  REALM_UNKNOWN: 1 << 14, // KVM_EXIT_UNKNOWN at index 1
  OTHER_FATAL: 1 << 15,
  SEXT_NEW: 1 << 16,
  LDST64B: 1 << 17,
  YIELD_SYNC: 1 << 18, // kvm_handle_mmio_return gives up for EL1_SYNC
  YIELD_SERR: 1 << 19, // and for EL1_SERR
  SERROR_PEND: 1 << 20,
  SERROR_IL: 1 << 21,
  CLEAR_DISPATCH: 1 << 22,
  HPFAR_RAW: 1 << 23,
  UNCLAIMED_ZERO: 1 << 24, // the VMM answers a read of nothing with zeros
  HEEDS_ERRNO: 1 << 25,
  CLEAR_NEVER: 1 << 26,
} as const;

const when = (condition: boolean, bits: number): number => condition ? bits : 0;

/** The switches of an RMM profile, see {@link R}. */
export const rmmSwitches = (row: RmmProfile): number =>
  when(row.isv_test, R.ISV_TEST) |
  when(row.saved_isv_follows, R.SAVED_ISV_FOLLOWS) |
  when(row.store_masked, R.STORE_MASKED) |
  when(row.outside_ipa === "address-size-fault", R.OUTSIDE_SIZE_FAULT) |
  when(row.pan_on_inject === "keep", R.PAN_KEEP) |
  when(row.unjustified_sea === "ignore", R.UNJUSTIFIED_IGNORED) |
  when(row.sea_wins, R.SEA_WINS) |
  when(row.system_off_index === 1, R.OFF_INDEX_1) |
  when(row.vgic === "recrun", R.VGIC_RECRUN) |
  when(row.features.includes("ssbs"), R.SSBS) |
  when(row.features.includes("nmi"), R.NMI) |
  when(row.features.includes("mte2"), R.MTE2) |
  when(row.features.includes("ebep"), R.EBEP) |
  when(row.features.includes("gcs"), R.GCS) |
  when(row.ease && row.features.includes("sctlr2"), R.EASE) |
  when(!row.store_shown, R.STORE_HIDDEN) |
  when(!row.load_extended, R.LOAD_RAW) |
  when(!row.emul_checked, R.EMUL_UNCHECKED) |
  when(!row.sea_injected, R.SEA_DROPPED);

/** The first IPA a profile takes for one beyond the IPA space, in bytes. */
export const outsideFrom = (row: RmmProfile, ipa_bits: number): number => {
  switch (row.outside_from) {
    case "width":
      return 2 ** ipa_bits;
    case "above-width":
      return 2 ** ipa_bits + 4096;
    case "never":
      return Infinity;
  }
};

/** ESR bits a profile reports for an Unprotected abort without a syndrome (rmm.md §2.2 step 5). */
export const unprotMask = (row: RmmProfile): number =>
  ESR_MASK.nonemulatable | when(row.il_on_nonemulatable, 1 << 25) |
  when(row.wnr_on_nonemulatable, 1 << 6);

/** ESR bits the host may see (rmm.md §2.1). */
export const ESR_MASK = {
  /** EC, SET, FnV, EA, FSC. */
  nonemulatable: 0xfc00_1e3f | 0,
  /** And ISV, SAS, SF, WnR. */
  emulatable: 0xfdc0_9e7f | 0,
} as const;

const emulBits: Readonly<Record<KvmRevision["emulAt"], number>> = {
  abort: K.EMUL_ABORT,
  mretTop: K.EMUL_TOP,
  mretEnd: K.EMUL_END,
  entry: K.EMUL_ENTRY,
};

const storeBits: Readonly<Record<KvmRevision["readStore"], number>> = {
  reg: K.STORE_REG,
  gprs0: K.STORE_GPR0,
  both: K.STORE_REG | K.STORE_GPR0,
};

const incBits: Readonly<Record<KvmRevision["incPc"], number>> = {
  no: 0,
  yes: K.INC_PC,
  signal: K.INC_PC | K.INC_SIGNAL,
};

const seaBits: Readonly<Record<KvmRevision["seaVia"], number>> = {
  none: 0,
  flag: K.SEA_FLAG,
  pendExc: K.SEA_PEND,
};

const realmBits: Readonly<Record<KvmRevision["errRealm"], number>> = {
  shutdown: K.REALM_ANY,
  shutdownAt1: 0,
  unknownAt1: K.REALM_UNKNOWN,
};

const yieldBits: Readonly<Record<KvmRevision["mretYields"], number>> = {
  never: 0,
  sync: K.YIELD_SYNC,
  any: K.YIELD_SYNC | K.YIELD_SERR,
};

const serrorBits: Readonly<Record<KvmRevision["serror"], number>> = {
  vse: 0,
  pend: K.SERROR_PEND,
  pendIl: K.SERROR_PEND | K.SERROR_IL,
};

/** The switches of a KVM revision and the VMM above it, see {@link K}. */
export const kvmSwitches = (row: KvmRevision, vmm: Vmm): number =>
  when(row.writeCopy, K.WRITE_COPY) | emulBits[row.emulAt] |
  storeBits[row.readStore] | incBits[row.incPc] |
  when(row.isv0 === "sea", K.ISV0_SEA) | seaBits[row.seaVia] |
  when(row.errRec === "-EAGAIN", K.REC_EAGAIN) | realmBits[row.errRealm] |
  when(row.errOther === "fatal", K.OTHER_FATAL) |
  when(row.sextOrder === "new", K.SEXT_NEW) |
  when(row.ldst64b, K.LDST64B) | yieldBits[row.mretYields] |
  serrorBits[row.serror] |
  when(row.clearFlags === "dispatch", K.CLEAR_DISPATCH) |
  when(row.clearFlags === "never", K.CLEAR_NEVER) |
  when(row.hpfar === "raw", K.HPFAR_RAW) |
  when(vmm.unclaimedRead === "zero", K.UNCLAIMED_ZERO) |
  when(vmm.heedsErrno, K.HEEDS_ERRNO);
