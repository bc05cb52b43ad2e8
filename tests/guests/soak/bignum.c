// Unsigned numbers of any size up to 640 bits, in words of 32 bits.

#include "soak.h"

#define WORDS 20

struct big {
  u32 word[WORDS];
  u32 used; // words up to the highest that is not zero
};

static void trim(struct big *a) {
  while (a->used && !a->word[a->used - 1]) a->used--;
}

static struct big small(u64 value) {
  struct big a = {{(u32)value, value >> 32}, 2};
  trim(&a);
  return a;
}

static int compare(const struct big *a, const struct big *b) {
  if (a->used != b->used) return a->used < b->used ? -1 : 1;
  for (u32 n = a->used; n-- > 0;) {
    if (a->word[n] != b->word[n]) return a->word[n] < b->word[n] ? -1 : 1;
  }
  return 0;
}

static void add(struct big *to, const struct big *b) {
  u64 carry = 0;
  u32 used = to->used > b->used ? to->used : b->used;
  for (u32 n = 0; n < WORDS && (n < used || carry); n++) {
    carry += (u64)to->word[n] + b->word[n];
    to->word[n] = carry;
    carry >>= 32;
    if (n >= to->used) to->used = n + 1;
  }
  trim(to);
}

// Requires b <= to.
static void subtract(struct big *to, const struct big *b) {
  s64 borrow = 0;
  for (u32 n = 0; n < to->used; n++) {
    borrow += (s64)to->word[n] - b->word[n];
    to->word[n] = borrow;
    borrow >>= 32;
  }
  trim(to);
}

static struct big multiply(const struct big *a, const struct big *b) {
  struct big out = {{0}, 0};
  for (u32 n = 0; n < a->used; n++) {
    u64 carry = 0;
    u32 k = 0;
    for (; n + k < WORDS && (k < b->used || carry); k++) {
      carry += (u64)a->word[n] * (k < b->used ? b->word[k] : 0) + out.word[n + k];
      out.word[n + k] = carry;
      carry >>= 32;
    }
  }
  out.used = a->used + b->used < WORDS ? a->used + b->used : WORDS;
  trim(&out);
  return out;
}

static u32 divide_small(struct big *a, u32 by) {
  u64 rest = 0;
  for (u32 n = a->used; n-- > 0;) {
    rest = rest << 32 | a->word[n];
    a->word[n] = rest / by;
    rest %= by;
  }
  trim(a);
  return rest;
}

// a := a mod m by Knuth's algorithm D; the quotient goes to `quotient`.
static void divide(struct big *a, const struct big *m, struct big *quotient) {
  *quotient = small(0);
  if (compare(a, m) < 0) return;
  if (m->used == 1) {
    *quotient = *a;
    *a = small(divide_small(quotient, m->word[0]));
    return;
  }
  int shift = __builtin_clz(m->word[m->used - 1]);
  struct big scale = small(1UL << shift);
  struct big v = multiply(m, &scale), u = multiply(a, &scale);
  u32 top = v.used, steps = u.used - top;
  u64 lead = v.word[top - 1], next = v.word[top - 2];
  for (u32 j = steps + 1; j-- > 0;) {
    u64 head = (j + top < WORDS ? (u64)u.word[j + top] << 32 : 0) |
               u.word[j + top - 1];
    u64 guess = head / lead, rest = head % lead;
    while (guess >> 32 || guess * next > (rest << 32 | u.word[j + top - 2])) {
      guess--;
      rest += lead;
      if (rest >> 32) break;
    }
    s64 borrow = 0;
    u64 carry = 0;
    for (u32 n = 0; n <= top && j + n < WORDS; n++) {
      carry += guess * (n < top ? v.word[n] : 0);
      borrow += (s64)u.word[j + n] - (u32)carry;
      u.word[j + n] = borrow;
      carry >>= 32;
      borrow >>= 32;
    }
    if (borrow < 0) { // one too many: add the divisor back
      guess--;
      carry = 0;
      for (u32 n = 0; n <= top && j + n < WORDS; n++) {
        carry += (u64)u.word[j + n] + (n < top ? v.word[n] : 0);
        u.word[j + n] = carry;
        carry >>= 32;
      }
    }
    quotient->word[j] = guess;
  }
  quotient->used = steps + 1;
  trim(quotient);
  trim(&u);
  for (u32 n = 0; n < u.used; n++) {
    u64 pair = u.word[n] | (n + 1 < u.used ? (u64)u.word[n + 1] << 32 : 0);
    u.word[n] = pair >> shift;
  }
  trim(&u);
  *a = u;
}

