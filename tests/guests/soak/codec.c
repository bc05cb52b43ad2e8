// Encodings, there and back: base64, hexadecimal, LEB128, zigzag, UTF-8,
// COBS, run lengths and Gray codes.

#include "soak.h"

static const char digits64[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

static u64 to_base64(const u8 *data, u64 bytes, char *to) {
  u64 n = 0;
  for (u64 at = 0; at < bytes; at += 3) {
    u32 left = bytes - at;
    u32 word = data[at] << 16 | (left > 1 ? data[at + 1] << 8 : 0) |
               (left > 2 ? data[at + 2] : 0);
    for (u32 k = 0; k < 4; k++) {
      to[n++] = k > left ? '=' : digits64[word >> (18 - 6 * k) & 63];
    }
  }
  to[n] = 0;
  return n;
}

static u64 from_base64(const char *text, u8 *to) {
  u64 n = 0;
  u32 word = 0, bits = 0;
  for (; *text && *text != '='; text++) {
    u32 digit = 0;
    while (digits64[digit] != *text) digit++;
    word = word << 6 | digit;
    bits += 6;
    if (bits >= 8) to[n++] = word >> (bits -= 8);
  }
  return n;
}

static u64 put_leb128(u8 *to, u64 value) {
  u64 n = 0;
  for (; value >= 0x80; value >>= 7) to[n++] = value | 0x80;
  to[n++] = value;
  return n;
}

static u64 get_leb128(const u8 *from, u64 *value) {
  u64 n = 0;
  *value = 0;
  do *value |= (u64)(from[n] & 0x7f) << 7 * n;
  while (from[n++] & 0x80);
  return n;
}

static u64 zigzag(s64 value) { return (u64)value << 1 ^ (u64)(value >> 63); }
static s64 unzigzag(u64 value) { return (s64)(value >> 1) ^ -(s64)(value & 1); }

static u64 put_utf8(u8 *to, u32 point) {
  if (point < 0x80) {
    to[0] = point;
    return 1;
  }
  u64 n = point < 0x800 ? 2 : point < 0x10000 ? 3 : 4;
  for (u64 k = n - 1; k > 0; k--, point >>= 6) to[k] = 0x80 | (point & 0x3f);
  to[0] = 0xf00 >> n | point;
  return n;
}

static u64 get_utf8(const u8 *from, u32 *point) {
  if (from[0] < 0x80) {
    *point = from[0];
    return 1;
  }
  u64 n = __builtin_clz(~((u32)from[0] << 24));
  *point = from[0] & (0x7f >> n);
  for (u64 k = 1; k < n; k++) *point = *point << 6 | (from[k] & 0x3f);
  return n;
}

// Consistent overhead byte stuffing: no zero byte in the result.
static u64 to_cobs(const u8 *data, u64 bytes, u8 *to) {
  u64 code = 0, n = 1;
  for (u64 k = 0; k < bytes; k++) {
    if (data[k]) to[n++] = data[k];
    if (!data[k] || n - code == 255) {
      to[code] = n - code;
      code = n++;
    }
  }
  to[code] = n - code;
  return n;
}

static u64 from_cobs(const u8 *data, u64 bytes, u8 *to) {
  u64 n = 0;
  for (u64 at = 0; at < bytes;) {
    u64 run = data[at];
    for (u64 k = 1; k < run; k++) to[n++] = data[at + k];
    at += run;
    if (run < 255 && at < bytes) to[n++] = 0;
  }
  return n;
}

static u64 to_runs(const u8 *data, u64 bytes, u8 *to) {
  u64 n = 0;
  for (u64 at = 0; at < bytes;) {
    u64 run = 1;
    while (at + run < bytes && run < 255 && data[at + run] == data[at]) run++;
    to[n++] = run;
    to[n++] = data[at];
    at += run;
  }
  return n;
}

static u64 from_runs(const u8 *data, u64 bytes, u8 *to) {
  u64 n = 0;
  for (u64 at = 0; at < bytes; at += 2) {
    for (u64 k = 0; k < data[at]; k++) to[n++] = data[at + 1];
  }
  return n;
}

static u64 gray(u64 n) { return n ^ n >> 1; }

static u64 ungray(u64 n) {
  for (int shift = 32; shift; shift >>= 1) n ^= n >> shift;
  return n;
}

static void test_numbers(u64 *state) {
  u8 buffer[16];
  for (int n = 0; n < 64; n += 3) {
    u64 value = random_next(state) >> n, back;
    u64 length = put_leb128(buffer, value);
    EXPECT(get_leb128(buffer, &back), length);
    EXPECT(back, value);
    EXPECT(unzigzag(zigzag(value)), value);
    EXPECT(ungray(gray(value)), value);
    HOLDS(count_ones(gray(value) ^ gray(value + 1)) == 1);
  }
  EXPECT(put_leb128(buffer, 624485), 3);
  EXPECT(buffer[0] << 16 | buffer[1] << 8 | buffer[2], 0xe58e26);
  EXPECT(zigzag(-3), 5);
}

static void test_points(void) {
  static const u32 points[] = {0x24, 0x7f, 0x80, 0xa3, 0x7ff, 0x800, 0x20ac,
                               0xffff, 0x10000, 0x10348, 0x10ffff};
  u8 buffer[4];
  for (u64 n = 0; n < COUNT(points); n++) {
    u32 back;
    u64 length = put_utf8(buffer, points[n]);
    EXPECT(get_utf8(buffer, &back), length);
    EXPECT(back, points[n]);
  }
  put_utf8(buffer, 0x10348);
  EXPECT((u32)buffer[0] << 24 | buffer[1] << 16 | buffer[2] << 8 | buffer[3],
         0xf0908d88);
}

void test_codec(void) {
  u64 state = 17;
  static u8 data[600], coded[1300], back[1300];
  char text[64];
  to_base64((const u8 *)"any carnal pleas", 16, text);
  HOLDS(text_equal(text, "YW55IGNhcm5hbCBwbGVhcw=="));
  for (u64 n = 0; n < 20; n++) {
    random_fill(&state, data, n);
    to_base64(data, n, text);
    EXPECT(from_base64(text, back), n);
    EXPECT(memcmp(back, data, n), 0);
  }
  test_numbers(&state);
  test_points();
  for (u64 n = 0; n < 600; n++) data[n] = n < 300 ? n % 37 : n > 590 ? 0 : 9;
  u64 length = to_cobs(data, 600, coded);
  for (u64 n = 0; n < length; n += 29) HOLDS(coded[n] != 0);
  EXPECT(from_cobs(coded, length, back), 600);
  EXPECT(memcmp(back, data, 600), 0);
  length = to_runs(data, 600, coded);
  EXPECT(length, 2 * (300 + 2 + 1));
  EXPECT(from_runs(coded, length, back), 600);
  EXPECT(memcmp(back, data, 600), 0);
}
