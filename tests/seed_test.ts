/**
 * The review of RFC v1, patch 15/28, as runs: README's page is what the tool
 * prints, and each finding is there or gone by the row's switch.
 *
 * @module
 */

import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { revisions } from "../core/host/revision.ts";
import { exhibits } from "../core/museum/museum.ts";
import { invoke } from "./invoke.ts";

/** A command README shows with what it printed through `grep -E`. */
interface Shown {
  readonly args: readonly string[];
  readonly filter: RegExp;
  readonly lines: readonly string[];
}

const command = /^\$ recrun (run \S+ --kvm \S+) 2>&1 \| grep -E '(.*)'$/;

const shown = async (): Promise<readonly Shown[]> => {
  const readme = await Deno.readTextFile("README.md");
  const [, section = ""] = readme.split("## A review, replayed\n");
  const [text = ""] = section.split("\n## ");
  const blocks = [...text.matchAll(/```console\n([^]*?)```/g)];
  return blocks.flatMap(([, block = ""]) =>
    block.trimEnd().split(/\n(?=\$ )/).map((part) => {
      const [head = "", ...lines] = part.split("\n");
      const [, args = "", filter = ""] = command.exec(head) ?? [];
      return { args: args.split(" "), filter: new RegExp(filter), lines };
    })
  );
};

Deno.test("README's review shows what its commands print", async () => {
  const commands = await shown();
  assertEquals(commands.length, 6);
  for (const { args, filter, lines } of commands) {
    const { code, out, err } = await invoke(args);
    assertEquals(code, 0);
    const printed = (out + err).trimEnd().split("\n");
    assertEquals(printed.filter((line) => filter.test(line)), lines);
    assert(lines.length > 1);
  }
});

Deno.test("README counts the museum's bugs as they are", async () => {
  const readme = await Deno.readTextFile("README.md");
  const published = exhibits.filter(({ claim }) => claim === "published");
  const words = readme.replaceAll(/\s+/g, " ");
  assertStringIncludes(
    words,
    `plants ${exhibits.length} such bugs, ${published.length} of them published`,
  );
});

const run = async (finding: string, kvm: string): Promise<string> => {
  const path = `tests/scenarios/seed-${finding}.json`;
  const { code, out, err } = await invoke(["run", path, "--kvm", kvm]);
  assertEquals(code, 0);
  assert(!err.includes("refused"), err);
  return out + err;
};

Deno.test("the value of a write reaches the device on every revision that copies exit.gprs[0]", async () => {
  for (const { name, writeCopy } of revisions) {
    const text = await run("write", name);
    const data = writeCopy ? "41" : "00";
    assertStringIncludes(text, `write 1 at 0x9000000 data ${data}`, name);
  }
});

Deno.test("a read is stored where the revision's readStore says, and the realm gets it on all of them", async () => {
  for (const { name, readStore } of revisions) {
    const text = await run("read", name);
    const x0 = readStore === "gprs0" ? "0x0" : "0x90";
    assertStringIncludes(text, `GetOneReg x0 is ${x0}\n`, name);
    assertStringIncludes(text, "RecEnter flags EMUL_MMIO gprs[0] 0x90", name);
  }
});

Deno.test("a completion that user space prevented skips the load only where the flag was set at the abort", async () => {
  for (const { name, emulAt } of revisions) {
    const text = await run("flag", name);
    const early = emulAt === "abort";
    assertStringIncludes(text, `pc 0x4000000${early ? 4 : 0}\n`, name);
    const flags = early ? "EMUL_MMIO" : "0";
    assertStringIncludes(text, `RecEnter flags ${flags} gprs[0] 0x0 ->`, name);
  }
});
