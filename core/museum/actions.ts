/**
 * Actions the exhibits need beside the explorer's alphabet.
 *
 * @module
 */

import { aliasBit, hpfarOfIpa } from "../arch/address.ts";
import { EC, esr, FSC } from "../arch/esr.ts";
import { virt } from "../device/board.ts";
import { type Action, inRealm, when } from "../explore/action.ts";
import { actions } from "../explore/alphabet.ts";
import type { Vcpu } from "../host/state.ts";

const free = (vcpu: Vcpu): boolean => vcpu.owed === null && !vcpu.stopped;

/** The VMM sets a register a host call's answer is made of. */
const setX1 = when(
  { name: "set-x1", actor: "vmm", does: "KVM_SET_ONE_REG of X1" },
  "user",
  (rec) => ({ tag: "SetOneReg", rec, n: 1, value: 0x5e7n }),
  free,
);

/** The VMM changes its mind when KVM has the answer: a correct KVM says -EINVAL. */
const lateExtDabt = when(
  {
    name: "late-ext-dabt",
    actor: "vmm",
    does: "KVM_SET_VCPU_EVENTS refuses an access KVM has completed",
  },
  "user",
  (rec) => ({
    tag: "SetVcpuEvents",
    rec,
    ext_dabt_pending: true,
    serror_pending: false,
  }),
  (vcpu) =>
    free(vcpu) && !vcpu.mmio_needed &&
    vcpu.run.exit_reason === "KVM_EXIT_MMIO",
);

/** The status RMM 1.0 has for a realm that is off, whatever this one is. */
const failRealm = when(
  {
    name: "fail-realm",
    actor: "hardware",
    does: "RMI_REC_ENTER fails: another vCPU's SYSTEM_OFF came first",
  },
  "enter",
  (rec) => ({ tag: "FailRecEnter", rec, status: "RMI_ERROR_REALM", index: 1 }),
);

/** A load of a word by the REC's code as it stands, with system registers of its own. */
const load = (
  name: string,
  does: string,
  ipaIn: (ipa_bits: number) => bigint,
): Action => ({
  name,
  actor: "realm",
  does,
  per_rec: true,
  events: (world, rec) => {
    if (!inRealm(world, rec)) return null;
    const iss = { IL: 1, ISV: 1, SAS: 2, SRT: 1, FSC: FSC.TRANSLATION + 3 };
    return [{
      tag: "Dabt",
      rec,
      esr: esr({ EC: EC.DABT_LOW, ...iss }),
      far: 0xffff_8000_0000_0000n,
      hpfar: hpfarOfIpa(ipaIn(world.rmm.ipa_bits)),
    }];
  },
});

const edge = load(
  "edge",
  "ldr w1 from 2^w, the first address outside",
  (ipa_bits) => 1n << BigInt(ipa_bits),
);

const touch = load(
  "touch",
  "ldr w1 from the UART, whatever the system registers are",
  (ipa_bits) => aliasBit(ipa_bits) | BigInt(virt.uart.base),
);

/** The explorer's alphabet and the museum's own actions. */
export const museum_actions: readonly Action[] = [
  ...actions,
  setX1,
  lateExtDabt,
  failRealm,
  edge,
  touch,
];

/** The action with this name, or undefined. */
export const actionNamed = (name: string): Action | undefined =>
  museum_actions.find((row) => row.name === name);
