/**
 * KVM's tracepoints as text: one format per event, read by one table.
 *
 * The kernel writes `0x` even before a zero; libtraceevent leaves it out, so
 * it is optional everywhere. A value `__print_symbolic` has no name for comes
 * as a hex number.
 *
 * Source: Linux `arch/arm64/kvm/trace_arm.h`, `include/trace/events/kvm.h`;
 * kvm.md §5.
 *
 * @module
 */

/** One event of KVM, its fields as the kernel names them. */
export type KvmEvent =
  | { readonly tag: "kvm_entry"; readonly pc: bigint }
  | {
    readonly tag: "kvm_exit";
    /** What the first symbol says: IRQ, SERROR, TRAP, HYP_GONE, or a hex number. */
    readonly code: string;
    readonly ec: number;
    /** The name printed with it. */
    readonly ec_name: string;
    readonly pc: bigint;
  }
  | {
    readonly tag: "kvm_guest_fault";
    readonly ipa: bigint;
    readonly hsr: bigint;
    readonly hxfar: bigint;
    readonly pc: bigint;
  }
  | { readonly tag: "kvm_access_fault"; readonly ipa: bigint }
  | {
    readonly tag: "kvm_mmio";
    readonly kind: "unsatisfied-read" | "read" | "write";
    readonly len: number;
    readonly gpa: bigint;
    readonly val: bigint;
  }
  | {
    readonly tag: "kvm_mmio_nisv";
    readonly ipa: bigint;
    readonly esr: bigint;
    readonly far: bigint;
    readonly pc: bigint;
  }
  | {
    readonly tag: "kvm_userspace_exit";
    /** KVM_EXIT_*, `restart`, `error`, or a hex number without a name. */
    readonly reason: string;
    readonly number: number;
  }
  | {
    readonly tag: "kvm_hvc_arm64";
    readonly pc: bigint;
    readonly r0: bigint;
    readonly imm: bigint;
  }
  | {
    readonly tag: "kvm_wfx_arm64";
    readonly kind: "e" | "i";
    readonly pc: bigint;
  };

/** The name of an event. */
export type KvmEventName = KvmEvent["tag"];

/** The event of this name. */
export type EventOf<T extends KvmEventName> = Extract<
  KvmEvent,
  { readonly tag: T }
>;

type Groups = Readonly<Record<string, string>>;

interface Format {
  /** As the kernel's source has it, for refusals. */
  readonly shape: string;
  readonly pattern: RegExp;
  readonly read: (groups: Groups) => KvmEvent;
}

const hex = (text = ""): bigint => BigInt(`0x${text.replace(/^0x/, "")}`);

const H = "(?:0x)?[0-9a-fA-F]+";

const format = (
  shape: string,
  pattern: string,
  read: (groups: Groups) => KvmEvent,
): Format => ({
  shape,
  pattern: new RegExp(`^${pattern.replaceAll("HEX", H)}$`),
  read,
});

/** Every format by its event. */
export const formats: Readonly<Record<KvmEventName, Format>> = {
  kvm_entry: format(
    "PC: 0x%016lx",
    "PC: (?<pc>HEX)",
    ({ pc }) => ({ tag: "kvm_entry", pc: hex(pc) }),
  ),
  kvm_exit: format(
    "%s: HSR_EC: 0x%04x (%s), PC: 0x%016lx",
    "(?<code>\\w+): HSR_EC: (?<ec>HEX) \\((?<name>\\w+)\\), PC: (?<pc>HEX)",
    ({ code = "", ec, name = "", pc }) => ({
      tag: "kvm_exit",
      code,
      ec: Number(hex(ec)),
      ec_name: name,
      pc: hex(pc),
    }),
  ),
  kvm_guest_fault: format(
    "ipa %#llx, hsr %#08lx, hxfar %#08lx, pc %#016lx",
    "ipa (?<ipa>HEX), hsr (?<hsr>HEX), hxfar (?<hxfar>HEX), pc (?<pc>HEX)",
    ({ ipa, hsr, hxfar, pc }) => ({
      tag: "kvm_guest_fault",
      ipa: hex(ipa),
      hsr: hex(hsr),
      hxfar: hex(hxfar),
      pc: hex(pc),
    }),
  ),
  kvm_access_fault: format(
    "IPA: %lx",
    "IPA: (?<ipa>HEX)",
    ({ ipa }) => ({ tag: "kvm_access_fault", ipa: hex(ipa) }),
  ),
  kvm_mmio: format(
    "mmio %s len %u gpa 0x%llx val 0x%llx",
    "mmio (?<kind>unsatisfied-read|read|write) len (?<len>\\d{1,3}) gpa (?<gpa>HEX) val (?<val>HEX)",
    ({ kind, len, gpa, val }) => ({
      tag: "kvm_mmio",
      kind: kind as "unsatisfied-read" | "read" | "write",
      len: Number(len),
      gpa: hex(gpa),
      val: hex(val),
    }),
  ),
  kvm_mmio_nisv: format(
    "ipa %#016lx, esr %#016lx, far %#016lx, pc %#016lx",
    "ipa (?<ipa>HEX), esr (?<esr>HEX), far (?<far>HEX), pc (?<pc>HEX)",
    ({ ipa, esr, far, pc }) => ({
      tag: "kvm_mmio_nisv",
      ipa: hex(ipa),
      esr: hex(esr),
      far: hex(far),
      pc: hex(pc),
    }),
  ),
  kvm_userspace_exit: format(
    "reason %s (%d)",
    "reason (?<reason>\\w+) \\((?<number>\\d+)\\)",
    ({ reason = "", number }) => ({
      tag: "kvm_userspace_exit",
      reason,
      number: Number(number),
    }),
  ),
  kvm_hvc_arm64: format(
    "HVC at 0x%016lx (r0: 0x%016lx, imm: 0x%lx)",
    "HVC at (?<pc>HEX) \\(r0: (?<r0>HEX), imm: (?<imm>HEX)\\)",
    ({ pc, r0, imm }) => ({
      tag: "kvm_hvc_arm64",
      pc: hex(pc),
      r0: hex(r0),
      imm: hex(imm),
    }),
  ),
  kvm_wfx_arm64: format(
    "guest executed wf%c at: 0x%016lx",
    "guest executed wf(?<kind>[ei]) at: (?<pc>HEX)",
    ({ kind, pc }) => ({
      tag: "kvm_wfx_arm64",
      kind: kind as "e" | "i",
      pc: hex(pc),
    }),
  ),
};
