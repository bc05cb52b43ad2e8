/**
 * The RecRun page, the only thing the RMM and the host share about a REC.
 *
 * Field names are the specification's (DEN0137 RmiRecEnter, RmiRecExit). The
 * byte layout is in `layout.ts`.
 *
 * @module
 */

import { hex } from "../arch/word.ts";

/** What the host writes before RMI_REC_ENTER. */
export interface RecEnter {
  /** RmiRecEnterFlags, see `FLAG`. */
  readonly flags: bigint;
  /** 31 general registers. */
  readonly gprs: readonly bigint[];
  /** vGIC hypervisor control (profile rmm-1.0 only). */
  readonly gicv3_hcr: bigint;
  /** 16 vGIC list registers (profile rmm-1.0 only). */
  readonly gicv3_lrs: readonly bigint[];
}

/** What the RMM writes when RMI_REC_ENTER succeeds. */
export interface RecExit {
  /** Why the REC came out, see `EXIT`. */
  readonly exit_reason: bigint;
  /** ESR_EL2, cut down to what the host may see. */
  readonly esr: bigint;
  /** FAR_EL2, of which only bits 11:0 are ever shown. */
  readonly far: bigint;
  /** HPFAR_EL2: the faulting page in bits 43:4. */
  readonly hpfar: bigint;
  /** Which RTT tree was active; 0 without auxiliary planes. */
  readonly rtt_tree: bigint;
  /** 31 general registers. */
  readonly gprs: readonly bigint[];
  /** ICH_HCR_EL2: EOIcount and the host's own bits (profile rmm-1.0 only). */
  readonly gicv3_hcr: bigint;
  /** 16 vGIC list registers. */
  readonly gicv3_lrs: readonly bigint[];
  /** ICH_MISR_EL2 (profile rmm-1.0 only). */
  readonly gicv3_misr: bigint;
  /** ICH_VMCR_EL2 (profile rmm-1.0 only). */
  readonly gicv3_vmcr: bigint;
  /** CNTP_CTL_EL0. */
  readonly cntp_ctl: bigint;
  /** CNTP_CVAL_EL0 as if the counter offset were 0. */
  readonly cntp_cval: bigint;
  /** CNTV_CTL_EL0. */
  readonly cntv_ctl: bigint;
  /** CNTV_CVAL_EL0 as if the counter offset were 0. */
  readonly cntv_cval: bigint;
  /** First IPA of a RIPAS change. */
  readonly ripas_base: bigint;
  /** First IPA beyond a RIPAS change. */
  readonly ripas_top: bigint;
  /** RIPAS asked for: EMPTY 0, RAM 1. */
  readonly ripas_value: bigint;
  /** First IPA of a permission change (planes). */
  readonly s2ap_base: bigint;
  /** First IPA beyond a permission change (planes). */
  readonly s2ap_top: bigint;
  /** Device of a request (device assignment). */
  readonly vdev_id_1: bigint;
  /** Second device of a request (device assignment). */
  readonly vdev_id_2: bigint;
  /** First IPA of a device mapping (device assignment). */
  readonly dev_mem_base: bigint;
  /** First IPA beyond a device mapping (device assignment). */
  readonly dev_mem_top: bigint;
  /** PA of a device mapping (device assignment). */
  readonly dev_mem_pa: bigint;
  /** Immediate of a host call. */
  readonly imm: bigint;
  /** Plane that made a host call. */
  readonly plane: bigint;
  /** 1 when a PMU overflow is active; always 0 here. */
  readonly pmu_ovf_status: bigint;
}

/** One REC's run page. */
export interface RecRun {
  /** What the host wrote. */
  readonly enter: RecEnter;
  /** What the RMM wrote. */
  readonly exit: RecExit;
}

/** Bits of RecEnter.flags (RmiRecEnterFlags). */
export const FLAG = {
  EMUL_MMIO: 1n << 0n,
  INJECT_SEA: 1n << 1n,
  TRAP_WFI: 1n << 2n,
  TRAP_WFE: 1n << 3n,
  RIPAS_RESPONSE: 1n << 4n,
  S2AP_RESPONSE: 1n << 5n,
  DEV_MEM_RESPONSE: 1n << 6n,
  FORCE_P0: 1n << 7n,
} as const;

/** Values of RecExit.exit_reason (RmiRecExitReason) that a single-plane realm can see. */
export const EXIT = {
  SYNC: 0n,
  IRQ: 1n,
  FIQ: 2n,
  PSCI: 3n,
  RIPAS_CHANGE: 4n,
  HOST_CALL: 5n,
  SERROR: 6n,
} as const;

const exit_names = Object.keys(EXIT) as (keyof typeof EXIT)[];

/** The name of an exit reason; hex digits where it has none. */
export const exitName = (reason: bigint): string =>
  exit_names.find((name) => EXIT[name] === reason) ?? hex(reason);

/** The names of the flags set in an enter half, or `0`. */
export const flagNames = (flags: bigint): string =>
  Object.entries(FLAG)
    .filter(([, bit]) => (flags & bit) !== 0n)
    .map(([name]) => name)
    .join("|") || "0";

const zeros = (count: number): readonly bigint[] =>
  Array.from({ length: count }, () => 0n);

/** An enter half of zeros. */
export const zero_enter: RecEnter = {
  flags: 0n,
  gprs: zeros(31),
  gicv3_hcr: 0n,
  gicv3_lrs: zeros(16),
};

/** An exit half of zeros, the state every exit is built from. */
export const zero_exit: RecExit = {
  exit_reason: 0n,
  esr: 0n,
  far: 0n,
  hpfar: 0n,
  rtt_tree: 0n,
  gprs: zero_enter.gprs,
  gicv3_hcr: 0n,
  gicv3_lrs: zero_enter.gicv3_lrs,
  gicv3_misr: 0n,
  gicv3_vmcr: 0n,
  cntp_ctl: 0n,
  cntp_cval: 0n,
  cntv_ctl: 0n,
  cntv_cval: 0n,
  ripas_base: 0n,
  ripas_top: 0n,
  ripas_value: 0n,
  s2ap_base: 0n,
  s2ap_top: 0n,
  vdev_id_1: 0n,
  vdev_id_2: 0n,
  dev_mem_base: 0n,
  dev_mem_top: 0n,
  dev_mem_pa: 0n,
  imm: 0n,
  plane: 0n,
  pmu_ovf_status: 0n,
};

/** A run page of zeros. */
export const zero_run: RecRun = { enter: zero_enter, exit: zero_exit };
