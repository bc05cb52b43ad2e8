import { assert, assertEquals } from "@std/assert";
import { esr as makeEsr } from "../core/arch/esr.ts";
import * as Bus from "../core/device/bus.ts";
import { recEntered, recEnterSync, recReturned } from "../core/host/entry.ts";
import { recExit } from "../core/host/exit.ts";
import { put, take, withRun } from "../core/host/kvm.ts";
import {
  direct,
  type KvmRevision,
  plain_revisions,
  revisionNamed,
  revisions,
  rfcV1,
  rfcV1Alone,
  sync,
} from "../core/host/revision.ts";
import { kvmRun } from "../core/host/run.ts";
import { mmioComplete } from "../core/host/vmm.ts";
import { FLAG } from "../core/rmm/recrun.ts";
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

const dabt = (is_write: boolean, parts = {}): bigint =>
  makeEsr({
    EC: 0x24,
    ISV: 1,
    SAS: 2,
    WnR: is_write ? 1 : 0,
    FSC: 0x07,
    ...parts,
  });

const flags = (world: World): bigint => take(world, 0).enter.flags;
const gpr0 = (world: World): bigint => take(world, 0).enter.gprs[0] ?? 0n;

const deviceWord = (world: World): bigint => {
  const read = Bus.readBus(world.bus, Number(device_ipa - alias), 4);
  return read.tag === "Read" ? read.value : -1n;
};

/** KVM handles the abort; what it wants next is the test's business. */
const exited = (rev: KvmRevision, is_write: boolean): World =>
  taken(
    recExit(aborts(running({ rev }), dabt(is_write), device_ipa, 0x41n), 0),
  );

Deno.test("recExit() without the write copy hands the device a stale register (D1)", () => {
  for (const [rev, written] of [[rfcV1Alone, 0n], [rfcV1, 0x41n]] as const) {
    const world = taken(mmioComplete(exited(rev, true), 0, null));
    assertEquals(deviceWord(world), written);
  }
});

Deno.test("recExit() of rfc-v1 alone sets RMI_EMULATED_MMIO before the access is done (D2)", () => {
  for (const rev of revisions) {
    const expected = rev.emulAt === "abort" ? FLAG.EMUL_MMIO : 0n;
    assertEquals(flags(exited(rev, false)), expected, rev.name);
  }
  assertEquals(rfcV1.emulAt, "abort");
});

Deno.test("kvmRun() after user space lost exit_reason enters rfc-v1 with the flag and a stale value, sync without (D2)", () => {
  for (
    const [rev, entered] of [
      [rfcV1, FLAG.EMUL_MMIO],
      [direct, 0n],
      [sync, 0n],
    ] as const
  ) {
    const asked = exited(rev, false);
    const lost = put(
      asked,
      0,
      withRun(take(asked, 0), { exit_reason: "KVM_EXIT_UNKNOWN" }),
    );
    const answered = taken(mmioComplete(lost, 0, 0x1234n));
    const entering = recEnterSync(taken(kvmRun(answered, 0, false)), 0);
    assertEquals(flags(entering), entered, rev.name);
    assertEquals(gpr0(entering), 0n, rev.name);
  }
});

Deno.test("kvmRun() keeps a read's value where the revision's readStore says (D3)", () => {
  const stale = 0x7777n;
  for (
    const [rev, reg, page] of [
      [rfcV1, 0x1234n, 0x1234n],
      [direct, stale, 0x1234n],
      [sync, 0x1234n, 0n],
    ] as const
  ) {
    const asked = exited(rev, false);
    const regs = vcpu0(asked).regs.with(0, stale);
    const answered = taken(
      mmioComplete(withVcpu0(asked, { regs }), 0, 0x1234n),
    );
    const ready = taken(kvmRun(answered, 0, false));
    assertEquals(vcpu0(ready).regs[0], reg, rev.name);
    assertEquals(gpr0(ready), page, rev.name);
    assertEquals(gpr0(recEnterSync(ready, 0)), 0x1234n, rev.name);
  }
});

Deno.test("recEnterSync() sends X0 whichever register the access named (D19)", () => {
  const esr = dabt(false, { SRT: 5 });
  for (const [rev, sent] of [[sync, 0n], [direct, 0x1234n]] as const) {
    const asked = taken(recExit(aborts(running({ rev }), esr, device_ipa), 0));
    const answered = taken(mmioComplete(asked, 0, 0x1234n));
    const entering = recEnterSync(taken(kvmRun(answered, 0, false)), 0);
    assertEquals(gpr0(entering), sent, rev.name);
  }
});

