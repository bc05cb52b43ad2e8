import { assert, assertEquals, assertMatch } from "@std/assert";
import { invoke } from "./invoke.ts";

const raw = { serializer: (text: string): string => text };

const formats = ["mermaid", "plantuml", "perfetto", "jsonl"] as const;
type Format = typeof formats[number];

const guests: Readonly<Record<string, string>> = {
  alias: "",
  echo: ';#%{}<>"\\->>\nquit\n',
  forms: "",
  hello: "",
  isv0: "",
  rsi: "",
  rtc: "",
};

const scenario = "tests/scenarios/read.json";

const exported = async (
  path: string,
  format: Format,
  more: readonly string[] = [],
  around: Parameters<typeof invoke>[1] = {},
): Promise<string> => {
  const args = ["export", path, "--format", format, ...more];
  const { code, out, written } = await invoke(args, around);
  assertEquals(code, 0);
  assertEquals(written, {});
  return out;
};

for (const format of formats) {
  Deno.test(`recrun export writes a scenario as ${format}`, async (t) => {
    await t.assertSnapshot(await exported(scenario, format), raw);
  });

  Deno.test(`recrun export writes the first accesses of hello as ${format}, by device placement`, async (t) => {
    for (const devices of ["user", "kernel"]) {
      const args = ["--from", "0", "--to", "12", "--devices", devices];
      const out = await exported("tests/guests/hello.elf", format, args);
      await t.assertSnapshot(out, raw);
    }
  });
}

interface Span {
  readonly ph: string;
  readonly pid: number;
  readonly tid: number;
  readonly name: string;
  readonly ts: number;
  readonly dur: number;
  readonly args: { readonly name?: string; readonly event?: number };
}

const spansOf = (text: string): readonly Span[] =>
  JSON.parse(text).traceEvents as readonly Span[];

/** Spans of one track in order: each lies inside the one open before it, or after its end. */
const assertNested = (track: readonly Span[]): void => {
  const sorted = [...track].sort((a, b) => a.ts - b.ts || b.dur - a.dur);
  const open: number[] = [];
  for (const { ts, dur, name } of sorted) {
    while ((open.at(-1) ?? Infinity) <= ts) open.pop();
    assert(ts + dur <= (open.at(-1) ?? Infinity), `${name} at ${ts}`);
    open.push(ts + dur);
  }
};

const two_recs = JSON.stringify({
  recrun: 1,
  recs: 2,
  events: [
    { tag: "KvmRun", rec: 0, immediate_exit: false },
    { tag: "RecEnter", rec: 0 },
    { tag: "KvmRun", rec: 1, immediate_exit: false },
    { tag: "Irq", rec: 0 },
    { tag: "UartRx", bytes: [65] },
    { tag: "Tick", seconds: 1 },
    { tag: "RecExit", rec: 0 },
  ],
});

const runs: readonly (readonly [string, Parameters<typeof invoke>[1]])[] = [
  ...Object.entries(guests).map(([guest, stdin]) =>
    [`tests/guests/${guest}.elf`, { stdin }] as const
  ),
  [scenario, {}],
  ["two.json", { files: { "two.json": two_recs } }],
];

for (const [path, around] of runs) {
  for (const devices of ["user", "kernel"]) {
    Deno.test(`recrun export ${path} to perfetto nests strictly on every track, devices in ${devices}`, async () => {
      const spans = spansOf(
        await exported(path, "perfetto", ["--devices", devices], around),
      );
      const named = spans.filter(({ name }) => name === "thread_name");
      const tracks = new Set(
        spans.filter(({ ph }) => ph === "X")
          .map(({ pid, tid }) => `${pid} ${tid}`),
      );
      const known = new Set(named.map(({ pid, tid }) => `${pid} ${tid}`));
      for (const track of tracks) {
        assert(known.has(track), track);
        assertNested(
          spans.filter(({ ph, pid, tid }) =>
            ph === "X" && `${pid} ${tid}` === track
          ),
        );
      }
      assert(spans.every(({ ph, dur }) => ph === "M" || 0 < dur));
    });
  }

  Deno.test(`recrun export ${path} gives every format the events of its trace`, async () => {
    const { written } = await invoke(["run", path, "--trace", "t"], around);
    const trace = (written["t"] ?? "").trimEnd().split("\n");
    const lines = (await exported(path, "jsonl", [], around)).trimEnd()
      .split("\n").map((line) => JSON.parse(line));
    assertEquals(
      lines.map(({ event, input, what }) => {
        const who = input.rec === undefined ? "board" : `rec${input.rec}`;
        return `${event} ${who} ${input.tag} ${what}`.trimEnd();
      }),
      trace,
    );
    const spans = spansOf(await exported(path, "perfetto", [], around))
      .filter(({ args }) => args.event !== undefined);
    assertEquals(
      new Set(spans.map(({ args }) => args.event)).size,
      trace.length,
    );
    for (const format of ["mermaid", "plantuml"] as const) {
      const text = await exported(path, format, [], around);
      const numbers = [...text.matchAll(/: (\d+) [A-Za-z]/g)].map(([, n]) => n);
      assertEquals(numbers, trace.map((_, n) => String(n)));
    }
  });
}

