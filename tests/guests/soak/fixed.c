// Numbers with 32 fractional bits: square roots, sine, logarithm, pi.

#include "soak.h"

#define ONE (1L << 32)

static s64 mul(s64 a, s64 b) { return (__int128)a * b >> 32; }

// a / b by bits: 32 more of them than the integer quotient has.
static s64 div(s64 a, s64 b) {
  int negative = (a < 0) != (b < 0);
  u64 n = a < 0 ? -(u64)a : (u64)a, d = b < 0 ? -(u64)b : (u64)b;
  u64 quotient = n / d, rest = n % d;
  for (int k = 0; k < 32; k++) {
    rest <<= 1;
    quotient = quotient << 1 | (rest >= d);
    if (rest >= d) rest -= d;
  }
  return negative ? -(s64)quotient : (s64)quotient;
}

// Integer square root, a bit at a time.
static u64 root(u64 x) {
  u64 out = 0;
  for (u64 bit = 1UL << 62; bit; bit >>= 2) {
    if (x >= out + bit) {
      x -= out + bit;
      out = (out >> 1) + bit;
    } else {
      out >>= 1;
    }
  }
  return out;
}

static s64 fixed_root(s64 x) {
  s64 guess = x > ONE ? x : ONE;
  for (int n = 0; n < 40; n++) {
    s64 next = (guess + div(x, guess)) / 2;
    if (next >= guess) break;
    guess = next;
  }
  return guess;
}

// arctan(1 / n) by its series.
static s64 arctan_inverse(s64 n) {
  s64 power = ONE / n, sum = 0;
  for (s64 k = 1, sign = 1; power; k += 2, sign = -sign, power /= n * n) {
    sum += sign * (power / k);
  }
  return sum;
}

static s64 sine(s64 x) {
  s64 term = x, sum = 0, square = mul(x, x);
  for (s64 k = 2; term; k += 2) {
    sum += term;
    term = -mul(term, square) / (k * (k + 1));
  }
  return sum;
}

// Binary logarithm by repeated squaring.
static s64 log2(s64 x) {
  s64 out = 0;
  while (x >= 2 * ONE) x >>= 1, out += ONE;
  while (x < ONE) x <<= 1, out -= ONE;
  for (s64 bit = ONE / 2; bit; bit >>= 1) {
    x = (u128)x * x >> 32;
    if (x >= 2 * ONE) x >>= 1, out += bit;
  }
  return out;
}

static u64 error(s64 a, s64 b) { return a < b ? b - a : a - b; }

void test_fixed(void) {
  s64 pi = 4 * (4 * arctan_inverse(5) - arctan_inverse(239));
  HOLDS(error(pi, 0x3243f6a88) < 100);
  HOLDS(error(fixed_root(2 * ONE), 0x16a09e667) < 4);
  HOLDS(error(sine(pi / 6), ONE / 2) < 100);
  HOLDS(error(sine(pi / 2), ONE) < 100);
  HOLDS(error(sine(-pi / 6), -ONE / 2) < 100);
  HOLDS(error(log2(10 * ONE), 0x35269e12f) < 100);
  EXPECT(log2(8 * ONE), 3 * ONE);
  EXPECT(div(ONE, -3 * ONE), -(ONE / 3));
  EXPECT(mul(3 * ONE / 2, -ONE), -3 * ONE / 2);
  u64 state = 6;
  for (int n = 0; n < 24; n++) {
    u64 x = random_next(&state) >> 2 * n, r = root(x);
    HOLDS(r * r <= x && x - r * r <= 2 * r);
  }
  EXPECT(root(~0UL), 0xffffffff);
}
