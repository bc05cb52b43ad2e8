import { assert, assertEquals, assertMatch } from "@std/assert";
import * as Effect from "effect/Effect";
import { digest } from "../core/history/digest.ts";
import { opened, seek } from "../core/history/history.ts";
import { write } from "../core/realm/memory.ts";
import { parseSnapshot, snapshotText } from "../shell/codec/world.ts";
import { tapeOf } from "./history_tapes.ts";
import { invoke } from "./invoke.ts";

const hello = "tests/guests/hello.elf";

for (const guest of ["echo", "forms", "hello", "mmu", "rsi", "rtc"]) {
  Deno.test(`a snapshot of ${guest} is the world it was made of, at every part`, async () => {
    const tape = await tapeOf(guest, 60_000);
    for (const part of [0, 1, 2, 3, 4]) {
      const event = Math.floor(tape.events.length * part / 4);
      const { world } = seek(opened(tape), { event }).now;
      const text = snapshotText(world);
      const read = await Effect.runPromise(parseSnapshot(text, "s"));
      assertEquals(digest(read), digest(world));
      assertEquals(snapshotText(read), text);
    }
  });
}

Deno.test("snapshotText() is the same for the same world, however it came about", async () => {
  const { start } = await tapeOf("hello", 10);
  const { memory } = start.realm;
  const at = memory.base + 0x10_0000;
  const written = write(memory, at, Uint8Array.of(1));
  const cleared = write(written, at, Uint8Array.of(0));
  const { bus, host, ...rest } = start;
  const same = {
    bus,
    ...rest,
    host,
    realm: { memory: cleared, recs: start.realm.recs },
  };
  assertEquals(snapshotText(same), snapshotText(start));
});

const saved = async (event: number): Promise<string> => {
  const { written } = await invoke([
    "snapshot",
    `${hello}@${event}`,
    "--save",
    "out",
  ]);
  return written["out"] ?? "";
};

Deno.test("recrun run --from a snapshot ends as the whole run ends", async () => {
  const whole = await invoke(["run", hello, "--record", "rec"]);
  const rec = whole.written["rec"] ?? "";
  const text = await saved(400);
  const part = await invoke(["run", "--from", "s", "--record", "rest"], {
    files: { s: text },
  });
  assertEquals(part.code, 0);
  assert(part.out !== "" && whole.out.endsWith(part.out));
  // From the 400th event on, the two recordings hold the same lines.
  const rest = (part.written["rest"] ?? "").split("\n");
  assertEquals(rest.slice(1, -2), rec.split("\n").slice(401, -2));
  const again = await invoke(["replay", "rest"], {
    files: { rest: part.written["rest"] ?? "" },
  });
  assertEquals([again.code, again.out], [0, part.out]);
});

Deno.test("recrun snapshot of a recording and of its guest are the same bytes", async () => {
  const { written } = await invoke(["run", hello, "--record", "rec"]);
  const { written: of } = await invoke(
    ["snapshot", "rec@123", "--save", "out"],
    { files: { rec: written["rec"] ?? "" } },
  );
  assertEquals(of["out"], await saved(123));
});

/** A command that is refused with one line. */
const refuses = (
  what: string,
  args: readonly string[],
  line: RegExp,
  change: (text: string) => string = (text) => text,
): void =>
  Deno.test(`recrun refuses ${what}`, async () => {
    const s = change(await saved(3));
    const { code, out, err, written } = await invoke(args, { files: { s } });
    assertMatch(err, line);
    assertEquals([code, out, written], [2, "", {}]);
    assertEquals(err.split("\n").length, 2);
  });

refuses(
  "a damaged snapshot",
  ["run", "--from", "s"],
  /^recrun: s: expected a world with digest 0x\w+ but found 0x\w+; the file is damaged\n/,
  (text) => text.replace('"pc":"0x4', '"pc":"0x5'),
);
refuses(
  "a snapshot with a damaged page",
  ["run", "--from", "s"],
  /^recrun: s: \["realm"\]\["memory"\]: expected page 128 of RAM as 4096 bytes of base64 but found something else\n/,
  (text) => text.replace('"pages":[[128,"', '"pages":[[128,"!'),
);
refuses(
  "a truncated snapshot",
  ["run", "--from", "s"],
  /^recrun: s: expected JSON but found /,
  (text) => text.slice(0, 1000),
);
refuses(
  "a newer snapshot",
  ["run", "--from", "s"],
  /^recrun: s: expected a snapshot of version 1 but found version 9\n/,
  (text) => text.replace('"recrun_snapshot":1', '"recrun_snapshot":9'),
);
refuses(
  "a snapshot that is something else",
  ["run", "--from", "tests/scenarios/read.json"],
  /^recrun: tests\/scenarios\/read.json: \["recrun_snapshot"\]: expected a value but found nothing\n/,
);
refuses(
  "--from with an option the snapshot holds",
  ["run", "--from", "s", "--kvm", "sync"],
  /^recrun: expected no guest and no option of its own with --from, which has them, but found kvm\n/,
);
refuses(
  "--from with a guest",
  ["run", hello, "--from", "s"],
  /^recrun: expected no guest .* but found tests\/guests\/hello.elf\n/,
);
refuses(
  "a snapshot of no event",
  ["snapshot", hello, "--save", "out"],
  /^recrun: expected snapshot to be given one FILE@EVENT but found tests\/guests\/hello.elf\n/,
);
refuses(
  "a snapshot of nothing",
  ["snapshot"],
  /^recrun: expected snapshot to be given one FILE@EVENT but found none\n/,
);
refuses(
  "a snapshot saved nowhere",
  ["snapshot", `${hello}@1`],
  /^recrun: expected snapshot to be given --save OUT but found none\n/,
);
refuses(
  "a snapshot beyond the end",
  ["snapshot", `${hello}@5000`, "--save", "out"],
  /^recrun: tests\/guests\/hello.elf: expected an event from 0 to 992 but found 5000\n/,
);
