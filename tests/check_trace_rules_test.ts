import { assert, assertEquals } from "@std/assert";
import { revisions } from "../core/host/revision.ts";
import { rmm_2_0 } from "../core/rmm/profile.ts";
import { checkTrace } from "../core/trace/check.ts";
import { readLine } from "../core/trace/line.ts";
import { type RuleName, rules } from "../core/trace/rules.ts";
import { invoke } from "./invoke.ts";
import { asFtrace, asTraceCmd } from "./kernel_trace.ts";

const raw = { serializer: (text: string): string => text };

const revOf = (name: string) => {
  const rev = revisions.find((row) => row.name === name);
  assert(rev !== undefined);
  return rev;
};

const pc = "0x0000000080000000";
const moved = "0x0000000080000004";
const entry = `kvm_entry: PC: ${pc}`;
const exit = `kvm_exit: TRAP: HSR_EC: 0x0024 (DABT_LOW), PC: ${pc}`;
const success = `kvm_exit: IRQ: HSR_EC: 0x0000 (UNKNOWN), PC: ${pc}`;
const short_pc = "pc 0x00000080000000";
const fault = (hsr: string, hxfar = "0x000018", ipa = "0x109000000") =>
  `kvm_guest_fault: ipa ${ipa}, hsr ${hsr}, hxfar ${hxfar}, ${short_pc}`;
const load = fault("0x91800007");
const store = fault("0x91000047", "0x000000");
const asked = "kvm_mmio: mmio unsatisfied-read len 4 gpa 0x9000018 val 0x0";
const answer = "kvm_mmio: mmio read len 4 gpa 0x9000018 val 0x90";
const write = "kvm_mmio: mmio write len 1 gpa 0x9000000 val 0x41";
const user = "kvm_userspace_exit: reason KVM_EXIT_MMIO (6)";
const blind = fault("0x92000007", "0x000000");
const nisv =
  `kvm_mmio_nisv: ipa 0x00000009000000, esr 0x00000092000007, far 0x00000000000000, ${short_pc}`;

/** Logs that are right under these revisions and wrong, by these rules, under those. */
interface Case {
  readonly name: string;
  readonly kvm?: string;
  readonly lines: readonly string[];
  /** `line rule` of each finding; odd ones in parentheses. */
  readonly found: readonly string[];
}

