import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { invoke } from "./invoke.ts";

const raw = { serializer: (text: string): string => text };

/** Questions whose whole answers are kept as snapshots. */
const questions: readonly (readonly string[])[] = [
  ["esr", "0x93830007"],
  ["esr", "0x93830007", "--protected"],
  ["esr", "0x93830007", "--empty"],
  ["esr", "0x93830047", "--kvm", "rfc-v1"],
  ["esr", "0x92000007", "--kvm", "rfc-v1", "--rmm", "rmm-1.0"],
  ["esr", "0x93a28007", "--hpfar", "0x80090100", "--far", "0x10024"],
  ["esr", "0x92000047", "--spec"],
  ["esr", "0x82000007"],
  ["esr", "0x7e00000"],
  ["esr", "0x623a3016"],
  ["esr", "0x5e000000"],
  ["esr", "0xbe000011"],
  ["esr", "0xbe000c11"],
  ["esr", "0x02000000"],
  ["hpfar", "0x80090000"],
  ["hpfar", "0x8000000000090000", "--ipa-bits", "33"],
  ["flags", "0x1"],
  ["flags", "0x102"],
  ["refusal", "RMI_ERROR_REC"],
  ["refusal", "0x102", "--rmm", "rmm-1.0", "--kvm", "rfc-v1"],
  ["refusal", "RMI_ERROR_INPUT"],
  ["refusal", "RMI_ERROR_RTT"],
  ["refusal", "-ENXIO"],
  ["refusal", "OutOfTurn"],
];

for (const question of questions) {
  Deno.test(`recrun explain ${question.join(" ")}`, async (t) => {
    const { code, out, err } = await invoke(["explain", ...question]);
    assertEquals([code, err], [0, ""]);
    await t.assertSnapshot(out, raw);
  });
}

/** Kernel lines, in ftrace's shape, in trace-cmd's, and bare. */
const kernel_lines: readonly (readonly [string, readonly string[]])[] = [
  [
    "  kvm-vcpu-0-1234  [002] d..1.  100.000003: kvm_guest_fault: ipa 0x101000000, hsr 0x91000047, hxfar 0x000000, pc 0x00000080000000",
    ["--ipa-bits", "33"],
  ],
  [
    " CPU 0/KVM-77    [001]   100.000004: kvm_mmio:             mmio unsatisfied-read len 4 gpa 0x9000018 val 0",
    [],
  ],
  [
    "kvm_mmio: mmio read len 4 gpa 0x9000018 val 0xffffffffffffff80",
    [],
  ],
  [
    " CPU 0/KVM-77 [001] 1.000001: kvm_exit: IRQ: HSR_EC: 0x0000 (UNKNOWN), PC: 0x0000000080000000",
    ["--kvm", "v14"],
  ],
  [
    "kvm_exit: 0x3: HSR_EC: 0x0000 (UNKNOWN), PC: 0x0000000080000000",
    ["--kvm", "v10"],
  ],
  [
    "kvm_exit: TRAP: HSR_EC: 0x0024 (DABT_LOW), PC: 0x0000000080000000",
    [],
  ],
  [
    "kvm_mmio_nisv: ipa 0x00000001000000, esr 0x00000092000007, far 0x00000000000000, pc 0x00000080000000",
    [],
  ],
  [
    "kvm_mmio_nisv: ipa 0x00000001000000, esr 0x00000092000007, far 0x00000000000000, pc 0x00000080000000",
    ["--kvm", "v2"],
  ],
  ["kvm_userspace_exit: reason KVM_EXIT_MMIO (6)", []],
  ["kvm_userspace_exit: reason restart (4)", []],
  ["kvm_entry: PC: 0x0000000080000000", []],
  [
    "kvm_guest_fault: ipa 0x109000000, hsr 0x91830007, hxfar 0x000018, pc 0x00000080000000",
    ["--ipa-bits", "33"],
  ],
];

