import { assert, assertEquals } from "@std/assert";
import { headOf, headStart } from "../shell/head.ts";
import { worldFrom } from "../shell/build.ts";
import { isBad } from "../shell/bad_input.ts";
import { default_options } from "../shell/options.ts";
import { begun, choose } from "../shell/progress.ts";
import { step } from "../core/step.ts";
import { invoke } from "./invoke.ts";

/** Every guest that comes to an end. */
const guests = [...Deno.readDirSync("tests/guests")]
  .map(({ name }) => name)
  .filter((name) => name.endsWith(".elf") && !/^(spin|soak)/.test(name))
  .sort();

const stdin = "one line\nand another\n\x04";

for (const name of guests) {
  const path = `tests/guests/${name}`;
  Deno.test(`headStart() changes nothing that is seen of ${name}`, async () => {
    const plain = await invoke(["run", path], { stdin });
    const ahead = await invoke(["run", path], { stdin, head: true });
    assertEquals(ahead, plain);
  });
}

const worldOf = (path: string) => {
  const bytes = Deno.readFileSync(path);
  const world = worldFrom({ path, bytes }, default_options);
  if (isBad(world)) throw new Error(world.line);
  return world;
};

Deno.test("headOf() takes steps of the machine, one after the other", () => {
  const start = worldOf("tests/guests/hello.elf");
  const { taken, progress, halt } = headOf(start, new Uint8Array(), () => {});
  let world = start;
  for (const { before, event, result } of taken) {
    assert(before === world);
    assertEquals(step(world, event), result);
    world = result.world;
  }
  assert(progress.world === world);
  assertEquals(halt?.tag, "SystemOff");
});

Deno.test("headOf() stops at its limits with the run going on", () => {
  const start = worldOf("tests/guests/spin.elf");
  const { progress, halt, taken } = headOf(start, new Uint8Array(), () => {});
  assertEquals(halt, null);
  assert(taken.length <= 2_000 && progress.steps <= 10_000);
  const course = { steps_max: 20_000, input: new Uint8Array(), events: null };
  assert(choose(course, { ...progress }) !== null);
});

Deno.test("headOf() leaves an ask it cannot perform to the run loop", () => {
  const start = worldOf("tests/guests/fpsimd.elf");
  const { progress, taken } = headOf(start, new Uint8Array(), () => {});
  for (const { result } of taken) {
    assert(
      result.tag === "Stepped" &&
        result.asks.every(({ tag }) => tag !== "Unsupported"),
    );
  }
  const course = { steps_max: 10_000, input: new Uint8Array(), events: null };
  const event = choose(course, { ...progress });
  const result = event === null ? null : step(progress.world, event);
  assert(
    result?.tag === "Stepped" &&
      result.asks.some(({ tag }) => tag === "Unsupported"),
  );
});

Deno.test("headOf() feeds the input as the run loop does", () => {
  const start = worldOf("tests/guests/echo.elf");
  const input = new TextEncoder().encode("x".repeat(100));
  const { taken, progress } = headOf(start, input, () => {});
  const first = choose({ steps_max: 1, input, events: null }, begun(start));
  assertEquals(taken[0]?.event, first);
  const fed = taken.flatMap(({ event }) =>
    event.tag === "UartRx" ? event.bytes : []
  );
  assertEquals(progress.fed, fed.length);
});

Deno.test("headStart() begins plain runs alone", () => {
  const machine = {
    read: Deno.readFileSync,
    input: () => new Uint8Array(),
    out: () => {},
  };
  const hello = "tests/guests/hello.elf";
  assert(headStart(["run", hello], machine) !== null);
  for (
    const args of [
      [],
      ["run"],
      ["run", "--help"],
      ["run", hello, "--spec"],
      ["run", "--spec", hello],
      ["replay", hello],
      ["run", "tests/scenarios/none.json"],
      ["run", "tests/guests/none.elf"],
      ["run", "README.md"],
    ]
  ) {
    assertEquals(headStart(args, machine), null);
  }
});
