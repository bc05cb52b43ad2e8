import { assertEquals, assertStrictEquals } from "@std/assert";
import { esr as makeEsr } from "../core/arch/esr.ts";
import { virt } from "../core/device/board.ts";
import * as Bus from "../core/device/bus.ts";
import { recEnterSync, recReturned } from "../core/host/entry.ts";
import { recExit } from "../core/host/exit.ts";
import { take } from "../core/host/kvm.ts";
import { kvmRun } from "../core/host/run.ts";
import { kvmtool, qemu, type Vmm } from "../core/host/state.ts";
import { mmioComplete, vmmHandle } from "../core/host/vmm.ts";
import type { Step, World } from "../core/world.ts";
import {
  aborts,
  alias,
  device_ipa,
  running,
  taken,
  vcpu0,
  withVcpu0,
} from "./kvm_world.ts";

const uart_ipa = alias | BigInt(virt.uart.base);

const dabt = (is_write: boolean, SAS = 2): bigint =>
  makeEsr({ EC: 0x24, ISV: 1, SAS, WnR: is_write ? 1 : 0, FSC: 0x07 });

/** REC 0 accessed `ipa` and KVM has handled the abort. */
const accessed = (
  world: World,
  is_write: boolean,
  ipa: bigint,
  written = 0n,
  SAS = 2,
): World => taken(recExit(aborts(world, dabt(is_write, SAS), ipa, written), 0));

const asksOf = (step: Step): readonly unknown[] => {
  if (step.tag === "Refused") throw new Error(JSON.stringify(step.why));
  return step.asks;
};

/** What the REC would load: gprs[0] at its next entry. */
const loads = (world: World): bigint => {
  const ready = taken(kvmRun(world, 0, false));
  return take(recEnterSync(ready, 0), 0).enter.gprs[0] ?? 0n;
};

Deno.test("mmioComplete() performs the access on the VMM's device and passes on what it asks for", () => {
  const wrote = accessed(running(), true, uart_ipa, 0x58n);
  const step = mmioComplete(wrote, 0, null);
  assertEquals(asksOf(step), [{ tag: "UartTx", byte: 0x58 }]);
  assertEquals(vcpu0(taken(step)).owed, null);
  const read = accessed(running(), false, uart_ipa + 0x18n);
  assertEquals(loads(taken(mmioComplete(read, 0, null))), 0x90n);
});

Deno.test("recExit() performs the access on a device in the kernel and never exits to user space", () => {
  const world = running({ devices: "kernel" });
  const esr = dabt(true);
  const step = recExit(aborts(world, esr, uart_ipa, 0x58n), 0);
  assertEquals(asksOf(step), [{ tag: "UartTx", byte: 0x58 }]);
  assertEquals(vcpu0(taken(step)).at, "enter");
});

Deno.test("mmioComplete() with data answers a read with it and completes a write without effect", () => {
  const read = accessed(running(), false, device_ipa);
  const answered = taken(mmioComplete(read, 0, 0xfeed_f00d_1234_5678n));
  assertEquals(loads(answered), 0x1234_5678n);
  const wrote = accessed(running(), true, uart_ipa, 0x58n);
  const step = mmioComplete(wrote, 0, 0n);
  assertEquals(asksOf(step), []);
  assertStrictEquals(taken(step).bus, wrote.bus);
  assertEquals(vcpu0(taken(kvmRun(taken(step), 0, false))).at, "enter");
});

Deno.test("mmioComplete() refuses a second answer, and an answer nobody owes, with the same world", () => {
  const asked = accessed(running(), false, device_ipa);
  const once = taken(mmioComplete(asked, 0, 1n));
  const twice = mmioComplete(once, 0, 2n);
  assertEquals(twice.tag === "Refused" && twice.why, {
    tag: "OutOfTurn",
    expected: "KvmRun",
    found: "MmioComplete",
  });
  assertStrictEquals(twice.world, once);
  const failed = taken(
    recExit(recReturned(running(), 0, "RMI_ERROR_REC", 0), 0),
  );
  const third = mmioComplete(failed, 0, null);
  assertEquals(third.tag === "Refused" && third.why.tag, "OutOfTurn");
  assertStrictEquals(third.world, failed);
});

