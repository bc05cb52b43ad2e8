/**
 * The CRC32 instructions' cyclic redundancy check: bits reflected, no
 * inversion before or after.
 *
 * Source: Arm ARM C6.2 CRC32B and CRC32CB.
 *
 * @module
 */

/** The polynomials 0x04C11DB7 and 0x1EDC6F41 with their bits reversed. */
const polynomials = { crc32: 0xedb8_8320, crc32c: 0x82f6_3b78 } as const;

/** The remainder after the low `bytes` bytes of `data`, lowest first, onto the low 32 bits of `acc`. */
export const crc = (
  poly: "crc32" | "crc32c",
  bytes: number,
  acc: bigint,
  data: bigint,
): bigint => {
  const polynomial = polynomials[poly];
  let remainder = Number(BigInt.asUintN(32, acc));
  for (let at = 0; at < bytes; at++) {
    remainder ^= Number((data >> BigInt(8 * at)) & 0xffn);
    for (let bit = 0; bit < 8; bit++) {
      remainder = (remainder >>> 1) ^ (remainder & 1 ? polynomial : 0);
    }
  }
  return BigInt(remainder >>> 0);
};
