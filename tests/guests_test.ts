import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { invoke } from "./invoke.ts";

/** Guests that end by themselves, and what they read. */
const guests: Readonly<Record<string, string>> = {
  alias: "",
  echo: "hello\nrealm\nquit\n",
  forms: "",
  fpsimd: "",
  hello: "",
  isv0: "",
  mmu: "",
  rsi: "",
  rtc: "",
  soak: "",
};

const path = (guest: string): string => `tests/guests/${guest}.elf`;

for (const [guest, stdin] of Object.entries(guests)) {
  Deno.test(`recrun run ${guest} leaves the same trace every time`, async (t) => {
    const args = ["run", path(guest), "--trace", "trace"];
    const first = await invoke(args, { stdin });
    const { code, out, err, written } = first;
    const text = `exit code ${code}\n-- stdout\n${out}-- stderr\n${err}` +
      `-- trace\n${written["trace"]}`;
    await t.assertSnapshot(text, { serializer: (value) => String(value) });
    assertEquals(await invoke(args, { stdin }), first);
  });
}

const variants: readonly (readonly string[])[] = [
  ["--devices", "kernel"],
  ["--kvm", "direct"],
  ["--kvm", "rfc-v1"],
  ["--kvm", "rfc-v1", "--devices", "kernel"],
  ["--rmm", "rmm-1.0"],
  ["--engine", "pure"],
];

for (const guest of ["hello", "forms", "mmu"]) {
  for (const variant of variants) {
    Deno.test(`recrun run ${guest} prints the same with ${variant.join(" ")}`, async () => {
      const plain = await invoke(["run", path(guest)]);
      const varied = await invoke(["run", path(guest), ...variant]);
      assertEquals(varied.code, 0);
      assertEquals(varied.out, plain.out);
    });
  }
}

Deno.test("recrun run leaves the same trace of soak whatever the engine", async () => {
  const args = ["run", path("soak"), "--trace", "trace"];
  const fast = await invoke(args);
  assertEquals(await invoke([...args, "--engine", "pure"]), fast);
});

Deno.test("recrun run stops a guest that never ends and says where it was", async () => {
  const { code, err } = await invoke([
    "run",
    path("spin"),
    "--steps",
    "50000",
  ]);
  assertEquals(code, 1);
  assertStringIncludes(err, "stopped at the step limit");
  assertStringIncludes(err, "49953 instructions, pc 0x40080068");
});

Deno.test("recrun run says when a guest faulted for good", async () => {
  const { code, err } = await invoke(["run", path("fault")]);
  assertEquals(code, 1);
  assertStringIncludes(err, "the guest faulted for good");
  assertStringIncludes(err, "pc 0x200");
});

Deno.test("recrun run ends where rfc-v1 cannot emulate an access without syndrome", async () => {
  const { code, err } = await invoke(["run", path("isv0"), "--kvm", "rfc-v1"]);
  assertEquals(code, 1);
  assertStringIncludes(err, "KVM_RUN returned -ENOSYS");
});

Deno.test("recrun run checks thousands of results of a compiled C program", async () => {
  const { code, out } = await invoke(["run", path("soak")]);
  assertEquals(code, 0);
  assert(/[1-9][0-9]* checks, 0 failed\n$/.test(out), out);
});