Deno.test("vmmHandle() refuses where an access or nothing is owed, with the same world", () => {
  const asked = accessed(running(), false, device_ipa);
  const refused = vmmHandle(asked, 0);
  assertEquals(refused.tag === "Refused" && refused.why, {
    tag: "OutOfTurn",
    expected: "MmioComplete",
    found: "VmmHandle",
  });
  assertStrictEquals(refused.world, asked);
  const idle = withVcpu0(running(), { at: "user" });
  assertEquals(vmmHandle(idle, 0).tag, "Refused");
});

const nowhere = alias | 0x0c00_0000n;

Deno.test("mmioComplete() of a read that nobody claims reads zero under QEMU and the last access's bytes under kvmtool (D16)", () => {
  for (const [vmm, value] of [[qemu, 0n], [kvmtool, 0x1122_3344n]] as const) {
    const first = accessed(running({ vmm }), false, device_ipa);
    const entered = taken(
      kvmRun(taken(mmioComplete(first, 0, 0x1122_3344n)), 0, false),
    );
    const inside = withVcpu0(recEnterSync(entered, 0), { at: "guest" });
    const second = accessed(inside, false, nowhere);
    const answered = taken(mmioComplete(second, 0, null));
    assertStrictEquals(answered.bus, second.bus);
    assertEquals(loads(answered), value, vmm.name);
  }
});

Deno.test("recExit() leaves an access that runs past a kernel device's end to user space, where nobody has it", () => {
  const world = running({ devices: "kernel" });
  const asked = accessed(world, false, device_ipa + 0xffcn, 0n, 3);
  assertEquals(vcpu0(asked).run.exit_reason, "KVM_EXIT_MMIO");
  const answered = taken(mmioComplete(asked, 0, null));
  assertEquals(loads(answered), 0n);
});

Deno.test("kvmRun() completes an unanswered exit with whatever run.mmio.data holds", () => {
  const asked = accessed(running(), false, device_ipa);
  const { run } = vcpu0(asked);
  const data = [0xdd, 0xcc, 0xbb, 0xaa, 0, 0, 0, 0];
  const left = withVcpu0(asked, {
    run: { ...run, mmio: { ...run.mmio, data } },
  });
  assertEquals(loads(left), 0xaabb_ccddn);
});

/** The bytes a UART write sends when KVM_RUN is interrupted after it. */
const sentTwice = (vmm: Vmm): readonly unknown[] => {
  const asked = accessed(running({ vmm }), true, uart_ipa, 0x58n);
  const first = mmioComplete(asked, 0, null);
  const interrupted = taken(kvmRun(taken(first), 0, true));
  assertEquals(vcpu0(interrupted).ret, "-EINTR");
  assertEquals(vcpu0(interrupted).run.exit_reason, "KVM_EXIT_MMIO");
  // The access itself is complete, whatever the VMM makes of the exit.
  assertEquals(vcpu0(interrupted).mmio_needed, false);
  if (vcpu0(interrupted).owed !== "MmioComplete") return asksOf(first);
  return [...asksOf(first), ...asksOf(mmioComplete(interrupted, 0, null))];
};

Deno.test("kvmRun() with immediate_exit makes a VMM that does not heed the errno do the access again (D15)", () => {
  const byte = { tag: "UartTx", byte: 0x58 };
  assertEquals(sentTwice(qemu), [byte]);
  assertEquals(sentTwice(kvmtool), [byte, byte]);
});