for (const [line, flags] of kernel_lines) {
  Deno.test(`recrun explain '${line.trim()}' ${flags.join(" ")}`, async (t) => {
    const asked = await invoke(["explain", ...flags, line]);
    assertEquals([asked.code, asked.err], [0, ""]);
    await t.assertSnapshot(asked.out, raw);
    const pasted = await invoke(["explain", ...flags], {
      stdin: `# tracer: nop\n${line}\n`,
    });
    assertEquals(pasted, asked);
  });
}

Deno.test("recrun explain reads a line that the shell has split into words", async () => {
  const line = "kvm_entry: PC: 0x0000000080000000";
  const whole = await invoke(["explain", line]);
  assertEquals(await invoke(["explain", ...line.split(" ")]), whole);
});

Deno.test("recrun explain answers pasted lines one after the other", async () => {
  const line = "kvm_entry: PC: 0x0000000080000000";
  const one = await invoke(["explain", line]);
  const two = await invoke(["explain"], {
    stdin: `${line}\na-1 [000] 1.0: sched_switch: x\n${line}\n`,
  });
  assertEquals(two.out, `${one.out}\n${one.out}`);
});

const scenario = "tests/scenarios/read.json";

for (const event of [0, 2, 3, 4, 5, 6]) {
  Deno.test(`recrun explain read.json@${event}`, async (t) => {
    const { code, out, err } = await invoke([
      "explain",
      `${scenario}@${event}`,
    ]);
    assertEquals([code, err], [0, ""]);
    await t.assertSnapshot(out, raw);
  });
}

const run = { tag: "KvmRun", rec: 0, immediate_exit: false };

const refused_entry = JSON.stringify({
  recrun: 1,
  events: [
    run,
    { tag: "RecEnter", rec: 0 },
    { tag: "Irq", rec: 0 },
    {
      tag: "RmiRecEnter",
      rec: 0,
      flags: "0x1",
      gprs: Array.from({ length: 31 }, () => "0x0"),
    },
    run,
  ],
});

for (const event of [3, 4]) {
  Deno.test(`recrun explain says why event ${event} of a scenario was refused`, async (t) => {
    const files = { "s.json": refused_entry };
    const { code, out } = await invoke(["explain", `s.json@${event}`], {
      files,
    });
    assertEquals(code, 0);
    await t.assertSnapshot(out, raw);
  });
}

Deno.test("recrun explain says the same of an event of a guest's run and of its trace line", async () => {
  const guest = "tests/guests/hello.elf";
  const { written } = await invoke(["run", guest, "--trace", "t"]);
  const trace = written["t"] ?? "";
  const at = (tag: string): string =>
    new RegExp(`^(\\d+) rec0 ${tag}`, "m").exec(trace)?.[1] ?? "";
  const dabt = at("Dabt");
  const played = await invoke(["explain", `${guest}@${dabt}`]);
  const read = await invoke(["explain", `t@${dabt}`], { files: { t: trace } });
  assertEquals([played.code, read.code], [0, 0]);
  const section = (text: string): string =>
    text.split("\n\n").slice(0, 2).join("\n\n");
  assertEquals(section(read.out), section(played.out));
  assertEquals(played.out.includes("Hello"), false);
});

Deno.test("recrun explain says the same of an event of a recording", async () => {
  const guest = "tests/guests/hello.elf";
  const { written } = await invoke(["run", guest, "--record", "r"]);
  const files = { r: written["r"] ?? "" };
  for (const event of [2, 5, 9]) {
    assertEquals(
      await invoke(["explain", `r@${event}`], { files }),
      await invoke(["explain", `${guest}@${event}`]),
    );
  }
});

