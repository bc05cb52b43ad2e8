// Division and multiplication of 64 and 32 bits against long division.

#include "soak.h"

static u64 long_divide(u64 n, u64 d, u64 *rest) {
  u64 quotient = 0, r = 0;
  for (int bit = 63; bit >= 0; bit--) {
    int out = r >> 63;
    r = r << 1 | (n >> bit & 1);
    if (out || r >= d) {
      r -= d;
      quotient |= 1UL << bit;
    }
  }
  *rest = r;
  return quotient;
}

#define DIVIDE(insn, reg)                                                    \
  static u64 insn##_##reg(u64 a, u64 b) {                                    \
    u64 out;                                                                 \
    __asm__(#insn " %" #reg "0, %" #reg "1, %" #reg "2"                      \
            : "=r"(out)                                                      \
            : "r"(a), "r"(b));                                               \
    return out;                                                              \
  }
DIVIDE(udiv, x) DIVIDE(udiv, w) DIVIDE(sdiv, x) DIVIDE(sdiv, w)
DIVIDE(umulh, x) DIVIDE(smulh, x)

static u64 magnitude(u64 x) { return (s64)x < 0 ? -x : x; }

static void check_pair(u64 a, u64 b) {
  u64 rest = 0;
  u64 quotient = b ? long_divide(a, b, &rest) : 0;
  EXPECT(udiv_x(a, b), quotient);
  if (b) EXPECT(quotient * b + rest, a);
  u64 narrow = (u32)b ? long_divide((u32)a, (u32)b, &rest) : 0;
  EXPECT(udiv_w(a, b), narrow);
  u64 positive = b ? long_divide(magnitude(a), magnitude(b), &rest) : 0;
  EXPECT(sdiv_x(a, b), (s64)(a ^ b) < 0 ? -positive : positive);
  u64 wide_a = (u64)(s64)(s32)a, wide_b = (u64)(s64)(s32)b;
  positive = wide_b ? long_divide(magnitude(wide_a), magnitude(wide_b), &rest) : 0;
  EXPECT(sdiv_w(a, b), (u32)((s64)(wide_a ^ wide_b) < 0 ? -positive : positive));
}

// The high half of a product by four products of halves.
static u64 high_product(u64 a, u64 b) {
  u64 a0 = (u32)a, a1 = a >> 32, b0 = (u32)b, b1 = b >> 32;
  u64 middle = a1 * b0 + (a0 * b0 >> 32);
  u64 carry = (u32)middle + a0 * b1;
  return a1 * b1 + (middle >> 32) + (carry >> 32);
}

static void check_product(u64 a, u64 b) {
  u64 high = high_product(a, b);
  EXPECT(umulh_x(a, b), high);
  u64 less = ((s64)a < 0 ? b : 0) + ((s64)b < 0 ? a : 0);
  EXPECT(smulh_x(a, b), high - less);
  u64 out;
  __asm__("umaddl %0, %w1, %w2, %1" : "=&r"(out) : "r"(a), "r"(b));
  EXPECT(out, (u64)(u32)a * (u32)b + a);
  __asm__("smsubl %0, %w1, %w2, %2" : "=&r"(out) : "r"(a), "r"(b));
  EXPECT(out, b - (u64)((s64)(s32)a * (s32)b));
  __asm__("mneg %w0, %w1, %w2" : "=&r"(out) : "r"(a), "r"(b));
  EXPECT(out, (u32) - ((u32)a * (u32)b));
}

static u64 gcd(u64 a, u64 b) {
  while (b) {
    u64 r = a % b;
    a = b;
    b = r;
  }
  return a;
}

static u64 binary_gcd(u64 a, u64 b) {
  if (!a || !b) return a | b;
  int shift = __builtin_ctzl(a | b);
  a >>= __builtin_ctzl(a);
  while (b) {
    b >>= __builtin_ctzl(b);
    if (a > b) {
      u64 t = a;
      a = b;
      b = t;
    }
    b -= a;
  }
  return a << shift;
}

// Division by constants, which the compiler turns into multiplications.
static void check_constants(u64 x) {
  u64 rest;
  EXPECT(x / 10, long_divide(x, 10, &rest));
  EXPECT(x % 7, x - 7 * long_divide(x, 7, &rest));
  EXPECT((u32)x / 641, long_divide((u32)x, 641, &rest));
  EXPECT((s64)x / 12345, sdiv_x(x, 12345));
  EXPECT((s32)x % 100, (s32)x - 100 * (s32)sdiv_w(x, 100));
  EXPECT((s64)x / 64, sdiv_x(x, 64));
}

void test_divide(void) {
  static const u64 edges[] = {
      0, 1, 2, 3, 10, 0x7fffffff, 0x80000000, 0xffffffff, 0x100000000,
      0x7fffffffffffffff, 0x8000000000000000, 0xffffffffffffffff};
  for (u64 n = 0; n < COUNT(edges); n += 1) {
    for (u64 k = n % 3; k < COUNT(edges); k += 3) check_pair(edges[n], edges[k]);
    for (u64 k = 0; k < COUNT(edges); k++) check_product(edges[n], edges[k]);
    check_constants(edges[n]);
  }
  u64 state = 3;
  for (int n = 0; n < 5; n++) {
    u64 a = random_next(&state), b = random_next(&state) >> 7 * n;
    check_pair(a, b);
    check_product(a, b);
    check_constants(a ^ b);
    u64 common = random_below(&state, 1000) + 1;
    a = (a >> 12) * common, b = (b >> 12) * common;
    EXPECT(gcd(a, b), binary_gcd(a, b));
    HOLDS(gcd(a, b) % common == 0);
  }
}
