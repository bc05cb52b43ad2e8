/**
 * What a VMM can do after an abort and what each revision makes of it: the
 * ten rows of kvm.md §3's sequence matrix, and the rows of the table they run on.
 *
 * @module
 */

import { assert, assertEquals } from "@std/assert";
import { hpfarOfIpa } from "../core/arch/address.ts";
import { esr } from "../core/arch/esr.ts";
import { boot } from "../core/boot.ts";
import { virt } from "../core/device/board.ts";
import { provenance } from "../core/host/provenance.ts";
import {
  type KvmRevision,
  plain_revisions,
  revisions,
  rfcV1,
  sync,
  v10,
  v14,
  v2,
  v6,
} from "../core/host/revision.ts";
import { rmm_1_0, rmm_2_0 } from "../core/rmm/profile.ts";
import { FLAG } from "../core/rmm/recrun.ts";
import { step } from "../core/step.ts";
import type { Event, Step, World } from "../core/world.ts";
import { running, vcpu0 } from "./kvm_world.ts";

const device = 0x80_0900_0018n;
const protectedHole = 0x4010_0000n;
const junk = 0xffff_ffffn;

const worldOf = (kvm: KvmRevision): World => {
  const rmm = kvm.sysreg === "gprs0" ? rmm_1_0 : rmm_2_0;
  const booted = boot({
    board: virt,
    rmm,
    kvm,
    devices: "user",
    ipa_bits: 40,
    recs: 1,
    image: null,
  });
  if (booted.tag === "Refused") throw new Error(booted.what);
  return booted.world;
};

const kvmRun = (immediate_exit = false): Event => ({
  tag: "KvmRun",
  rec: 0,
  immediate_exit,
});
const enter: Event = { tag: "RecEnter", rec: 0 };
const exit: Event = { tag: "RecExit", rec: 0 };
const complete = (data: bigint): Event => ({
  tag: "MmioComplete",
  rec: 0,
  data,
});
const abort = (ipa: bigint, ISV: 0 | 1): Event => ({
  tag: "Dabt",
  rec: 0,
  esr: esr({ EC: 0x24, IL: 1, ISV, SAS: ISV * 2, SRT: ISV * 3, FSC: 7 }),
  far: ipa & 0xfffn,
  hpfar: hpfarOfIpa(ipa),
});
const events = (ext_dabt_pending: boolean, serror_pending = false): Event => ({
  tag: "SetVcpuEvents",
  rec: 0,
  ext_dabt_pending,
  serror_pending,
});
const setX0 = (value: bigint): Event => ({
  tag: "SetOneReg",
  rec: 0,
  n: 0,
  value,
});

const taken = (world: World, ...all: readonly Event[]): World =>
  all.reduce((now, event) => {
    const done = step(now, event);
    if (done.tag === "Refused") throw new Error(JSON.stringify(done.why));
    return done.world;
  }, world);

/** A load of X3 from a device is open in user space; an older value lies in enter.gprs[0]. */
const asked = (kvm: KvmRevision): World => {
  const first = taken(
    worldOf(kvm),
    kvmRun(),
    enter,
    abort(device, 1),
    exit,
    complete(0x11n),
    kvmRun(),
    enter,
  );
  return taken(first, abort(device, 1), exit);
};

const start = 0x4000_0000n;

/** What the entry at hand made of the REC: what it loaded, or that it runs again, or an SEA. */
const entered = (world: World): string => {
  const { pc, x, sys } = world.realm.recs[0] ?? {
    pc: 0n,
    x: [],
    sys: { elr_el1: 0n },
  };
  if (pc === start + 8n) return `x3 ${x[3]?.toString(16)}`;
  return pc === start + 4n ? "runs again" : `SEA at +${sys.elr_el1 - start}`;
};

const after = (kvm: KvmRevision, ...all: readonly Event[]): string =>
  entered(taken(asked(kvm), ...all, enter));

const answer = (result: Step): string => {
  if (result.tag === "Stepped") return "accepted";
  const { why } = result;
  return why.tag === "Errno" ? why.errno : why.tag;
};

const table = [rfcV1, v2, v6, v10, v14, sync] as const;

/** One row of the matrix: what each revision does, in the order of the table. */
const row = (
  name: string,
  outcome: (kvm: KvmRevision) => string,
  expected: readonly string[],
): void =>
  Deno.test(name, () => {
    assertEquals(table.map(outcome), expected);
  });

const six = (outcome: string): readonly string[] =>
  Array.from({ length: 6 }, () => outcome);

row(
  "sequence 1: an access that is completed and run is loaded by every revision",
  (kvm) => after(kvm, complete(0x90n), kvmRun()),
  six("x3 90"),
);

row(
  "sequence 2: KVM_RUN without an answer completes with the bytes of the last access (D16)",
  (kvm) => after(kvm, kvmRun()),
  six("x3 11"),
);

