/**
 * Reference vectors for A64: what one is, the machine state it starts from,
 * and how the committed file is read.
 *
 * The state before comes from a seed; a vector names only what differs from
 * it, and then only what the instruction changed. How the answers were made is
 * said in `tests/a64_make/README.md`.
 *
 * @module
 */

/** The page instructions run in: zeros but for the words under test. */
export const code_base = 0x12_3456_0000n;

/** The page of data; pages around it and around the code are unmapped. */
export const data_base = code_base + 0x1_0000n;

/** Bytes in a page. */
export const page_bytes = 4096;

/** Offset in the data page of the bytes a seed fills: the last of the page. */
export const window_offset = 0xf00;

/** Bytes a seed fills; the rest of the data page is zero. */
export const window_bytes = 256;

/** Everything an instruction can see or change in user mode. */
export interface State {
  readonly x: bigint[];
  sp: bigint;
  pc: bigint;
  nzcv: number;
  tpidr_el0: bigint;
  /** The seeded bytes, as words at `window_offset`. */
  readonly window: bigint[];
}

/** Registers by name ("x0", "sp", "pc", "nzcv", "tpidr_el0") or window words by offset ("m8"), in hex. */
export type Delta = Readonly<Record<string, string>>;

/** One vector. */
export interface Vector {
  /** The instruction words, run in order, in hex. */
  readonly w: string;
  /** Seed of the state before. */
  readonly s: number;
  /** What differs from the seeded state. */
  readonly i?: Delta;
  /** What changed; PC only where it is not just past the words. */
  readonly o?: Delta;
  /** Present where the last word did not complete: an access was refused, or the word is undefined. */
  readonly f?: "access" | "undefined";
}

/** A source of unsigned 32-bit numbers; equal seeds give equal sequences. */
export const randomFrom = (seed: number): () => number => {
  let state = Math.imul(seed + 1, 0x9e37_79b1) | 0;
  return () => {
    state = (state + 0x6d2b_79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return (mixed ^ (mixed >>> 14)) >>> 0;
  };
};

/** Words at which arithmetic turns: the ends of each width's ranges and their neighbours. */
export const corners: readonly bigint[] = [7n, 8n, 15n, 16n, 31n, 32n, 63n]
  .flatMap((at) => [(1n << at) - 1n, 1n << at, (1n << at) + 1n])
  .flatMap((word) => [word, BigInt.asUintN(64, -word)])
  .concat([0n, 1n, 2n, (1n << 64n) - 1n, (1n << 64n) - 2n]);

const wordFrom = (random: () => number): bigint =>
  (BigInt(random()) << 32n) | BigInt(random());

/** Half the time a corner, else a random word of any magnitude. */
const valueFrom = (random: () => number): bigint => {
  const choice = random() % 8;
  if (choice < 4) return corners[random() % corners.length]!;
  const value = wordFrom(random);
  return choice < 6 ? value : value >> BigInt(random() % 64);
};

/** The state a seed stands for. */
export const seeded = (seed: number): State => {
  const random = randomFrom(seed);
  return {
    x: Array.from({ length: 31 }, () => valueFrom(random)),
    sp: valueFrom(random),
    pc: code_base + BigInt(random() % 1000) * 4n,
    nzcv: random() % 16,
    tpidr_el0: valueFrom(random),
    window: Array.from(
      { length: window_bytes / 8 },
      () => random() % 4 === 0 ? valueFrom(random) : wordFrom(random),
    ),
  };
};

/** Applies a delta. */
export const change = (state: State, delta: Delta): void => {
  for (const [name, text] of Object.entries(delta)) {
    const value = BigInt(`0x${text}`);
    const index = Number(name.slice(1));
    if (name === "nzcv") state.nzcv = Number(value);
    else if (name === "sp" || name === "pc" || name === "tpidr_el0") {
      state[name] = value;
    } else if (name.startsWith("m")) state.window[index / 8] = value;
    else state.x[index] = value;
  }
};

/** The words of a vector. */
export const wordsOf = ({ w }: Vector): readonly number[] =>
  w.split(" ").map((word) => parseInt(word, 16));

/** Every vector of the committed file. */
export const readVectors = async (): Promise<readonly Vector[]> => {
  const file = await Deno.open(
    new URL("./semantics.jsonl.gz", import.meta.url),
  );
  const text = await new Response(
    file.readable.pipeThrough(new DecompressionStream("gzip")),
  ).text();
  return text.trimEnd().split("\n").map((line) => JSON.parse(line) as Vector);
};
