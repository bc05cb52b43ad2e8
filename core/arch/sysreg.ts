/**
 * System register and system instruction encodings: name and
 * op0:op1:CRn:CRm:op2, written once and read both ways.
 *
 * A code packs the five fields into 16 bits: op0 at 15:14, op1 at 13:11, CRn
 * at 10:7, CRm at 6:3, op2 at 2:0.
 *
 * Source: Arm ARM (DDI 0487) C5 and D19 (register encodings), D24.2.40
 * (ESR_EL2, ISS for a trapped MSR, MRS or System instruction).
 *
 * @module
 */

/** Which directions an encoding has. */
export type Direction = "rw" | "ro" | "wo";

/** One register or instruction: op0, op1, CRn, CRm, op2, direction. */
export type Encoding = readonly [
  op0: number,
  op1: number,
  crn: number,
  crm: number,
  op2: number,
  direction: Direction,
];

/** The table: what EL0 and EL1 can name, in encoding order. */
export const sysregs = {
  // op0 = 1: system instructions, a write with Xt
  ic_ialluis: [1, 0, 7, 1, 0, "wo"],
  ic_iallu: [1, 0, 7, 5, 0, "wo"],
  dc_ivac: [1, 0, 7, 6, 1, "wo"],
  dc_isw: [1, 0, 7, 6, 2, "wo"],
  at_s1e1r: [1, 0, 7, 8, 0, "wo"],
  at_s1e1w: [1, 0, 7, 8, 1, "wo"],
  at_s1e0r: [1, 0, 7, 8, 2, "wo"],
  at_s1e0w: [1, 0, 7, 8, 3, "wo"],
  at_s1e1rp: [1, 0, 7, 9, 0, "wo"],
  at_s1e1wp: [1, 0, 7, 9, 1, "wo"],
  dc_csw: [1, 0, 7, 10, 2, "wo"],
  dc_cisw: [1, 0, 7, 14, 2, "wo"],
  tlbi_vmalle1is: [1, 0, 8, 3, 0, "wo"],
  tlbi_vae1is: [1, 0, 8, 3, 1, "wo"],
  tlbi_aside1is: [1, 0, 8, 3, 2, "wo"],
  tlbi_vaae1is: [1, 0, 8, 3, 3, "wo"],
  tlbi_vale1is: [1, 0, 8, 3, 5, "wo"],
  tlbi_vaale1is: [1, 0, 8, 3, 7, "wo"],
  tlbi_vmalle1: [1, 0, 8, 7, 0, "wo"],
  tlbi_vae1: [1, 0, 8, 7, 1, "wo"],
  tlbi_aside1: [1, 0, 8, 7, 2, "wo"],
  tlbi_vaae1: [1, 0, 8, 7, 3, "wo"],
  tlbi_vale1: [1, 0, 8, 7, 5, "wo"],
  tlbi_vaale1: [1, 0, 8, 7, 7, "wo"],
  dc_zva: [1, 3, 7, 4, 1, "wo"],
  ic_ivau: [1, 3, 7, 5, 1, "wo"],
  dc_cvac: [1, 3, 7, 10, 1, "wo"],
  dc_cvau: [1, 3, 7, 11, 1, "wo"],
  dc_cvap: [1, 3, 7, 12, 1, "wo"],
  dc_civac: [1, 3, 7, 14, 1, "wo"],

  // op0 = 2: debug
  mdscr_el1: [2, 0, 0, 2, 2, "rw"],
  oslar_el1: [2, 0, 1, 0, 4, "wo"],
  oslsr_el1: [2, 0, 1, 1, 4, "ro"],
  osdlr_el1: [2, 0, 1, 3, 4, "rw"],

  // op0 = 3, CRn = 0: identification
  midr_el1: [3, 0, 0, 0, 0, "ro"],
  mpidr_el1: [3, 0, 0, 0, 5, "ro"],
  revidr_el1: [3, 0, 0, 0, 6, "ro"],
  ccsidr_el1: [3, 1, 0, 0, 0, "ro"],
  clidr_el1: [3, 1, 0, 0, 1, "ro"],
  aidr_el1: [3, 1, 0, 0, 7, "ro"],
  csselr_el1: [3, 2, 0, 0, 0, "rw"],
  ctr_el0: [3, 3, 0, 0, 1, "ro"],
  dczid_el0: [3, 3, 0, 0, 7, "ro"],

  // CRn = 1, 2: control and translation
  sctlr_el1: [3, 0, 1, 0, 0, "rw"],
  actlr_el1: [3, 0, 1, 0, 1, "rw"],
  cpacr_el1: [3, 0, 1, 0, 2, "rw"],
  sctlr2_el1: [3, 0, 1, 0, 3, "rw"],
  ttbr0_el1: [3, 0, 2, 0, 0, "rw"],
  ttbr1_el1: [3, 0, 2, 0, 1, "rw"],
  tcr_el1: [3, 0, 2, 0, 2, "rw"],
  gcscr_el1: [3, 0, 2, 5, 0, "rw"],

  // CRn = 4: special-purpose registers
  spsr_el1: [3, 0, 4, 0, 0, "rw"],
  elr_el1: [3, 0, 4, 0, 1, "rw"],
  sp_el0: [3, 0, 4, 1, 0, "rw"],
  spsel: [3, 0, 4, 2, 0, "rw"],
  currentel: [3, 0, 4, 2, 2, "ro"],
  pan: [3, 0, 4, 2, 3, "rw"],
  uao: [3, 0, 4, 2, 4, "rw"],
  icc_pmr_el1: [3, 0, 4, 6, 0, "rw"],
  nzcv: [3, 3, 4, 2, 0, "rw"],
  daif: [3, 3, 4, 2, 1, "rw"],
  dit: [3, 3, 4, 2, 5, "rw"],
  ssbs: [3, 3, 4, 2, 6, "rw"],
  fpcr: [3, 3, 4, 4, 0, "rw"],
  fpsr: [3, 3, 4, 4, 1, "rw"],

  // CRn = 5, 6, 7: fault status
  afsr0_el1: [3, 0, 5, 1, 0, "rw"],
  afsr1_el1: [3, 0, 5, 1, 1, "rw"],
  esr_el1: [3, 0, 5, 2, 0, "rw"],
  far_el1: [3, 0, 6, 0, 0, "rw"],
  par_el1: [3, 0, 7, 4, 0, "rw"],

  // CRn = 10, 12: memory attributes, vectors, GIC CPU interface
  mair_el1: [3, 0, 10, 2, 0, "rw"],
  s2por_el1: [3, 0, 10, 2, 5, "rw"],
  amair_el1: [3, 0, 10, 3, 0, "rw"],
  mpamidr_el1: [3, 0, 10, 4, 4, "ro"],
  mpam1_el1: [3, 0, 10, 5, 0, "rw"],
  mpam0_el1: [3, 0, 10, 5, 1, "rw"],
  vbar_el1: [3, 0, 12, 0, 0, "rw"],
  isr_el1: [3, 0, 12, 1, 0, "ro"],
  icc_iar0_el1: [3, 0, 12, 8, 0, "ro"],
  icc_eoir0_el1: [3, 0, 12, 8, 1, "wo"],
  icc_hppir0_el1: [3, 0, 12, 8, 2, "ro"],
  icc_bpr0_el1: [3, 0, 12, 8, 3, "rw"],
  icc_ap0r0_el1: [3, 0, 12, 8, 4, "rw"],
  icc_ap0r1_el1: [3, 0, 12, 8, 5, "rw"],
  icc_ap0r2_el1: [3, 0, 12, 8, 6, "rw"],
  icc_ap0r3_el1: [3, 0, 12, 8, 7, "rw"],
  icc_ap1r0_el1: [3, 0, 12, 9, 0, "rw"],
  icc_ap1r1_el1: [3, 0, 12, 9, 1, "rw"],
  icc_ap1r2_el1: [3, 0, 12, 9, 2, "rw"],
  icc_ap1r3_el1: [3, 0, 12, 9, 3, "rw"],
  icc_dir_el1: [3, 0, 12, 11, 1, "wo"],
  icc_rpr_el1: [3, 0, 12, 11, 3, "ro"],
  icc_sgi1r_el1: [3, 0, 12, 11, 5, "wo"],
  icc_asgi1r_el1: [3, 0, 12, 11, 6, "wo"],
  icc_sgi0r_el1: [3, 0, 12, 11, 7, "wo"],
  icc_iar1_el1: [3, 0, 12, 12, 0, "ro"],
  icc_eoir1_el1: [3, 0, 12, 12, 1, "wo"],
  icc_hppir1_el1: [3, 0, 12, 12, 2, "ro"],
  icc_bpr1_el1: [3, 0, 12, 12, 3, "rw"],
  icc_ctlr_el1: [3, 0, 12, 12, 4, "rw"],
  icc_sre_el1: [3, 0, 12, 12, 5, "rw"],
  icc_igrpen0_el1: [3, 0, 12, 12, 6, "rw"],
  icc_igrpen1_el1: [3, 0, 12, 12, 7, "rw"],

  // CRn = 13, 14: threads and timers
  contextidr_el1: [3, 0, 13, 0, 1, "rw"],
  tpidr_el1: [3, 0, 13, 0, 4, "rw"],
  cntkctl_el1: [3, 0, 14, 1, 0, "rw"],
  tpidr_el0: [3, 3, 13, 0, 2, "rw"],
  tpidrro_el0: [3, 3, 13, 0, 3, "rw"],
  cntfrq_el0: [3, 3, 14, 0, 0, "ro"],
  cntpct_el0: [3, 3, 14, 0, 1, "ro"],
  cntvct_el0: [3, 3, 14, 0, 2, "ro"],
  cntp_tval_el0: [3, 3, 14, 2, 0, "rw"],
  cntp_ctl_el0: [3, 3, 14, 2, 1, "rw"],
  cntp_cval_el0: [3, 3, 14, 2, 2, "rw"],
  cntv_tval_el0: [3, 3, 14, 3, 0, "rw"],
  cntv_ctl_el0: [3, 3, 14, 3, 1, "rw"],
  cntv_cval_el0: [3, 3, 14, 3, 2, "rw"],
} as const satisfies Record<string, Encoding>;