row(
  "sequence 3: exit_reason overwritten: rfc-v1 skips the load and delivers what lay there, the others run it again (D2)",
  (kvm) =>
    after(
      kvm,
      complete(0x90n),
      {
        tag: "WriteKvmRun",
        rec: 0,
        exit_reason: "KVM_EXIT_UNKNOWN",
        data: null,
      },
      kvmRun(),
    ),
  ["x3 11", ...six("runs again").slice(1)],
);

row(
  "sequence 4: immediate_exit completes and the next KVM_RUN enters with it",
  (kvm) => after(kvm, complete(0x90n), kvmRun(true), kvmRun()),
  six("x3 90"),
);

row(
  "sequence 5: KVM_SET_VCPU_EVENTS on an open access is -EINVAL wherever the flag waits (D4)",
  (kvm) => answer(step(asked(kvm), events(true))),
  ["accepted", ...six("-EINVAL").slice(1)],
);

Deno.test("sequence 5: rfc-v1, if it had that patch, refuses the access with an SEA", () => {
  assertEquals(after(rfcV1, events(true), kvmRun()), "SEA at +4");
});

row(
  "sequence 6: immediate_exit, then KVM_SET_VCPU_EVENTS: accepted after the access was performed (D5)",
  (kvm) => {
    const done = taken(asked(kvm), complete(0x90n), kvmRun(true));
    const result = step(done, events(true));
    if (result.tag === "Refused") return answer(result);
    return `accepted, ${entered(taken(result.world, kvmRun(), enter))}`;
  },
  [...six("accepted, SEA at +4").slice(1), "-EINVAL"],
);

row(
  "sequence 7: an SError for a REC is -EINVAL",
  (kvm) => answer(step(asked(kvm), events(false, true))),
  six("-EINVAL"),
);

row(
  "sequence 8: an Unprotected access without a syndrome is -ENOSYS up to v5, then an SEA (D7)",
  (kvm) => {
    const aborted = abort(device, 0);
    const world = taken(worldOf(kvm), kvmRun(), enter, aborted, exit);
    const { at, ret } = world.host.vcpus[0] ?? { at: "user", ret: "0" };
    return at === "user" ? ret : entered(taken(world, enter));
  },
  ["-ENOSYS", "-ENOSYS", ...six("SEA at +0").slice(2)],
);

/** A realm whose RIPAS says RAM where the VMM has no memory. */
const withoutSlot = (kvm: KvmRevision): World => {
  const world = worldOf(kvm);
  const vm = { ...world.host.vm, slots: [] };
  return { ...world, host: { ...world.host, vm } };
};

row(
  "sequence 9: a Protected access without memory: -ENOSYS, then an SEA the RMM refuses for ever (D8)",
  (kvm) => {
    const aborted = abort(protectedHole, 0);
    const world = taken(withoutSlot(kvm), kvmRun(), enter, aborted, exit);
    const { at, ret } = world.host.vcpus[0] ?? { at: "user", ret: "0" };
    if (at === "user") return ret;
    const first = taken(world, enter, exit);
    const retried = taken(
      first,
      { tag: "VmmHandle", rec: 0 },
      kvmRun(),
      enter,
      exit,
    );
    const rets = [first, retried].map(({ host }) => host.vcpus[0]?.ret);
    assertEquals(retried.runs[0]?.enter.flags, FLAG.INJECT_SEA);
    return rets.join(", ");
  },
  [
    "-ENOSYS",
    "-ENOSYS",
    "-ENXIO, -ENXIO",
    "-ENXIO, -ENXIO",
    "-EAGAIN, -EAGAIN",
    "-EAGAIN, -EAGAIN",
  ],
);

row(
  "sequence 10: KVM_SET_ONE_REG of X0 before the completion is overwritten or ignored",
  (kvm) => after(kvm, complete(0x90n), setX0(junk), kvmRun()),
  six("x3 90"),
);

row(
  "sequence 10: KVM_SET_ONE_REG of X0 after the completion counts where the register is the only store (D20)",
  (kvm) => after(kvm, complete(0x90n), kvmRun(true), setX0(junk), kvmRun()),
  [...six("x3 90").slice(1), "x3 ffffffff"],
);

Deno.test("step() makes KVM_SET_VCPU_EVENTS with nothing pending change nothing", () => {
  const world = asked(sync);
  assertEquals(step(world, events(false)).world, world);
});

Deno.test("step() lets an ext_dabt guard that looks at mmio_needed refuse an open access and nothing else", () => {
  for (const kvm of [v14, sync]) {
    const fixed: KvmRevision = { ...kvm, extDabt: "mmioNeeded" };
    assertEquals(after(fixed, events(true), kvmRun()), "SEA at +4");
    const done = taken(asked(fixed), complete(0x90n), kvmRun(true));
    assertEquals(answer(step(done, events(true))), "-EINVAL");
  }
});

