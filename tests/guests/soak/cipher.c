// ChaCha20 (RFC 8439), SipHash-2-4, and AES-128 (FIPS 197) without tables of
// constants: the S-box is computed from the field inverse.

#include "soak.h"

static u32 rotate32(u32 x, int n) { return x << n | x >> (32 - n); }
static u64 rotate64(u64 x, int n) { return x << n | x >> (64 - n); }

static u32 get32(const u8 *at) {
  return at[0] | (u32)at[1] << 8 | (u32)at[2] << 16 | (u32)at[3] << 24;
}

static u64 get64(const u8 *at) { return get32(at) | (u64)get32(at + 4) << 32; }

static void quarter(u32 *x, int a, int b, int c, int d) {
  x[a] += x[b], x[d] = rotate32(x[d] ^ x[a], 16);
  x[c] += x[d], x[b] = rotate32(x[b] ^ x[c], 12);
  x[a] += x[b], x[d] = rotate32(x[d] ^ x[a], 8);
  x[c] += x[d], x[b] = rotate32(x[b] ^ x[c], 7);
}

static void chacha_block(const u8 key[32], u32 counter, const u8 nonce[12],
                         u8 out[64]) {
  u32 state[16] = {0x61707865, 0x3320646e, 0x79622d32, 0x6b206574};
  for (int n = 0; n < 8; n++) state[4 + n] = get32(key + 4 * n);
  state[12] = counter;
  for (int n = 0; n < 3; n++) state[13 + n] = get32(nonce + 4 * n);
  u32 x[16];
  memcpy(x, state, sizeof x);
  for (int round = 0; round < 10; round++) {
    for (int n = 0; n < 4; n++) quarter(x, n, n + 4, n + 8, n + 12);
    for (int n = 0; n < 4; n++) {
      quarter(x, n, 4 + (n + 1) % 4, 8 + (n + 2) % 4, 12 + (n + 3) % 4);
    }
  }
  for (int n = 0; n < 64; n++) {
    out[n] = (x[n / 4] + state[n / 4]) >> 8 * (n % 4);
  }
}

static void sip_round(u64 v[4]) {
  v[0] += v[1], v[1] = rotate64(v[1], 13) ^ v[0], v[0] = rotate64(v[0], 32);
  v[2] += v[3], v[3] = rotate64(v[3], 16) ^ v[2];
  v[0] += v[3], v[3] = rotate64(v[3], 21) ^ v[0];
  v[2] += v[1], v[1] = rotate64(v[1], 17) ^ v[2], v[2] = rotate64(v[2], 32);
}

static u64 siphash(const u8 key[16], const u8 *data, u64 bytes) {
  u64 k0 = get64(key), k1 = get64(key + 8);
  u64 v[4] = {k0 ^ 0x736f6d6570736575, k1 ^ 0x646f72616e646f6d,
              k0 ^ 0x6c7967656e657261, k1 ^ 0x7465646279746573};
  u64 last = bytes << 56;
  for (u64 at = 0; at <= bytes / 8 * 8; at += 8) {
    u64 word = last;
    if (at + 8 <= bytes) word = get64(data + at);
    else for (u64 n = at; n < bytes; n++) word |= (u64)data[n] << 8 * (n - at);
    v[3] ^= word;
    sip_round(v), sip_round(v);
    v[0] ^= word;
  }
  v[2] ^= 0xff;
  for (int n = 0; n < 4; n++) sip_round(v);
  return v[0] ^ v[1] ^ v[2] ^ v[3];
}

// Multiplication in GF(2^8) modulo x^8 + x^4 + x^3 + x + 1.
static u8 field_mul(u8 a, u8 b) {
  u8 product = 0;
  for (; b; b >>= 1, a = a << 1 ^ (a & 0x80 ? 0x1b : 0)) {
    if (b & 1) product ^= a;
  }
  return product;
}

static u8 sbox[256];

// Walks the field by a generator and its inverse at once.
static void build_sbox(void) {
  u8 p = 1, q = 1;
  do {
    p = field_mul(p, 0x03);
    q = field_mul(q, 0xf6);
    u8 x = q;
    for (int n = 1; n <= 4; n++) x ^= (u8)(q << n | q >> (8 - n));
    sbox[p] = x ^ 0x63;
  } while (p != 1);
  sbox[0] = 0x63;
}

static void expand_key(const u8 key[16], u8 schedule[176]) {
  memcpy(schedule, key, 16);
  u8 constant = 1;
  for (int at = 16; at < 176; at += 4) {
    u8 word[4];
    for (int n = 0; n < 4; n++) word[n] = schedule[at - 4 + n];
    if (at % 16 == 0) {
      u8 first = word[0];
      for (int n = 0; n < 4; n++) word[n] = sbox[n < 3 ? word[n + 1] : first];
      word[0] ^= constant;
      constant = field_mul(constant, 2);
    }
    for (int n = 0; n < 4; n++) schedule[at + n] = schedule[at - 16 + n] ^ word[n];
  }
}

static void mix_columns(u8 state[16]) {
  for (u8 *column = state; column < state + 16; column += 4) {
    u8 all = column[0] ^ column[1] ^ column[2] ^ column[3], first = column[0];
    for (int n = 0; n < 4; n++) {
      u8 next = n < 3 ? column[n + 1] : first;
      column[n] ^= all ^ field_mul(column[n] ^ next, 2);
    }
  }
}

static void aes_encrypt(const u8 schedule[176], u8 state[16]) {
  for (int n = 0; n < 16; n++) state[n] ^= schedule[n];
  for (int round = 1; round <= 10; round++) {
    u8 shifted[16];
    for (int n = 0; n < 16; n++) shifted[n] = sbox[state[(n + n % 4 * 4) % 16]];
    memcpy(state, shifted, 16);
    if (round < 10) mix_columns(state);
    for (int n = 0; n < 16; n++) state[n] ^= schedule[16 * round + n];
  }
}

static void test_aes(void) {
  build_sbox();
  EXPECT(sbox[0x53], 0xed);
  EXPECT(fingerprint(sbox, 256), 0xc2d8e5ee);
  u8 key[16], block[16], schedule[176];
  for (int n = 0; n < 16; n++) key[n] = n, block[n] = 0x11 * n;
  expand_key(key, schedule);
  aes_encrypt(schedule, block);
  EXPECT(get64(block), 0x30047b6ad8e0c469);
  EXPECT(get64(block + 8), 0x5ac5b47080b7cdd8);
  for (int n = 0; n < 5; n++) aes_encrypt(schedule, block);
  EXPECT(fingerprint(block, 16), 0x4054710e);
}

void test_cipher(void) {
  u8 key[32], out[64];
  for (int n = 0; n < 32; n++) key[n] = n;
  u8 nonce[12] = {0, 0, 0, 9, 0, 0, 0, 0x4a, 0, 0, 0, 0};
  chacha_block(key, 1, nonce, out);
  EXPECT(get32(out), 0xe4e7f110);
  EXPECT(get32(out + 60), 0x4e3c50a2);
  for (u32 n = 2; n < 10; n++) {
    chacha_block(key, n, nonce, out);
    memcpy(key, out, 32);
  }
  EXPECT(fingerprint(out, 64), 0x76cd0f2c);
  u8 data[15];
  for (int n = 0; n < 16; n++) key[n] = n;
  for (int n = 0; n < 15; n++) data[n] = n;
  EXPECT(siphash(key, data, 15), 0xa129ca6149be45e5);
  EXPECT(siphash(key, data, 0), 0x726fdb47dd0e0e31);
  EXPECT(siphash(key, data, 8), 0x93f5f5799a932462);
  test_aes();
}