static struct big parse(const char *digits) {
  struct big out = small(0), ten = small(10);
  for (; *digits; digits++) {
    struct big digit = small(*digits - '0');
    out = multiply(&out, &ten);
    add(&out, &digit);
  }
  return out;
}

static void show(struct big a, char *to) {
  char digits[216];
  u64 n = 0;
  do {
    u32 part = divide_small(&a, 1000000000);
    for (int k = 0; k < 9; k++, part /= 10) digits[n++] = '0' + part % 10;
  } while (a.used);
  while (n > 1 && digits[n - 1] == '0') n--;
  while (n) *to++ = digits[--n];
  *to = 0;
}

static struct big power_mod(struct big base, struct big exponent,
                            const struct big *modulus) {
  struct big out = small(1), quotient;
  for (u32 bit = 0; bit < 32 * exponent.used; bit++) {
    if (exponent.word[bit / 32] >> bit % 32 & 1) {
      out = multiply(&out, &base);
      divide(&out, modulus, &quotient);
    }
    base = multiply(&base, &base);
    divide(&base, modulus, &quotient);
  }
  return out;
}

static void expect_digits(struct big a, const char *digits) {
  static char found[216];
  show(a, found);
  HOLDS(text_equal(found, digits));
}

static void test_series(void) {
  struct big factorial = small(1), a = small(0), b = small(1);
  for (u64 n = 2; n <= 40; n++) {
    struct big factor = small(n);
    factorial = multiply(&factorial, &factor);
  }
  expect_digits(factorial, "815915283247897734345611269596115894272000000000");
  for (int n = 0; n < 100; n++) {
    struct big next = a;
    add(&next, &b);
    a = b;
    b = next;
  }
  expect_digits(a, "354224848179261915075");
  subtract(&b, &a);
  expect_digits(b, "218922995834555169026");
}

// RSA with a modulus of 64 bits: what one exponent does the other undoes.
static void test_rsa(void) {
  struct big p = parse("4294967291"), q = parse("4294967279");
  struct big n = multiply(&p, &q), one = small(1), quotient;
  subtract(&p, &one);
  subtract(&q, &one);
  struct big phi = multiply(&p, &q), e = small(65537);
  struct big d = parse("9331878932546167513");
  struct big product = multiply(&d, &e);
  divide(&product, &phi, &quotient);
  EXPECT(compare(&product, &one), 0);
  struct big message = parse("3141592653589793238");
  struct big secret = power_mod(message, e, &n);
  expect_digits(secret, "17574282866515848030");
  secret = power_mod(secret, d, &n);
  EXPECT(compare(&secret, &message), 0);
}

static void test_division(void) {
  u64 state = 99;
  for (u32 n = 0; n < 5; n++) {
    struct big a = {{0}, 0}, b = {{0}, 0}, quotient;
    a.used = 4 + n, b.used = 1 + n / 2;
    for (u32 k = 0; k < a.used; k++) a.word[k] = random_next(&state);
    for (u32 k = 0; k < b.used; k++) b.word[k] = random_next(&state);
    if (n % 3 == 0) a.word[a.used - 1] = b.word[b.used - 1] = 0x80000000;
    if (n % 4 == 0) a.word[a.used - 2] = ~0u;
    struct big rest = a;
    divide(&rest, &b, &quotient);
    HOLDS(compare(&rest, &b) < 0);
    struct big back = multiply(&quotient, &b);
    add(&back, &rest);
    EXPECT(compare(&back, &a), 0);
  }
}

void test_bignum(void) {
  test_series();
  test_rsa();
  test_division();
}