const cases: readonly Case[] = [
  {
    name: "a read by user space",
    lines: [entry, exit, load, asked, user, answer, entry],
    found: [],
  },
  {
    name: "a read in the kernel",
    lines: [entry, exit, load, asked, answer, entry],
    found: [],
  },
  {
    name: "a write by user space, then one in the kernel",
    lines: [entry, exit, store, write, user, entry, exit, store, write, entry],
    found: [],
  },
  {
    name: "a log that begins in the middle",
    lines: [user, answer, entry, exit, load],
    found: [],
  },
  {
    name: "a signal, and KVM_RUN again",
    lines: [
      entry,
      exit,
      load,
      asked,
      user,
      answer,
      "kvm_userspace_exit: reason restart (4)",
      entry,
    ],
    found: [],
  },
  {
    name: "memory that KVM maps",
    lines: [entry, exit, fault("0x90000007", "0x000000", "0x80001000"), entry],
    found: [],
  },
  {
    name: "two entries in a row",
    lines: [entry, entry],
    found: ["2 order"],
  },
  {
    name: "an exit without an entry",
    lines: [entry, exit, exit],
    found: ["3 order"],
  },
  {
    name: "an access without a fault",
    lines: [entry, exit, write, entry],
    found: ["3 order"],
  },
  {
    name: "an MMIO exit without an access",
    lines: [entry, exit, load, user],
    found: ["4 order"],
  },
  {
    name: "a read nobody asked for",
    lines: [entry, exit, load, answer],
    found: ["4 order"],
  },
  {
    name: "a read that neither kernel nor user space answers",
    lines: [entry, exit, load, asked, entry],
    found: ["5 order"],
  },
  {
    name: "exit_reason overwritten by user space",
    lines: [entry, exit, load, asked, user, entry],
    found: ["(6 completion)"],
  },
  {
    name: "a PC that moves where it is a signal",
    lines: [entry, exit, store, write, user, `kvm_entry: PC: ${moved}`],
    found: ["6 pc"],
  },
  {
    name: "a PC that moves at the return to user space",
    kvm: "rfc-v1",
    lines: [entry, success, store, write, user, `kvm_entry: PC: ${pc}`],
    found: [],
  },
  {
    name: "a PC moved by the write before",
    kvm: "rfc-v1",
    lines: [
      ...[entry, success, store, write, user, entry, success, store, write],
      user,
      `kvm_entry: PC: ${moved}`,
    ],
    found: [],
  },
  {
    name: "a PC that stands still after a completed write",
    kvm: "rfc-v1",
    lines: [
      ...[entry, success, store, write, user, entry, success, store, write],
      user,
      entry,
    ],
    found: ["11 pc"],
  },
  {
    name: "several writes in the kernel in one KVM_RUN: one step of 4",
    kvm: "rfc-v1",
    lines: [
      ...[entry, success, store, write, entry, success, store, write, entry],
      ...[success, "kvm_userspace_exit: reason restart (4)"],
      `kvm_entry: PC: ${moved}`,
    ],
    found: [],
  },
  {
    name: "a trapped register that may have moved the PC",
    kvm: "v10",
    lines: [
      ...[entry, success, "kvm_userspace_exit: reason restart (4)"],
      `kvm_entry: PC: ${moved}`,
    ],
    found: [],
  },
  {
    name: "a write that moves no PC",
    kvm: "v10",
    lines: [
      ...[entry, success, store, write, user, entry, success, store, write],
      ...[user, `kvm_entry: PC: ${moved}`],
    ],
    found: ["11 pc"],
  },
  {
    name: "an exception code where the status is printed",
    kvm: "v10",
    lines: [entry, exit, load],
    found: ["3 symbol"],
  },
  {
    name: "the status where an exception code is printed",
    lines: [entry, success, load],
    found: ["3 symbol"],
  },
  {
    name: "a code that is neither",
    lines: [entry, `kvm_exit: 0x102: HSR_EC: 0x0000 (UNKNOWN), PC: ${pc}`],
    found: ["2 symbol"],
  },
  {
    name: "RMI_ERROR_REC and -ENXIO",
    kvm: "v10",
    lines: [
      entry,
      `kvm_exit: 0x3: HSR_EC: 0x0000 (UNKNOWN), PC: ${pc}`,
      "kvm_userspace_exit: reason error (6)",
    ],
    found: [],
  },
  {
    name: "RMI_ERROR_REC and -EAGAIN",
    kvm: "v14",
    lines: [
      entry,
      `kvm_exit: 0x3: HSR_EC: 0x0000 (UNKNOWN), PC: ${pc}`,
      "kvm_userspace_exit: reason error (11)",
    ],
    found: [],
  },
  {
    name: "RMI_ERROR_REC and the other errno",
    kvm: "v10",
    lines: [
      entry,
      `kvm_exit: 0x3: HSR_EC: 0x0000 (UNKNOWN), PC: ${pc}`,
      "kvm_userspace_exit: reason error (11)",
    ],
    found: ["3 user"],
  },
  {
    name: "RMI_ERROR_REALM index 1 and KVM_EXIT_UNKNOWN",
    kvm: "rfc-v1",
    lines: [
      entry,
      `kvm_exit: 0x102: HSR_EC: 0x0000 (UNKNOWN), PC: ${pc}`,
      "kvm_userspace_exit: reason KVM_EXIT_UNKNOWN (0)",
    ],
    found: [],
  },
  {
    name: "a class beside an interrupt",
    lines: [entry, `kvm_exit: IRQ: HSR_EC: 0x0024 (DABT_LOW), PC: ${pc}`],
    found: ["2 ec"],
  },
  {
    name: "a class with another's name",
    lines: [entry, `kvm_exit: TRAP: HSR_EC: 0x0024 (IABT_LOW), PC: ${pc}`],
    found: ["2 ec"],
  },
  {
    name: "a syndrome that names the register",
    lines: [entry, exit, fault("0x91830007")],
    found: ["3 syndrome"],
  },
  {
    name: "IL of an emulatable abort",
    lines: [entry, exit, fault("0x93800007")],
    found: ["3 syndrome"],
  },
  {
    name: "an address without a syndrome",
    lines: [entry, exit, fault("0x92000007", "0x000018")],
    found: ["3 offset"],
  },
  {
    name: "more of FAR than 12 bits",
    lines: [entry, exit, fault("0x91800007", "0x001018")],
    found: ["3 offset"],
  },
  {
    name: "an emulatable abort at a Protected address",
    lines: [
      ...[entry, exit, load, asked, answer, entry, exit],
      fault("0x91800007", "0x000018", "0x9000000"),
    ],
    found: ["8 half"],
  },
  {
    name: "an access at the alias",
    lines: [
      entry,
      exit,
      load,
      "kvm_mmio: mmio unsatisfied-read len 4 gpa 0x109000018 val 0x0",
    ],
    found: ["4 alias"],
  },
  {
    name: "an alias bit that changes",
    lines: [
      ...[entry, exit, load, asked, answer, entry, exit],
      ...[fault("0x91800007", "0x000018", "0x209000000"), asked],
    ],
    found: ["8 half", "9 alias"],
  },
  {
    name: "another size, direction and offset than the fault's",
    lines: [
      ...[entry, exit, load],
      "kvm_mmio: mmio unsatisfied-read len 2 gpa 0x9000018 val 0x0",
      ...["kvm_mmio: mmio read len 2 gpa 0x9000018 val 0x0", entry, exit, load],
      ...["kvm_mmio: mmio write len 4 gpa 0x9000018 val 0x0", entry, exit],
      ...[load, "kvm_mmio: mmio unsatisfied-read len 4 gpa 0x9000014 val 0x0"],
    ],
    found: ["4 access", "9 access", "13 access"],
  },
  {
    name: "an answer of another size",
    lines: [
      ...[entry, exit, load, asked],
      "kvm_mmio: mmio read len 1 gpa 0x9000018 val 0x90",
    ],
    found: ["5 access"],
  },
  {
    name: "a value wider than the access",
    lines: [
      ...[
        entry,
        exit,
        fault("0x91000007"),
        "kvm_mmio: mmio unsatisfied-read len 1 gpa 0x9000018 val 0x0",
      ],
      "kvm_mmio: mmio read len 1 gpa 0x9000018 val 0xffffffffffffff80",
    ],
    found: ["5 width"],
  },
  {
    name: "a value before the answer",
    lines: [
      ...[entry, exit, load],
      "kvm_mmio: mmio unsatisfied-read len 4 gpa 0x9000018 val 0x90",
    ],
    found: ["4 width"],
  },
  {
    name: "an SEA for an access without syndrome",
    lines: [entry, exit, blind, nisv, entry],
    found: [],
  },
  {
    name: "an exit to user space where an SEA is due",
    lines: [
      ...[entry, exit, blind, nisv],
      "kvm_userspace_exit: reason KVM_EXIT_ARM_NISV (28)",
    ],
    found: ["5 user"],
  },
  {
    name: "-ENOSYS or an exit for an access without syndrome",
    kvm: "v2",
    lines: [
      ...[entry, success, blind, nisv, "kvm_userspace_exit: reason error (38)"],
      ...[entry, success, blind, nisv],
      "kvm_userspace_exit: reason 0x1c (28)",
    ],
    found: [],
  },
  {
    name: "an SEA where none is injected",
    kvm: "v2",
    lines: [entry, success, blind, nisv, entry],
    found: ["5 user"],
  },
  {
    name: "a syndrome in nisv that is not the fault's",
    lines: [
      ...[entry, exit, blind],
      nisv.replace("92000007", "92000006").replace("09000000", "09000018"),
    ],
    found: ["4 nisv", "4 nisv"],
  },
  {
    name: "an exit reason with another's number",
    lines: [entry, exit, load, asked, user.replace("(6)", "(8)")],
    found: ["5 user", "5 user"],
  },
];