Deno.test("kvmRun() with immediate_exit keeps the completion for the next entry (matrix row 4)", () => {
  const asked = accessed(running(), false, device_ipa);
  const answered = taken(mmioComplete(asked, 0, 0x1234n));
  const interrupted = taken(kvmRun(answered, 0, true));
  assertEquals(vcpu0(interrupted).at, "user");
  assertEquals(vcpu0(interrupted).owed, null);
  const regs = vcpu0(interrupted).regs;
  assertEquals(regs[0], 0x1234n);
  assertEquals(loads(interrupted), 0x1234n);
  // KVM_SET_ONE_REG of X0 in between is what the realm loads (D20).
  assertEquals(
    loads(withVcpu0(interrupted, { regs: regs.with(0, 0x99n) })),
    0x99n,
  );
});

Deno.test("kvmRun() answers -EIO for ever once the VM is dead, and vmmHandle() gives up", () => {
  const dead = taken(
    recExit(recReturned(running(), 0, "RMI_ERROR_INPUT", 0), 0),
  );
  const step = vmmHandle(dead, 0);
  assertEquals(asksOf(step), [{
    tag: "Halt",
    why: {
      tag: "HostError",
      what:
        "KVM_RUN returned 0 with KVM_EXIT_INTERNAL_ERROR after RMI_ERROR_INPUT index 0",
    },
  }]);
  const again = taken(kvmRun(taken(step), 0, false));
  assertEquals(vcpu0(again).ret, "-EIO");
  assertEquals(vcpu0(again).at, "user");
});

Deno.test("vmmHandle() retries -EAGAIN under QEMU and gives up under kvmtool (D26)", () => {
  const tags = [qemu, kvmtool].map((vmm) => {
    const world = recReturned(running({ vmm }), 0, "RMI_ERROR_REC", 0);
    const step = vmmHandle(taken(recExit(world, 0)), 0);
    return [asksOf(step).length, vcpu0(taken(step)).owed];
  });
  assertEquals(tags, [[0, null], [1, "Nothing"]]);
});

Deno.test("vmmHandle() gives up on an exit it cannot complete: a 64-byte access (D25)", () => {
  const esr = makeEsr({ EC: 0x24, ISV: 1, SAS: 3, SF: 1, SET: 2, FSC: 0x07 });
  const world = taken(recExit(aborts(running(), esr, device_ipa), 0));
  assertEquals(vcpu0(world).run.exit_reason, "KVM_EXIT_ARM_LDST64B");
  assertEquals(vcpu0(world).mmio_needed, false);
  const [ask] = asksOf(vmmHandle(world, 0));
  assertEquals(ask, {
    tag: "Halt",
    why: {
      tag: "HostError",
      what: "KVM_RUN returned 0 with KVM_EXIT_ARM_LDST64B",
    },
  });
});

Deno.test("kvmRun() does not complete an access while an exception is pending, and leaves it owed (D6)", () => {
  const asked = accessed(running(), false, device_ipa);
  const pending_exception = {
    type: "EL1_SYNC",
    esr_el1: 0n,
    far_el1: 0n,
  } as const;
  const begun = taken(
    kvmRun(withVcpu0(asked, { pending_exception }), 0, false),
  );
  assertEquals(vcpu0(begun).mmio_needed, true);
  assertEquals(take(recEnterSync(begun, 0), 0).enter.flags, 2n);
});

Deno.test("placementAt() decides who answers: the same access is completed by either", () => {
  const results = (["kernel", "user"] as const).map((devices) => {
    const world = running({ devices });
    const wrote = Bus.writeBus(world.bus, virt.test.base, 8, 0xabcdn);
    if (wrote.tag !== "Written") throw new Error(wrote.tag);
    const asked = accessed({ ...world, bus: wrote.bus }, false, device_ipa);
    const ready = devices === "kernel"
      ? asked
      : taken(kvmRun(taken(mmioComplete(asked, 0, null)), 0, false));
    const { enter } = take(recEnterSync(ready, 0), 0);
    return [enter.flags, enter.gprs[0]];
  });
  assertEquals(results, [[1n, 0xabcdn], [1n, 0xabcdn]]);
});
