import { assert, assertEquals } from "@std/assert";
import { runOn } from "../core/fast/engine.ts";
import type { Engine } from "../core/fast/engine/state.ts";
import { type Memory, pageAt as bytesAt, write } from "../core/realm/memory.ts";
import type { World } from "../core/world.ts";
import { both, engineFor } from "./fast_engine_compare.ts";
import {
  change,
  code_base,
  data_base,
  readVectors,
  seeded,
  type State,
  type Vector,
  window_bytes,
  window_offset,
  wordsOf,
} from "./a64/vector.ts";
import {
  mmuOn,
  pageAt,
  ram,
  tableAt,
  tables,
  worldOf,
} from "./realm_fixture.ts";

/** Frames of the page of code and the page of data. */
const [code, data] = [ram, ram + 0x1000];

/** Open to EL0 (AP[1]). */
const user = 1n << 6n;

const indexOf = (va: bigint, level: number): number =>
  Number((va >> BigInt(39 - 9 * level)) & 511n);

const entryOf = (va: bigint, level: number): number =>
  tables[level]! + 8 * indexOf(va, level);

/** EL0 with the two pages a user-mode judge maps, and nothing else. */
const user_mode: World = worldOf({
  data: [
    ...[0, 1, 2].map((level) =>
      [entryOf(code_base, level), tableAt(tables[level + 1]!)] as const
    ),
    [entryOf(code_base, 3), pageAt(code) | user],
    [entryOf(data_base, 3), pageAt(data) | user],
  ],
  // SP needs no alignment, as the judge's kernel has it.
  sys: { ...mmuOn, sctlr_el1: 0x00c5_0861n },
});

const bytesOf = (words: readonly number[]): Uint8Array =>
  new Uint8Array(Uint32Array.from(words).buffer);

/** B from one byte offset to another. */
const branch = (from: number, to: number): number =>
  (0x1400_0000 | ((to - from) / 4 & 0x3ff_ffff)) >>> 0;

/** A vector's world, at a branch back to its first word: such a jump is what makes code hot. */
const worldFor = (state: State, words: readonly number[]): World => {
  const { realm } = user_mode;
  const at = Number(state.pc - code_base);
  // The zero between the words and the branch ends what is compiled.
  const start = at + 4 * words.length + 4;
  let memory: Memory = write(realm.memory, code + at, bytesOf(words));
  memory = write(memory, code + start, bytesOf([branch(start, at)]));
  const window = BigUint64Array.from(state.window);
  memory = write(memory, data + window_offset, new Uint8Array(window.buffer));
  const own = realm.recs[0]!;
  const rec = {
    ...own,
    x: state.x,
    sp_el0: state.sp,
    pc: code_base + BigInt(start),
    pstate: BigInt(state.nzcv) << 28n,
    sys: { ...own.sys, tpidr_el0: state.tpidr_el0 },
  };
  return { ...user_mode, realm: { recs: [rec], memory } };
};

const windowOf = (memory: Memory): bigint[] => {
  const page = bytesAt(memory, 1)!;
  const view = new DataView(page.buffer, page.byteOffset + window_offset);
  return Array.from(
    { length: window_bytes / 8 },
    (_, n) => view.getBigUint64(8 * n, true),
  );
};

const stateOf = ({ realm }: World): State => {
  const rec = realm.recs[0]!;
  return {
    x: [...rec.x],
    sp: rec.sp_el0,
    pc: rec.pc,
    nzcv: Number(rec.pstate >> 28n & 15n),
    tpidr_el0: rec.sys.tpidr_el0,
    window: windowOf(realm.memory),
  };
};

/** What is wrong with both machines' answer to a vector, or null. */
const judge = (e: Engine, vector: Vector): string | null => {
  const words = wordsOf(vector);
  const state = seeded(vector.s);
  if (vector.i !== undefined) change(state, vector.i);
  const world = worldFor(state, words);
  const budget = 1 + words.length;
  // The first time a jump decodes, the second time it is hot.
  if (0 < e.tuning.hot) runOn(e, world, 0, budget);
  const ran = both(e, world, budget);
  if (ran.wrong !== null || vector.f !== undefined) return ran.wrong;
  state.pc += BigInt(4 * words.length);
  if (vector.o !== undefined) change(state, vector.o);
  try {
    assertEquals(stateOf(ran.world), state);
    return null;
  } catch (found) {
    return (found as Error).message;
  }
};

const vectors = await readVectors();

for (const [tier, hot] of [["decoded", 0], ["compiled", 1]] as const) {
  Deno.test(`runOn() leaves the state a reference machine leaves, ${tier} code`, () => {
    const e = engineFor(user_mode, hot);
    let regions = 0;
    for (const vector of vectors) {
      const wrong = judge(e, vector);
      if (wrong !== null) {
        throw new Error(`words ${vector.w}, seed ${vector.s}: ${wrong}`);
      }
      regions += e.code.get(0)?.regions.length ?? 0;
    }
    // All but those that begin with a word for the slow way.
    const compiled = regions / vectors.length;
    assert(hot === 0 ? compiled === 0 : 0.8 < compiled);
  });
}