/** The name of a register or instruction in the table. */
export type SysregName = keyof typeof sysregs;

/** The five fields of an encoding. */
export interface SysregFields {
  readonly op0: number;
  readonly op1: number;
  readonly crn: number;
  readonly crm: number;
  readonly op2: number;
}

/** Packs the five fields into a code. */
export const packSysreg = (at: SysregFields): number =>
  (at.op0 << 14) | (at.op1 << 11) | (at.crn << 7) | (at.crm << 3) | at.op2;

/** Takes a code apart. */
export const sysregFields = (code: number): SysregFields => ({
  op0: (code >> 14) & 3,
  op1: (code >> 11) & 7,
  crn: (code >> 7) & 15,
  crm: (code >> 3) & 15,
  op2: code & 7,
});

const names = Object.keys(sysregs) as readonly SysregName[];

/** The code of a named register. */
export const codeOf = (name: SysregName): number => {
  const [op0, op1, crn, crm, op2] = sysregs[name];
  return packSysreg({ op0, op1, crn, crm, op2 });
};

const byCode: ReadonlyMap<number, SysregName> = new Map(
  names.map((name) => [codeOf(name), name]),
);

/** The name of a code, or null where the table has none. */
export const nameOf = (code: number): SysregName | null =>
  byCode.get(code) ?? null;

