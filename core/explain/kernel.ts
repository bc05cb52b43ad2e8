/**
 * A line of KVM's trace explained: what it shows of a realm, and the traps in
 * reading it.
 *
 * @module
 */

import { aliasBit } from "../arch/address.ts";
import { hex, mask } from "../arch/word.ts";
import { afterFailure } from "../trace/check_return.ts";
import type { EventOf, KvmEvent } from "../trace/event.ts";
import { exitMeaning, userExit, userExitText } from "../trace/kvm_names.ts";
import { guestFault, nisv } from "./kernel_abort.ts";
import { alias_rule, pc_rule } from "./kernel_rules.ts";
import type { Setting } from "./scene.ts";
import { type Answer, page } from "./syndrome.ts";

const mmio_kinds: Readonly<Record<EventOf<"kvm_mmio">["kind"], string>> = {
  "unsatisfied-read":
    "a read begins; its value is not known yet, val says nothing",
  read:
    "a read is complete: by the kernel at once, by user space at the next KVM_RUN",
  write: "a write, before any device has seen it",
};

const mmio = (event: EventOf<"kvm_mmio">, setting: Setting): Answer => {
  const { kind, len, gpa, val } = event;
  const fits = val <= mask(8 * Math.min(len, 8));
  return page({
    title: `kvm_mmio: ${kind}`,
    rows: [
      ["kind", kind, mmio_kinds[kind]],
      ["len", String(len), `SAS ${Math.log2(len)} of the fault`],
      [
        "gpa",
        hex(gpa),
        `alias bit left out; the realm used ${
          hex(gpa | aliasBit(setting.ipa_bits))
        }`,
      ],
      [
        "val",
        hex(val),
        fits
          ? "the access's bytes; the RMM sign-extends, after this"
          : `more than ${len} bytes: not what KVM prints`,
      ],
    ],
    rules: [alias_rule, {
      rule:
        "user space: unsatisfied-read, kvm_userspace_exit, read at the next KVM_RUN, kvm_entry; in the kernel: unsatisfied-read, read, kvm_entry",
      source: "Linux arch/arm64/kvm/mmio.c io_mem_abort",
    }],
  });
};

const exitText = (
  event: EventOf<"kvm_exit">,
  { profile: { kvm, rmm } }: Setting,
): readonly (readonly string[])[] => {
  const meaning = exitMeaning(kvm, event.code);
  switch (meaning.tag) {
    case "Unreadable":
      return [[event.code, "neither an exception code nor an RMI status"]];
    case "Exception":
      return [[
        event.code,
        `KVM's exception code ${hex(meaning.code)}`,
      ], [
        "HSR_EC",
        event.code === "TRAP"
          ? `class ${hex(event.ec)}, ${event.ec_name}, of the exit's esr`
          : "0 unless TRAP",
      ]];
    case "Rmi": {
      const { status, index } = meaning;
      const after = status === "RMI_SUCCESS"
        ? null
        : afterFailure({ rev: kvm, rmm }, status, index);
      return [
        [
          event.code,
          `not an exception: RMI_REC_ENTER returned ${status} index ${index}`,
        ],
        [
          "then",
          after === null
            ? "any REC exit; an abort shows in the next kvm_guest_fault"
            : `KVM_RUN: ${userExitText(after)}`,
        ],
        ["HSR_EC", "says nothing: a class left over from before"],
      ];
    }
  }
};

const exit = (event: EventOf<"kvm_exit">, setting: Setting): Answer =>
  page({
    title: `kvm_exit, as ${setting.profile.kvm.name} prints it`,
    rows: [...exitText(event, setting), ["PC", "not the realm's"]],
    rules: [pc_rule, {
      rule:
        "a revision with exits of its own hands the RMI status to the tracepoint; one that uses the exits of every VM hands it an exception code",
      source: "Linux arch/arm64/kvm/trace_arm.h, arm.c",
    }],
  });

const userspace = (event: EventOf<"kvm_userspace_exit">): Answer => {
  const shown = userExit(event);
  const mmio_exit = userExitText(shown) === "KVM_EXIT_MMIO";
  return page({
    title: `kvm_userspace_exit: KVM_RUN returns ${userExitText(shown)}`,
    rows: [[
      shown.tag === "Error" ? "errno" : "exit reason",
      String(shown.number),
      shown.tag === "Error"
        ? "exit_reason and run.mmio keep what they were"
        : mmio_exit
        ? "complete only after the next KVM_RUN"
        : "",
    ]],
  });
};

/** Explains one event of KVM in a setting. */
export const explainKernel = (
  event: KvmEvent,
  setting: Setting,
): Answer => {
  switch (event.tag) {
    case "kvm_guest_fault":
      return guestFault(event, setting);
    case "kvm_mmio":
      return mmio(event, setting);
    case "kvm_exit":
      return exit(event, setting);
    case "kvm_mmio_nisv":
      return nisv(event, setting);
    case "kvm_userspace_exit":
      return userspace(event);
    case "kvm_entry":
      return page({
        title: "kvm_entry: KVM is about to enter the REC",
        rows: [["PC", hex(event.pc), "not the realm's"]],
        rules: [pc_rule],
      });
    case "kvm_access_fault":
      return page({
        title:
          "kvm_access_fault: an access flag fault; the page is marked young",
        rows: [["IPA", hex(event.ipa)]],
      });
    case "kvm_hvc_arm64":
      return page({
        title:
          "kvm_hvc_arm64: a PSCI or host call of the realm, shown as an HVC",
        rows: [["r0", hex(event.r0), "the function"], ["imm", hex(event.imm)]],
        rules: [pc_rule],
      });
    case "kvm_wfx_arm64":
      return page({
        title: `kvm_wfx_arm64: a trapped WF${event.kind.toUpperCase()}`,
        rows: [["at", hex(event.pc), "not the realm's"]],
        rules: [pc_rule],
      });
  }
};
