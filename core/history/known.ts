/**
 * What the host knows: the RecRun page, KVM's vCPU, the kvm_run page, the
 * devices. It is worked out from `hostView` alone.
 *
 * @module
 */

import { ipaOfHpfar } from "../arch/address.ts";
import { hex } from "../arch/word.ts";
import type { Device } from "../device/device.ts";
import type { Slot } from "../device/bus.ts";
import type { KvmRunPage, Vcpu } from "../host/state.ts";
import type { HostView } from "../host/view.ts";
import {
  exitName,
  flagNames,
  type RecExit,
  type RecRun,
} from "../rmm/recrun.ts";
import { type Cell, cell, digits, type Group, wordCells } from "./cells.ts";
import { syndromeCells } from "./truth.ts";

const isWord = (field: string): field is Exclude<
  keyof RecExit,
  "gprs" | "gicv3_lrs"
> => field !== "gprs" && field !== "gicv3_lrs" && field !== "exit_reason";

/** Every field of an exit that is not zero; zeros tell nothing. */
const exitCells = (exit: RecExit): readonly Cell[] => [
  cell("", exitName(exit.exit_reason)),
  ...Object.keys(exit).filter(isWord).flatMap((name) =>
    exit[name] === 0n ? [] : [cell(name, digits(exit[name]))]
  ),
  ...(exit.hpfar === 0n ? [] : [cell("ipa", hex(ipaOfHpfar(exit.hpfar)))]),
  ...wordCells((n) => `gprs[${n}]`, exit.gprs),
  ...wordCells((n) => `lr[${n}]`, exit.gicv3_lrs),
];

const pageGroups = (
  { enter, exit }: RecRun,
  { last_exit }: Vcpu,
): readonly Group[] => [
  {
    title: "enter",
    cells: [
      cell("flags", flagNames(enter.flags)),
      ...wordCells((n) => `gprs[${n}]`, enter.gprs),
      ...wordCells((n) => `lr[${n}]`, enter.gicv3_lrs),
    ],
  },
  {
    title: "exit",
    cells: last_exit === null ? [cell("", "none yet")] : exitCells(exit),
  },
];

const bytes = (data: readonly number[]): string =>
  data.map((byte) => byte.toString(16).padStart(2, "0")).join("");

const runCells = (run: KvmRunPage): readonly Cell[] => {
  const { mmio, memory_fault, arm_nisv } = run;
  const access = mmio.len === 0 ? [] : [
    cell("mmio", `${mmio.is_write ? "write" : "read"} ${mmio.len}`),
    cell("at", hex(mmio.phys_addr)),
    cell("data", bytes(mmio.data)),
  ];
  const fault = memory_fault.size === 0n ? [] : [
    cell(
      "memory_fault",
      `${hex(memory_fault.gpa)}+${hex(memory_fault.size)} ${
        memory_fault.is_private ? "private" : "shared"
      }`,
    ),
  ];
  const nisv = arm_nisv.fault_ipa === 0n ? [] : [
    cell("esr_iss", digits(arm_nisv.esr_iss)),
    cell("fault_ipa", digits(arm_nisv.fault_ipa)),
  ];
  return [cell("", run.exit_reason), ...access, ...fault, ...nisv];
};

const vcpuCells = (vcpu: Vcpu): readonly Cell[] => [
  cell("at", vcpu.at),
  cell("ret", vcpu.ret),
  cell("rmi", `${vcpu.rmi.status} ${vcpu.rmi.index}`),
  ...(vcpu.owed === null ? [] : [cell("owes", vcpu.owed)]),
  ...([
    "mmio_needed",
    "increment_pc",
    "vserror_pending",
    "rmi_request",
  ] as const)
    .flatMap((name) => vcpu[name] ? [cell(name, "")] : []),
  ...(vcpu.pending_exception === null
    ? []
    : [cell("pending", vcpu.pending_exception.type)]),
  ...(vcpu.warns === 0 ? [] : [cell("WARN_ON", String(vcpu.warns))]),
];

const deviceCells = (device: Device): readonly Cell[] => {
  if (device.tag === "TestDevice") {
    const { rows, log } = device.state;
    const used = rows.flat().filter((byte) => byte !== 0).length;
    return [
      cell("bytes", String(used)),
      ...(log === null ? [] : [cell("log", String(log.length))]),
    ];
  }
  return Object.entries(device.state).flatMap(([name, value]) => {
    if (typeof value === "number") {
      return value === 0 ? [] : [cell(name, value.toString(16))];
    }
    if (typeof value === "boolean") return value ? [cell(name, "")] : [];
    const list = value as readonly number[];
    return list.length === 0 ? [] : [cell(name, bytes(list))];
  });
};

const deviceGroup = ({ base, placement, device }: Slot): Group => ({
  title: device.tag,
  cells: [
    cell("at", hex(base)),
    cell(placement, ""),
    ...deviceCells(device),
  ],
});

const realmGroup = ({ realm }: HostView, rec: number): Group => {
  const own = realm.recs[rec];
  const request = own?.ripas_request ?? null;
  const ripas = realm.stage2.map(({ base, top, ripas, assigned }) =>
    cell(
      `${hex(base)}..${hex(top)}`,
      `${ripas}${assigned ? "" : " unassigned"}`,
    )
  );
  return {
    title: "realm",
    cells: [
      cell("", realm.state),
      ...(["running", "runnable", "psci_pending", "host_call_pending"] as const)
        .flatMap((name) => own?.[name] ? [cell(name, "")] : []),
      ...(request === null ? [] : [
        cell(
          "asks RIPAS",
          `${request.ripas} ${hex(request.addr)}..${hex(request.top)}`,
        ),
      ]),
      ...ripas,
    ],
  };
};

/** What the host knows of REC `rec`, and what it keeps for itself. */
export const known = (view: HostView, rec: number): readonly Group[] => {
  const page = view.runs[rec];
  const vcpu = view.host.vcpus[rec];
  if (page === undefined || vcpu === undefined) return [];
  return [
    ...pageGroups(page, vcpu),
    { title: "vcpu", cells: vcpuCells(vcpu) },
    { title: "kvm_run", cells: runCells(vcpu.run) },
    ...view.bus.slots.map(deviceGroup),
    { title: "fault", cells: syndromeCells(vcpu.fault) },
    {
      title: "KVM's copy",
      cells: [
        cell("pc", digits(vcpu.pc)),
        ...wordCells((n) => `x${n}`, vcpu.regs),
      ],
    },
    realmGroup(view, rec),
  ];
};
