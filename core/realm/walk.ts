/**
 * The stage 1 table walk of the EL1&0 regime: 4 KiB granule, up to 48 bits.
 *
 * TG0 and TG1 are not read: only one granule is implemented. The access flag
 * is not updated by hardware (no FEAT_HAFDBS): TCR_EL1.HA and HD are ignored.
 *
 * Source: Arm ARM (DDI 0487) D8.2 (translation process), D8.3 (descriptors).
 *
 * @module
 */

import { FSC } from "../arch/esr.ts";
import { bit, field, get, mask } from "../arch/word.ts";
import type { Attributes } from "./permission.ts";

/** The registers a walk depends on. */
export interface Regime {
  readonly tcr_el1: bigint;
  readonly ttbr0_el1: bigint;
  readonly ttbr1_el1: bigint;
}

/** Where a walk ended. */
export type Walked =
  | {
    readonly tag: "Leaf";
    /** Output address of `va` itself. */
    readonly ipa: bigint;
    readonly attributes: Attributes;
    /** AttrIndx: which byte of MAIR_EL1. */
    readonly attr_index: number;
    /** SH[1:0]. */
    readonly sh: number;
    readonly level: number;
  }
  /** A stage 1 fault with its fault status code. */
  | { readonly tag: "Fault"; readonly fsc: number }
  /** Stage 2 refused the descriptor at `ipa`. */
  | { readonly tag: "Stage2"; readonly ipa: bigint };

/** Output address bits: what ID_AA64MMFR0_EL1.PARange of this machine says. */
export const pa_bits = 48;

const sizes = [32, 36, 40, 42, 44, 48, 48, 48] as const; // TCR_EL1.IPS

const T0SZ = field(5, 0); // TCR_EL1
const T1SZ = field(21, 16);
const IPS = field(34, 32);
const ATTR_INDX = field(4, 2); // descriptors
const AP = field(7, 6);
const SH = field(9, 8);
const APTABLE = field(62, 61);

/** What TCR_EL1 says of one half of the address space. */
export interface Half {
  readonly ttbr: bigint;
  /** Input address bits, 64 - TxSZ. */
  readonly input_bits: number;
  /** EPDx: no walks. */
  readonly epd: boolean;
  /** TBIx: the top byte is ignored. */
  readonly tbi: boolean;
  /** HPDx: attributes in table descriptors are ignored. */
  readonly hpd: boolean;
}

/** The half that bit 55 of `va` selects: TTBR1_EL1 when set. */
export const halfOf = (regime: Regime, va: bigint): Half => {
  const { tcr_el1: tcr } = regime;
  return bit(va, 55)
    ? {
      ttbr: regime.ttbr1_el1,
      input_bits: 64 - get(tcr, T1SZ),
      epd: bit(tcr, 23),
      tbi: bit(tcr, 38),
      hpd: bit(tcr, 42),
    }
    : {
      ttbr: regime.ttbr0_el1,
      input_bits: 64 - get(tcr, T0SZ),
      epd: bit(tcr, 7),
      tbi: bit(tcr, 37),
      hpd: bit(tcr, 41),
    };
};

/** Bits 47:0, where a descriptor and TTBR keep addresses. */
const address_bits = mask(48);

const fault = (base: number, level: number): Walked => ({
  tag: "Fault",
  fsc: base + level,
});

/** True when `va` lies in the half's range: every bit above the input size equals bit 55. */
const inRange = (half: Half, va: bigint): boolean => {
  const above = (va & mask(half.tbi ? 56 : 64)) >> BigInt(half.input_bits);
  const width = (half.tbi ? 56 : 64) - half.input_bits;
  return above === (bit(va, 55) ? mask(width) : 0n);
};

const none: Attributes = { ap: 0, aptable: 0, uxn: false, pxn: false };

/** Attributes inherited from one more table descriptor. */
const inherit = (above: Attributes, table: bigint): Attributes => ({
  ap: 0,
  aptable: above.aptable | get(table, APTABLE),
  uxn: above.uxn || bit(table, 60),
  pxn: above.pxn || bit(table, 59),
});

const leaf = (
  descriptor: bigint,
  above: Attributes,
  ipa: bigint,
  level: number,
): Walked => ({
  tag: "Leaf",
  ipa,
  attributes: {
    ap: get(descriptor, AP),
    aptable: above.aptable,
    uxn: above.uxn || bit(descriptor, 54),
    pxn: above.pxn || bit(descriptor, 53),
  },
  attr_index: get(descriptor, ATTR_INDX),
  sh: get(descriptor, SH),
  level,
});

/**
 * Walks the tables for `va`. `read` gives the descriptor at an IPA, or null
 * when stage 2 refuses it.
 */
export const walk = (
  regime: Regime,
  va: bigint,
  read: (ipa: bigint) => bigint | null,
): Walked => {
  const half = halfOf(regime, va);
  const { input_bits } = half;
  // TxSZ outside 16 to 48 (FEAT_TTST) is a level 0 translation fault.
  const configured = 16 <= input_bits && input_bits <= 48;
  if (!configured || !inRange(half, va) || half.epd) {
    return fault(FSC.TRANSLATION, 0);
  }
  const output_bits = sizes[get(regime.tcr_el1, IPS)] ?? pa_bits;
  const tooBig = (address: bigint): boolean =>
    address >> BigInt(output_bits) !== 0n;
  let level = 4 - Math.ceil((input_bits - 12) / 9);
  let shift = 12 + 9 * (3 - level);
  let table = half.ttbr & address_bits & ~mask(input_bits - shift + 3);
  let index_bits = input_bits - shift;
  let above = none;
  if (tooBig(table)) return fault(FSC.ADDRESS_SIZE, 0);
  for (;;) {
    const index = (va >> BigInt(shift)) & mask(index_bits);
    const at = table | (index << 3n);
    const descriptor = read(at);
    if (descriptor === null) return { tag: "Stage2", ipa: at };
    const kind = Number(descriptor & 3n);
    const isTable = kind === 3 && level < 3;
    const isLeaf = level === 3 ? kind === 3 : kind === 1 && level !== 0;
    if (!isTable && !isLeaf) return fault(FSC.TRANSLATION, level);
    const next = descriptor & address_bits & ~mask(isTable ? 12 : shift);
    if (tooBig(next)) return fault(FSC.ADDRESS_SIZE, level);
    if (isLeaf) {
      if (!bit(descriptor, 10)) return fault(FSC.ACCESS_FLAG, level);
      return leaf(descriptor, above, next | (va & mask(shift)), level);
    }
    if (!half.hpd) above = inherit(above, descriptor);
    table = next;
    level += 1;
    shift -= 9;
    index_bits = 9;
  }
};
