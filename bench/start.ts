/**
 * From the start of a process to the first byte a small guest prints, and to
 * the end, beside QEMU: `deno task bench:start [rounds]`. Every round runs
 * everything once; the first does not count, so that Deno has what it keeps of
 * programs it ran before.
 *
 * @module
 */

import { median, spread } from "./engine_measure.ts";
import { head, machine, print, row } from "./table.ts";

const rounds = Number(Deno.args[0] ?? 15);

const at = (path: string): string => new URL(path, import.meta.url).pathname;

const deno = (permissions: readonly string[], ...args: string[]): string[] => [
  Deno.execPath(),
  ...["run", "--no-check", "--quiet", ...permissions, ...args],
];

const reads = ["--allow-read"];
const qemu_args =
  "-M virt -cpu cortex-a57 -m 64 -display none -serial stdio -monitor none -kernel"
    .split(" ");
const peer = "QEMU";
const width = 20;

/** What is started, by name; the guests print one line and power off. */
const commands: Readonly<Record<string, readonly string[]>> = {
  "recrun": deno(
    reads,
    at("../shell/main.ts"),
    "run",
    at("guests/hello.elf"),
  ),
  "recrun, demo": deno(
    reads,
    at("../shell/main.ts"),
    "run",
    at("../tests/guests/hello.elf"),
  ),
  "module": deno(reads, at("start_module.ts"), at("guests/hello.elf")),
  "Deno alone": deno([], at("start_empty.ts")),
  [peer]: ["qemu-system-aarch64", ...qemu_args, at("guests/hello-virt.elf")],
};

/** Milliseconds of one process. */
interface Times {
  /** To the first byte on standard output; NaN where there was none. */
  readonly first: number;
  /** To its end. */
  readonly exit: number;
}

/** Runs a command; null where there is no such program. */
const start = async (command: readonly string[]): Promise<Times | null> => {
  const from = performance.now();
  const [program = "", ...args] = command;
  let child: Deno.ChildProcess;
  try {
    child = new Deno.Command(program, {
      args,
      stdin: "null",
      stdout: "piped",
      stderr: "null",
    }).spawn();
  } catch {
    return null;
  }
  let first = NaN;
  for await (const _ of child.stdout) {
    if (Number.isNaN(first)) first = performance.now() - from;
  }
  await child.status;
  return { first, exit: performance.now() - from };
};

const found = new Map<string, Times[]>();
for (let round = 0; round <= rounds; round++) {
  for (const [name, command] of Object.entries(commands)) {
    const times = await start(command);
    if (times === null || round === 0) continue;
    found.set(name, [...found.get(name) ?? [], times]);
  }
}

machine(
  found.has(peer) ? [...commands[peer]!.slice(0, -1), "hello-virt.elf"] : null,
);
print(
  `\nStart, ms: median [quartiles] of ${rounds} rounds; Deno's caches warm\n`,
);
head(["process", "to first output", "to exit", "first : QEMU's exit"], width);
for (const [name, times] of found) {
  const first = times.map((time) => time.first);
  const peers = found.get(peer) ?? [];
  const ratios = peers.map(({ exit }, n) => first[n]! / exit);
  row([
    name,
    Number.isNaN(first[0]) ? "-" : spread(first, 1),
    spread(times.map(({ exit }) => exit), 1),
    peers.length === 0 || Number.isNaN(first[0])
      ? "-"
      : median(ratios).toFixed(2),
  ], width);
}
