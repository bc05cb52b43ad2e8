import { assert, assertEquals, assertMatch } from "@std/assert";
import { invoke } from "./invoke.ts";

const hello = "tests/guests/hello.elf";

const printed = async (...args: readonly string[]): Promise<string> => {
  const { code, out, err } = await invoke(["inspect", ...args]);
  assertEquals([code, err], [0, ""]);
  return out;
};

Deno.test("recrun inspect --frame prints 24 rows of at most 80 characters", async () => {
  const rows = (await printed(hello, "--at", "7", "--frame")).split("\n");
  assert(rows.length <= 25);
  for (const row of rows) assert([...row].length <= 80, row);
  assertMatch(rows[0] ?? "", /^hello\.elf {2}event 7\/992 /);
});

Deno.test("README's frame is what recrun inspect prints", async () => {
  const readme = await Deno.readTextFile("README.md");
  const command = `inspect ${hello} --at 7 --frame`;
  const [, after = ""] = readme.split(`\`\`\`console\n$ recrun ${command}\n`);
  const [shown] = after.split("```");
  assertEquals(shown, await printed(...command.split(" ").slice(1)));
});

Deno.test("recrun inspect shows a recording as it shows its guest", async () => {
  const { written } = await invoke(["run", hello, "--record", "hello.elf"]);
  const rec = written["hello.elf"] ?? "";
  const args = ["inspect", "hello.elf", "--at", "7", "--frame"];
  const { out } = await invoke(args, { files: { "hello.elf": rec } });
  const [first = "", ...rest] = out.split("\n");
  const guest = await printed(hello, "--at", "7", "--frame");
  assertEquals(rest, guest.split("\n").slice(1));
  assertMatch(first, / digest ok$/);
});

Deno.test("recrun inspect shows a scenario and another REC", async () => {
  assertMatch(
    await printed("tests/scenarios/read.json", "--frame", "--keys", "$"),
    /^read\.json {2}event \d+\/\d+ /,
  );
  const files = {
    "s.json": JSON.stringify({ recrun: 1, recs: 2, events: [] }),
  };
  const args = ["inspect", "s.json", "--rec", "1", "--frame"];
  const { out } = await invoke(args, { files });
  assertMatch(out, /rec1 at user/);
  assertMatch(out, /owes PowerOn/);
});

Deno.test("recrun inspect --until starts where the condition is met", async () => {
  const out = await printed(hello, "--until", "EMUL_MMIO", "--frame");
  assertMatch(out, /enter flags EMUL_MMIO/);
});

Deno.test("recrun inspect --who names the instruction", async () => {
  assertMatch(
    await printed(hello, "--at", "900", "--who", "x0"),
    /^x0 0x90 -> 0x\w+: the realm at 0x\w+ ldrb w0, \[x2\], event \d+, step \d+\n$/,
  );
});

Deno.test("recrun inspect --diff prints the same either way round", async () => {
  const forth = await printed(hello, "--at", "5", "--diff", "8");
  const back = await printed(hello, "--at", "8", "--diff", "5");
  assertMatch(forth, /runs\[0\]\.exit\.gprs\[0\]: 0x0 -> 0x70\n/);
  assertEquals(back, forth);
});

Deno.test("recrun inspect --ledger prints what the host learnt, and nothing before the first exit", async () => {
  assertEquals(await printed(hello, "--at", "5", "--ledger"), "");
  const out = await printed(hello, "--at", "6", "--ledger");
  assertMatch(out, /^rec0 value stored: 0x70 \(event 5\) by emulatable store/m);
  assertMatch(out, /^rec0 offset in the page: 0x2c \(event 5\) by /m);
});

/** A command line that is refused with one line. */
const refuses = (
  what: string,
  args: readonly string[],
  line: RegExp,
  files: Readonly<Record<string, string>> = {},
): void =>
  Deno.test(`recrun inspect refuses ${what}`, async () => {
    const { code, out, err } = await invoke(["inspect", ...args], { files });
    assertMatch(err, line);
    assertEquals([code, out, err.split("\n").length], [2, "", 2]);
  });

refuses("no file", [], /^recrun: expected inspect to be given one FILE/);
refuses(
  "a missing file",
  ["none", "--frame"],
  /^recrun: none: expected a readable file but found no such file\n/,
);
refuses(
  "a moment that is no number",
  [hello, "--at", "x"],
  /^recrun: expected --at to be an integer from 0 /,
);
refuses(
  "a moment beyond the end",
  [hello, "--at", "5000", "--frame"],
  /^recrun: expected --at to be from 0 to 992 but found 5000\n/,
);
refuses(
  "a REC there is not",
  [hello, "--rec", "1", "--frame"],
  /^recrun: expected --rec to be from 0 to 0 but found 1\n/,
);
refuses(
  "a size that is none",
  [hello, "--size", "big"],
  /^recrun: expected --size such as 80x24 but found "big"\n/,
);
refuses(
  "a condition that is none",
  [hello, "--until", "x99", "--frame"],
  /^recrun: --until: expected an event, exit, .* but found "x99"\n/,
);
refuses("a condition that is never met", [
  hello,
  "--until",
  "pc==0x1",
  "--frame",
], /^recrun: --until: pc==0x1: not found after event 0 of /);
refuses(
  "a name nobody has",
  [hello, "--who", "x99"],
  /^recrun: --who: expected x0\.\.x30, .* but found "x99"\n/,
);
refuses(
  "a difference beyond the end",
  [hello, "--diff", "5000"],
  /^recrun: expected --diff to be from 0 to 992 but found 5000\n/,
);
refuses(
  "an unknown flag",
  [hello, "--fast"],
  /^recrun: expected a known flag but found --fast/,
);
refuses("a guest that is none", ["g", "--frame"], /^recrun: g: /, {
  g: "#!/bin/sh",
});
refuses(
  "a damaged recording",
  ["r", "--frame"],
  /^recrun: r:1: expected JSON but found .*\n|^recrun: r:1: .*good up to event 0\n/,
  {
    r: '{"recrun_recording":1,\n',
  },
);