Deno.test("kvmRun() moves KVM's copy of the PC on rfc-v1 alone, when it next returns to user space (D9)", () => {
  for (const [rev, moved] of [[rfcV1, 4n], [direct, 0n], [sync, 0n]] as const) {
    const asked = exited(rev, false);
    const answered = taken(mmioComplete(asked, 0, 0n));
    const begun = taken(kvmRun(answered, 0, false));
    // The REC runs and exits again with another access.
    const inside = recEntered(recEnterSync(begun, 0), 0);
    const again = aborts(inside, dabt(true), device_ipa);
    const back = taken(recExit(again, 0));
    assertEquals(vcpu0(back).pc - vcpu0(asked).pc, moved, rev.name);
  }
});

Deno.test("kvmRun() takes KVM's copy of PC from the last word of the address space to the first", () => {
  const last = withVcpu0(running({ rev: rfcV1 }), {
    at: "user",
    owed: null,
    increment_pc: true,
    pc: 2n ** 64n - 4n,
  });
  assertEquals(vcpu0(taken(kvmRun(last, 0, true))).pc, 0n);
});

Deno.test("recExit() warns when rfc-v1 injects while an advance nobody consumed is pending (D9)", () => {
  const pending = withVcpu0(running({ rev: { ...rfcV1, isv0: "sea" } }), {
    increment_pc: true,
  });
  const esr = makeEsr({ EC: 0x24, FSC: 0x07 });
  const world = taken(recExit(aborts(pending, esr, device_ipa), 0));
  assertEquals(vcpu0(world).warns, 1);
});

Deno.test("recExit() answers an abort without a syndrome as the revision does, and only an SEA reaches the REC (D7)", () => {
  const esr = makeEsr({ EC: 0x24, FSC: 0x07 });
  const answers = [...revisions, ...plain_revisions].map((rev) => {
    const world = taken(recExit(aborts(running({ rev }), esr, device_ipa), 0));
    const vcpu = vcpu0(world);
    const sea = flags(recEnterSync(world, 0)) === FLAG.INJECT_SEA;
    return [rev.name, vcpu.at, vcpu.ret, sea];
  });
  assertEquals(answers, [
    ["sync", "enter", "0", true],
    ["direct", "enter", "0", true],
    ["v14", "enter", "0", true],
    ["v10", "enter", "0", true],
    ["v6", "enter", "0", true],
    ["v2", "user", "-ENOSYS", false],
    ["rfc-v1", "user", "-ENOSYS", false],
    ["rfc-v1-alone", "user", "-ENOSYS", false],
    ["upstream72", "user", "-ENOSYS", false],
  ]);
});

Deno.test("recExit() offers KVM_EXIT_ARM_NISV where the VMM asked for it", () => {
  const esr = makeEsr({ EC: 0x24, CM: 0, WnR: 1, SET: 1, FSC: 0x07 });
  const world = aborts(running({ rev: rfcV1 }), esr, device_ipa + 8n);
  const vm = { ...world.host.vm, nisv_to_user: true };
  const back = vcpu0(
    taken(recExit({ ...world, host: { ...world.host, vm } }, 0)),
  );
  assertEquals(back.run.exit_reason, "KVM_EXIT_ARM_NISV");
  assertEquals(back.run.arm_nisv, {
    esr_iss: 0x47n,
    fault_ipa: device_ipa - alias + 8n,
  });
});

Deno.test("recEnterSync() puts a pending exception before a completed access, and keeps the signal for later", () => {
  const world = withVcpu0(running(), {
    at: "enter",
    increment_pc: true,
    pending_exception: { type: "EL1_SERR", esr_el1: 0n, far_el1: 0n },
  });
  const esr = dabt(false);
  const ready = withVcpu0(aborts(world, esr, device_ipa), { at: "enter" });
  const entering = recEnterSync(ready, 0);
  assertEquals(flags(entering), FLAG.INJECT_SEA);
  assertEquals(vcpu0(entering).pending_exception, null);
  assertEquals(vcpu0(entering).increment_pc, true);
});

Deno.test("recExit() warns when it advances past an exception that is pending", () => {
  const pending_exception = {
    type: "EL1_SYNC",
    esr_el1: 0n,
    far_el1: 0n,
  } as const;
  const skipped = aborts(running(), dabt(true, { CM: 1 }), device_ipa);
  const warned = withVcpu0(skipped, { pending_exception });
  assertEquals(vcpu0(taken(recExit(skipped, 0))).warns, 0);
  assertEquals(vcpu0(taken(recExit(warned, 0))).warns, 1);
});

