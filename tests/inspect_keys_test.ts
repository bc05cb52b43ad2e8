import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { digest } from "../core/history/digest.ts";
import { press } from "../core/history/keys.ts";
import { begin, type Session } from "../core/history/session.ts";
import { interact, keysOf } from "../shell/screen.ts";
import { traceLine } from "../shell/trace.ts";
import { tapeOf } from "./history_tapes.ts";

const tape = await tapeOf("mmu", 60_000);

const at = (event: number): Session => begin("mmu", tape, [], event, traceLine);

const after = (session: Session, keys: string): Session => {
  let now = session;
  for (const key of keys) now = press(now, key === "~" ? "enter" : key) ?? now;
  return now;
};

const place = ({ history: { now } }: Session): readonly unknown[] => [
  now.event,
  now.turn,
  now.steps,
  digest(now.world),
];

const pairs: readonly (readonly [string, string])[] = [
  ["i", "I"],
  ["e", "E"],
  ["iiiii", "IIIII"],
  ["eee", "EEE"],
  ["g900~", "g400~"],
  ["$", "g400~"],
];

for (const [there, back] of pairs) {
  Deno.test(`press() ${there} and ${back} is where it began`, () => {
    const start = at(400);
    const away = after(start, there);
    assert(place(away)[2] !== place(start)[2]);
    assertEquals(place(after(away, back)), place(start));
  });
}

Deno.test("press() x and X go from exit to exit", () => {
  const first = after(at(0), "x");
  const { now } = first.history;
  assertEquals(now.world.host.vcpus[0]?.at, "exit");
  const third = after(first, "xx");
  assert(first.history.now.event < third.history.now.event);
  assertEquals(place(after(third, "XX")), place(first));
  assertEquals(after(first, "X").message, "last exit: not found");
  assertEquals(place(after(first, "X")), place(first));
});

Deno.test("press() r runs to a PC, inside a Run, and R back to it", () => {
  const start = at(0);
  const pc = 0x40080060n;
  const there = after(start, "rpc==0x40080060~");
  assertEquals(there.history.now.world.realm.recs[0]?.pc, pc);
  assert(there.history.now.turn > 0);
  const later = after(there, "rpc==0x40080060~");
  assert(there.history.now.steps < later.history.now.steps);
  assertEquals(place(after(later, "Rpc==0x40080060~")), place(there));
});

Deno.test("press() r runs to a flag, an event, a change, a value of the page", () => {
  const flag = after(at(0), "rEMUL_MMIO~");
  assertEquals(flag.history.now.world.runs[0]?.enter.flags, 1n);
  const event = after(at(0), "rSmc~");
  assertEquals(tape.events[event.history.now.event - 1]?.tag, "Smc");
  const change = after(at(0), "rvbar_el1~");
  const vbar = change.history.now.world.realm.recs[0]?.sys.vbar_el1;
  assert(vbar !== undefined && vbar !== 0n);
  const owed = after(at(0), "rowed==MmioComplete~");
  assertEquals(owed.history.now.world.host.vcpus[0]?.owed, "MmioComplete");
});

Deno.test("press() says what a condition, a watch or a place should have been", () => {
  const refused = [
    ["rx77~", "expected an event"],
    ["rpc==~", "expected an event"],
    ["wnothing~", "expected x0..x30"],
    ["gabc~", "expected an event such as 57"],
  ] as const;
  for (const [keys, text] of refused) {
    const session = after(at(400), keys);
    assertStringIncludes(session.message, text);
    assertEquals(place(session), place(at(400)));
  }
});

Deno.test("press() says when a condition is never met and stays", () => {
  const session = after(at(400), "rpc==0x1~");
  assertEquals(session.message, "pc==0x1: not found");
  assertEquals(place(session), place(at(400)));
});

Deno.test("press() edits what is typed, and escape lets it be", () => {
  let session = after(at(400), "g99");
  session = press(session, "backspace") ?? session;
  session = press(session, "up") ?? session;
  assertEquals(session.prompt, { tag: "goto", text: "9" });
  const left = press(session, "escape");
  assertEquals(left?.prompt, null);
  assertEquals(place(left ?? session), place(at(400)));
});

Deno.test("press() ends with q, types a q, and knows a key that means nothing", () => {
  const session = at(3);
  assertEquals(press(session, "q"), null);
  assertEquals(after(session, "wq").prompt?.text, "q");
  assertEquals(press(session, "Z"), session);
  assertEquals(press(session, "toString"), session);
});

Deno.test("press() l keeps its ledger to the moment, forward and back", () => {
  const entries = ({ ledgers }: Session) => ledgers.now.entries;
  const ledger = after(at(5), "l");
  const forth = after(ledger, "eeeeeeeeeeeeeeeeeeee");
  assert(entries(ledger).size < entries(forth).size);
  const back = after(forth, "EEEEEEEEEEEEEEEEEEEE");
  assertEquals(entries(back), entries(ledger));
});

Deno.test("keysOf() reads characters, arrows and control keys, and drops what it does not know", () => {
  assertEquals(keysOf("iE\x1b[A\x1b[B\x1bOC\x1b[D"), [
    "i",
    "E",
    "up",
    "down",
    "right",
    "left",
  ]);
  assertEquals(keysOf("\r\n\x7f\b\x1b\x03"), [
    "enter",
    "enter",
    "backspace",
    "backspace",
    "escape",
    "interrupt",
  ]);
  assertEquals(keysOf("a\x1b[15~b\x1b[1;5Hc"), ["a", "b", "c"]);
});

const pressedKeys = async function* (keys: readonly string[]) {
  yield* keys;
};

Deno.test("interact() draws after every key and gives the terminal back", async () => {
  for (const last of ["q", "interrupt", "i"]) {
    const written: string[] = [];
    await interact(at(3), {
      size: () => ({ columns: 80, rows: 24 }),
      write: (text) => void written.push(text),
      keys: pressedKeys(["i", "resize", "e", last]),
    });
    const frames = written.filter((text) => text.startsWith("\x1b[1;1H"));
    assertEquals(frames.length, last === "i" ? 5 : 4);
    assertStringIncludes(written[0] ?? "", "\x1b[?1049h");
    assertStringIncludes(written.at(-1) ?? "", "\x1b[?1049l");
    assertStringIncludes(written.at(-1) ?? "", "\x1b[?25h");
  }
});
