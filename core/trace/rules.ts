/**
 * The rules a realm's trace is held against, and where each comes from.
 *
 * @module
 */

/** A rule's name, why it holds and who says so. */
export interface Rule {
  readonly why: string;
  readonly source: string;
}

/** Every rule by its name. */
export const rules = {
  order: {
    why:
      "a vCPU goes kvm_entry, kvm_exit, what KVM did, then kvm_entry or kvm_userspace_exit",
    source: "Linux arch/arm64/kvm/arm.c kvm_arch_vcpu_ioctl_run",
  },
  pc: {
    why:
      "PC is KVM's copy of a REC's entry point: it stands still, but for 4 bytes at a return to user space where the revision lets kvm_incr_pc move it",
    source: "Linux arch/arm64/kvm/mmio.c, arm.c __kvm_adjust_pc",
  },
  symbol: {
    why:
      "kvm_exit prints an exception code, or in a revision with exits of its own the status of RMI_REC_ENTER: IRQ is RMI_SUCCESS, SERROR RMI_ERROR_INPUT, TRAP RMI_ERROR_REALM, 0x3 RMI_ERROR_REC",
    source: "Linux arch/arm64/kvm/trace_arm.h, rmi-exit.c handle_rec_exit",
  },
  ec: {
    why:
      "HSR_EC is zero unless the exit is a TRAP, and its name goes with its number",
    source: "Linux arch/arm64/kvm/trace_arm.h, asm/esr.h",
  },
  syndrome: {
    why:
      "the RMM shows of an abort only EC, SET, FnV, EA and FSC, of an emulatable one ISV, SAS, SF and WnR too, and at an Unprotected IPA IL",
    source: "DEN0137 A4.3.4; TF-RMM exit.c handle_data_abort",
  },
  offset: {
    why: "the RMM shows bits 11:0 of FAR, and only for an emulatable abort",
    source: "DEN0137 A4.3.4; TF-RMM exit.c handle_data_abort",
  },
  half: {
    why: "only an access to the Unprotected half is emulatable",
    source: "DEN0137 A4.3.4; TF-RMM exit.c handle_data_abort",
  },
  alias: {
    why:
      "kvm_guest_fault keeps the alias bit and kvm_mmio does not: they differ in that one bit, the same for every access",
    source: "Linux arch/arm64/kvm/mmu.c kvm_gpa_from_fault",
  },
  access: {
    why: "size, direction and page offset of an access are those of its fault",
    source: "Linux arch/arm64/kvm/mmio.c io_mem_abort",
  },
  width: {
    why:
      "kvm_mmio shows as many bytes as the access has: never a sign extension",
    source: "Linux arch/arm64/kvm/trace_arm.h, include/trace/events/kvm.h",
  },
  completion: {
    why:
      "a read that user space answers is completed by kvm_mmio read at the next KVM_RUN",
    source: "Linux arch/arm64/kvm/mmio.c kvm_handle_mmio_return",
  },
  nisv: {
    why:
      "kvm_mmio_nisv repeats the fault's syndrome, with the alias bit and the page offset left out",
    source: "Linux arch/arm64/kvm/mmio.c io_mem_abort",
  },
  user: {
    why: "what KVM_RUN returns follows from what came before it",
    source: "Linux arch/arm64/kvm/mmio.c, rmi-exit.c, rmi.c",
  },
} as const satisfies Readonly<Record<string, Rule>>;

/** The name of a rule. */
export type RuleName = keyof typeof rules;