Deno.test("step() with an unguarded ext_dabt of v6 enters with both flags (D6)", () => {
  const loose: KvmRevision = { ...v6, extDabt: "always" };
  const ready = taken(asked(loose), events(true), kvmRun());
  const both = FLAG.EMUL_MMIO | FLAG.INJECT_SEA;
  assertEquals(ready.runs[0]?.enter.flags, both);
});

Deno.test("step() keeps a completed access for the entry after a signal or a failed one, on every revision (D13)", () => {
  const signal: Event = { tag: "Signal", rec: 0 };
  for (const kvm of revisions) {
    const ready = taken(asked(kvm), complete(0x90n), kvmRun());
    const back = taken(ready, signal);
    const { ret, run, owed } = back.host.vcpus[0] ?? {};
    assertEquals([ret, run?.exit_reason, owed], [
      "-EINTR",
      "KVM_EXIT_INTR",
      null,
    ]);
    assertEquals(entered(taken(back, kvmRun(), enter)), "x3 90", kvm.name);
    const failed = taken(
      ready,
      { tag: "FailRecEnter", rec: 0, status: "RMI_ERROR_REC", index: 0 },
      exit,
    );
    assertEquals(failed.host.vcpus[0]?.ret, kvm.errRec, kvm.name);
    const retried = taken(
      failed,
      { tag: "VmmHandle", rec: 0 },
      kvmRun(),
      enter,
    );
    assertEquals(entered(retried), "x3 90", kvm.name);
    assertEquals(retried.realm.recs[0]?.pc, start + 8n);
  }
});

Deno.test("step() accepts KVM_SET_VCPU_EVENTS on the newest tree only after a failed entry, for an access that was performed (D4, D13)", () => {
  const ready = taken(asked(sync), complete(0x90n), kvmRun());
  const failed = taken(
    ready,
    { tag: "FailRecEnter", rec: 0, status: "RMI_ERROR_REC", index: 0 },
    exit,
  );
  assertEquals(answer(step(ready, events(true))), "OutOfTurn");
  const refused = taken(failed, events(true));
  assertEquals(refused.runs[0]?.enter.flags, FLAG.INJECT_SEA);
  assertEquals(entered(taken(refused, kvmRun(), enter)), "SEA at +4");
});

Deno.test("step() gives a plain VM the abort and the SError it is asked for", () => {
  const world = running({
    rev: sync,
    vcpu: {
      is_rec: false,
      at: "user",
      fault: { esr: 0n, far: 0x18n, hpfar: 0n },
    },
  });
  const { pending_exception, vserror_pending } = vcpu0(
    taken(world, events(true, true)),
  );
  assertEquals(pending_exception?.far_el1, 0x18n);
  assertEquals(vserror_pending, true);
  const untouched = vcpu0(taken(world, events(false)));
  assertEquals(untouched, vcpu0(world));
});

Deno.test("step() lets user space read and write KVM's copy of a register, and no other register", () => {
  const world = taken(asked(sync), setX0(0x77n));
  assertEquals(world.host.vcpus[0]?.regs[0], 0x77n);
  const get = (n: number): Step => step(world, { tag: "GetOneReg", rec: 0, n });
  assertEquals(answer(get(30)), "accepted");
  assertEquals(get(30).world, world);
  assertEquals(answer(get(31)), "-EINVAL");
  const set = step(world, { tag: "SetOneReg", rec: 0, n: 31, value: 1n });
  assertEquals(answer(set), "-EINVAL");
  assertEquals(set.world, world);
});

Deno.test("step() lets user space write kvm_run whenever it likes, and only what it names", () => {
  const inside = taken(worldOf(sync), kvmRun(), enter);
  for (const world of [asked(sync), inside]) {
    const before = world.host.vcpus[0]?.run;
    const written = step(world, {
      tag: "WriteKvmRun",
      rec: 0,
      exit_reason: null,
      data: 0x0807_0605_0403_0201n,
    }).world.host.vcpus[0]?.run;
    assertEquals(written?.mmio.data, [1, 2, 3, 4, 5, 6, 7, 8]);
    assertEquals(written?.exit_reason, before?.exit_reason);
  }
  const none = step(inside, {
    tag: "WriteKvmRun",
    rec: 1,
    exit_reason: null,
    data: null,
  });
  assertEquals(none.tag, "Refused");
  assertEquals(none.world, inside);
});

Deno.test("provenance has every row of the table once, with evidence, and claims no cell that is not a switch", () => {
  assertEquals(
    provenance.map(({ row }) => row),
    [...revisions, ...plain_revisions],
  );
  for (const { row, what, evidence, cells } of provenance) {
    assert(what.length > 0 && evidence.length > 0, row.name);
    for (const name of Object.keys(cells)) assert(name in row, name);
  }
});
