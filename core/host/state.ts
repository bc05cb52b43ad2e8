/**
 * The host's slice of the world: KVM's vCPUs and what the VMM shares with KVM.
 *
 * @module
 */

/** What KVM and the VMM keep about one vCPU. */
export interface Vcpu {
  /**
   * Where the vCPU thread is: in user space, in KVM about to enter the REC,
   * inside RMI_REC_ENTER, or in KVM with an exit to handle.
   */
  readonly at: "user" | "enter" | "guest" | "exit";
}

/** KVM and the VMM above it. */
export interface Host {
  readonly vcpus: readonly Vcpu[];
}
