// Bit manipulation against its definition, one bit at a time.

#include "soak.h"

static u64 count_ones_singly(u64 x) {
  u64 n = 0;
  for (; x; x &= x - 1) n++;
  return n;
}

u64 count_ones(u64 x) {
  x -= x >> 1 & 0x5555555555555555;
  x = (x & 0x3333333333333333) + (x >> 2 & 0x3333333333333333);
  x = (x + (x >> 4)) & 0x0f0f0f0f0f0f0f0f;
  return x * 0x0101010101010101 >> 56;
}

static u64 leading_zeros(u64 x, int width) {
  u64 n = 0;
  while (width-- > 0 && !(x >> width & 1)) n++;
  return n;
}

static u64 reverse(u64 x, int width) {
  u64 out = 0;
  for (int n = 0; n < width; n++) out |= (x >> n & 1) << (width - 1 - n);
  return out;
}

static u64 reverse_bytes(u64 x, int group, int width) {
  u64 out = 0;
  for (int n = 0; n < width; n += 8) {
    int within = n % group;
    int to = n - within + (group - 8 - within);
    out |= (x >> n & 0xff) << to;
  }
  return out;
}

#define UNARY(insn, reg)                                             \
  static u64 insn##_##reg(u64 x) {                                   \
    u64 out;                                                         \
    __asm__(#insn " %" #reg "0, %" #reg "1" : "=r"(out) : "r"(x));   \
    return out;                                                      \
  }
UNARY(clz, x) UNARY(clz, w) UNARY(cls, x) UNARY(cls, w)
UNARY(rbit, x) UNARY(rbit, w) UNARY(rev, x) UNARY(rev, w)
UNARY(rev16, x) UNARY(rev16, w) UNARY(rev32, x)

static void test_unary(u64 x) {
  u32 low = x;
  EXPECT(clz_x(x), leading_zeros(x, 64));
  EXPECT(clz_w(x), leading_zeros(low, 32));
  EXPECT(cls_x(x), leading_zeros((x ^ (u64)((s64)x >> 1)) & ~(1UL << 63), 64) - 1);
  EXPECT(cls_w(x), leading_zeros((low ^ (u32)((s32)low >> 1)) & ~(1U << 31), 32) - 1);
  EXPECT(rbit_x(x), reverse(x, 64));
  EXPECT(rbit_w(x), reverse(low, 32));
  EXPECT(rev_x(x), reverse_bytes(x, 64, 64));
  EXPECT(rev_w(x), reverse_bytes(low, 32, 32));
  EXPECT(rev16_x(x), reverse_bytes(x, 16, 64));
  EXPECT(rev16_w(x), reverse_bytes(low, 16, 32));
  EXPECT(rev32_x(x), reverse_bytes(x, 32, 64));
  EXPECT(count_ones(x), count_ones_singly(x));
}

// Bitfield moves with fixed positions, against shifts and masks.
static void test_fields(u64 x, u64 y) {
  u64 out;
  __asm__("ubfx %0, %1, #13, #22" : "=r"(out) : "r"(x));
  EXPECT(out, x >> 13 & 0x3fffff);
  __asm__("sbfx %0, %1, #13, #22" : "=r"(out) : "r"(x));
  EXPECT(out, (s64)(x << 29) >> 42);
  __asm__("ubfiz %0, %1, #40, #9" : "=r"(out) : "r"(x));
  EXPECT(out, (x & 0x1ff) << 40);
  __asm__("sbfiz %w0, %w1, #4, #5" : "=r"(out) : "r"(x));
  EXPECT(out, (u32)((s32)((u32)x << 27) >> 23));
  out = y;
  __asm__("bfi %0, %1, #20, #31" : "+r"(out) : "r"(x));
  EXPECT(out, (y & ~(0x7fffffffUL << 20)) | (x & 0x7fffffff) << 20);
  out = y;
  __asm__("bfxil %w0, %w1, #7, #12" : "+r"(out) : "r"(x));
  EXPECT(out, ((u32)y & ~0xfffu) | ((u32)x >> 7 & 0xfff));
  __asm__("extr %0, %1, %2, #11" : "=r"(out) : "r"(x), "r"(y));
  EXPECT(out, x << 53 | y >> 11);
  __asm__("extr %w0, %w1, %w2, #31" : "=r"(out) : "r"(x), "r"(y));
  EXPECT(out, (u32)((u32)x << 1 | (u32)y >> 31));
}

// Variable shifts take their amount modulo the width.
static void test_shifts(u64 x, u64 by) {
  u64 out, n = by & 63, m = by & 31;
  u32 low = x;
  __asm__("lsl %0, %1, %2" : "=r"(out) : "r"(x), "r"(by));
  EXPECT(out, x << n);
  __asm__("lsr %0, %1, %2" : "=r"(out) : "r"(x), "r"(by));
  EXPECT(out, x >> n);
  __asm__("asr %0, %1, %2" : "=r"(out) : "r"(x), "r"(by));
  EXPECT(out, (s64)x >> n);
  __asm__("ror %0, %1, %2" : "=r"(out) : "r"(x), "r"(by));
  EXPECT(out, n ? x >> n | x << (64 - n) : x);
  __asm__("lsl %w0, %w1, %w2" : "=r"(out) : "r"(x), "r"(by));
  EXPECT(out, low << m);
  __asm__("asr %w0, %w1, %w2" : "=r"(out) : "r"(x), "r"(by));
  EXPECT(out, (u32)((s32)low >> m));
  __asm__("ror %w0, %w1, %w2" : "=r"(out) : "r"(x), "r"(by));
  EXPECT(out, m ? low >> m | low << (32 - m) : low);
}

// Flags of additions and subtractions, read back with CSET.
static void test_flags(u64 a, u64 b) {
  u64 sum, n, z, c, v;
  __asm__("adds %0, %5, %6\n\tcset %1, mi\n\tcset %2, eq\n\tcset %3, cs\n\t"
          "cset %4, vs"
          : "=&r"(sum), "=&r"(n), "=&r"(z), "=&r"(c), "=&r"(v)
          : "r"(a), "r"(b)
          : "cc");
  EXPECT(sum, a + b);
  EXPECT(n << 3 | z << 2 | c << 1 | v,
         (a + b) >> 63 << 3 | (a + b == 0) << 2 | (a + b < a) << 1 |
             ((a ^ (a + b)) & (b ^ (a + b))) >> 63);
  u64 order;
  __asm__("cmp %w1, %w2\n\tcset %0, lt\n\tcinc %0, %0, ls\n\tcsinv %0, %0, xzr, le"
          : "=&r"(order)
          : "r"(a), "r"(b)
          : "cc");
  s32 x = a, y = b;
  EXPECT(order, x <= y ? (u64)((x < y) + ((u32)x <= (u32)y)) : ~0UL);
}

void test_bits(void) {
  u64 state = 11;
  static const u64 edges[] = {0, 1, ~0UL, 1UL << 63, 1UL << 31, 0xffffffff,
                              0x7fffffff, 0x7fffffffffffffff, 1UL << 32};
  for (u64 n = 0; n < COUNT(edges); n++) {
    test_unary(edges[n]);
    for (u64 k = 0; k < COUNT(edges); k++) test_flags(edges[n], edges[k]);
  }
  for (int n = 0; n < 9; n++) {
    u64 x = random_next(&state), y = random_next(&state);
    test_unary(x >> n);
    test_fields(x, y);
    test_shifts(x, y);
    test_flags(x, y);
  }
  for (u64 by = 0; by < 130; by += 13) test_shifts(0x8123456789abcdef, by);
}
