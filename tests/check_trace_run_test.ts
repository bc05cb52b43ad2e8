import { assert, assertEquals } from "@std/assert";
import { revisions } from "../core/host/revision.ts";
import { rmm_2_0 } from "../core/rmm/profile.ts";
import { checkTrace } from "../core/trace/check.ts";
import { asFtrace, asTraceCmd, kernelTrace } from "./kernel_trace.ts";

const rmm = rmm_2_0;

for (const guest of ["hello", "forms", "isv0", "alias", "rtc", "rsi"]) {
  for (const rev of revisions) {
    for (const devices of ["user", "kernel"] as const) {
      Deno.test(`checkTrace() finds nothing wrong with ${guest} under ${rev.name}, devices in ${devices}`, async () => {
        const elf = await Deno.readFile(`tests/guests/${guest}.elf`);
        const lines = kernelTrace(elf, rev, devices);
        assert(2 < lines.length);
        for (const text of [asFtrace(lines), asTraceCmd(lines)]) {
          const report = checkTrace(text, { rev, rmm });
          assertEquals(report.findings, []);
          assertEquals(report.followed, lines.length);
          assertEquals(report.strays, []);
          assertEquals(report.vcpus.length, 1);
        }
      });
    }
  }
}

Deno.test("checkTrace() reads both shapes of one log alike", async () => {
  const elf = await Deno.readFile("tests/guests/forms.elf");
  const [rev] = revisions;
  assert(rev !== undefined);
  const lines = kernelTrace(elf, rev, "user");
  const counts = (text: string) =>
    checkTrace(text, { rev, rmm }).vcpus.map(([, vcpu]) => vcpu.counts);
  assertEquals(counts(asTraceCmd(lines)), counts(asFtrace(lines)));
});

/** Logs a revision cannot have written, told from those it can by a switch that differs. */
for (const wrote of revisions) {
  for (const read of revisions) {
    const seen = wrote.dispatch !== read.dispatch ||
      (wrote.incPc === "yes") !== (read.incPc === "yes");
    if (!seen) continue;
    Deno.test(`checkTrace() tells a log of ${wrote.name} from one of ${read.name}`, async () => {
      const elf = await Deno.readFile("tests/guests/hello.elf");
      const text = asFtrace(kernelTrace(elf, wrote, "user"));
      const { findings } = checkTrace(text, { rev: read, rmm });
      assert(0 < findings.length);
      assert(findings.every(({ rule }) => rule === "pc" || rule === "symbol"));
    });
  }
}
