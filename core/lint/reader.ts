/**
 * A cursor over the bytes of a debug section.
 *
 * @module
 */

import { textAt } from "./sections.ts";

/** A cursor; private to the one parser that moves it. */
export interface Reader {
  readonly bytes: Uint8Array;
  readonly view: DataView;
  at: number;
}

/** A cursor at the first byte of `bytes`, or at `at`. */
export const reader = (bytes: Uint8Array, at = 0): Reader => ({
  bytes,
  view: new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength),
  at,
});

/** The next byte. */
export const u8 = (r: Reader): number => r.view.getUint8(r.at++);

/** The next byte as a signed number. */
export const s8 = (r: Reader): number => r.view.getInt8(r.at++);

/** The next `bytes` bytes (1, 2, 4 or 8) as an unsigned little-endian number. */
export const uint = (r: Reader, bytes: number): number => {
  let value = 0;
  for (let index = 0; index < bytes; index++) {
    value += r.view.getUint8(r.at + index) * 2 ** (8 * index);
  }
  r.at += bytes;
  return value;
};

/** The next eight bytes as a word. */
export const u64 = (r: Reader): bigint => {
  const value = r.view.getBigUint64(r.at, true);
  r.at += 8;
  return value;
};

/** The next unsigned LEB128 number. */
export const uleb = (r: Reader): number => {
  let [value, scale] = [0, 1];
  for (;;) {
    const byte = u8(r);
    value += (byte & 0x7f) * scale;
    if (byte < 0x80) return value;
    scale *= 128;
  }
};

/** The next signed LEB128 number. */
export const sleb = (r: Reader): number => {
  let [value, scale] = [0, 1];
  for (;;) {
    const byte = u8(r);
    value += (byte & 0x7f) * scale;
    scale *= 128;
    if (byte < 0x80) return (byte & 0x40) === 0 ? value : value - scale;
  }
};

/** The next zero-terminated text. */
export const text = (r: Reader): string => {
  const end = r.bytes.indexOf(0, r.at);
  if (end < 0) throw new RangeError("text without an end");
  const found = textAt(r.bytes, r.at);
  r.at = end + 1;
  return found;
};
