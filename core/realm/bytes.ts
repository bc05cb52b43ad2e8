/**
 * Words in memory: 1, 2, 4 or 8 bytes in either byte order.
 *
 * @module
 */

import type { Size } from "../a64/micro.ts";

/** Reads `bytes` bytes at `offset`, zero-extended. */
export const readWord = (
  view: DataView,
  offset: number,
  bytes: Size,
  little: boolean,
): bigint => {
  switch (bytes) {
    case 1:
      return BigInt(view.getUint8(offset));
    case 2:
      return BigInt(view.getUint16(offset, little));
    case 4:
      return BigInt(view.getUint32(offset, little));
    case 8:
      return view.getBigUint64(offset, little);
  }
};

/** Writes the low `bytes` bytes of `value` at `offset`. */
export const writeWord = (
  view: DataView,
  offset: number,
  bytes: Size,
  value: bigint,
  little: boolean,
): void => {
  switch (bytes) {
    case 1:
      view.setUint8(offset, Number(value & 0xffn));
      break;
    case 2:
      view.setUint16(offset, Number(value & 0xffffn), little);
      break;
    case 4:
      view.setUint32(offset, Number(value & 0xffff_ffffn), little);
      break;
    case 8:
      view.setBigUint64(offset, value, little);
      break;
  }
};
