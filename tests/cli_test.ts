import { assertEquals, assertMatch } from "@std/assert";
import { command_names, commands, help } from "../shell/cli.ts";
import type { Loaded } from "../shell/command.ts";
import { later } from "../shell/later.ts";
import { invoke } from "./invoke.ts";

const hello = "tests/guests/hello.elf";

/** Every refusal is one line on stderr, exit code 2, and nothing on stdout. */
const refuses = (
  name: string,
  args: readonly string[],
  line: string | RegExp,
  files: Readonly<Record<string, Uint8Array | string>> = {},
): void =>
  Deno.test(`recrun refuses ${name}`, async () => {
    const { code, out, err, written } = await invoke(args, { files });
    assertEquals(out, "");
    assertEquals(written, {});
    if (typeof line === "string") assertEquals(err, `recrun: ${line}\n`);
    else assertMatch(err, line);
    assertEquals(err.split("\n").length, 2);
    assertEquals(code, 2);
  });

refuses(
  "no command",
  [],
  `expected a command (${command_names}) but found none`,
);
refuses(
  "an unknown command",
  ["walk"],
  `expected a command (${command_names}) but found "walk"`,
);
refuses(
  "an unknown flag",
  ["run", hello, "--fast"],
  "expected a known flag but found --fast; see --help",
);
refuses(
  "run without a file",
  ["run"],
  "expected run to be given one GUEST.elf or SCENARIO.json but found 0",
);
refuses(
  "an unknown RMM profile",
  ["run", hello, "--rmm", "rmm-9"],
  'expected --rmm to be one of rmm-1.0, rmm-2.0 but found "rmm-9"',
);
refuses(
  "an unknown KVM revision",
  ["run", hello, "--kvm", "v99", "--trace", "t"],
  /^recrun: expected --kvm to be one of sync, .* but found "v99"\n$/,
);
refuses(
  "an unknown board",
  ["run", hello, "--board", "pi"],
  'expected --board to be one of virt, kvmtool but found "pi"',
);
refuses(
  "devices placed nowhere",
  ["run", hello, "--devices", "vmm"],
  'expected --devices to be one of user, kernel but found "vmm"',
);
refuses(
  "an unknown engine",
  ["run", hello, "--engine", "jit"],
  'expected --engine to be one of fast, pure but found "jit"',
);
refuses(
  "an IPA width out of range",
  ["run", hello, "--ipa-bits", "64"],
  'expected --ipa-bits to be an integer from 32 to 48 but found "64"',
);
refuses(
  "a step limit that is no number",
  ["run", hello, "--steps", "1e6"],
  'expected --steps to be an integer from 1 to 9007199254740991 but found "1e6"',
);
refuses(
  "a flag without its value",
  ["run", hello, "--trace"],
  "expected --trace to have a value but found none",
);
refuses(
  "RAM that does not fit the Protected half",
  ["run", "s.json", "--board", "kvmtool", "--ipa-bits", "32"],
  "expected RAM of board kvmtool below 0x80000000, the Protected half of 32 bits, but found it up to 0x88000000",
  { "s.json": '{"recrun":1,"events":[]}' },
);
refuses(
  "a file that is not there",
  ["run", "none.elf"],
  "none.elf: expected a readable file but found no such file",
);
refuses(
  "an empty guest",
  ["run", "a.elf"],
  /^recrun: a\.elf: expected .* but found an empty file/,
  { "a.elf": "" },
);
refuses(
  "a guest that is no ELF",
  ["run", "a.elf", "--trace", "t"],
  /^recrun: a\.elf: expected .*ELF.* but found /,
  { "a.elf": "#!/bin/sh\nexit 0\n" },
);
refuses(
  "a scenario that is not JSON",
  ["run", "s.json"],
  /^recrun: s\.json: expected JSON but found .*position 1/,
  { "s.json": "{" },
);
refuses(
  "a scenario with nothing to run",
  ["run", "s.json"],
  's.json: expected "guest" or "events" but found neither',
  { "s.json": '{"recrun":1}' },
);
refuses(
  "a scenario of a newer format",
  ["run", "s.json"],
  's.json: ["recrun"]: expected 1 but found 2',
  { "s.json": '{"recrun":2,"events":[]}' },
);
refuses(
  "a scenario with an unknown property",
  ["run", "s.json"],
  's.json: ["seed"]: expected no excess property but found 7',
  { "s.json": '{"recrun":1,"events":[],"seed":7}' },
);
refuses(
  "a scenario event with a bad word",
  ["run", "s.json"],
  's.json ["events"][1]: ["esr"]: expected a hex word such as "0x93830007" but found "7"',
  {
    "s.json":
      '{"recrun":1,"events":[{"tag":"Irq","rec":0},{"tag":"Serror","rec":0,"esr":"7"}]}',
  },
);
refuses(
  "a scenario event with a missing field",
  ["run", "s.json"],
  's.json ["events"][0]: ["rec"]: expected a value but found nothing',
  { "s.json": '{"recrun":1,"events":[{"tag":"Irq"}]}' },
);
refuses(
  "conform without vectors",
  ["conform"],
  "expected conform to be given VECTORS.jsonl but found none",
);
refuses(
  "conform with a run's flag",
  ["conform", "v.jsonl", "--kvm", "sync"],
  "expected a known flag but found --kvm; see --help",
);
refuses(
  "a vector line that is not JSON",
  ["conform", "v.jsonl"],
  /^recrun: v\.jsonl:2: expected JSON but found /,
  { "v.jsonl": "\n{]\n" },
);
refuses(
  "a line that is no vector",
  ["conform", "v.jsonl"],
  'v.jsonl:1: expected a vector with "variant", "ops", "in.exc" or "out.kvm" but found none of them',
  { "v.jsonl": "{}\n" },
);
refuses(
  "a file without vectors",
  ["conform", "v.jsonl"],
  "v.jsonl: expected vectors, one a line, but found none",
  { "v.jsonl": "\n" },
);
refuses(
  "damaged gzip data",
  ["conform", "v.jsonl.gz"],
  /^recrun: v\.jsonl\.gz: expected gzip data but found /,
  { "v.jsonl.gz": new Uint8Array([0x1f, 0x8b, 8, 0, 1, 2, 3]) },
);
refuses(
  "vectors that are not text",
  ["conform", "v.jsonl"],
  "v.jsonl: expected UTF-8 text but found other bytes",
  { "v.jsonl": new Uint8Array([0xff, 0xfe]) },
);

Deno.test("recrun --help prints the usage", async () => {
  assertEquals(await invoke(["--help"]), {
    code: 0,
    out: help,
    err: "",
    written: {},
  });
});

Deno.test("recrun COMMAND --help prints that command's usage", async () => {
  for (const [name, { module }] of Object.entries(commands)) {
    const { usage } = await later<Loaded>(module);
    assertEquals((await invoke([name, "--help"])).out, usage);
  }
});

Deno.test("recrun --version prints the version of deno.json", async () => {
  const { version } = JSON.parse(await Deno.readTextFile("deno.json"));
  const { out } = await invoke(["--version"]);
  assertEquals(out, `recrun ${version}\n`);
});
