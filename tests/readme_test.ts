import { assertEquals } from "@std/assert";
import { invoke } from "./invoke.ts";

/** The lines README shows under `$ command` in a console block. */
const shownUnder = async (command: string): Promise<string> => {
  const readme = await Deno.readTextFile("README.md");
  const [, after = ""] = readme.split(`\`\`\`console\n$ ${command}\n`);
  const [shown = ""] = after.split("```");
  return shown;
};

Deno.test("README's session is what the demo prints", async () => {
  const { code, out, err } = await invoke(["run", "tests/guests/hello.elf"]);
  assertEquals(code, 0);
  assertEquals(await shownUnder("deno task demo"), out + err);
});

Deno.test("README's scenario runs to its end", async () => {
  const readme = await Deno.readTextFile("README.md");
  const [, after = ""] = readme.split("```json\n");
  const [text = ""] = after.split("```");
  const { code, err } = await invoke(["run", "s.json"], {
    files: { "s.json": text },
  });
  assertEquals(code, 0);
  assertEquals(err.split(";")[0], "recrun: the scenario's events are played");
});

Deno.test("README's explanation is what explain prints", async () => {
  const { out } = await invoke(["explain", "hpfar", "0x80090000"]);
  assertEquals(await shownUnder("recrun explain hpfar 0x80090000"), out);
});
