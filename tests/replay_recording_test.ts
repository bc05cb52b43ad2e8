import { assert, assertEquals, assertMatch } from "@std/assert";
import { invoke } from "./invoke.ts";

const guests: Readonly<Record<string, string>> = {
  alias: "",
  echo: "hello\nrealm\nquit\n",
  fault: "",
  forms: "",
  fpsimd: "",
  hello: "",
  isv0: "",
  mmu: "",
  rsi: "",
  rtc: "",
  soak: "",
};

const record = async (
  args: readonly string[],
  stdin = "",
  files: Readonly<Record<string, string>> = {},
) => {
  const ran = await invoke(["run", ...args, "--record", "rec"], {
    stdin,
    files,
  });
  return { ...ran, text: ran.written["rec"] ?? "" };
};

const replay = (text: string, ...flags: readonly string[]) =>
  invoke(["replay", "rec", ...flags], { files: { rec: text } });

for (const [guest, stdin] of Object.entries(guests)) {
  Deno.test(`recrun replay of ${guest} is the run to the last bit`, async () => {
    const { text, out } = await record([`tests/guests/${guest}.elf`], stdin);
    const again = await replay(text);
    const events = text.split("\n").length - 3;
    assertEquals(again.out, out);
    assertMatch(
      again.err,
      new RegExp(
        `^recrun: ${events} events replayed, ${events} digests equal; the run ended: `,
      ),
    );
    assertEquals(again.code, 0);
  });
}

const scenario = "tests/scenarios/read.json";

Deno.test("recrun replay plays a scenario's events, refused ones too", async () => {
  const events = [
    { tag: "Irq", rec: 0 },
    { tag: "KvmRun", rec: 0, immediate_exit: false },
    { tag: "RecEnter", rec: 0 },
    { tag: "Irq", rec: 0 },
    { tag: "Irq", rec: 3 },
  ];
  const { text } = await record(["s.json"], "", {
    "s.json": JSON.stringify({ recrun: 1, events }),
  });
  const { err, code } = await replay(text);
  assertMatch(err, /^recrun: 5 events replayed, 5 digests equal/);
  assertEquals(code, 0);
});

Deno.test("recrun run --record writes the same recording every time", async () => {
  assertEquals(
    (await record([scenario])).text,
    (await record([scenario])).text,
  );
});

Deno.test("recrun replay plays an interrupted recording as far as it goes", async () => {
  const { text } = await record(["tests/guests/hello.elf"]);
  const lines = text.split("\n");
  for (const kept of [1, 2, 400, lines.length - 2]) {
    const { err, code } = await replay(`${lines.slice(0, kept).join("\n")}\n`);
    assertMatch(
      err,
      new RegExp(
        `^recrun: ${kept - 1} events? replayed, ${
          kept - 1
        } digests? equal; the recording has no end`,
      ),
    );
    assertEquals(code, 0);
  }
});

Deno.test("recrun replay refuses a recording cut at any byte of a line and says how far it is good", async () => {
  const { text } = await record([scenario]);
  for (let at = 20; at < text.length; at++) {
    if (text[at - 1] === "\n") continue;
    const { code, out, err } = await replay(text.slice(0, at));
    assertEquals(code, 2);
    assertEquals(out, "");
    const good = Math.max(0, text.slice(0, at).split("\n").length - 2);
    assertMatch(
      err,
      new RegExp(
        `^recrun: rec:\\d+: expected a whole line but found the file's end; the recording is good up to event ${good}\n$`,
      ),
    );
  }
});

Deno.test("recrun replay --to plays the good part of a damaged recording", async () => {
  const { text } = await record(["tests/guests/hello.elf"]);
  const cut = text.slice(0, text.length / 2);
  const { err } = await replay(cut);
  const good = /good up to event (\d+)\n$/.exec(err)?.[1] ?? "";
  const again = await replay(cut, "--to", good);
  assertMatch(
    again.err,
    new RegExp(`^recrun: ${good} events replayed, ${good} digests equal`),
  );
  assertEquals(again.code, 0);
});

const damage = (text: string, line: number, from: string, to: string) => {
  const lines = text.split("\n");
  const old = lines[line - 1] ?? "";
  assert(old.includes(from), old);
  return lines.with(line - 1, old.replace(from, to)).join("\n");
};

Deno.test("recrun replay names the first event that differs", async () => {
  const { text } = await record(["tests/guests/hello.elf"]);
  const line =
    text.split("\n").findIndex((of, at) => at > 50 && of.includes('"Dabt"')) +
    1;
  const { code, err } = await replay(
    damage(text, line, '"far":"0x80', '"far":"0x90'),
  );
  assertEquals(code, 1);
  const event = line - 2;
  assertMatch(
    err,
    new RegExp(
      `^recrun: event ${event} is the first that differs: expected digest 0x\\w{16} but found 0x\\w{16}\n${event} rec0 Dabt pc `,
    ),
  );
});

Deno.test("recrun replay narrows the first difference to one interval of digests", async () => {
  const { text } = await record([
    "tests/guests/hello.elf",
    "--digest-every",
    "50",
  ]);
  const line =
    text.split("\n").findIndex((of, at) => at > 110 && of.includes('"Run"')) +
    1;
  const { code, err } = await replay(
    damage(text, line, '"budget":1000000', '"budget":1'),
  );
  assertEquals(code, 1);
  assertMatch(
    err,
    /^recrun: the first event that differs is one of 100 to 149: /,
  );
});

/** A recording that is refused, and its one line. */
const refuses = (
  what: string,
  change: (text: string) => string,
  line: RegExp,
): void =>
  Deno.test(`recrun replay refuses ${what}`, async () => {
    const { text } = await record(["tests/guests/hello.elf"]);
    const { code, out, err } = await replay(change(text));
    assertMatch(err, line);
    assertEquals([code, out, err.split("\n").length], [2, "", 2]);
  });

refuses(
  "a file that is no recording",
  () => "hello\n",
  /^recrun: rec: expected a recording, which starts .* but found something else\n/,
);
refuses(
  "a newer recording",
  (text) => text.replace('"recrun_recording":1', '"recrun_recording":2'),
  /^recrun: rec:1: expected a recording of version 1 but found version 2; this build reads none of its events\n/,
);
refuses(
  "a recording whose line is no JSON",
  (text) => damage(text, 40, '{"tag":', '{"tag'),
  /^recrun: rec:40: expected JSON but found .*; the recording is good up to event 38\n/,
);
refuses(
  "a recording with an unknown event",
  (text) => damage(text, 40, '{"tag":"', '{"tag":"X'),
  /^recrun: rec:40: \["tag"\]: expected .*; the recording is good up to event 38\n/,
);
refuses(
  "a recording that lost a line",
  (text) => text.split("\n").toSpliced(40, 1).join("\n"),
  /^recrun: rec:\d+: expected 992 events but found 991; the recording is good up to event 991\n/,
);
refuses(
  "a recording with lines after its last",
  (text) => `${text}${text.split("\n")[5]}\n`,
  /^recrun: rec:\d+: expected the last line but found lines after it; the recording is good up to event 992\n/,
);
refuses(
  "a recording whose program is damaged",
  (text) => text.replace('"sha256":"', '"sha256":"0'),
  /^recrun: rec:1: expected the program with SHA-256 0.* but found .*; the recording is good up to event 0\n/,
);
refuses(
  "a recording this build starts differently",
  (text) => text.replace('"digest":"0x', '"digest":"0xa'),
  /^recrun: rec:1: expected a first world with digest .* but this build makes .*; the recording is good up to event 0\n/,
);
