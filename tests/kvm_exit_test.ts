import { assertEquals } from "@std/assert";
import { esr as makeEsr } from "../core/arch/esr.ts";
import { recEnterSync, recReturned } from "../core/host/entry.ts";
import { recExit } from "../core/host/exit.ts";
import { put, take } from "../core/host/kvm.ts";
import {
  type KvmRevision,
  revisions,
  rfcV1,
  sync,
} from "../core/host/revision.ts";
import { kvmRun } from "../core/host/run.ts";
import type { RmiStatus, Vcpu } from "../core/host/state.ts";
import { vmmHandle } from "../core/host/vmm.ts";
import { EXIT, zero_exit } from "../core/rmm/recrun.ts";
import { created } from "../core/rmm/state.ts";
import type { World } from "../core/world.ts";
import {
  aborts,
  alias,
  device_ipa,
  exits,
  running,
  taken,
  vcpu0,
  withVcpu0,
} from "./kvm_world.ts";

/** How a vCPU came out of an exit handler, in one line. */
const outcome = (vcpu: Vcpu): string =>
  vcpu.at === "enter"
    ? "enter"
    : `${vcpu.ret} ${vcpu.run.exit_reason.replace("KVM_EXIT_", "")}`;

const after = (world: World): Vcpu => vcpu0(taken(recExit(world, 0)));

const gprs = (...values: readonly bigint[]): readonly bigint[] =>
  zero_exit.gprs.map((zero, n) => values[n] ?? zero);

const ones = 0xffff_ffff_ffff_ffffn;

Deno.test("recExit() turns every RMI error into what the revision makes of it", () => {
  const statuses: readonly (readonly [RmiStatus, number])[] = [
    ["RMI_ERROR_INPUT", 0],
    ["RMI_ERROR_REALM", 0],
    ["RMI_ERROR_REALM", 1],
    ["RMI_ERROR_REC", 0],
    ["RMI_ERROR_RTT", 2],
  ];
  const rows = [rfcV1, sync].flatMap((rev) =>
    statuses.map(([status, index]) => {
      const world = recReturned(running({ rev }), 0, status, index);
      const next = taken(recExit(world, 0));
      const dead = next.host.vm.dead ? " dead" : "";
      return `${rev.name} ${status} ${index}: ${outcome(vcpu0(next))}${dead}`;
    })
  );
  assertEquals(rows, [
    "rfc-v1 RMI_ERROR_INPUT 0: -ENXIO UNKNOWN",
    "rfc-v1 RMI_ERROR_REALM 0: -ENXIO UNKNOWN",
    "rfc-v1 RMI_ERROR_REALM 1: 0 UNKNOWN",
    "rfc-v1 RMI_ERROR_REC 0: -ENXIO UNKNOWN",
    "rfc-v1 RMI_ERROR_RTT 2: -ENXIO UNKNOWN",
    "sync RMI_ERROR_INPUT 0: 0 INTERNAL_ERROR dead",
    "sync RMI_ERROR_REALM 0: 0 SHUTDOWN",
    "sync RMI_ERROR_REALM 1: 0 SHUTDOWN",
    "sync RMI_ERROR_REC 0: -EAGAIN UNKNOWN",
    "sync RMI_ERROR_RTT 2: 0 INTERNAL_ERROR dead",
  ]);
});

Deno.test("recExit() dispatches every synchronous class and exit reason as the revision's table does", () => {
  const sync_exit = (EC: number): ReturnType<typeof makeEsr> =>
    makeEsr({ EC, FSC: 0x07 });
  const exit_of: Readonly<Record<string, Partial<typeof zero_exit>>> = {
    wfx: { esr: sync_exit(0x01) },
    "unknown class": { esr: 0n },
    iabt: { esr: sync_exit(0x20), hpfar: (device_ipa - alias) >> 8n },
    "iabt in RAM": { esr: sync_exit(0x20), hpfar: 0x4000_0000n >> 8n },
    irq: { exit_reason: EXIT.IRQ },
    fiq: { exit_reason: EXIT.FIQ },
    serror: { exit_reason: EXIT.SERROR, esr: sync_exit(0x2f) },
    "reason 7": { exit_reason: 7n },
  };
  const table = (rev: KvmRevision): readonly string[] =>
    Object.entries(exit_of).map(([name, exit]) => {
      const next = taken(recExit(exits(running({ rev }), exit), 0));
      const dead = next.host.vm.dead ? " dead" : "";
      return `${name}: ${outcome(vcpu0(next))}${dead}`;
    });
  assertEquals(table(rfcV1), [
    "wfx: -ENXIO UNKNOWN",
    "unknown class: -ENXIO UNKNOWN",
    "iabt: -ENXIO UNKNOWN",
    "iabt in RAM: -ENXIO UNKNOWN",
    "irq: enter",
    "fiq: enter",
    "serror: 0 INTERNAL_ERROR",
    "reason 7: 0 INTERNAL_ERROR",
  ]);
  assertEquals(table(sync), [
    "wfx: enter",
    "unknown class: -EIO UNKNOWN dead",
    "iabt: enter",
    "iabt in RAM: -EFAULT MEMORY_FAULT",
    "irq: enter",
    "fiq: enter",
    "serror: enter",
    "reason 7: 0 INTERNAL_ERROR dead",
  ]);
});

