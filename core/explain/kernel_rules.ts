/**
 * How a realm's trace lines have to be read.
 *
 * @module
 */

import type { Rule } from "./page.ts";

/** PC is not the realm's. */
export const pc_rule: Rule = {
  rule:
    "pc is KVM's copy, the REC's entry point: where the realm is, is not known to the host",
  source: "Linux arch/arm64/kvm/arm.c; DEN0137 A4.3",
};

/** Which lines carry the alias bit. */
export const alias_rule: Rule = {
  rule:
    "kvm_guest_fault keeps the alias bit, kvm_mmio and kvm_mmio_nisv do not",
  source: "Linux arch/arm64/kvm/mmu.c kvm_gpa_from_fault",
};

/** What the host never sees of an abort. */
export const hidden_rule: Rule = {
  rule:
    "never shown to the host: IL SSE SRT AR CM S1PTW of an emulatable abort",
  source: "DEN0137 A4.3.4; TF-RMM exit.c handle_data_abort",
};
