import { assertEquals } from "@std/assert";
import { aligned, playScript } from "./device_script.ts";
import { fresh, scripts } from "./device_scripts.ts";

for (const { law, on, text } of scripts) {
  Deno.test(`read() and write(): ${law}`, () => {
    assertEquals(playScript(fresh[on], text).text, aligned(text));
  });
}

Deno.test("every device saved as JSON after any line of any script plays on as if nothing had happened", () => {
  for (const { on, text } of scripts) {
    const lines = text.trim().split("\n");
    for (let cut = 0; cut <= lines.length; cut++) {
      const before = playScript(fresh[on], lines.slice(0, cut).join("\n"));
      const saved = JSON.stringify(before.device);
      const after = playScript(
        JSON.parse(saved),
        lines.slice(cut).join("\n"),
      );
      const whole = playScript(fresh[on], text);
      assertEquals(
        `${before.text}\n${after.text}`.trim(),
        whole.text.trim(),
      );
      assertEquals(after.device, whole.device);
    }
  }
});

Deno.test("playScript() leaves the device it was given alone", () => {
  for (const { on, text } of scripts) {
    const saved = JSON.stringify(fresh[on]);
    playScript(fresh[on], text);
    assertEquals(JSON.stringify(fresh[on]), saved);
  }
});
