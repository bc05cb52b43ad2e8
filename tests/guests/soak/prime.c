// Primes: a sieve, Miller and Rabin's test, and factors by Pollard's rho.

#include "soak.h"

#define LIMIT 4000

// Odd numbers only, one bit each; returns how many primes there are below LIMIT.
static u64 sieve(u64 *bits) {
  memset(bits, 0, LIMIT / 16 + 8);
  u64 found = 1;
  for (u64 n = 3; n < LIMIT; n += 2) {
    if (bits[n >> 7] >> (n >> 1 & 63) & 1) continue;
    found++;
    for (u64 k = n * n; k < LIMIT; k += 2 * n) {
      bits[k >> 7] |= 1UL << (k >> 1 & 63);
    }
  }
  return found;
}

// a * b mod m by Montgomery's reduction, for odd m below 2^63.
struct montgomery {
  u64 m, negated_inverse, one, square;
};

static u64 reduce(const struct montgomery *field, u128 x) {
  u64 q = (u64)x * field->negated_inverse;
  u64 out = (x + (u128)q * field->m) >> 64;
  return out >= field->m ? out - field->m : out;
}

static u64 times(const struct montgomery *field, u64 a, u64 b) {
  return reduce(field, (u128)a * b);
}

static struct montgomery field_of(u64 m) {
  struct montgomery field = {.m = m};
  u64 inverse = m; // Newton's iteration doubles the correct bits: 3, 6, ... 96
  for (int n = 0; n < 5; n++) inverse *= 2 - m * inverse;
  field.negated_inverse = -inverse;
  u64 x = 1;
  for (int n = 0; n < 128; n++) {
    x = x * 2 >= m ? x * 2 - m : x * 2;
    if (n == 63) field.one = x;
  }
  field.square = x;
  return field;
}

static int is_prime(u64 n) {
  static const u64 witnesses[] = {2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37};
  if (n < 2) return 0;
  for (u64 k = 0; k < COUNT(witnesses); k++) {
    if (n % witnesses[k] == 0) return n == witnesses[k];
  }
  struct montgomery field = field_of(n);
  int twos = __builtin_ctzl(n - 1);
  for (u64 k = 0; k < COUNT(witnesses); k++) {
    u64 base = times(&field, witnesses[k], field.square), x = field.one;
    for (u64 e = (n - 1) >> twos; e; e >>= 1) {
      if (e & 1) x = times(&field, x, base);
      base = times(&field, base, base);
    }
    if (x == field.one || x == n - field.one) continue;
    int squared = 1;
    for (; squared < twos; squared++) {
      x = times(&field, x, x);
      if (x == n - field.one) break;
    }
    if (squared == twos) return 0;
  }
  return 1;
}

static u64 gcd(u64 a, u64 b) {
  while (b) {
    u64 r = a % b;
    a = b;
    b = r;
  }
  return a;
}

static u64 step(const struct montgomery *field, u64 x, u64 c) {
  u64 next = times(field, x, x) + c;
  return next >= field->m ? next - field->m : next;
}

// A proper factor of a composite number without small factors.
static u64 rho(u64 n) {
  struct montgomery field = field_of(n);
  for (u64 c = 1;; c++) {
    u64 slow = 2, fast = 2, product = field.one, factor = 1;
    while (factor == 1) {
      for (int k = 0; k < 16; k++) {
        slow = step(&field, slow, c);
        fast = step(&field, step(&field, fast, c), c);
        product = times(&field, product, slow > fast ? slow - fast : fast - slow);
      }
      factor = gcd(product, n);
    }
    if (factor != n) return factor;
  }
}

void test_prime(void) {
  static u64 bits[LIMIT / 128 + 2];
  EXPECT(sieve(bits), 550);
  for (u64 n = 3981; n < LIMIT; n += 2) {
    EXPECT(is_prime(n), !(bits[n >> 7] >> (n >> 1 & 63) & 1));
  }
  EXPECT(is_prime(0x7fffffffffffffe7), 1); // 2^63 - 25
  EXPECT(is_prime(3215031751), 0);         // strong to 2, 3, 5 and 7
  EXPECT(is_prime(3825123056546413051), 0);
  static const u64 pairs[][2] = {{10007, 10009}, {65537, 99991}, {101, 1000003}};
  for (u64 n = 0; n < COUNT(pairs); n++) {
    u64 product = pairs[n][0] * pairs[n][1], factor = rho(product);
    HOLDS(factor == pairs[n][0] || factor == pairs[n][1]);
  }
}
