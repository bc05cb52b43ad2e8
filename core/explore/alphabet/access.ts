/**
 * The realm's loads, stores and fetches that stage 2 does not let through.
 *
 * @module
 */

import { aliasBit, hpfarOfIpa } from "../../arch/address.ts";
import { EC, esr, type EsrField, FSC } from "../../arch/esr.ts";
import { EL1H_MASKED } from "../../arch/pstate.ts";
import { mask } from "../../arch/word.ts";
import { PL011 } from "../../device/pl011_state.ts";
import { PL031 } from "../../device/pl031.ts";
import { reset_sysregs } from "../../realm/rec.ts";
import { type Action, inRealm } from "../action.ts";

/** Where the realm's program stands; each action has its own instruction. */
export const program_base = 0x4000_0000n;

/** Bytes from one action's instruction to the next one's. */
const action_bytes = 0x100n;

/** UART and RTC of the virt board, which the explorer's realm talks to. */
const uart = 0x0900_0000n;
const rtc = 0x0901_0000n;

/** The stage 1 mapping of the scripted realm: a kernel's linear map. */
const va_base = 0xffff_8000_0000_0000n;

/** Which half of the IPA space an access goes to, or neither. */
type Half = "shared" | "private" | "outside";

/** One access of the realm. */
interface Access {
  readonly name: string;
  readonly does: string;
  readonly ipa: bigint;
  readonly half?: Half;
  /** Syndrome fields beside EC, IL and FSC. */
  readonly iss: Readonly<Partial<Record<EsrField, number>>>;
  readonly branch?: boolean;
  readonly el0?: boolean;
  readonly big_endian?: boolean;
  /** X0 and up before the access. */
  readonly x?: readonly bigint[];
}

const ipaIn = (half: Half, ipa: bigint, ipa_bits: number): bigint => {
  if (half === "private") return ipa;
  return ipa |
    (half === "shared" ? aliasBit(ipa_bits) : 1n << BigInt(ipa_bits));
};

const sctlr_ee = 1n << 25n;

const action = (access: Access, index: number): Action => ({
  name: access.name,
  does: access.does,
  actor: "realm",
  per_rec: true,
  events: (world, rec) => {
    if (!inRealm(world, rec)) return null;
    const ipa = ipaIn(access.half ?? "shared", access.ipa, world.rmm.ipa_bits);
    const EE = access.big_endian === true ? sctlr_ee : 0n;
    const code = {
      pc: program_base + action_bytes * BigInt(index),
      pstate: access.el0 === true ? 0n : EL1H_MASKED,
      sctlr_el1: reset_sysregs.sctlr_el1 | EE,
      x: access.x ?? [],
    };
    const syndrome = {
      esr: esr({
        EC: access.branch === true ? EC.IABT_LOW : EC.DABT_LOW,
        IL: 1,
        FSC: FSC.TRANSLATION + 3,
        ...access.iss,
      }),
      far: va_base | (access.ipa & mask(32)),
      hpfar: hpfarOfIpa(ipa),
    };
    const tag = access.branch === true ? "Iabt" : "Dabt";
    return [{ tag: "Script", rec, ...code }, { tag, rec, ...syndrome }];
  },
});

const load = (SAS: number, SRT: number, more: Access["iss"] = {}) => ({
  ISV: 1,
  SAS,
  SRT,
  ...more,
});

const store = (SAS: number, SRT: number) => load(SAS, SRT, { WnR: 1 });

const fr = uart + BigInt(PL011.FR);
const dr = uart + BigInt(PL011.DR);
const lr = rtc + BigInt(PL031.LR);

/** The table: what the realm touches, and what its syndrome says. */
const accesses: readonly Access[] = [
  {
    name: "read",
    does: "ldr w1, [UARTFR]",
    ipa: fr,
    iss: load(2, 1),
  },
  {
    name: "pop",
    does: "ldrb w1, [UARTDR], which takes a character",
    ipa: dr,
    iss: load(0, 1),
  },
  {
    name: "write",
    does: "strb w1, [UARTDR]",
    ipa: dr,
    iss: store(0, 1),
    x: [0n, 0x1_0000_0041n],
  },
  {
    name: "ldrsb",
    does: "ldrsb x3, [UARTFR], whose sign bit is set",
    ipa: fr,
    iss: load(0, 3, { SSE: 1, SF: 1 }),
  },
  {
    name: "ldrsb-w",
    does: "ldrsb w3, [UARTFR]",
    ipa: fr,
    iss: load(0, 3, { SSE: 1 }),
  },
  {
    name: "read64",
    does: "ldr x2, [RTCDR]",
    ipa: rtc,
    iss: load(3, 2, { SF: 1 }),
  },
  {
    name: "read-zr",
    does: "ldr wzr, [UARTFR]",
    ipa: fr,
    iss: load(2, 31),
  },
  {
    name: "write32",
    does: "str w2, [RTCLR]",
    ipa: lr,
    iss: store(2, 2),
    x: [0n, 0n, 0x11223344n],
  },
  {
    name: "write-zr",
    does: "str wzr, [RTCLR]",
    ipa: lr,
    iss: store(2, 31),
  },
  {
    name: "write-be",
    does: "str w2, [RTCLR] with SCTLR_EL1.EE set",
    ipa: lr,
    iss: store(2, 2),
    x: [0n, 0n, 0x11223344n],
    big_endian: true,
  },
  {
    name: "read-el0",
    does: "ldr w1, [UARTFR] at EL0",
    ipa: fr,
    iss: load(2, 1),
    el0: true,
  },
  {
    name: "ldp",
    does: "ldp x1, x2, [UARTFR]: no valid syndrome",
    ipa: fr,
    iss: {},
  },
  {
    name: "stp",
    does: "stp x1, x2, [UARTDR]: no valid syndrome",
    ipa: dr,
    iss: { WnR: 1 },
  },
  {
    name: "hole",
    does: "str w1 where no device is",
    ipa: 0x0a00_0000n,
    iss: store(2, 1),
    x: [0n, 0x55n],
  },
  {
    name: "private",
    does: "ldr w1 at the Protected address of UARTFR: RIPAS EMPTY",
    ipa: fr,
    half: "private",
    iss: load(2, 1),
  },
  {
    name: "outside",
    does: "ldr w1 beyond the IPA space",
    ipa: fr,
    half: "outside",
    iss: load(2, 1),
  },
  {
    name: "ram",
    does: "ldr w1 from Protected RAM whose page is not mapped",
    ipa: 0x4010_0000n,
    half: "private",
    iss: load(2, 1),
  },
  {
    name: "ram-shared",
    does: "str w1 to the Unprotected address of RAM",
    ipa: 0x4010_0000n,
    iss: store(2, 1),
  },
  {
    name: "fetch-shared",
    does: "a branch to an Unprotected address",
    ipa: fr,
    iss: {},
    branch: true,
  },
  {
    name: "fetch-ram",
    does: "a branch to Protected RAM whose page is not mapped",
    ipa: 0x4010_0000n,
    half: "private",
    iss: {},
    branch: true,
  },
];

/** Every access of the realm, in the order of its program. */
export const access_actions: readonly Action[] = accesses.map(action);

/** The instruction address of action `index` of the calls, which follow the accesses. */
export const callAddress = (index: number): bigint =>
  program_base + action_bytes * BigInt(accesses.length + index);
