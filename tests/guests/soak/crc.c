// CRC-32 and CRC-32C four ways: bit by bit, by tables for bytes and for
// nibbles, and by the CRC instructions.

#include "soak.h"

#define POLY_CRC32 0xedb88320u
#define POLY_CRC32C 0x82f63b78u

static u32 by_bits(u32 poly, const u8 *data, u64 bytes) {
  u32 crc = ~0u;
  for (u64 n = 0; n < bytes; n++) {
    crc ^= data[n];
    for (int k = 0; k < 8; k++) crc = crc >> 1 ^ (poly & -(crc & 1));
  }
  return ~crc;
}

static void build_table(u32 poly, u32 *table, u32 entries) {
  for (u32 n = 0; n < entries; n++) {
    u32 crc = n;
    for (u32 k = entries; k > 1; k >>= 1) crc = crc >> 1 ^ (poly & -(crc & 1));
    table[n] = crc;
  }
}

static u32 by_table(u32 poly, const u8 *data, u64 bytes) {
  u32 table[256];
  build_table(poly, table, 256);
  u32 crc = ~0u;
  for (u64 n = 0; n < bytes; n++) crc = crc >> 8 ^ table[(crc ^ data[n]) & 255];
  return ~crc;
}

static u32 by_nibbles(u32 poly, const u8 *data, u64 bytes) {
  u32 table[16];
  build_table(poly, table, 16);
  u32 crc = ~0u;
  for (u64 n = 0; n < bytes; n++) {
    crc ^= data[n];
    crc = crc >> 4 ^ table[crc & 15];
    crc = crc >> 4 ^ table[crc & 15];
  }
  return ~crc;
}

#define STEP(insn, type, reg)                                              \
  for (; bytes >= sizeof(type) && (u64)data % sizeof(type) == 0;           \
       bytes -= sizeof(type), data += sizeof(type)) {                      \
    __asm__(insn " %w0, %w0, %" reg "1" : "+r"(crc) : "r"(*(type *)data)); \
  }

// Runs to the next boundary with the narrow forms, then as wide as it goes.
static u32 by_insn(const u8 *data, u64 bytes) {
  u32 crc = ~0u;
  for (; bytes && (u64)data % 8; bytes--, data++) {
    __asm__("crc32b %w0, %w0, %w1" : "+r"(crc) : "r"(*data));
  }
  STEP("crc32x", u64, "")
  STEP("crc32w", u32, "w")
  STEP("crc32h", u16, "w")
  STEP("crc32b", u8, "w")
  return ~crc;
}

static u32 by_insn_c(const u8 *data, u64 bytes) {
  u32 crc = ~0u;
  for (; bytes && (u64)data % 8; bytes--, data++) {
    __asm__("crc32cb %w0, %w0, %w1" : "+r"(crc) : "r"(*data));
  }
  STEP("crc32cx", u64, "")
  STEP("crc32cw", u32, "w")
  STEP("crc32ch", u16, "w")
  STEP("crc32cb", u8, "w")
  return ~crc;
}

void test_crc(void) {
  const u8 *digits = (const u8 *)"123456789";
  EXPECT(by_bits(POLY_CRC32, digits, 9), 0xcbf43926);
  EXPECT(by_bits(POLY_CRC32C, digits, 9), 0xe3069283);
  EXPECT(by_insn(digits, 9), 0xcbf43926);
  EXPECT(by_insn_c(digits, 9), 0xe3069283);
  static u8 data[256] __attribute__((aligned(8)));
  u64 state = 7;
  random_fill(&state, data, sizeof data);
  for (u64 from = 0; from < 9; from += 2) {
    for (u64 bytes = 0; bytes < 40; bytes += 13) {
      u32 crc = by_bits(POLY_CRC32, data + from, bytes);
      EXPECT(by_nibbles(POLY_CRC32, data + from, bytes), crc);
      EXPECT(by_insn(data + from, bytes), crc);
      u32 crc_c = by_bits(POLY_CRC32C, data + from, bytes);
      EXPECT(by_insn_c(data + from, bytes), crc_c);
    }
  }
  EXPECT(by_table(POLY_CRC32, data, 256), by_insn(data, 256));
  EXPECT(by_table(POLY_CRC32C, data, 256), by_insn_c(data, 256));
}
