/**
 * How an access of any width meets a device of 32-bit registers.
 *
 * The register file sits behind a 32-bit APB port without byte strobes. A
 * narrower read is a read of the whole register, side effects included, of
 * which it keeps its own byte lanes; a narrower write carries zeros in the
 * lanes above its own and is dropped when it does not start at lane 0. A
 * doubleword is two words, low one first, as QEMU splits it. An access that
 * is not aligned to its own size reads zero and writes nothing.
 *
 * @module
 */

import type { Ask } from "./ask.ts";

/** What a read did: the device after it, the value, and what it asks for. */
export interface ReadResult<S> {
  /** The same value if the read changed nothing. */
  readonly state: S;
  /** Zero-extended. */
  readonly value: bigint;
  /** What the device asks for. */
  readonly asks: readonly Ask[];
}

/** What a write did: the device after it and what it asks for. */
export interface WriteResult<S> {
  /** The same value if the write changed nothing. */
  readonly state: S;
  /** What the device asks for. */
  readonly asks: readonly Ask[];
}

/** One 32-bit register read, and the device after it. */
export interface Word<S> {
  /** The device after the read. */
  readonly state: S;
  /** The register. */
  readonly value: number;
}

/** No asks. */
export const quiet: readonly Ask[] = [];

/** Reads `bytes` bytes at `offset` through the 32-bit port `read`. */
export const readLanes = <S>(
  state: S,
  offset: number,
  bytes: number,
  read: (state: S, offset: number) => Word<S>,
): ReadResult<S> => {
  if (offset % bytes !== 0) return { state, value: 0n, asks: quiet };
  const low = read(state, offset & ~3);
  const word = BigInt(low.value >>> 0);
  if (bytes === 8) {
    const high = read(low.state, offset + 4);
    const value = word | BigInt(high.value >>> 0) << 32n;
    return { state: high.state, value, asks: quiet };
  }
  const lane = word >> BigInt((offset & 3) * 8);
  return {
    state: low.state,
    value: BigInt.asUintN(bytes * 8, lane),
    asks: quiet,
  };
};

/** Writes `bytes` bytes at `offset` through the 32-bit port `write`. */
export const writeLanes = <S>(
  state: S,
  offset: number,
  bytes: number,
  value: bigint,
  write: (state: S, offset: number, value: number) => WriteResult<S>,
): WriteResult<S> => {
  if (offset % bytes !== 0 || offset % 4 !== 0) return { state, asks: quiet };
  const part = BigInt.asUintN(Math.min(bytes, 4) * 8, value);
  const low = write(state, offset, Number(part));
  if (bytes < 8) return low;
  const high = write(
    low.state,
    offset + 4,
    Number(BigInt.asUintN(32, value >> 32n)),
  );
  return { state: high.state, asks: [...low.asks, ...high.asks] };
};
