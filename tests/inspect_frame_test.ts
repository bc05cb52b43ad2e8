import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { screen } from "../core/history/ansi.ts";
import { frame, type Size } from "../core/history/frame.ts";
import { press } from "../core/history/keys.ts";
import { begin, type Session } from "../core/history/session.ts";
import { traceLine } from "../shell/trace.ts";
import { seen } from "./ansi_screen.ts";
import { tapeOf } from "./history_tapes.ts";

const least: Size = { columns: 80, rows: 24 };

const sessionOf = async (guest: string, event = 0): Promise<Session> =>
  begin(`${guest}.elf`, await tapeOf(guest, 60_000), [], event, traceLine);

/** The session after keys; `~` stands for enter. */
const after = (session: Session, keys: string): Session => {
  let now = session;
  for (const key of keys) now = press(now, key === "~" ? "enter" : key) ?? now;
  return now;
};

const show = (session: Session, size: Size = least) =>
  seen(screen(frame(session, size)), size);

const moments: readonly (readonly [string, number, string])[] = [
  ["hello", 0, ""],
  ["hello", 7, ""],
  ["hello", 20, "e"],
  ["hello", 20, "l"],
  ["hello", 5, "meeed"],
  ["hello", 5, "?"],
  ["mmu", 300, "jjj"],
  ["mmu", 300, "wesr_el1~"],
  ["mmu", 300, "rpc==0x"],
  ["rsi", 200, "rRIPAS_RESPONSE~"],
  ["isv0", 40, "x"],
];

for (const [guest, event, keys] of moments) {
  Deno.test(`frame() of ${guest} at event ${event} after keys "${keys}" in 80x24`, async (t) => {
    const { rows, inside } = show(after(await sessionOf(guest, event), keys));
    assert(inside);
    const text = rows.map((row) => `${row.trimEnd()}\n`).join("");
    await t.assertSnapshot(text, { serializer: (value) => String(value) });
  });
}

const bodies = ["", "l", "d", "md", "?", "w", "jjjjjjjjjj", "meeeeld"];

Deno.test("frame() fills every size exactly and leaves none of it", async () => {
  const session = await sessionOf("mmu", 900);
  for (const keys of bodies) {
    const now = after(session, keys);
    for (const columns of [20, 79, 80, 81, 132, 300]) {
      for (const rows of [3, 23, 24, 25, 60]) {
        const lines = frame(now, { columns, rows });
        assertEquals(lines.length, rows);
        assert(show(now, { columns, rows }).inside, `${columns}x${rows}`);
        for (const line of lines) {
          const width = [...line.map(({ text }) => text).join("")].length;
          assertEquals(width, columns);
        }
      }
    }
  }
});

Deno.test("frame() has its keys on screen at 80 columns, whole", async () => {
  const { rows } = show(await sessionOf("hello", 7));
  const keys = rows.slice(-2).join(" ");
  assert(!keys.includes("~"));
  for (const key of "ieIEx0$gn?qrRwmdlbjk") assertStringIncludes(keys, key);
});

Deno.test("frame() shows more in a larger terminal", async () => {
  const session = await sessionOf("mmu", 300);
  const small = show(session);
  const large = show(session, { columns: 160, rows: 60 });
  assertStringIncludes(small.rows.join("\n"), "more, j");
  assert(!large.rows.join("\n").includes("more, j"));
  for (const name of ["KVM's copy", "TestDevice", "ACTIVE", "vbar_el1"]) {
    assertStringIncludes(large.rows.join("\n"), name);
  }
});

Deno.test("frame() marks what the last event changed", async () => {
  const { rows, styles } = show(await sessionOf("hello", 6));
  const row = rows.findIndex((text) => text.includes("exit SYNC"));
  const column = rows[row]!.indexOf("esr 91800047");
  assertEquals(styles[row]?.[column], "1;33");
  const same = rows.findIndex((text) => text.includes("Pl031"));
  assert(!styles[same]?.slice(40).includes("1;33"));
});

Deno.test("frame() of the same session is the same text", async () => {
  const size = { columns: 100, rows: 30 };
  const once = screen(frame(await sessionOf("hello", 7), size));
  assertEquals(screen(frame(await sessionOf("hello", 7), size)), once);
});

Deno.test("frame() never shows a realm secret on the host's side", async () => {
  const size = { columns: 160, rows: 60 };
  let session = await sessionOf("hello", 2);
  for (let step = 0; step < 40; step++) {
    session = after(session, "i");
    const { now } = session.history;
    const x30 = now.world.realm.recs[0]?.x[30]?.toString(16) ?? "";
    const { rows } = show(session, size);
    const left = rows.slice(9).map((row) => row.slice(0, 79)).join("\n");
    const right = rows.slice(9, -3).map((row) => row.slice(80)).join("\n");
    if (x30 === "0") continue;
    assertStringIncludes(left, `x30 ${x30}`);
    assert(!right.includes(x30), `${x30}\n${right}`);
  }
});

Deno.test("frame() says whether the world has the recording's digest", async () => {
  const tape = await tapeOf("hello", 60_000);
  const wrong = tape.events.map(() => "0x0000000000000000");
  const differs = begin("h", tape, wrong, 3, traceLine);
  assertStringIncludes(show(differs).rows[0] ?? "", "DIGEST DIFFERS");
  assert(!(show(await sessionOf("hello", 3)).rows[0] ?? "").includes("digest"));
});