for (const { name, kvm = "sync", lines, found } of cases) {
  Deno.test(`checkTrace() under ${kvm}: ${name}`, () => {
    const against = { rev: revOf(kvm), rmm: rmm_2_0 };
    for (const write of [asFtrace, asTraceCmd]) {
      const { findings, strays } = checkTrace(write(lines), against);
      const skipped = write([]).split("\n").length - 1;
      assertEquals(
        findings.map(({ line, rule, wrong }) => {
          const text = `${line - skipped} ${rule}`;
          return wrong ? text : `(${text})`;
        }),
        found,
      );
      assertEquals(strays, []);
    }
  });
}

Deno.test("checkTrace() breaks every rule in some case", () => {
  const broken = new Set(
    cases.flatMap(({ found }) => found.map((text) => text.split(/[ )]/)[1])),
  );
  const missing = (Object.keys(rules) as RuleName[])
    .filter((rule) => !broken.has(rule));
  assertEquals(missing, []);
});

Deno.test("checkTrace() starts afresh where events were lost", () => {
  const text = [
    `a-1 [000] 1.0: ${entry}`,
    "CPU:0 [LOST 12 EVENTS]",
    `a-1 [000] 2.0: ${entry}`,
    "CPU:1 [EVENTS DROPPED]",
    `a-1 [000] 3.0: kvm_entry: PC: ${moved}`,
  ].join("\n");
  const report = checkTrace(text, { rev: revOf("sync"), rmm: rmm_2_0 });
  assertEquals(report.findings, []);
  assertEquals(report.lost, 2);
});