Deno.test("recExit() asks for an SEA after an instruction abort that no slot backs, and leaves an SError in VSE (D8b, D24)", () => {
  const iabt = exits(running(), {
    esr: makeEsr({ EC: 0x20, FSC: 0x07 }),
    hpfar: (device_ipa - alias) >> 8n,
  });
  assertEquals(after(iabt).pending_exception, {
    type: "EL1_SYNC",
    esr_el1: makeEsr({ EC: 0x21, IL: 1, FSC: 0x10 }),
    far_el1: 0n,
  });
  const serror = exits(running(), { exit_reason: EXIT.SERROR });
  assertEquals(after(serror).vserror_pending, true);
  assertEquals(after(serror).pending_exception, null);
});

Deno.test("recExit() reads ICC registers as zero, ignores writes, and hands the value over in the revision's GPRS entry", () => {
  const access = (is_read: boolean, rt: number): bigint =>
    makeEsr({ EC: 0x18 }) | (BigInt(rt) << 5n) | (is_read ? 1n : 0n);
  for (const [rev, index] of [[rfcV1, 0], [sync, 7]] as const) {
    const regs = Array.from({ length: 31 }, () => 0x5aa5n);
    const fresh = running({ rev, vcpu: { regs } });
    const old = regs.map(() => 0x77n);
    const page = take(fresh, 0);
    const enter = { ...page.enter, gprs: old };
    const world = put(fresh, 0, { ...page, enter });
    const read = taken(recExit(exits(world, { esr: access(true, 7) }), 0));
    assertEquals(vcpu0(read).at, "enter");
    assertEquals(vcpu0(read).regs[7], 0n);
    const entering = take(recEnterSync(read, 0), 0);
    assertEquals(entering.enter.gprs, old.with(index, 0n));
    assertEquals(entering.enter.flags, 0n);
    assertEquals(entering.vcpu.rmi_request, false);
    // XZR has no entry to hand a value over in.
    const none = taken(recExit(exits(world, { esr: access(true, 31) }), 0));
    assertEquals(take(recEnterSync(none, 0), 0).enter, take(none, 0).enter);
    const exit = { esr: access(false, 7), gprs: gprs(1n).with(7, 2n) };
    const wrote = after(exits(world, exit));
    assertEquals(wrote.at, "enter");
    assertEquals(wrote.regs[7], rev.sysreg === "gprs0" ? 1n : 2n);
  }
});

Deno.test("recExit() answers a host call as KVM answers an SMCCC call, at the handler or at the next entry", () => {
  const call = gprs(0xc600_0001n, 1n, 2n, 3n, 4n);
  for (const rev of [rfcV1, sync]) {
    const exit = { exit_reason: EXIT.HOST_CALL, gprs: call };
    const world = taken(recExit(exits(running({ rev }), exit), 0));
    assertEquals(vcpu0(world).regs, gprs(ones, 0n, 0n, 0n, 4n));
    const early = take(world, 0).enter.gprs;
    assertEquals(early[0], rev.gprsAt === "handler" ? ones : 0n);
    const late = take(recEnterSync(world, 0), 0).enter.gprs;
    assertEquals(late, vcpu0(world).regs);
  }
  const version = { exit_reason: EXIT.HOST_CALL, gprs: gprs(0x8000_0000n) };
  assertEquals(after(exits(running(), version)).regs[0], 0x1_0001n);
});

const psci = (world: World, ...call: readonly bigint[]): World =>
  exits(world, { exit_reason: EXIT.PSCI, gprs: gprs(...call) });

