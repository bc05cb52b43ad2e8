/**
 * KVM's trace of an abort explained: the fault, and the access nobody can
 * emulate.
 *
 * @module
 */

import { aliasBit, hpfarOfIpa, isProtected } from "../arch/address.ts";
import { EC, ec, esrField } from "../arch/esr.ts";
import { hex } from "../arch/word.ts";
import { emul_mask } from "../rmm/syndrome.ts";
import { abortOutcomes } from "../trace/check_fault.ts";
import type { EventOf } from "../trace/event.ts";
import { fieldRows } from "./fields.ts";
import { hpfarSection } from "./hpfar.ts";
import { alias_rule, hidden_rule, pc_rule } from "./kernel_rules.ts";
import type { Section } from "./page.ts";
import { inside, type Setting } from "./scene.ts";
import { type Answer, explainException, page } from "./syndrome.ts";

/** Explains kvm_guest_fault: the address, and the syndrome as if the realm had taken it. */
export const guestFault = (
  event: EventOf<"kvm_guest_fault">,
  setting: Setting,
): Answer => {
  const { ipa, hsr, hxfar, pc } = event;
  const title: Section = {
    title: "kvm_guest_fault: an exit of the realm to KVM for an address",
    rows: [
      [
        "ipa",
        hex(ipa),
        `page address, alias bit ${
          isProtected(ipa, setting.ipa_bits) ? "clear" : "set"
        }`,
      ],
      ["hsr", hex(hsr), "ESR as the RMM shows it"],
      ["hxfar", hex(hxfar), "offset in the page; 0 unless emulatable"],
      ["pc", hex(pc), "not the realm's"],
    ],
    rules: [alias_rule, pc_rule, hidden_rule],
  };
  const world = inside(setting);
  if (world === null) return page(title);
  const hpfar = hpfarOfIpa(ipa);
  const isData = ec(hsr) === EC.DABT_LOW;
  const leaked = isData && esrField(hsr, "ISV") === 1 ? hsr & ~emul_mask : 0n;
  const leak: readonly Section[] = leaked === 0n ? [] : [{
    title: `bits ${hex(leaked)} of hsr are not shown by an RMM`,
    rows: [["a VM that is no realm, or an RMM that leaks them"]],
    rules: [hidden_rule],
  }];
  const answer = explainException(world, 0, { esr: hsr, far: hxfar, hpfar });
  return {
    sections: [
      title,
      ...leak,
      hpfarSection(hpfar, setting.ipa_bits),
      ...answer.sections,
    ],
    road: answer.road,
  };
};

/** Explains kvm_mmio_nisv, and what this KVM does about it. */
export const nisv = (
  { ipa, esr, far, pc }: EventOf<"kvm_mmio_nisv">,
  setting: Setting,
): Answer => {
  const { kvm: rev, rmm } = setting.profile;
  const fault = {
    tag: "kvm_guest_fault",
    ipa: ipa | aliasBit(setting.ipa_bits),
    hsr: esr,
    hxfar: far,
    pc,
  } as const;
  const outcomes = abortOutcomes(fault, { rev, rmm }).map((ret) =>
    ret === "1" ? "an SEA for the realm" : ret
  );
  return page({
    title: "kvm_mmio_nisv: an access nobody can emulate",
    rows: [
      ["ipa", hex(ipa), "alias bit and page offset left out"],
      [
        "esr",
        hex(esr),
        "no ISV: a pair, writeback, exclusive, atomic or SIMD access",
      ],
      ["far", hex(far), "0 from a realm"],
      [rev.name, outcomes.join(" or ")],
    ],
    rules: [alias_rule, pc_rule],
  }, {
    title: `ESR ${hex(esr)}`,
    rows: fieldRows(esr),
  });
};