Deno.test("recrun explain judges an entry in a trace by the exit before it", async (t) => {
  const trace = [
    "0 rec0 Irq -> exit IRQ",
    "1 rec1 Dabt pc 0x0 ldr w0, [x0]  esr 0x93800007 far 0x18 hpfar 0x80090000 -> exit SYNC esr 0x91800007",
    "2 rec0 Dabt pc 0x0 ldp x0, x1, [x0]  esr 0x92000007 far 0x18 hpfar 0x80090000 -> exit SYNC esr 0x92000007",
    "3 rec0 RecEnter flags EMUL_MMIO gprs[0] 0x0 -> RMI_ERROR_REC index 0",
  ].join("\n");
  const { out } = await invoke(["explain", "t@3"], { files: { t: trace } });
  await t.assertSnapshot(out, raw);
  assertMatch(out, /outcome +RMI_ERROR_REC index 0/);
});

const refuses = (
  name: string,
  args: readonly string[],
  line: string,
  around: Parameters<typeof invoke>[1] = {},
): void =>
  Deno.test(`recrun explain refuses ${name}`, async () => {
    const { code, out, err } = await invoke(["explain", ...args], around);
    assertEquals({ code, out, err }, {
      code: 2,
      out: "",
      err: `recrun: ${line}\n`,
    });
  });

refuses(
  "nothing at all",
  [],
  "standard input: expected a line of a KVM event but found none",
);
refuses(
  "a subject it does not know",
  ["sctlr", "0x1"],
  'expected esr, hpfar, flags, refusal, FILE@EVENT or a kernel line but found "sctlr 0x1"',
);
refuses(
  "an esr without its value",
  ["esr"],
  "expected esr to be given one value but found 0",
);
refuses(
  "an esr that is no word",
  ["esr", "93g"],
  'expected esr to be a word of 64 bits such as 0x93830007 but found "93g"',
);
refuses(
  "an esr wider than 64 bits",
  ["esr", "0x10000000000000000"],
  'expected esr to be a word of 64 bits such as 0x93830007 but found "0x10000000000000000"',
);
refuses(
  "an esr wider than the register",
  ["esr", "0x100000000000000"],
  "expected an ESR of 56 bits but found 0x100000000000000",
);
refuses(
  "two places at once",
  ["esr", "0x93830007", "--protected", "--hpfar", "0x10"],
  "expected one of --hpfar, --unprotected, --protected, --empty, --destroyed, --outside but found 2",
);
refuses(
  "an hpfar that is no word",
  ["esr", "0x93830007", "--hpfar", "here"],
  'expected --hpfar to be a word of 64 bits such as 0x93830007 but found "here"',
);
refuses(
  "a status nobody returns",
  ["refusal", "RMI_ERROR_FOO"],
  'expected refusal to be an RMI status, its X0, an errno such as -EAGAIN or one of NoRec, OutOfTurn, BadSyndrome, Errno, RmmPanic but found "RMI_ERROR_FOO"',
);
refuses(
  "a width without room",
  ["esr", "0x93830007", "--ipa-bits", "31"],
  'expected --ipa-bits to be an integer from 32 to 48 but found "31"',
);
refuses(
  "a kernel line of another shape",
  ["kvm_mmio: mmio write len 4"],
  'expected kvm_mmio: mmio %s len %u gpa 0x%llx val 0x%llx but found "mmio write len 4"',
);
refuses(
  "a pasted line that is none, by its number",
  [],
  'standard input:2: expected a line such as kvm_exit: ... but found "what"',
  { stdin: "kvm_entry: PC: 0x0000000080000000\nwhat\n" },
);
refuses(
  "an event beyond the end",
  [`${scenario}@99`],
  "tests/scenarios/read.json: expected an event number below 7 but found 99",
);
refuses(
  "a file that is not there",
  ["none.json@1"],
  "none.json: expected a readable file but found no such file",
);
refuses(
  "a file that is no run",
  ["t@1"],
  "t: expected a scenario, a guest, a recording or a trace of recrun run but found none of them",
  { files: { t: "hello\n" } },
);

Deno.test("recrun explain keeps all 64 bits of a word", async () => {
  const { out } = await invoke(["explain", "flags", "0xffffffffffffffff"]);
  assertStringIncludes(out, "RecEnter.flags 0xffffffffffffffff");
  assertStringIncludes(out, "0xffffffffffffff  should be zero");
});
