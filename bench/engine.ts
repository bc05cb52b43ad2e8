/**
 * The engine against the pure machine and QEMU TCG: `deno task bench:engine
 * [rounds]`. Every round runs everything once, so that a ratio compares
 * neighbours in time; the table shows medians and quartiles over rounds.
 *
 * @module
 */

import {
  fast,
  geometric,
  median,
  mips,
  pure,
  type Score,
  spread,
  time,
} from "./engine_measure.ts";
import { qemu, qemu_command, qemuMips } from "./engine_qemu.ts";
import { kernels, wide, worldOf } from "./engine_world.ts";
import { head, machine, print, row } from "./table.ts";

const rounds = Number(Deno.args[0] ?? 7);
const columns = [
  "pure",
  "tier 1",
  "tier 2",
  "tier 2, MMU",
  "world per 10k",
  "look per 100",
  "look at each",
  "QEMU",
] as const;

type Column = typeof columns[number];

/** Jumps before a region is compiled, as the run loop has it. */
const hot = 500;
const slice = 1_000_000;

const width = 18;

const list = kernels(1);

/** MIPS by kernel and column, one for each round. */
const scores = new Map<string, Map<Column, number[]>>(
  list.map(({ name }) => [name, new Map(columns.map((at) => [at, []]))]),
);

const note = (name: string, column: Column, value: number): void => {
  scores.get(name)!.get(column)!.push(value);
};

const agree = (name: string, runs: readonly Score[]): void => {
  if (runs.every(({ x0 }) => x0 === runs[0]!.x0)) return;
  throw new Error(`${name}: expected one result but found several`);
};

const engines = {
  one: fast(worldOf(list[0]!, false), 0),
  two: fast(worldOf(list[0]!, false), hot),
};

const round = (): void => {
  for (const kernel of list) {
    const { name } = kernel;
    const flat = worldOf(kernel, false);
    const mapped = worldOf(kernel, true);
    note(name, "pure", mips(time(pure, flat, slice, 500_000)));
    note(name, "tier 1", mips(time(engines.one, flat, slice, 10_000_000)));
    const whole = time(engines.two, flat, slice);
    const mmu = time(engines.two, mapped, slice);
    // A world nobody looks at owes its memory; the others have paid.
    const [sliced, hundredth, each] = [Infinity, 100, 1].map((looks) =>
      time(engines.two, flat, 10_000, Infinity, looks)
    ) as [Score, Score, Score];
    agree(name, [whole, mmu, sliced, hundredth, each]);
    note(name, "tier 2", mips(whole));
    note(name, "tier 2, MMU", mips(mmu));
    note(name, "world per 10k", mips(sliced));
    note(name, "look per 100", mips(hundredth));
    note(name, "look at each", mips(each));
  }
  for (const [name, value] of qemuMips() ?? []) {
    if (scores.has(name)) note(name, "QEMU", value);
  }
};

/** Medians over rounds of the ratio of two columns, kernel by kernel. */
const ratios = (of: Column, to: Column): readonly number[] =>
  list.map(({ name }) => {
    const [above, below] = [of, to].map((at) => scores.get(name)!.get(at)!);
    return median(above!.map((value, n) => value / below![n]!));
  });

const loops = (): void => {
  print(`\nHot loops, MIPS: median [quartiles] of ${rounds} rounds\n`);
  head(["kernel", ...columns], width);
  for (const { name } of list) {
    const cells = columns.map((at) => {
      const values = scores.get(name)!.get(at)!;
      return values.length === 0 ? "-" : spread(values, at === "pure" ? 1 : 0);
    });
    row([name, ...cells], width);
  }
  print("\nRatios in the same round: medians, then their geometric mean\n");
  head(["ratio", ...list.map(({ name }) => name), "geomean"], width);
  const pairs: readonly (readonly [Column, Column])[] = [
    ["tier 1", "pure"],
    ["tier 2", "pure"],
    ["tier 1", "QEMU"],
    ["tier 2", "QEMU"],
    ["tier 2, MMU", "QEMU"],
    ["world per 10k", "tier 2"],
    ["look per 100", "tier 2"],
    ["look at each", "tier 2"],
  ];
  for (const [of, to] of pairs) {
    const values = ratios(of, to);
    const cells = [...values, geometric(values)].map((at) =>
      Number.isNaN(at) ? "-" : at.toFixed(2)
    );
    row([`${of} : ${to}`, ...cells], width);
  }
};

const processMs = (passes: number): number => {
  const script = new URL("engine_cold.ts", import.meta.url).pathname;
  const from = performance.now();
  new Deno.Command(Deno.execPath(), {
    args: ["run", "--no-check", "--allow-read", script, String(passes)],
  }).outputSync();
  return performance.now() - from;
};

const cold = (): void => {
  print("\nWide code, 32,000 instructions a pass: whole process, ms\n");
  head(["passes", "recrun", "QEMU", "QEMU : recrun"], width);
  for (const passes of [1, 10, 100]) {
    processMs(passes);
    const ours: number[] = [];
    const theirs: number[] = [];
    for (let n = 0; n < rounds; n++) {
      ours.push(processMs(passes));
      const ran = qemu(`wide-${passes}.elf`);
      if (ran !== null) theirs.push(ran.ms);
    }
    const ratio = theirs.map((ms, n) => ms / ours[n]!);
    const peer = theirs.length === 0
      ? ["-", "-"]
      : [spread(theirs), spread(ratio, 2)];
    row([String(passes), spread(ours), ...peer], width);
  }
  const runner = fast(worldOf(wide(1), false), hot);
  const warm = [200, 1000].map((passes) =>
    mips(time(runner, worldOf(wide(passes), false), slice)).toFixed(0)
  );
  print(`\nWide code in one process: ${warm[0]} MIPS over the first 200`);
  print(`passes, ${warm[1]} over 1,000 more`);
};

machine(qemu("wide-1.elf") === null ? null : [...qemu_command, "bench.elf"]);
// The first round compiles; it does not count.
round();
for (const columns of scores.values()) {
  for (const values of columns.values()) values.length = 0;
}
for (let n = 0; n < rounds; n++) round();
loops();
cold();
