/**
 * What a path leaves behind that no actor keeps: the memory invariants about
 * more than one step need.
 *
 * It is judged by the realm's own syndrome, never by what the RMM saved of it:
 * that is what lets an invariant catch an RMM that remembers wrongly.
 *
 * @module
 */

import { ipaOfHpfar, isOutside, isProtected } from "../arch/address.ts";
import { EC, ec, esrField } from "../arch/esr.ts";
import { PSTATE } from "../arch/pstate.ts";
import { mask } from "../arch/word.ts";
import { readX, type Rec } from "../realm/rec.ts";
import { accessBytes, isExternal } from "../rmm/syndrome.ts";
import type { Syndrome } from "../rmm/state.ts";

/** A data abort as the architecture describes it to R-EL2. */
export interface Fault {
  /** Address, with the offset in its page. */
  readonly ipa: bigint;
  /** In the Protected half; an address outside both halves is not. */
  readonly shielded: boolean;
  /** In the Unprotected half. */
  readonly shared: boolean;
  /** Unprotected, with a valid syndrome and from AArch64 (DEN0137 A4.2.3). */
  readonly emulatable: boolean;
  readonly write: boolean;
  readonly bytes: 1 | 2 | 4 | 8;
  readonly syndrome: Syndrome;
  /** A store's value, cut to the access; 0 for a load. */
  readonly value: bigint;
  /** The realm's data accesses are big-endian. */
  readonly big_endian: boolean;
}

/** What became of the latest emulatable data abort. */
export type Mmio =
  /** There was none. */
  | "none"
  /** The host has it. */
  | "open"
  /** The host sent the REC back without an answer. */
  | "retried"
  /** A retry, and then an exit of another kind. */
  | "overtaken"
  /** EMUL_MMIO completed it. */
  | "completed"
  /** INJECT_SEA refused it. */
  | "refused";

/** The path's memory of one REC. */
export interface Ghost {
  readonly mmio: Mmio;
  /** The data abort the REC exited with and has not been entered after, or null. */
  readonly last: Fault | null;
  /** Times the host performed, or gave up, the access that is open; 2 stands for more. */
  readonly answers: 0 | 1 | 2;
  /** KVM_EXIT_MMIO told the VMM of the access that is open. */
  readonly told: boolean;
  /** What the VMM wrote to of kvm_run since the exit, its data if it wrote to that, or null. */
  readonly meddled: "exit_reason" | "data" | null;
  /** The last RMI_REC_ENTER failed. */
  readonly failed: boolean;
  /** So far nobody but KVM gave RMI commands about the REC. */
  readonly honest: boolean;
}

/** The memory of a REC that was never entered. */
export const fresh: Ghost = {
  mmio: "none",
  last: null,
  answers: 0,
  told: false,
  meddled: null,
  failed: false,
  honest: true,
};

const sctlr_ee = 1n << 25n;
const sctlr_e0e = 1n << 24n;

const isBigEndian = ({ pstate, sys }: Rec): boolean =>
  (sys.sctlr_el1 & ((pstate & 0xfn) === 0n ? sctlr_e0e : sctlr_ee)) !== 0n;

/** Reads a data abort taken from `regs`, or null for another class or an external abort. */
export const faultOf = (
  regs: Rec,
  syndrome: Syndrome,
  ipa_bits: number,
): Fault | null => {
  const { esr, far, hpfar } = syndrome;
  if (ec(esr) !== EC.DABT_LOW || isExternal(esrField(esr, "FSC"))) return null;
  const ipa = ipaOfHpfar(hpfar) | (far & mask(12));
  const shielded = isProtected(ipa, ipa_bits);
  const shared = !shielded && !isOutside(ipa, ipa_bits);
  const valid = esrField(esr, "ISV") === 1;
  const write = esrField(esr, "WnR") === 1;
  const bytes = accessBytes(esr);
  const emulatable = shared && valid && (regs.pstate & PSTATE.nRW) === 0n;
  return {
    ipa,
    shielded,
    shared,
    emulatable,
    write,
    bytes,
    syndrome,
    value: write && valid
      ? readX(regs, esrField(esr, "SRT")) & mask(8 * bytes)
      : 0n,
    big_endian: isBigEndian(regs),
  };
};