/** A realm whose REC 0 waits in the RMM for the answer to this PSCI call. */
const calling = (
  rev: KvmRevision,
  ...call: readonly [bigint, ...bigint[]]
): World => {
  const world = running({ rev, recs: 2 });
  const [caller, ...others] = world.realm.recs;
  const x = gprs(...call, 0x4000_1000n, 0x77n);
  const recs = [{ ...caller, x }, ...others] as typeof world.realm.recs;
  const states = world.rmm.recs.with(0, {
    ...created,
    running: true,
    psci_pending: true,
  });
  const pending = {
    ...world,
    realm: { ...world.realm, recs },
    rmm: { ...world.rmm, recs: states },
  };
  return psci(pending, ...call);
};

Deno.test("recExit() stops every vCPU at SYSTEM_OFF and SYSTEM_RESET, and vmmHandle() halts", () => {
  for (
    const [fid, event, halt] of [
      [0x8400_0008n, "SHUTDOWN", "SystemOff"],
      [0x8400_0009n, "RESET", "SystemReset"],
    ] as const
  ) {
    const world = taken(recExit(psci(running({ recs: 2 }), fid), 0));
    assertEquals(outcome(vcpu0(world)), "0 SYSTEM_EVENT");
    assertEquals(vcpu0(world).run.system_event, event);
    assertEquals(world.host.vcpus.map((vcpu) => vcpu.stopped), [true, true]);
    assertEquals(world.host.vcpus.map((vcpu) => vcpu.owed), [
      "VmmHandle",
      "Nothing",
    ]);
    const halted = vmmHandle(world, 0);
    if (halted.tag === "Refused") throw new Error(halted.why.tag);
    assertEquals(halted.asks, [{ tag: "Halt", why: { tag: halt } }]);
    assertEquals(vcpu0(halted.world).owed, "Nothing");
    assertEquals(kvmRun(halted.world, 0, false).tag, "Refused");
  }
});

Deno.test("recExit() powers the target on at CPU_ON and completes the call with the RMM", () => {
  for (const rev of revisions) {
    const world = taken(recExit(calling(rev, 0xc400_0003n, 1n), 0));
    assertEquals(vcpu0(world).at, "enter", rev.name);
    assertEquals(world.host.vcpus[1]?.stopped, false);
    assertEquals(world.host.vcpus[1]?.owed, null);
    assertEquals(world.rmm.recs[1]?.runnable, true);
    assertEquals(world.rmm.recs[0]?.psci_pending, false);
    assertEquals(world.realm.recs[0]?.x.slice(0, 4), [0n, 0n, 0n, 0n]);
    assertEquals(world.realm.recs[1]?.pc, 0x4000_1000n);
    assertEquals(world.realm.recs[1]?.x[0], 0x77n);
    assertEquals(taken(kvmRun(world, 1, false)).host.vcpus[1]?.at, "enter");
  }
});

Deno.test("recExit() tells AFFINITY_INFO from KVM's own power state and completes it", () => {
  const off = taken(recExit(calling(sync, 0xc400_0004n, 1n), 0));
  assertEquals(vcpu0(off).regs[0], 1n);
  assertEquals(off.realm.recs[0]?.x[0], 1n);
  assertEquals(off.rmm.recs[0]?.psci_pending, false);
});

Deno.test("recExit() answers a host call with a PSCI function by KVM's power state, without the RMM", () => {
  const rows = [
    [0x8400_0003n, 1n], // CPU_ON of a vCPU that is off
    [0x8400_0003n, 0n], // of the caller, which is on
    [0xc400_0003n, 7n], // of nobody
    [0x8400_0004n, 0n], // AFFINITY_INFO: on
    [0x8400_0004n, 1n], // off
    [0xc400_0004n, 1n << 31n | 1n], // bits outside the affinity fields
    [0xc400_0004n, 2n], // of nobody
    [0x8400_0001n, 0n], // CPU_SUSPEND
    [0x8400_0000n, 0n], // not answered here
  ].map((call) => {
    const world = running({ recs: 2 });
    const exit = { exit_reason: EXIT.HOST_CALL, gprs: gprs(...call) };
    const next = taken(recExit(exits(world, exit), 0));
    assertEquals(next.rmm, { ...world.rmm, recs: next.rmm.recs });
    assertEquals(next.rmm.recs.map((rec) => rec.runnable), [true, false]);
    return BigInt.asIntN(64, vcpu0(next).regs[0] ?? 99n);
  });
  assertEquals(rows, [0n, -4n, -2n, 0n, 1n, 1n, -2n, 0n, -1n]);
});

