// A compressor in the manner of Lempel and Ziv. The stream is a list of
// tokens: a control byte for eight of them, then for each a literal byte, or
// two bytes of distance (12 bits) and length (4 bits, 3 to 18).

#include "soak.h"

#define WINDOW 4096
#define SHORTEST 3
#define LONGEST 18
#define BUCKETS 512
#define TRIES 8

static u16 head[BUCKETS], link[WINDOW];

static u32 bucket(const u8 *at) {
  return ((at[0] << 10 ^ at[1] << 5 ^ at[2]) * 0x9e3779b1u) >> 23;
}

static u64 match_length(const u8 *a, const u8 *b, u64 most) {
  u64 n = 0;
  while (n < most && a[n] == b[n]) n++;
  return n;
}

// The longest earlier match among the last few with the same three bytes.
static u64 longest(const u8 *data, u64 at, u64 bytes, u64 *distance) {
  u64 most = bytes - at < LONGEST ? bytes - at : LONGEST, best = 0;
  u64 from = most < SHORTEST ? 0 : head[bucket(data + at)];
  for (int n = 0; n < TRIES && from; n++) {
    u64 length = match_length(data + from - 1, data + at, most);
    if (length > best) {
      best = length;
      *distance = at - (from - 1);
    }
    from = link[(from - 1) % WINDOW];
  }
  return best < SHORTEST ? 0 : best;
}

static void remember(const u8 *data, u64 at, u64 bytes) {
  if (at + SHORTEST > bytes) return;
  u32 b = bucket(data + at);
  link[at % WINDOW] = head[b];
  head[b] = at + 1;
}

static u64 compress(const u8 *data, u64 bytes, u8 *to) {
  memset(head, 0, sizeof head);
  u64 n = 0, control = 0, tokens = 0;
  for (u64 at = 0; at < bytes; tokens++) {
    if (tokens % 8 == 0) to[control = n++] = 0;
    u64 distance = 0, length = longest(data, at, bytes, &distance);
    if (length) {
      to[control] |= 1 << tokens % 8;
      to[n++] = distance - 1;
      to[n++] = (distance - 1) >> 8 << 4 | (length - SHORTEST);
    } else {
      to[n++] = data[at];
      length = 1;
    }
    for (u64 end = at + length; at < end; at++) remember(data, at, bytes);
  }
  return n;
}

static u64 expand(const u8 *data, u64 bytes, u8 *to) {
  u64 n = 0, control = 0, tokens = 0;
  for (u64 at = 0; at < bytes; tokens++) {
    if (tokens % 8 == 0) control = data[at++];
    if (!(control >> tokens % 8 & 1)) {
      to[n++] = data[at++];
      continue;
    }
    u64 distance = (data[at] | data[at + 1] >> 4 << 8) + 1;
    u64 length = (data[at + 1] & 15) + SHORTEST;
    at += 2;
    for (; length; length--, n++) to[n] = to[n - distance];
  }
  return n;
}

static u64 round_trip(const u8 *data, u64 bytes) {
  static u8 coded[4096], back[4096];
  u64 length = compress(data, bytes, coded);
  EXPECT(expand(coded, length, back), bytes);
  EXPECT(memcmp(back, data, bytes), 0);
  return length;
}

void test_lz(void) {
  static u8 data[700];
  EXPECT(round_trip(data, 0), 0);
  EXPECT(round_trip((const u8 *)"a", 1), 2);
  EXPECT(round_trip((const u8 *)"abcabcabcabc", 12), 6);
  EXPECT(round_trip(data, 700), 5 + 1 + 39 * 2);
  sample_text(data, sizeof data);
  u64 length = round_trip(data, sizeof data);
  HOLDS(length < sizeof data * 55 / 100);
  u64 state = 4;
  random_fill(&state, data, 500);
  HOLDS(round_trip(data, 500) >= 500);
}
