/**
 * What the world wants from outside. The core never performs an ask.
 *
 * @module
 */

/** One thing the world asks for. */
export type Ask =
  /** A byte leaves the UART's transmitter. */
  | { readonly tag: "UartTx"; readonly byte: number }
  /** The realm, or the host on its behalf, stopped for good. */
  | { readonly tag: "Halt"; readonly why: Halt }
  /** The guest executed an instruction this model leaves out; it took an UNDEF. */
  | {
    readonly tag: "Unsupported";
    readonly rec: number;
    readonly pc: bigint;
    readonly insn: number;
    readonly why: string;
  };

/** Why nothing further will happen. */
export type Halt =
  | { readonly tag: "SystemOff" }
  | { readonly tag: "SystemReset" }
  /** KVM_RUN returned an error or an exit the VMM cannot continue from. */
  | { readonly tag: "HostError"; readonly what: string };