Deno.test("recrun export writes jsonl inputs that play again as a scenario", async () => {
  const path = "tests/guests/hello.elf";
  const text = await exported(path, "jsonl");
  const events = text.trimEnd().split("\n").map((line) =>
    JSON.parse(line).input
  );
  const again = JSON.stringify({ recrun: 1, guest: "/hello", events });
  const files = { "s.json": again, "/hello": await Deno.readFile(path) };
  assertEquals(await exported("s.json", "jsonl", [], { files }), text);
});

Deno.test("recrun export plays a recording as the run it was", async () => {
  const path = "tests/guests/hello.elf";
  const { written } = await invoke(["run", path, "--record", "r"]);
  const files = { r: written["r"] ?? "" };
  for (const format of formats) {
    assertEquals(
      await exported("r", format, [], { files }),
      await exported(path, format),
    );
  }
  const { code, err } = await invoke(
    ["export", "r", "--format", "jsonl", "--kvm", "v2"],
    { files },
  );
  assertEquals([code, err], [
    2,
    "recrun: r: expected a recording without run options but found kvm: it has its own\n",
  ]);
});

/** A line of the diagram grammar this writer uses. */
const mermaid_line =
  /^(sequenceDiagram| {2}participant \w+| {2}Note over \w+: \S[^;#]*| {2}\w+(->>|-->>)\w+: \S[^;#]*)$/;
const plantuml_line =
  /^(@startuml|@enduml|participant \w+|note over \w+ : \S.*|\w+ (->|-->) \w+ : \S.*)$/;

for (const [path, around] of runs) {
  Deno.test(`recrun export ${path} keeps to the grammar of both diagrams`, async () => {
    const [mermaid, plantuml] = await Promise.all([
      exported(path, "mermaid", [], around),
      exported(path, "plantuml", [], around),
    ]);
    for (const line of mermaid.trimEnd().split("\n")) {
      assertMatch(line.replaceAll(/#\d+;/g, ""), mermaid_line);
    }
    for (const line of plantuml.trimEnd().split("\n")) {
      assertMatch(line, plantuml_line);
    }
  });
}

Deno.test("recrun export shows what was refused and ends with the run's verdict", async () => {
  const events = [{ tag: "RecExit", rec: 0 }];
  const files = { "s.json": JSON.stringify({ recrun: 1, events }) };
  const out = await exported("s.json", "jsonl", [], { files });
  assertEquals(JSON.parse(out).refused.tag, "OutOfTurn");
  const stuck = await invoke([
    "export",
    "tests/guests/spin.elf",
    "--format",
    "mermaid",
    "--steps",
    "1000",
  ]);
  assertEquals(stuck.code, 1);
  assertEquals(stuck.err, "recrun: stopped at the step limit\n");
});

const refuses = (
  name: string,
  args: readonly string[],
  line: string,
  files: Readonly<Record<string, Uint8Array | string>> = {},
): void =>
  Deno.test(`recrun export refuses ${name}`, async () => {
    const { code, out, err } = await invoke(["export", ...args], { files });
    assertEquals({ code, out, err }, {
      code: 2,
      out: "",
      err: `recrun: ${line}\n`,
    });
  });

refuses(
  "no file",
  ["--format", "jsonl"],
  "expected export to be given one GUEST.elf, SCENARIO.json or RECORDING but found 0",
);
refuses(
  "no format",
  [scenario],
  "expected --format to be one of mermaid, plantuml, perfetto, jsonl but found none",
);
refuses(
  "a format it does not write",
  [scenario, "--format", "svg"],
  'expected --format to be one of mermaid, plantuml, perfetto, jsonl but found "svg"',
);
refuses(
  "a range that ends before it begins",
  [scenario, "--format", "jsonl", "--from", "5", "--to", "3"],
  'expected --to to be an integer from 5 to 9007199254740991 but found "3"',
);
refuses(
  "a file that is no guest",
  ["a.elf", "--format", "jsonl"],
  "a.elf: expected the ELF magic 7f 45 4c 46 at byte 0 but found 74 65 78 74",
  { "a.elf": "text" },
);
refuses(
  "a scenario with nothing to run",
  ["s.json", "--format", "jsonl"],
  's.json: expected "guest" or "events" but found neither',
  { "s.json": '{"recrun":1}' },
);
