import { assertEquals, assertStrictEquals } from "@std/assert";
import { hpfarOfIpa } from "../core/arch/address.ts";
import { esr as makeEsr } from "../core/arch/esr.ts";
import { handleGuestAbort } from "../core/host/abort.ts";
import { type Kvm, take, withVcpu } from "../core/host/kvm.ts";
import { sync } from "../core/host/revision.ts";
import type { MemSlot } from "../core/host/state.ts";
import { faultPage } from "../core/host/syndrome.ts";
import { alias, running } from "./kvm_world.ts";

const device = alias | 0x0b00_0000n;

const faulting = (
  parts: Parameters<typeof makeEsr>[0],
  ipa = device,
  slots: readonly MemSlot[] = [],
): Kvm => {
  const kvm = take(running({ rev: sync }), 0);
  const esr = makeEsr({ EC: 0x24, ...parts });
  const hpfar = (ipa >> 12n) << 4n;
  const fault = { esr, far: 0xffff_0000_0000_0123n, hpfar };
  return { ...withVcpu(kvm, { fault }), vm: { ...kvm.vm, slots } };
};

/** What came of the abort, in one word. */
const outcome = (kvm: Kvm): string => {
  const handled = handleGuestAbort(kvm);
  if (handled.tag === "Access") return "access";
  const { vcpu } = handled.kvm;
  if (handled.ret !== "1") return handled.ret;
  if (vcpu.vserror_pending) return "serror";
  if (vcpu.pending_exception !== null) return "sea";
  return vcpu.increment_pc ? "skip" : "retry";
};

/** Fault status codes by what KVM makes of them where nothing is; any other is -EFAULT. */
const classes: Readonly<Record<string, readonly number[]>> = {
  access: [
    ...[0x04, 0x05, 0x06, 0x07, 0x2b], // translation, levels 0 to 3 and -1
    ...[0x08, 0x09, 0x0a, 0x0b], // access flag
    ...[0x0c, 0x0d, 0x0e, 0x0f], // permission
    0x35, // unsupported exclusive or atomic
  ],
  serror: [
    0x10, // synchronous external abort
    ...[0x13, 0x14, 0x15, 0x16, 0x17], // the same on a walk, levels -1 to 3
    0x18, // parity or ECC error
    ...[0x1b, 0x1c, 0x1d, 0x1e, 0x1f], // the same on a walk
  ],
};

Deno.test("handleGuestAbort() accepts each of the 64 fault status codes as KVM does", () => {
  for (let FSC = 0; FSC < 64; FSC++) {
    const expected = Object.keys(classes).find((name) =>
      classes[name]?.includes(FSC)
    );
    const found = outcome(faulting({ ISV: 1, FSC }));
    assertEquals(found, expected ?? "-EFAULT", `FSC 0x${FSC.toString(16)}`);
  }
});

const slot = (readonly: boolean): MemSlot => ({
  base: 0x0b00_0000n,
  bytes: 0x1000n,
  readonly,
});

Deno.test("handleGuestAbort() tells memory, ROM and nothing apart for every kind of access", () => {
  const kinds = {
    read: { ISV: 1, FSC: 7 },
    write: { ISV: 1, WnR: 1, FSC: 7 },
    "no syndrome": { FSC: 7 },
    "cache maintenance": { CM: 1, WnR: 1, FSC: 7 },
    "table walk": { S1PTW: 1, WnR: 1, FSC: 7 },
    "table walk, permission": { S1PTW: 1, FSC: 0x0f },
    "access flag": { ISV: 1, FSC: 8 },
    fetch: { EC: 0x20, WnR: 1, FSC: 7 },
  };
  const table = Object.entries(kinds).map(([name, parts]) =>
    [[], [slot(true)], [slot(false)]].reduce(
      (line, slots) => `${line} ${outcome(faulting(parts, device, slots))}`,
      `${name}:`,
    )
  );
  // Where nothing is, read-only memory, memory.
  assertEquals(table, [
    "read: access -EFAULT -EFAULT",
    "write: access access -EFAULT",
    "no syndrome: sea -EFAULT -EFAULT",
    "cache maintenance: skip sea -EFAULT",
    "table walk: sea -EFAULT -EFAULT",
    "table walk, permission: sea sea -EFAULT",
    "access flag: access retry retry",
    "fetch: sea -EFAULT -EFAULT",
  ]);
});

Deno.test("handleGuestAbort() keeps to the page its slot covers", () => {
  const at = (ipa: bigint): string =>
    outcome(faulting({ ISV: 1, FSC: 7 }, ipa, [slot(false)]));
  assertEquals(
    [-0x1000n, 0n, 0x1000n].map((offset) => at(device + offset)),
    ["access", "-EFAULT", "access"],
  );
});

Deno.test("handleGuestAbort() asks the VMM to change the attribute of the page, not of its alias", () => {
  for (const [ipa, is_private] of [[device, false], [device ^ alias, true]]) {
    const kvm = faulting({ ISV: 1, FSC: 7 }, ipa as bigint, [slot(false)]);
    const handled = handleGuestAbort(kvm);
    assertEquals(handled.kvm.vcpu.run.memory_fault, {
      gpa: device ^ alias,
      size: 0x1000n,
      is_private: is_private as boolean,
    });
  }
});

Deno.test("handleGuestAbort() draws the lines at the VM's IPA size and at the host's limit", () => {
  const at = (ipa: bigint, FSC = 7): readonly unknown[] => {
    const handled = handleGuestAbort(faulting({ ISV: 1, FSC }, ipa));
    const pending = handled.kvm.vcpu.pending_exception;
    return [handled.tag, pending?.esr_el1, pending?.far_el1];
  };
  const sea = 0x9600_0010n;
  const size = 0x9600_0000n;
  const page = 0xfffn;
  const vm = 1n << 40n;
  const host = 1n << 52n;
  assertEquals(at(vm - 1n - page), ["Access", undefined, undefined]);
  assertEquals(at(vm), ["Returned", sea, vm | 0x123n]);
  assertEquals(at(host - 1n - page), [
    "Returned",
    sea,
    (host - 1n - page) | 0x123n,
  ]);
  assertEquals(at(host), ["Returned", size, host | 0x123n]);
  // A permission fault there has been translated and is not asked about.
  assertEquals(at(vm, 0x0f), ["Access", undefined, undefined]);
});

Deno.test("handleGuestAbort() adds the low 12 bits of FAR and strips the alias bit", () => {
  const handled = handleGuestAbort(faulting({ ISV: 1, FSC: 7 }));
  assertEquals(handled.tag === "Access" && handled.access.addr, 0x0b00_0123n);
});

Deno.test("faultPage() inverts hpfarOfIpa() over every bit of a 52-bit address", () => {
  for (let at = 12n; at < 52n; at++) {
    const ipa = 1n << at;
    const fault = { esr: 0n, far: 0n, hpfar: hpfarOfIpa(ipa) };
    assertEquals(faultPage(fault), ipa);
    // The low four bits and the NS marker above the field are no address.
    const marked = fault.hpfar | 0xfn | 1n << 63n;
    assertEquals(faultPage({ ...fault, hpfar: marked }), ipa);
  }
});

Deno.test("handleGuestAbort() changes nothing but what it says: a refused fault returns the same vCPU", () => {
  const kvm = faulting({ ISV: 1, FSC: 0 });
  assertStrictEquals(handleGuestAbort(kvm).kvm, kvm);
});
