import {
  assert,
  assertEquals,
  assertMatch,
  assertStringIncludes,
} from "@std/assert";
import { sets } from "../core/explore/alphabet.ts";
import { explore } from "../core/explore/search.ts";
import { museum_actions } from "../core/museum/actions.ts";
import {
  baseOf,
  type Exhibit,
  plantedOf,
  worldOf,
} from "../core/museum/exhibit.ts";
import { museum_invariants } from "../core/museum/invariants.ts";
import { exhibits, isSettled, judge, killers } from "../core/museum/museum.ts";
import { invoke } from "./invoke.ts";

Deno.test("judge() finds every exhibit killed by the invariants it names, by its last move, and its correct profile by none", () => {
  for (const exhibit of exhibits) {
    const verdict = judge(exhibit);
    const { name, moves } = exhibit;
    assert(isSettled(verdict), name);
    assertEquals(verdict.planted.stuck, null, name);
    assertEquals(killers(verdict.planted), exhibit.killers, name);
    for (const { move } of verdict.planted.broken) {
      assertEquals(move, moves.length - 1, name);
    }
  }
});

Deno.test("an exhibit moves one switch of its correct profile", () => {
  for (const exhibit of exhibits) {
    const { actor, to } = exhibit.moved;
    const [base, planted] = [baseOf(exhibit), plantedOf(exhibit)];
    assertEquals(Object.keys(to).length, 1, exhibit.name);
    for (const [name, value] of Object.entries(to)) {
      const from = { ...base[actor] } as Readonly<Record<string, unknown>>;
      assert(name in from && from[name] !== value, exhibit.name);
    }
    for (const other of ["rmm", "kvm", "vmm"] as const) {
      if (other !== actor) assertEquals(planted[other], base[other]);
    }
  }
});

Deno.test("the museum has at least 15 published bugs, each with a source, and calls no deduction a fact", () => {
  const published = exhibits.filter(({ claim }) => claim === "published");
  assert(15 <= published.length);
  for (const { name, source, claim } of exhibits) {
    assert(source.length > 5, name);
    const deduced = /deduced|latent|no revision|no commit/.test(source);
    assertEquals(deduced, claim === "found by this model", name);
  }
  assertEquals(
    new Set(exhibits.map(({ name }) => name)).size,
    exhibits.length,
  );
});

/** An exhibit's own actions and a correct host's. */
const alphabetOf = (exhibit: Exhibit) => {
  const names = new Set([...exhibit.moves, ...sets["correct"] ?? []]);
  return museum_actions.filter(({ name }) => names.has(name));
};

for (const exhibit of exhibits) {
  Deno.test(`explore() finds no shorter way to break what ${exhibit.name} breaks, and none as long to break anything on the correct profile`, () => {
    const depth = exhibit.moves.length;
    const search = {
      actions: alphabetOf(exhibit),
      bounds: { depth, states: 200_000, bytes: 2 ** 30 },
    };
    const planted = explore({
      ...search,
      start: worldOf(exhibit, plantedOf(exhibit)),
      invariants: museum_invariants.filter(({ id }) =>
        exhibit.killers.includes(id)
      ),
    });
    assertEquals(planted.reach?.tag, "Violated");
    assertEquals(planted.violation?.moves.length, depth);
    const correct = explore({
      ...search,
      start: worldOf(exhibit, baseOf(exhibit)),
      invariants: museum_invariants,
    });
    assertEquals(correct.violation, null);
  });
}

Deno.test("recrun museum prints the kill matrix and says that nothing survived", async () => {
  const { code, out, err } = await invoke(["museum"]);
  assertEquals(code, 0);
  const [head = "", ...lines] = out.trimEnd().split("\n");
  const ids = head.trim().split(/ +/);
  assertEquals(ids.pop(), "correct");
  assertEquals(lines.length, exhibits.length);
  for (const [index, exhibit] of exhibits.entries()) {
    const [name = "", ...cells] = (lines[index] ?? "").replace(" *", "*")
      .split(/ +/);
    const mark = exhibit.claim === "published" ? "" : "*";
    assertEquals(name, exhibit.name + mark);
    assertEquals(ids.filter((_, at) => cells[at] === "x"), exhibit.killers);
    assertEquals(cells.at(-1), "holds");
  }
  assertEquals(
    err,
    `recrun: ${exhibits.length} bugs, ${exhibits.length} killed; 0 correct profiles killed\n`,
  );
});

Deno.test("recrun museum NAME tells an exhibit's story and its shortest counterexample", async () => {
  const { code, out } = await invoke(["museum", "flag-at-abort"]);
  assertEquals(code, 0);
  assertStringIncludes(out, "published: Zhi Wang, 2023-03-06, on 2023");
  assertStringIncludes(out, 'switch: kvm.emulAt = "abort" on rmm-2.0');
  assertStringIncludes(
    out,
    "7 rec0 RecEnter flags EMUL_MMIO gprs[0] 0x0 -> realm",
  );
  assertStringIncludes(out, "X6  expected mmio_needed to be false");
  const claim = await invoke(["museum", "no-refusal"]);
  assertStringIncludes(claim.out, "found by this model: kvm.md D4");
});

Deno.test("recrun museum refuses a name it does not have, and two names", async () => {
  const unknown = await invoke(["museum", "meltdown"]);
  assertEquals(unknown.code, 2);
  assertMatch(
    unknown.err,
    /^recrun: expected an exhibit \(.*\) but found "meltdown"\n$/,
  );
  const two = await invoke(["museum", "ease", "isv0"]);
  assertEquals(
    two.err,
    "recrun: expected museum to be given one exhibit at most but found 2\n",
  );
});