/** The directions of a named register at EL1. */
export const directionOf = (name: SysregName): Direction => sysregs[name][5];

/** The lowest exception level an encoding is for: op1 = 3 is EL0, the rest of what a realm sees EL1. */
export const leastLevel = (code: number): 0 | 1 =>
  ((code >> 11) & 7) === 3 ? 0 : 1;

/**
 * ISS of a trapped access: op0 21:20, op2 19:17, op1 16:14, CRn 13:10, Rt 9:5,
 * CRm 4:1, bit 0 set for a read (MRS).
 */
export const sysregIss = (code: number, rt: number, read: boolean): number => {
  const { op0, op1, crn, crm, op2 } = sysregFields(code);
  return (op0 << 20) | (op2 << 17) | (op1 << 14) | (crn << 10) | (rt << 5) |
    (crm << 1) | Number(read);
};

/** The code, register and direction that {@link sysregIss} packed. */
export const sysregOfIss = (
  iss: number,
): { readonly code: number; readonly rt: number; readonly read: boolean } => ({
  code: packSysreg({
    op0: (iss >> 20) & 3,
    op1: (iss >> 14) & 7,
    crn: (iss >> 10) & 15,
    crm: (iss >> 1) & 15,
    op2: (iss >> 17) & 7,
  }),
  rt: (iss >> 5) & 31,
  read: (iss & 1) === 1,
});