Deno.test("recExit() fails with -ENXIO when RMI_PSCI_COMPLETE does", () => {
  const world = psci(running({ recs: 2 }), 0xc400_0003n, 1n);
  assertEquals(outcome(after(world)), "-ENXIO UNKNOWN");
});

Deno.test("recExit() parks a vCPU at CPU_OFF and goes on at CPU_SUSPEND", () => {
  const off = taken(recExit(psci(running(), 0x8400_0002n), 0));
  assertEquals(vcpu0(off).owed, "PowerOn");
  assertEquals(vcpu0(off).stopped, true);
  assertEquals(kvmRun(off, 0, false).tag, "Refused");
  assertEquals(after(psci(running(), 0xc400_0001n)).at, "enter");
});

const ram = { base: 0x4000_0000n, top: 0x4060_0000n };

/** A realm that asks for RAM to become empty, and the exit that shows it. */
const asksEmpty = (rev: KvmRevision, base = ram.base, top = ram.top): World => {
  const world = running({ rev });
  const recs = [
    {
      ...created,
      ripas_request: {
        base,
        top,
        addr: base,
        ripas: "empty",
        change_destroyed: false,
      },
    } as const,
  ];
  return exits({ ...world, rmm: { ...world.rmm, recs } }, {
    exit_reason: EXIT.RIPAS_CHANGE,
    ripas_base: base,
    ripas_top: top,
    ripas_value: 0n,
  });
};

Deno.test("recExit() shows a RIPAS change to the VMM and kvmRun() carries it out", () => {
  const shown = taken(recExit(asksEmpty(sync), 0));
  assertEquals(outcome(vcpu0(shown)), "-EFAULT MEMORY_FAULT");
  assertEquals(vcpu0(shown).run.memory_fault, {
    gpa: ram.base,
    size: ram.top - ram.base,
    is_private: false,
  });
  const agreed = taken(vmmHandle(shown, 0));
  assertEquals(vcpu0(agreed).owed, null);
  const done = taken(kvmRun(agreed, 0, false));
  assertEquals(vcpu0(done).at, "enter");
  assertEquals(done.rmm.recs[0]?.ripas_request?.addr, ram.top);
  assertEquals(vcpu0(done).rmi_request, false);
  assertEquals(take(done, 0).exit.ripas_base, ram.top);
  const emptied = done.rmm.stage2.filter((extent) =>
    extent.ripas === "ram" && extent.base < ram.top
  );
  assertEquals(emptied, []);
});

Deno.test("kvmRun() with immediate_exit leaves a RIPAS change for the next KVM_RUN", () => {
  const agreed = taken(vmmHandle(taken(recExit(asksEmpty(sync), 0)), 0));
  const interrupted = taken(kvmRun(agreed, 0, true));
  assertEquals(vcpu0(interrupted).ret, "-EINTR");
  assertEquals(interrupted.rmm, agreed.rmm);
  const done = taken(kvmRun(interrupted, 0, false));
  assertEquals(done.rmm.recs[0]?.ripas_request?.addr, ram.top);
});

Deno.test("kvmRun() asks again about a RIPAS change the VMM has not acted on, where the revision checks", () => {
  const shown = taken(recExit(asksEmpty(sync), 0));
  // An interruption in between changes nothing about it.
  for (const world of [shown, taken(kvmRun(shown, 0, true))]) {
    const again = taken(kvmRun(world, 0, false));
    assertEquals(outcome(vcpu0(again)), "-EFAULT MEMORY_FAULT");
    assertEquals(vcpu0(again).run.memory_fault, vcpu0(shown).run.memory_fault);
    assertEquals(vcpu0(again).owed, "VmmHandle");
    assertEquals(again.rmm, shown.rmm);
    const done = taken(kvmRun(taken(vmmHandle(again, 0)), 0, false));
    assertEquals(done.rmm.recs[0]?.ripas_request?.addr, ram.top);
  }
  const unchecked = { ...sync, ripas: "user" } as const;
  const world = taken(recExit(asksEmpty(unchecked), 0));
  assertEquals(vcpu0(taken(kvmRun(world, 0, false))).at, "enter");
});