/** Heads, and the comm and pid they name. */
const heads: readonly (readonly [string, string, string])[] = [
  ["  CPU 0/KVM-77    [001] d..1.  100.000001: ", "CPU 0/KVM", "77"],
  ["kvm-vcpu-0-1234  [002] ....   100.000001: ", "kvm-vcpu-0", "1234"],
  ["           <...>-9   [000] d.h2. 5.1: ", "<...>", "9"],
  ["qemu-5 (    4) [010] .... 100.000001: ", "qemu", "5"],
  ["qemu-5 (-----) [010] .... 100.000001: ", "qemu", "5"],
  [" kvm-vcpu-0-1234  [002]   100.000001: ", "kvm-vcpu-0", "1234"],
  ["a-1 [000] 123456789: ", "a", "1"],
];

for (const [head, comm, pid] of heads) {
  Deno.test(`readLine() finds the thread in ${JSON.stringify(head)}`, () => {
    const line = readLine(`${head}kvm_entry:            PC: ${pc}`);
    assert(line.tag === "Event");
    assertEquals(line.origin, { comm, pid });
    assertEquals(line.event, { tag: "kvm_entry", pc: 0x8000_0000n });
    assertEquals(readLine(`${head}sched_switch: x ==> y`), {
      tag: "Other",
      name: "sched_switch",
    });
  });
}

Deno.test("readLine() takes what it does not know for what it is", () => {
  assertEquals(readLine("").tag, "Comment");
  assertEquals(readLine("# tracer: nop").tag, "Comment");
  assertEquals(readLine("cpus=8").tag, "Comment");
  assertEquals(readLine("hello").tag, "Unknown");
  assertEquals(readLine("error: no such file").tag, "Unknown");
  assertEquals(readLine("kvm_mmio: mmio write").tag, "Malformed");
});

Deno.test("recrun check-trace tells what it found", async (t) => {
  const lines = [
    ...[entry, exit, fault("0x91830007"), asked, user, answer, entry],
    ...["sched_switch: a ==> b", "kvm_mmio: mmio fetch len 4"],
    ...[exit, load, asked, user, entry],
  ];
  const files = { "t.txt": `${asFtrace(lines)}what is this\n` };
  const right = await invoke(["check-trace", "t.txt"], { files });
  const wrong = await invoke(["check-trace", "t.txt", "--kvm", "v10"], {
    files,
  });
  assertEquals([right.code, wrong.code], [1, 1]);
  await t.assertSnapshot(right.out, raw);
  await t.assertSnapshot(wrong.out, raw);
});

Deno.test("recrun check-trace exits 0 for a log that fits", async (t) => {
  const lines = [entry, exit, load, asked, user, answer, entry];
  const files = { "t.txt": asTraceCmd(lines) };
  const { code, out, err } = await invoke(["check-trace", "t.txt"], { files });
  assertEquals([code, err], [0, ""]);
  await t.assertSnapshot(out, raw);
});

const refuses = (
  name: string,
  args: readonly string[],
  line: string,
  text = "",
): void =>
  Deno.test(`recrun check-trace refuses ${name}`, async () => {
    const files = { "t.txt": text };
    const { code, out, err } = await invoke(["check-trace", ...args], {
      files,
    });
    assertEquals({ code, out, err }, {
      code: 2,
      out: "",
      err: `recrun: ${line}\n`,
    });
  });

refuses(
  "no file",
  [],
  "expected check-trace to be given one FILE but found 0",
);
refuses(
  "an empty file",
  ["t.txt"],
  't.txt: expected a line of a KVM event such as "kvm_entry: PC: 0x..." but found none in 0',
);
refuses(
  "a file of something else",
  ["t.txt"],
  't.txt: expected a line of a KVM event such as "kvm_entry: PC: 0x..." but found none in 2',
  "one\ntwo\n",
);
refuses(
  "an unknown revision",
  ["t.txt", "--kvm", "v99"],
  `expected --kvm to be one of ${
    revisions.map(({ name }) => name).join(", ")
  } but found "v99"`,
  entry,
);
