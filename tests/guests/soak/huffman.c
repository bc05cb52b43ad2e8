// Huffman codes in canonical form: only the lengths are stored.

#include "soak.h"

#define SYMBOLS 128
#define LONGEST 16

struct code {
  u8 length[SYMBOLS];
  u32 bits[SYMBOLS];
};

struct writer {
  u8 *to;
  u64 bits;
};

// Joins the two lightest trees until one is left; `parent` leads to the root.
static void build_lengths(const u32 *weight, u8 *length) {
  static u32 weights[2 * SYMBOLS];
  static u16 parent[2 * SYMBOLS];
  u16 alive[SYMBOLS], count = 0, next = SYMBOLS;
  memset(length, 0, SYMBOLS);
  for (u16 n = 0; n < SYMBOLS; n++) {
    weights[n] = weight[n];
    if (weight[n]) alive[count++] = n;
  }
  if (count == 1) length[alive[0]] = 1;
  while (count > 1) {
    for (u16 k = 0; k < 2; k++) { // the two lightest to the end of the list
      u16 lightest = 0, last = count - 1 - k;
      for (u16 n = 1; n <= last; n++) {
        if (weights[alive[n]] < weights[alive[lightest]]) lightest = n;
      }
      u16 t = alive[lightest];
      alive[lightest] = alive[last];
      alive[last] = t;
      parent[t] = next;
    }
    weights[next] = weights[alive[count - 1]] + weights[alive[count - 2]];
    alive[count-- - 2] = next++;
  }
  u16 root = next - 1;
  for (u16 n = 0; n < SYMBOLS && root >= SYMBOLS; n++) {
    if (!weight[n]) continue;
    for (u16 at = n; at != root; at = parent[at]) length[n]++;
  }
}

// Codes of a length count up in order of symbols, lengths in ascending order.
static void assign(struct code *code) {
  u32 next = 0;
  for (u8 length = 1; length <= LONGEST; length++, next <<= 1) {
    for (u32 n = 0; n < SYMBOLS; n++) {
      if (code->length[n] == length) code->bits[n] = next++;
    }
  }
}

static void put_bits(struct writer *out, u32 value, u8 count) {
  while (count-- > 0) {
    u8 bit = value >> count & 1;
    if (out->bits % 8 == 0) out->to[out->bits / 8] = 0;
    out->to[out->bits / 8] |= bit << (7 - out->bits % 8);
    out->bits++;
  }
}

static u64 encode(const struct code *code, const u8 *data, u64 bytes, u8 *to) {
  struct writer out = {to, 0};
  for (u64 n = 0; n < bytes; n++) {
    put_bits(&out, code->bits[data[n]], code->length[data[n]]);
  }
  return out.bits;
}

// Reads bit by bit: a code of some length is below the first of that length
// plus how many there are.
static u64 decode(const struct code *code, const u8 *from, u64 bits, u8 *to) {
  u16 count[LONGEST + 2] = {0};
  u8 sorted[SYMBOLS];
  u16 symbols = 0;
  for (u8 length = 1; length <= LONGEST; length++) {
    for (u32 n = 0; n < SYMBOLS; n++) {
      if (code->length[n] != length) continue;
      sorted[symbols++] = n;
      count[length]++;
    }
  }
  u64 at = 0, n = 0;
  while (at < bits) {
    u32 value = 0, first = 0, index = 0;
    for (u8 length = 1;; length++) {
      value = value << 1 | (from[at / 8] >> (7 - at % 8) & 1);
      at++;
      if (value - first < count[length]) break;
      index += count[length];
      first = (first + count[length]) << 1;
    }
    to[n++] = sorted[index + value - first];
  }
  return n;
}

static u64 round_trip(const u8 *data, u64 bytes) {
  static u8 coded[2048], back[2048];
  static struct code code;
  u32 weight[SYMBOLS] = {0};
  for (u64 n = 0; n < bytes; n++) weight[data[n]]++;
  build_lengths(weight, code.length);
  assign(&code);
  u64 kraft = 0, expected = 0;
  for (u32 n = 0; n < SYMBOLS; n++) {
    if (code.length[n]) kraft += 1UL << (LONGEST - code.length[n]);
    expected += (u64)weight[n] * code.length[n];
  }
  EXPECT(kraft, expected == bytes ? kraft : 1UL << LONGEST);
  u64 bits = encode(&code, data, bytes, coded);
  EXPECT(bits, expected);
  EXPECT(decode(&code, coded, bits, back), bytes);
  EXPECT(memcmp(back, data, bytes), 0);
  return bits;
}

void test_huffman(void) {
  static u8 data[250];
  EXPECT(round_trip((const u8 *)"aaaa", 4), 4);
  EXPECT(round_trip((const u8 *)"abracadabra", 11), 23);
  for (u32 n = 0; n < 64; n++) data[n] = 2 * n;
  EXPECT(round_trip(data, 64), 384);
  sample_text(data, sizeof data);
  HOLDS(round_trip(data, sizeof data) < 8 * sizeof data * 6 / 10);
}