Deno.test("vmmHandle() takes a late KVM_EXIT_SHUTDOWN for the end of the VM, and an early one for an error", () => {
  const failed = recReturned(running(), 0, "RMI_ERROR_REALM", 1);
  const tags = [true, false].map((stopped) => {
    const world = taken(recExit(withVcpu0(failed, { stopped }), 0));
    const step = vmmHandle(world, 0);
    if (step.tag === "Refused") throw new Error(step.why.tag);
    return step.asks.map((ask) => ask.tag === "Halt" && ask.why.tag);
  });
  assertEquals(tags, [["SystemOff"], ["HostError"]]);
});

Deno.test("recExit() of rfc-v1 carries a RIPAS change out by itself", () => {
  const done = taken(recExit(asksEmpty(rfcV1), 0));
  assertEquals(vcpu0(done).at, "enter");
  assertEquals(done.rmm.recs[0]?.ripas_request?.addr, ram.top);
});

Deno.test("kvmRun() stops a RIPAS change where the RMM does and enters with what is done", () => {
  const shown = taken(recExit(asksEmpty(sync), 0));
  const [rec] = shown.rmm.recs;
  if (rec === undefined) throw new Error("no REC");
  // The RMM has forgotten the request: nothing can be done.
  const recs = [{ ...rec, ripas_request: null }];
  const lost = { ...shown, rmm: { ...shown.rmm, recs } };
  const done = taken(kvmRun(taken(vmmHandle(lost, 0)), 0, false));
  assertEquals(vcpu0(done).at, "enter");
  assertEquals(take(done, 0).exit.ripas_base, ram.base);
  assertEquals(done.rmm.stage2, lost.rmm.stage2);
});

Deno.test("vmmHandle() gives up on RAM that no memory slot backs", () => {
  const end = 0x4800_0000n;
  for (
    const [base, top, ripas_value, asks] of [
      [end, end + 0x1000n, 0n, 0],
      [end, end + 0x1000n, 1n, 1],
      [end - 0x1000n, end, 1n, 0],
      [end - 0x1000n, end + 0x1000n, 1n, 1],
      [ram.base - 0x1000n, end, 1n, 1],
      [ram.base, end, 1n, 0],
    ] as const
  ) {
    const world = asksEmpty(sync, base, top);
    const { exit } = take(world, 0);
    const asked = put(world, 0, {
      ...take(world, 0),
      exit: { ...exit, ripas_value },
    });
    const step = vmmHandle(taken(recExit(asked, 0)), 0);
    if (step.tag === "Refused") throw new Error(step.why.tag);
    assertEquals(step.asks.length, asks);
  }
});

Deno.test("recExit() parks a vCPU that another one's SYSTEM_OFF stopped, and fails on a dead VM", () => {
  const irq = exits(running(), { exit_reason: EXIT.IRQ });
  const stopped = after(withVcpu0(irq, { stopped: true }));
  assertEquals([stopped.at, stopped.owed], ["user", "PowerOn"]);
  const vm = { ...irq.host.vm, dead: true };
  const dead = after({ ...irq, host: { ...irq.host, vm } });
  assertEquals([dead.at, dead.ret], ["user", "-EIO"]);
});

Deno.test("recExit() rejects a RIPAS change outside the Protected half", () => {
  for (
    const [base, top, shown] of [
      [alias, alias + 0x1000n, "-EINVAL UNKNOWN"],
      [alias - 0x1000n, alias + 0x1000n, "-EINVAL UNKNOWN"],
      [ram.base, ram.base, "-EINVAL UNKNOWN"],
      [alias - 0x1000n, alias, "-EFAULT MEMORY_FAULT"],
    ] as const
  ) {
    const world = taken(recExit(asksEmpty(sync, base, top), 0));
    assertEquals(outcome(vcpu0(world)), shown);
    const rejected = shown.startsWith("-EINVAL") ? 1n << 4n : 0n;
    assertEquals(take(world, 0).enter.flags, rejected);
  }
});

Deno.test("recExit() takes an access to RAM's alias to the VMM, which does not share memory", () => {
  const esr = makeEsr({ EC: 0x24, ISV: 1, SAS: 2, FSC: 0x07 });
  const world = taken(recExit(aborts(running(), esr, alias | ram.base), 0));
  assertEquals(outcome(vcpu0(world)), "-EFAULT MEMORY_FAULT");
  const step = vmmHandle(world, 0);
  if (step.tag === "Refused") throw new Error(step.why.tag);
  assertEquals(step.asks.map((ask) => ask.tag), ["Halt"]);
});
