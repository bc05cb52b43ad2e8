import { assertEquals, assertStringIncludes } from "@std/assert";
import { invoke } from "./invoke.ts";

Deno.test("recrun run plays a scenario of bare events as written", async (t) => {
  const path = "tests/scenarios/read.json";
  const { code, out, written } = await invoke(["run", path, "--trace", "t"]);
  assertEquals(code, 0);
  assertEquals(out, "");
  await t.assertSnapshot(written["t"], { serializer: String });
});

Deno.test("recrun run plays a scenario's guest with its options and input", async () => {
  const scenario = {
    recrun: 1,
    guest: "guests/echo.elf",
    kvm: "direct",
    devices: "kernel",
    input: "one\nquit\n",
  };
  const { code, out } = await invoke(["run", "tests/s.json"], {
    files: { "tests/s.json": JSON.stringify(scenario) },
  });
  assertEquals(code, 0);
  assertEquals(out, "one\nquit\nechoed 9 bytes, 2 lines\n");
});

Deno.test("recrun run counts what a scenario asked for and the model refused", async () => {
  const scenario = {
    recrun: 1,
    events: [
      { tag: "RecExit", rec: 0 },
      {
        tag: "RmiRecEnter",
        rec: 0,
        flags: "0x1",
        gprs: Array.from({ length: 31 }, () => "0x0"),
      },
    ],
  };
  const { code, err, written } = await invoke(
    ["run", "s.json", "--trace", "t"],
    { files: { "s.json": JSON.stringify(scenario) } },
  );
  assertEquals(code, 0);
  assertStringIncludes(err, "2  events refused");
  assertEquals(
    written["t"],
    "0 rec0 RecExit refused: out of turn: expected the vCPU at exit but found it at user\n" +
      "1 rec0 RmiRecEnter refused: RMI_ERROR_REC index 0\n",
  );
});
