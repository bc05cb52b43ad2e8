/**
 * What hardware, KVM, the VMM, the board and a hostile host can do.
 *
 * @module
 */

import { rxRoom } from "../../device/bus.ts";
import { fifo_entries_max } from "../../device/pl011_state.ts";
import { PSCI_RETURN, recOfMpidr } from "../../rmm/psci.ts";
import { FLAG, zero_enter } from "../../rmm/recrun.ts";
import type { Vcpu } from "../../host/state.ts";
import type { World } from "../../world.ts";
import { type Action, when } from "../action.ts";

const hardware: readonly Action[] = [
  when(
    { name: "irq", actor: "hardware", does: "an interrupt for the host" },
    "guest",
    (rec) => ({ tag: "Irq", rec }),
  ),
  when(
    { name: "fiq", actor: "hardware", does: "a secure interrupt" },
    "guest",
    (rec) => ({ tag: "Fiq", rec }),
  ),
  when(
    { name: "serror", actor: "hardware", does: "a contained SError" },
    "guest",
    (rec) => ({ tag: "Serror", rec, esr: 0xbe00_0c11n }),
  ),
];

const kvm: readonly Action[] = [
  when(
    { name: "enter", actor: "kvm", does: "KVM enters the REC" },
    "enter",
    (rec) => ({ tag: "RecEnter", rec }),
  ),
  when(
    { name: "exit", actor: "kvm", does: "KVM handles the exit" },
    "exit",
    (rec) => ({ tag: "RecExit", rec }),
  ),
];

const free = (vcpu: Vcpu): boolean => vcpu.owed === null && !vcpu.stopped;

const owes = (what: Vcpu["owed"]) => (vcpu: Vcpu): boolean =>
  vcpu.owed === what;

const vmm: readonly Action[] = [
  when(
    { name: "run", actor: "vmm", does: "KVM_RUN" },
    "user",
    (rec) => ({ tag: "KvmRun", rec, immediate_exit: false }),
    free,
  ),
  when(
    {
      name: "run-immediate",
      actor: "vmm",
      does: "KVM_RUN, immediate_exit set",
    },
    "user",
    (rec) => ({ tag: "KvmRun", rec, immediate_exit: true }),
    free,
  ),
  when(
    { name: "complete", actor: "vmm", does: "the VMM's device answers" },
    "user",
    (rec) => ({ tag: "MmioComplete", rec, data: null }),
    owes("MmioComplete"),
  ),
  when(
    {
      name: "answer",
      actor: "vmm",
      does: "the VMM answers 0xf...f by itself",
    },
    "user",
    (rec) => ({ tag: "MmioComplete", rec, data: 0xffff_ffff_ffff_ffffn }),
    owes("MmioComplete"),
  ),
  when(
    { name: "ignore", actor: "vmm", does: "KVM_RUN without an answer" },
    "user",
    (rec) => ({ tag: "KvmRun", rec, immediate_exit: false }),
    owes("MmioComplete"),
  ),
  when(
    { name: "handle", actor: "vmm", does: "the VMM acts on another exit" },
    "user",
    (rec) => ({ tag: "VmmHandle", rec }),
    owes("VmmHandle"),
  ),
];

/** Registers a hostile host offers: gprs[0] with its top bit set, and junk. */
const offered = zero_enter.gprs.map((_, n) =>
  0x8bad_8bad_8bad_8b80n + BigInt(n)
);

const hostile = (name: string, does: string, flags: bigint): Action => ({
  name,
  actor: "host",
  does,
  per_rec: true,
  events: (world, rec) =>
    world.host.vcpus[rec] === undefined
      ? null
      : [{ tag: "RmiRecEnter", rec, flags, gprs: offered }],
});

const pendingTarget = (world: World, rec: number): number | null => {
  if (world.rmm.recs[rec]?.psci_pending !== true) return null;
  return recOfMpidr(world.realm.recs[rec]?.x[1] ?? 0n);
};

const psciComplete = (name: string, does: string, status: number): Action => ({
  name,
  actor: "host",
  does,
  per_rec: true,
  events: (world, calling) => {
    const target = pendingTarget(world, calling);
    if (target === null) return null;
    return [{ tag: "RmiPsciComplete", calling, target, status }];
  },
});

const host: readonly Action[] = [
  hostile("rmi-enter", "RMI_REC_ENTER with no flag", 0n),
  hostile("rmi-emul", "RMI_REC_ENTER with EMUL_MMIO", FLAG.EMUL_MMIO),
  hostile("rmi-sea", "RMI_REC_ENTER with INJECT_SEA", FLAG.INJECT_SEA),
  hostile(
    "rmi-both",
    "RMI_REC_ENTER with both flags",
    FLAG.EMUL_MMIO | FLAG.INJECT_SEA,
  ),
  hostile("rmi-wfi", "RMI_REC_ENTER with TRAP_WFI", FLAG.TRAP_WFI),
  psciComplete(
    "psci-grant",
    "RMI_PSCI_COMPLETE, PSCI_SUCCESS",
    PSCI_RETURN.SUCCESS,
  ),
  psciComplete("psci-deny", "RMI_PSCI_COMPLETE, DENIED", PSCI_RETURN.DENIED),
  {
    name: "set-ripas",
    actor: "host",
    does: "RMI_RTT_SET_RIPAS as the realm asked",
    per_rec: true,
    events: (world, rec) => {
      const request = world.rmm.recs[rec]?.ripas_request ?? null;
      if (request === null || !(request.addr < request.top)) return null;
      const { addr: base, top } = request;
      return [{ tag: "RmiRttSetRipas", rec, base, top }];
    },
  },
];

/** True while the UART's receiver holds something. */
const hasCharacter = (world: World): boolean =>
  world.bus.slots.some(({ device }) =>
    device.tag === "Pl011" && 0 < device.state.rx.length &&
    device.state.rx.length <= fifo_entries_max
  );

const board: readonly Action[] = [
  {
    name: "rx",
    actor: "board",
    does: "a character arrives at an empty UART",
    per_rec: false,
    events: (world) =>
      rxRoom(world.bus) === 0 || hasCharacter(world)
        ? null
        : [{ tag: "UartRx", bytes: [0x80] }],
  },
];

/** Every action of hardware, KVM, the VMM, a hostile host and the board. */
export const host_actions: readonly Action[] = [
  ...hardware,
  ...kvm,
  ...vmm,
  ...host,
  ...board,
];
