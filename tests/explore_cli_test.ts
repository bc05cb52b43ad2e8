import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { invoke } from "./invoke.ts";

/** Every refusal is one line on stderr, exit code 2, and nothing on stdout. */
const refuses = (name: string, args: readonly string[], line: RegExp): void =>
  Deno.test(`recrun explore refuses ${name}`, async () => {
    const { code, out, err, written } = await invoke(["explore", ...args]);
    assertEquals([code, out, written], [2, "", {}]);
    assertMatch(err, line);
    assertEquals(err.split("\n").length, 2);
  });

refuses(
  "an unknown action",
  ["--events", "read,fly"],
  /^recrun: expected --events to name actions or sets .* but found "fly"\n$/,
);
refuses(
  "an empty alphabet",
  ["--events", ","],
  /expected --events to name at least one action but found none/,
);
refuses(
  "an unknown invariant",
  ["--invariants", "C1,Q9"],
  /expected --invariants to name invariants \(C1 .*\) but found "Q9"/,
);
refuses(
  "an impossible bound",
  ["--depth", "0"],
  /expected --depth to be an integer from 1 to 1000000 but found "0"/,
);
refuses(
  "a negative number of states",
  ["--states=-4"],
  /expected --states to be an integer from 1 to 500000000 but found "-4"/,
);
refuses(
  "seventeen RECs",
  ["--recs", "17"],
  /expected --recs to be an integer from 1 to 16 but found "17"/,
);
refuses("a file", ["guest.elf"], /expected only flags but found "guest.elf"/);
refuses(
  "an unknown revision",
  ["--kvm", "v99"],
  /expected --kvm to be one of .* but found "v99"/,
);

const firstLine = (text: string): string => text.split("\n")[0] ?? "";

Deno.test("recrun explore says how far all holds", async () => {
  const small = ["explore", "--events", "read,irq,correct", "--recs", "1"];
  const whole = await invoke(small);
  assertEquals([whole.code, firstLine(whole.out)], [0, "holds: complete"]);
  assertMatch(whole.err, /^recrun: depth \d+, \d+ unique states in .*\n$/);
  const near = await invoke([...small, "--depth", "4"]);
  assertEquals([near.code, firstLine(near.out)], [0, "holds: bounded at 4"]);
  const few = await invoke([...small, "--states", "6"]);
  assertEquals([few.code, firstLine(few.out)], [
    0,
    "holds: stopped (states limit); this is a partial result",
  ]);
});

Deno.test("recrun explore keeps and labels what it found when memory ends", async () => {
  const { code, out, err } = await invoke(
    ["explore", "--events", "default", "--memory", "1"],
  );
  assertEquals(code, 2);
  assertEquals(
    firstLine(out),
    "holds: stopped (memory limit); this is a partial result",
  );
  assertMatch(out, /\d{4,} unique states of /);
  assertStringIncludes(err, "recrun: stopped at the memory limit of 1 MiB");
});

Deno.test("recrun explore says the same with two workers", async () => {
  const args = ["explore", "--events", "default", "--depth", "11"];
  const alone = await invoke(args);
  const both = await invoke([...args, "--workers", "2"]);
  assertEquals([both.code, both.out], [alone.code, alone.out]);
});

Deno.test("recrun explore saves a counterexample that recrun run replays", async () => {
  const found = await invoke([
    "explore",
    "--recs",
    "1",
    "--kvm",
    "v14",
    "--events",
    "default,run-immediate,ext-dabt",
    "--save",
    "found.json",
  ]);
  assertEquals(found.code, 1);
  assertMatch(found.out, /^violated: V1: /);
  assertStringIncludes(found.out, "SetVcpuEvents");
  assertStringIncludes(found.out, "```mermaid\nsequenceDiagram\n");
  const files = { "found.json": found.written["found.json"] ?? "" };
  const replayed = await invoke(["run", "found.json"], { files });
  assertEquals(replayed.code, 1);
  assertMatch(replayed.err, /recrun: event \d+ violates V1: expected times/);
  const fixed = await invoke(["run", "found.json", "--kvm", "sync"], { files });
  assertEquals(fixed.code, 0);
});

Deno.test("recrun run refuses a scenario with an unknown invariant", async () => {
  const scenario = { recrun: 1, invariant: "Q9", events: [] };
  const { code, err } = await invoke(["run", "s.json"], {
    files: { "s.json": JSON.stringify(scenario) },
  });
  assertEquals(code, 2);
  assertEquals(
    err,
    'recrun: expected "invariant" to be the id of an invariant but found "Q9"\n',
  );
});
