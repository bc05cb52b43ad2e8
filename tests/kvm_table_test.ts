import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { proofOf, provenance } from "../core/host/provenance.ts";
import { invoke } from "./invoke.ts";

Deno.test("recrun kvm prints every cell with the mark of how it is known", async () => {
  const { code, out, err } = await invoke(["kvm"]);
  assertEquals([code, err], [0, ""]);
  const lines = out.split("\n");
  const head = lines[0] ?? "";
  assertEquals(
    head.trim().split(/ +/),
    provenance.map(({ row }) => row.name),
  );
  const at = head.indexOf("rfc-v1-alone");
  const cell = (name: string): string => {
    const line = lines.find((text) => text.startsWith(`${name} `)) ?? "";
    return line.slice(at).split("  ")[0]?.trim() ?? "";
  };
  assertEquals(cell("writeCopy"), "no");
  assertEquals(cell("emulAt"), "abort");
  assertEquals(cell("extDabt"), "emulFlag ?");
  const switches = Object.keys(provenance[0]?.row ?? {}).filter((name) =>
    name !== "name"
  );
  for (const name of switches) {
    assert(lines.some((line) => line.startsWith(`${name} `)), name);
  }
  for (const from of provenance) assertStringIncludes(out, from.evidence);
});

Deno.test("proofOf() says that every cell of the vectors' `direct` is deduced", () => {
  const direct = provenance.find(({ proof }) => proof === "deduced");
  assertEquals(direct?.row.name, "direct");
  assertEquals(direct && proofOf(direct, "emulAt"), "deduced");
});

Deno.test("recrun kvm refuses an argument, and run refuses a revision for plain VMs", async () => {
  const extra = await invoke(["kvm", "v2"]);
  assertEquals(extra.code, 2);
  assertEquals(
    extra.err,
    'recrun: expected kvm to be given nothing but found "v2"\n',
  );
  const plain = await invoke(["run", "s.json", "--kvm", "upstream72"]);
  assertEquals(plain.code, 2);
  assertEquals(
    plain.err,
    'recrun: expected --kvm to be one of sync, direct, v14, v10, v6, v2, rfc-v1, rfc-v1-alone but found "upstream72"\n',
  );
});
