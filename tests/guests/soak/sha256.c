// SHA-256 (FIPS 180-4). The round constants are computed, not listed: the first
// 32 bits of the fractional parts of the cube roots of the first 64 primes.

#include "soak.h"

static u32 round_constants[64], initial[8];

// The fraction of the k-th root of `value`, 32 bits of it, by bisection.
static u32 root_fraction(u64 value, int k) {
  u64 low = 0, high = 1UL << 36;
  while (high - low > 1) {
    u64 mid = (low + high) / 2;
    u128 power = (u128)mid * mid * (k == 3 ? mid : 1);
    if (power <= (u128)value << 32 * k) low = mid;
    else high = mid;
  }
  return low;
}

static void build_constants(void) {
  u64 found = 0;
  for (u64 n = 2; found < 64; n++) {
    int prime = 1;
    for (u64 d = 2; d * d <= n; d++) prime &= n % d != 0;
    if (!prime) continue;
    if (found < 8) initial[found] = root_fraction(n, 2);
    round_constants[found++] = root_fraction(n, 3);
  }
}

static u32 rotate(u32 x, int n) { return x >> n | x << (32 - n); }

static void compress(u32 state[8], const u8 *block) {
  u32 w[64];
  for (int t = 0; t < 16; t++) {
    w[t] = (u32)block[4 * t] << 24 | (u32)block[4 * t + 1] << 16 |
           (u32)block[4 * t + 2] << 8 | block[4 * t + 3];
  }
  for (int t = 16; t < 64; t++) {
    u32 a = w[t - 15], b = w[t - 2];
    u32 s0 = rotate(a, 7) ^ rotate(a, 18) ^ a >> 3;
    u32 s1 = rotate(b, 17) ^ rotate(b, 19) ^ b >> 10;
    w[t] = w[t - 16] + s0 + w[t - 7] + s1;
  }
  u32 a = state[0], b = state[1], c = state[2], d = state[3];
  u32 e = state[4], f = state[5], g = state[6], h = state[7];
  for (int t = 0; t < 64; t++) {
    u32 s1 = rotate(e, 6) ^ rotate(e, 11) ^ rotate(e, 25);
    u32 t1 = h + s1 + ((e & f) ^ (~e & g)) + round_constants[t] + w[t];
    u32 s0 = rotate(a, 2) ^ rotate(a, 13) ^ rotate(a, 22);
    u32 t2 = s0 + ((a & b) ^ (a & c) ^ (b & c));
    h = g, g = f, f = e, e = d + t1, d = c, c = b, b = a, a = t1 + t2;
  }
  state[0] += a, state[1] += b, state[2] += c, state[3] += d;
  state[4] += e, state[5] += f, state[6] += g, state[7] += h;
}

void sha256(const u8 *data, u64 bytes, u8 digest[32]) {
  if (!initial[0]) build_constants();
  u32 state[8];
  memcpy(state, initial, sizeof state);
  u64 left = bytes;
  for (; left >= 64; left -= 64, data += 64) compress(state, data);
  u8 block[64] = {0};
  memcpy(block, data, left);
  block[left] = 0x80;
  if (left >= 56) {
    compress(state, block);
    memset(block, 0, sizeof block);
  }
  for (int n = 0; n < 8; n++) block[63 - n] = bytes * 8 >> 8 * n;
  compress(state, block);
  for (int n = 0; n < 32; n++) digest[n] = state[n / 4] >> (24 - 8 * (n % 4));
}

u32 fingerprint(const void *data, u64 bytes) {
  u8 digest[32];
  sha256(data, bytes, digest);
  return (u32)digest[0] << 24 | digest[1] << 16 | digest[2] << 8 | digest[3];
}

static u32 text_fingerprint(const char *text) {
  return fingerprint(text, text_length(text));
}

void test_sha256(void) {
  EXPECT(text_fingerprint(""), 0xe3b0c442);
  EXPECT(initial[0], 0x6a09e667);
  EXPECT(initial[7], 0x5be0cd19);
  EXPECT(round_constants[0], 0x428a2f98);
  EXPECT(round_constants[63], 0xc67178f2);
  EXPECT(text_fingerprint("abc"), 0xba7816bf);
  EXPECT(text_fingerprint("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomno"
                          "pnopq"),
         0x248d6a61);
  u8 digest[32];
  sha256((const u8 *)"abc", 3, digest);
  EXPECT(digest[31], 0xad);
  // Every length around the block boundary, chained.
  static u8 data[160];
  u8 chain[32] = {0};
  for (u64 n = 54; n < 66; n++) {
    for (u64 k = 0; k < n; k++) data[k] = chain[k % 32] ^ k;
    sha256(data, n, chain);
  }
  EXPECT((u32)chain[0] << 24 | chain[1] << 16 | chain[2] << 8 | chain[3],
         0xd3a9dfab);
}