Deno.test("recReturned() takes a GPRS entry over for a trapped register write only", () => {
  const gprs = vcpu0(running()).regs.map((_, n) => BigInt(n + 1));
  const regsAfter = (esr: bigint, exit_reason = 0n): readonly bigint[] =>
    vcpu0(exits(running(), { exit_reason, esr, gprs })).regs;
  const none = vcpu0(running()).regs;
  const write = makeEsr({ EC: 0x18 }) | 3n << 5n;
  assertEquals(regsAfter(write), none.with(3, 4n));
  assertEquals(regsAfter(write, 1n), none);
  // Bit 0 of another class's syndrome is no direction.
  assertEquals(regsAfter(dabt(true, { FSC: 0x06 })), none);
});

Deno.test("recEnterSync() skips cache maintenance without RMI_EMULATED_MMIO", () => {
  const esr = dabt(true, { CM: 1 });
  const world = taken(recExit(aborts(running(), esr, device_ipa), 0));
  assertEquals(vcpu0(world).increment_pc, true);
  const entering = recEnterSync(world, 0);
  assertEquals(flags(entering), 0n);
  assertEquals(vcpu0(entering).increment_pc, false);
});

Deno.test("recReturned() spends the flags of a successful entry only, and rfc-v1 waits for recExit() with it", () => {
  for (const rev of revisions) {
    const page = { ...take(running({ rev }), 0) };
    const flagged = put(running({ rev }), 0, {
      ...page,
      enter: { ...page.enter, flags: FLAG.EMUL_MMIO },
    });
    const failed = recReturned(flagged, 0, "RMI_ERROR_REC", 0);
    assertEquals(flags(failed), FLAG.EMUL_MMIO, rev.name);
    const done = recReturned(flagged, 0, "RMI_SUCCESS", 0);
    const early = rev.clearFlags === "return";
    assertEquals(flags(done), early ? 0n : FLAG.EMUL_MMIO, rev.name);
    // An interrupt is the exit that sets no flag of its own.
    const irq = { ...take(done, 0).exit, exit_reason: 1n };
    const shown = put(done, 0, { ...take(done, 0), exit: irq });
    assertEquals(flags(taken(recExit(shown, 0))), 0n, rev.name);
  }
});

Deno.test("recReturned() and recExit() take the fault IPA from every exit or from a synchronous one only", () => {
  for (const rev of revisions) {
    for (const [exit_reason, name] of [[0n, "SYNC"], [1n, "IRQ"]] as const) {
      const world = exits(running({ rev }), {
        exit_reason,
        esr: dabt(false),
        hpfar: 0x1230n,
      });
      const { hpfar } = vcpu0(taken(recExit(world, 0))).fault;
      const kept = exit_reason === 0n || rev.hpfar === "raw";
      assertEquals(hpfar, kept ? 0x1230n : 0n, `${rev.name} ${name}`);
    }
  }
});

Deno.test("kvmRun() leaves an access uncompleted for the pending exceptions the revision yields to", () => {
  const rows = (["never", "sync", "any"] as const).map((mretYields) =>
    (["EL1_SYNC", "EL1_SERR"] as const).map((type) => {
      const asked = exited({ ...sync, mretYields }, false);
      const pending_exception = { type, esr_el1: 0n, far_el1: 0n };
      const begun = kvmRun(withVcpu0(asked, { pending_exception }), 0, false);
      return vcpu0(taken(begun)).mmio_needed;
    })
  );
  assertEquals(rows, [[false, false], [true, false], [true, true]]);
});

Deno.test("revisionNamed() finds every row, and no two rows share a name", () => {
  const all = [...revisions, ...plain_revisions];
  for (const row of all) assertEquals(revisionNamed(row.name), row);
  assertEquals(new Set(all.map((row) => row.name)).size, all.length);
  assertEquals(revisionNamed("v99"), undefined);
  assertEquals(revisions[0], sync);
});

Deno.test("no function of the host tests a revision's name", async () => {
  const folder = new URL("../core/host/", import.meta.url);
  let files = 0;
  for await (const { name } of Deno.readDir(folder)) {
    const tables = ["revision.ts", "provenance.ts", "switches.ts"];
    if (tables.includes(name) || !name.endsWith(".ts")) continue;
    const text = await Deno.readTextFile(new URL(name, folder));
    for (const row of [...revisions, ...plain_revisions]) {
      assert(!text.includes(`"${row.name}"`), name);
    }
    assert(!/rev\.name|kvm\.name/.test(text), name);
    files += 1;
  }
  assert(10 < files);
});
